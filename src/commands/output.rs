use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use anstream::{AutoStream, ColorChoice};

use super::CommandError;
use super::error::in_words;
use crate::cli;
use crate::report::clean;
use crate::source::Placeholders;

/// What writes a report into whatever it is given.
pub(super) type WriteReport<'a> = &'a dyn Fn(&mut dyn Write) -> io::Result<()>;

/// Prints to standard output. That nobody reads on is no error.
pub(super) fn print(color: cli::Color, names: &Placeholders, report: WriteReport<'_>) -> Result<(), CommandError> {
    let stdout = AutoStream::new(io::stdout().lock(), choice(color));
    let mut out = BufWriter::with_capacity(1 << 16, stdout);
    let written = revealed(&mut out, names, report).and_then(|()| out.flush());
    // What could not be written must not be tried again when the buffer is dropped.
    let _ = out.into_parts();
    ignore_broken_pipe(written).map_err(|error| CommandError::System {
        what: "standard output",
        problem: in_words(&error),
    })
}

/// Prints a line to standard error, as well as that is possible.
pub(super) fn complain(text: &str) {
    let mut stderr = io::stderr().lock();
    let lines: String = text.lines().map(|line| format!("{}\n", clean(line))).collect();
    // Where even standard error is closed, there is nobody to tell.
    let _ = stderr.write_all(lines.as_bytes());
}

/// Writes a file whole or not at all, without colour.
pub(super) fn write_file(path: &Path, names: &Placeholders, report: WriteReport<'_>) -> Result<(), CommandError> {
    let written = match fs::metadata(path) {
        // A pipe or device is written to, not replaced.
        Ok(metadata) if !metadata.is_file() && !metadata.is_dir() => {
            let file = fs::OpenOptions::new().write(true).open(path);
            file.and_then(|file| ignore_broken_pipe(fill(file, names, report).map(drop)))
        }
        Ok(_) | Err(_) => replace(path, names, report),
    };
    written.map_err(|error| CommandError::Unwritable {
        path: path.display().to_string(),
        problem: in_words(&error),
    })
}

/// Writes beside the file and then moves over it, so that no reader ever sees a part.
fn replace(path: &Path, names: &Placeholders, report: WriteReport<'_>) -> io::Result<()> {
    // A link stays a link: what it points at is replaced.
    let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    if target.is_dir() {
        return Err(io::Error::other("it is a directory"));
    }
    let directory = target.parent().filter(|parent| !parent.as_os_str().is_empty());
    let directory: PathBuf = directory.map_or(".".into(), Path::to_owned);
    let mut builder = tempfile::Builder::new();
    builder.prefix(".bucketproof-");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // As for any new file: what the umask leaves of it.
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    let temporary = builder.tempfile_in(directory)?;
    let (file, place) = temporary.into_parts();
    let file = fill(file, names, report)?;
    file.sync_all()?;
    place.persist(target).map_err(|error| error.error)
}

fn fill(file: fs::File, names: &Placeholders, report: WriteReport<'_>) -> io::Result<fs::File> {
    let mut out = BufWriter::with_capacity(1 << 16, AutoStream::new(file, ColorChoice::Never));
    revealed(&mut out, names, report)?;
    Ok(out.into_inner().map_err(io::IntoInnerError::into_error)?.into_inner())
}

/// Writes a report with the names of what is not known before deployment in place of its placeholders.
fn revealed(out: &mut dyn Write, names: &Placeholders, report: WriteReport<'_>) -> io::Result<()> {
    if names.is_empty() {
        return report(out);
    }
    let mut written = Vec::new();
    report(&mut written)?;
    out.write_all(names.reveal(&String::from_utf8_lossy(&written)).as_bytes())
}

fn ignore_broken_pipe(result: io::Result<()>) -> io::Result<()> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}

fn choice(color: cli::Color) -> ColorChoice {
    match color {
        cli::Color::Auto => ColorChoice::Auto,
        cli::Color::Always => ColorChoice::AlwaysAnsi,
        cli::Color::Never => ColorChoice::Never,
    }
}
