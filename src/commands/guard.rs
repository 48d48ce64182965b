use std::any::Any;
use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, PanicHookInfo, catch_unwind, set_hook};

use crate::source::{Diagnostic, DiagnosticSeverity};

thread_local! {
    /// Place and words of the last panic on this thread.
    static LAST: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Keeps panics from printing; [`guarded`] reports them.
pub(super) fn silence_panics() {
    set_hook(Box::new(|info| {
        LAST.with_borrow_mut(|last| *last = Some(in_words(info)));
    }));
}

/// Runs one unit of work; a fault of ours in it becomes a diagnostic, and everything else goes on.
///
/// `what` completes "a fault in bucketproof: could not …".
pub(super) fn guarded<T>(what: impl FnOnce() -> String, work: impl FnOnce() -> T) -> Result<T, Diagnostic> {
    // INVARIANT: a unit shares nothing that it changes, so nothing half-done outlives the panic.
    catch_unwind(AssertUnwindSafe(work)).map_err(|payload| fault(&what(), payload.as_ref()))
}

fn fault(what: &str, payload: &(dyn Any + Send)) -> Diagnostic {
    let place = LAST.with_borrow_mut(Option::take);
    let words = place.unwrap_or_else(|| payload_in_words(payload).to_owned());
    let message = format!("a fault in bucketproof: could not {what} ({words})");
    Diagnostic::new(DiagnosticSeverity::Error, "bucketproof::commands::fault", message)
        .with_help("please report it, with the input if you can; all other input was judged")
}

fn in_words(info: &PanicHookInfo<'_>) -> String {
    let words = payload_in_words(info.payload());
    match info.location() {
        Some(location) => format!("{}:{}: {words}", location.file(), location.line()),
        None => words.to_owned(),
    }
}

fn payload_in_words(payload: &(dyn Any + Send)) -> &str {
    let text = payload.downcast_ref::<&str>().copied();
    let owned = || payload.downcast_ref::<String>().map(String::as_str);
    text.or_else(owned).unwrap_or("no reason given")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_a_diagnostic() {
        let works = guarded(|| "count".into(), || 2);
        assert_eq!(works, Ok(2));
        let fails: Result<(), Diagnostic> = guarded(|| "judge `b`".into(), || panic!("index {}", 7));
        let message = fails.map_err(|diagnostic| diagnostic.message);
        assert!(
            matches!(&message, Err(text) if text.contains("could not judge `b`") && text.contains("index 7")),
            "{message:?}"
        );
    }
}
