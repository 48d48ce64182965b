use std::io::IsTerminal;
use std::time::{SystemTime, UNIX_EPOCH};

/// What a run takes from its surroundings, as values.
#[derive(Clone, Debug)]
pub struct Environment {
    /// Milliseconds since 1970-01-01T00:00:00Z.
    pub now_millis: i64,
    /// Columns of the terminal, if there is one.
    pub width: Option<usize>,
    /// Whether standard output is a terminal.
    pub stdout_is_terminal: bool,
    /// Whether standard error is a terminal.
    pub stderr_is_terminal: bool,
    /// The arguments as they were given, for the record; what they mean is in `Cli`.
    pub arguments: Vec<String>,
}

impl Environment {
    /// Reads clock and terminal.
    #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the clock")]
    pub fn read() -> Self {
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self {
            now_millis: i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX),
            width: terminal_size::terminal_size().map(|(width, _)| usize::from(width.0)),
            stdout_is_terminal: std::io::stdout().is_terminal(),
            stderr_is_terminal: std::io::stderr().is_terminal(),
            arguments: std::env::args_os()
                .skip(1)
                .map(|argument| argument.to_string_lossy().into_owned())
                .collect(),
        }
    }
}
