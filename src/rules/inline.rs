use super::date::Expiry;
use crate::finding::Finding;
use crate::iam::Timestamp;
use crate::source::{Comment, Diagnostic, DiagnosticSeverity, Span};

/// A comment that sets findings aside: `# bucketproof: ignore[RULE, …] reason`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inline {
    /// Ids of the rules.
    pub rules: Vec<String>,
    /// Why.
    pub reason: String,
    /// Until when.
    pub expires: Option<Expiry>,
    /// Where it stands.
    pub span: Span,
    /// The lines that it speaks of.
    covers: Span,
}

impl Inline {
    /// Reads a comment.
    ///
    /// # Errors
    /// When it is not understood or gives no reason: then nothing is set aside.
    pub fn parse(comment: &Comment) -> Result<Self, Diagnostic> {
        let wrong = |code, message: &str| Diagnostic::warning(code, comment.span, message).with_help(HELP);
        let misunderstood = || wrong(NOT_UNDERSTOOD, "this comment is not understood, and sets nothing aside");
        let list = comment
            .text
            .strip_prefix("ignore[")
            .and_then(|rest| rest.split_once(']'));
        let (rules, rest) = list.ok_or_else(misunderstood)?;
        let rules: Vec<String> = rules.split(',').map(|rule| rule.trim().to_owned()).collect();
        if rules.iter().any(String::is_empty) {
            return Err(misunderstood());
        }
        let (expires, reason) = until(rest).ok_or_else(|| {
            let message = "this comment sets nothing aside: `until` takes a date such as 2027-01-31";
            wrong(NOT_UNDERSTOOD, message)
        })?;
        if reason.is_empty() {
            let message = "this comment gives no reason, and sets nothing aside";
            return Err(wrong("bucketproof::rules::no_reason", message));
        }
        Ok(Self {
            rules,
            reason: reason.to_owned(),
            expires,
            span: comment.span,
            covers: comment.covers,
        })
    }

    /// Whether the declaration holds.
    pub fn is_in_force(&self, now: Timestamp) -> bool {
        self.expires.as_ref().is_none_or(|expires| !expires.is_over(now))
    }

    /// That it is there, where it is told not to count.
    pub fn listed(&self) -> Diagnostic {
        let (rules, reason) = (self.rules.join(", "), &self.reason);
        let message = format!("a comment would set `{rules}` aside: {reason}");
        Diagnostic::warning("bucketproof::rules::inline_suppression", self.span, message)
            .with_help("with `--no-inline-suppressions` it does not count")
    }

    /// Whether it speaks of a finding: it is about the rule, and stands at the finding or at its resource.
    pub(super) fn covers(&self, finding: &Finding, resource: Option<Span>) -> bool {
        self.rules.iter().any(|rule| rule == finding.rule.as_str())
            && (self.stands_at(finding.locations.primary.span) || resource.is_some_and(|span| self.stands_at(span)))
    }

    fn stands_at(&self, span: Span) -> bool {
        span.file == self.covers.file && self.covers.range().contains(&(span.start as usize))
    }

    /// That a rule of it set nothing aside.
    pub(super) fn leftover(&self, rule: &str) -> Diagnostic {
        let message = format!("this comment sets nothing aside: `{rule}` has no finding here");
        Diagnostic::warning("bucketproof::rules::dead_suppression", self.span, message)
            .with_help("take it out, or put it on the line of the finding, or on the first line of its resource")
    }

    /// That it names a rule that is not there.
    pub(super) fn unknown(&self, rule: &str, help: String) -> Diagnostic {
        let message = format!("this comment names `{rule}`, which is no rule in force");
        Diagnostic::new(
            DiagnosticSeverity::Warning,
            "bucketproof::rules::dead_suppression",
            message,
        )
        .at(self.span)
        .with_help(help)
    }

    /// That its time is over.
    pub(super) fn expired(&self, expires: &Expiry) -> Diagnostic {
        let message = format!("this comment ended on {expires} and is not in force");
        Diagnostic::warning("bucketproof::rules::expired_suppression", self.span, message)
            .with_help("mend the finding, or write a new date with the reason for it")
    }
}

/// The last day and the reason: `until DAY` stands before or behind the reason. None where it is no day.
fn until(rest: &str) -> Option<(Option<Expiry>, &str)> {
    let rest = rest.trim();
    let ahead = rest.strip_prefix("until ").map(|rest| {
        let rest = rest.trim_start();
        let (day, reason) = rest.split_once([' ', ':', '\t']).unwrap_or((rest, ""));
        (day, reason.trim_start_matches([':', ' ', '\t']))
    });
    let last = rest
        .rsplit_once(" until ")
        .map(|(reason, day)| (day.trim(), reason.trim_end()));
    match (ahead, last) {
        (Some((day, reason)), _) => Some((Some(Expiry::from_day(day)?), reason)),
        // A reason may have the word in it; what looks like a day must be one.
        (None, Some((day, reason))) if day.starts_with(|first: char| first.is_ascii_digit()) => {
            Some((Some(Expiry::from_day(day)?), reason))
        }
        (None, Some(_) | None) => Some((None, rest.trim_start_matches(':').trim_start())),
    }
}

const NOT_UNDERSTOOD: &str = "bucketproof::rules::comment_not_understood";
const HELP: &str =
    "write `bucketproof: ignore[pack/rule] reason`, with `until 2027-01-31` before the reason where it ends";

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Inline, Diagnostic> {
        Inline::parse(&Comment {
            span: Span::default(),
            text: text.into(),
            covers: Span::default(),
        })
    }

    #[test]
    fn rules_reason_and_day_are_read() {
        let check = |text: &str, rules: &[&str], reason: &str, day: Option<&str>| {
            let inline = parse(text).expect(text);
            assert_eq!(inline.rules, rules, "{text}");
            assert_eq!(inline.reason, reason, "{text}");
            assert_eq!(inline.expires.map(|day| day.to_string()).as_deref(), day, "{text}");
        };
        check(
            "ignore[s3/public-read] open data",
            &["s3/public-read"],
            "open data",
            None,
        );
        check("ignore[a/b, c/d]: open data", &["a/b", "c/d"], "open data", None);
        check(
            "ignore[a/b] until 2027-01-31 open data",
            &["a/b"],
            "open data",
            Some("2027-01-31"),
        );
        check(
            "ignore[a/b] until 2027-01-31: open data",
            &["a/b"],
            "open data",
            Some("2027-01-31"),
        );
        check(
            "ignore[a/b] open data until 2027-01-31",
            &["a/b"],
            "open data",
            Some("2027-01-31"),
        );
        check(
            "ignore[a/b] open until the fair is over",
            &["a/b"],
            "open until the fair is over",
            None,
        );
    }

    #[test]
    fn what_is_not_whole_sets_nothing_aside() {
        for text in [
            "",
            "ignore",
            "ignore a/b why",
            "ignore[] why",
            "ignore[a/b,] why",
            "ignore[a/b]",
            "ignore[a/b] :",
            "ignore[a/b] until 2027-01-31",
            "ignore[a/b] until soon why",
            "ignore[a/b] why until 2027-02-31",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
