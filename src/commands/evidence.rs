//! What a run was made of, so that somebody else can see that it was so: digests of inputs and output, versions, arguments.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::arguments::Run;
use super::error::in_words;
use super::files::{read_text, with_slashes};
use super::output::{WriteReport, print, write_file};
use super::{CommandError, Status};
use crate::report::{Report, clean};
use crate::source::Placeholders;

/// `manifest.json` of a folder of evidence.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Manifest {
    schema: String,
    version: String,
    packs: Vec<Pack>,
    arguments: Vec<String>,
    /// The point in time at which access was judged; none where the answer knows none.
    time: Option<String>,
    inputs: Vec<Entry>,
    outputs: Vec<Entry>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Pack {
    name: String,
    version: String,
    sha256: String,
}

/// A file; standard input has neither length nor digest.
#[derive(Serialize, Deserialize, PartialEq, Eq, PartialOrd, Ord)]
#[serde(deny_unknown_fields)]
struct Entry {
    path: String,
    len_bytes: Option<u64>,
    sha256: Option<String>,
}

/// What goes into a folder of evidence.
pub(super) struct Evidence<'a> {
    /// Paths of inputs: files, and folders of them.
    pub inputs: &'a [&'a [PathBuf]],
    /// The configuration; nothing where there is none.
    pub config: &'a str,
    /// Whether the answer holds for a point in time.
    pub judges: bool,
    /// Name of the file for the answer.
    pub name: &'a str,
}

/// Writes output and manifest into a folder, which is made if it is not there.
///
/// # Errors
/// When an input cannot be read again, or the folder cannot be written.
pub(super) fn write(
    run: &Run<'_>,
    folder: &Path,
    evidence: &Evidence<'_>,
    report: &Report<'_>,
    output: WriteReport<'_>,
) -> Result<(), CommandError> {
    let Evidence {
        inputs,
        config,
        judges,
        name,
    } = *evidence;
    let unwritable = |error: io::Error| CommandError::Unwritable {
        path: with_slashes(folder),
        problem: in_words(&error),
    };
    fs::create_dir_all(folder).map_err(unwritable)?;
    let place = folder.join(name);
    write_file(&place, report.placeholders, output)?;
    let packs = report.tool.packs.iter().map(|pack| Pack {
        name: pack.name.clone(),
        version: pack.version.clone(),
        sha256: pack.sha256.clone(),
    });
    let mut entries = Vec::new();
    let config = Some(PathBuf::from(config)).filter(|path| !path.as_os_str().is_empty());
    for path in inputs.iter().copied().flatten().chain(&config) {
        below(path, &mut entries).map_err(|error| unreadable(path, &error))?;
    }
    entries.sort();
    entries.dedup();
    let manifest = Manifest {
        schema: SCHEMA.to_owned(),
        version: report.tool.version.clone(),
        packs: packs.collect(),
        arguments: arguments(&run.environment.arguments),
        time: judges.then(|| report.time.to_string()),
        inputs: entries,
        outputs: vec![Entry {
            path: name.to_owned(),
            ..entry(&place).map_err(|error| unreadable(&place, &error))?
        }],
    };
    let text = serde_json::to_string_pretty(&manifest).map_err(|error| CommandError::System {
        what: "writing the manifest",
        problem: error.to_string(),
    })?;
    write_file(&folder.join(MANIFEST), &Placeholders::default(), &|out| {
        writeln!(out, "{text}")
    })
}

/// `bucketproof evidence check`: whether files are what a manifest says.
pub(super) fn check(run: &Run<'_>, folder: &Path) -> Result<Status, CommandError> {
    let path = folder.join(MANIFEST);
    let help = "name a folder that `--evidence` has written";
    let text = read_text(&path, help)?;
    let wrong = |problem: String| CommandError::Unreadable {
        path: with_slashes(&path),
        problem,
        help,
    };
    let manifest: Manifest = serde_json::from_str(&text).map_err(|error| wrong(error.to_string()))?;
    if manifest.schema != SCHEMA {
        return Err(wrong(format!("its schema is `{}`", manifest.schema)));
    }
    // An output lies in the folder, whatever a manifest says.
    if manifest
        .outputs
        .iter()
        .any(|entry| entry.path.contains(['/', '\\']) || entry.path == "..")
    {
        return Err(wrong("an output lies outside of the folder".into()));
    }
    let outputs = manifest.outputs.iter().map(|entry| (folder.join(&entry.path), entry));
    let inputs = manifest.inputs.iter().map(|entry| (PathBuf::from(&entry.path), entry));
    let all: Vec<_> = outputs.chain(inputs).collect();
    let problems: Vec<String> = all.iter().filter_map(|(path, entry)| differs(path, entry)).collect();
    let summary = match problems.is_empty() {
        true => format!("{} files are what they were", all.len()),
        false => format!("{} of {} files are not what they were", problems.len(), all.len()),
    };
    print(run.global.color, &Placeholders::default(), &|out| {
        problems.iter().try_for_each(|line| writeln!(out, "{}", clean(line)))?;
        writeln!(out, "{summary}")
    })?;
    Ok(if problems.is_empty() {
        Status::Clean
    } else {
        Status::Findings
    })
}

/// What is wrong with a file. Its length is looked at first, so that nothing endless is read.
fn differs(path: &Path, known: &Entry) -> Option<String> {
    let shown = with_slashes(path);
    let Some(len_bytes) = known.len_bytes else {
        return (known.path != STDIN).then(|| format!("`{shown}`: the manifest has no digest"));
    };
    let is_same_len = |data: &fs::Metadata| data.is_file() && data.len() == len_bytes;
    match fs::metadata(path) {
        Err(error) => Some(format!("`{shown}`: {}", in_words(&error))),
        Ok(data) if !is_same_len(&data) => Some(format!("`{shown}`: it has another length")),
        Ok(_) => match entry(path) {
            Err(error) => Some(format!("`{shown}`: {}", in_words(&error))),
            Ok(now) => (now.sha256 != known.sha256).then(|| format!("`{shown}`: it has another content")),
        },
    }
}

/// Adds every file at or below a path. Links to directories are not followed.
fn below(path: &Path, entries: &mut Vec<Entry>) -> io::Result<()> {
    if path.as_os_str() == STDIN {
        entries.push(Entry {
            path: STDIN.to_owned(),
            len_bytes: None,
            sha256: None,
        });
        return Ok(());
    }
    if !path.is_dir() {
        entries.push(entry(path)?);
        return Ok(());
    }
    for found in fs::read_dir(path)? {
        let found = found?;
        let is_linked_directory = found.file_type()?.is_symlink() && found.path().is_dir();
        if !is_linked_directory {
            below(&found.path(), entries)?;
        }
    }
    Ok(())
}

fn entry(path: &Path) -> io::Result<Entry> {
    let mut file = File::open(path)?;
    let mut digest = Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    let mut len_bytes = 0;
    loop {
        let count = file.read(&mut buffer)?;
        let Some(some) = buffer.get(..count).filter(|some| !some.is_empty()) else {
            break;
        };
        digest.update(some);
        len_bytes += u64::try_from(count).unwrap_or_default();
    }
    let sha256: String = digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(Entry {
        path: with_slashes(path),
        len_bytes: Some(len_bytes),
        sha256: Some(sha256),
    })
}

/// The arguments without the folder of the evidence, which has no part in the answer.
fn arguments(all: &[String]) -> Vec<String> {
    let mut kept = Vec::new();
    let mut all = all.iter();
    while let Some(argument) = all.next() {
        match argument.as_str() {
            "--evidence" => _ = all.next(),
            other if other.starts_with("--evidence=") => {}
            _ => kept.push(argument.clone()),
        }
    }
    kept
}

fn unreadable(path: &Path, error: &io::Error) -> CommandError {
    CommandError::Unreadable {
        path: with_slashes(path),
        problem: in_words(error),
        help: "evidence holds the digest of every input, which must stay where it is",
    }
}

const SCHEMA: &str = "bucketproof.evidence.v1";

const MANIFEST: &str = "manifest.json";

const STDIN: &str = "-";
