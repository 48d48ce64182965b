use std::cell::Cell;
use std::fs::File;
use std::io::{self, BufReader, Cursor, Read};
use std::rc::Rc;

use flate2::bufread::MultiGzDecoder;

use super::limits::{Counted, InProportion, RECORD, as_u64};
use super::split::{Piece, Splitter};
use super::{LogFile, LogFilter, access_log, csv_rows, record};
use crate::ingest::file::{Origin, unreadable};
use crate::model::ApiEvent;
use crate::source::{Diagnostic, DiagnosticSeverity, Span};

/// What became of one file.
#[derive(Clone, Debug, Default)]
pub struct LogOutcome {
    /// Records that were seen.
    pub records: u64,
    /// Bytes of them, unpacked.
    pub len_bytes: u64,
    /// What could not be read.
    pub diagnostics: Vec<Diagnostic>,
}

/// Reads one file, packed or not, and hands on every event that the filter wants, in the order of the file.
///
/// No more than one record is held at a time. What cannot be read is told, and the rest is read.
pub fn read_log(file: &LogFile, filter: &LogFilter, each: &mut dyn FnMut(ApiEvent)) -> LogOutcome {
    let mut reading = Reading {
        file,
        filter,
        each,
        outcome: LogOutcome::default(),
        wrong: 0,
        first: None,
    };
    if let Err(error) = reading.open() {
        let found = match &file.origin {
            Origin::Disk(_) if error.kind() != io::ErrorKind::Other => unreadable(&file.shown, &error),
            Origin::Disk(_) | Origin::Memory(_) => {
                let message = format!("the rest could not be read: {error}").to_lowercase();
                problem("bucketproof::ingest::damaged_log", message)
                    .in_path(&*file.shown)
                    .with_help("the file is probably incomplete: fetch it again")
            }
        };
        reading.outcome.diagnostics.push(found);
    }
    reading.finish()
}

/// A file that is being read.
pub(super) struct Reading<'a> {
    file: &'a LogFile,
    pub filter: &'a LogFilter,
    each: &'a mut dyn FnMut(ApiEvent),
    pub outcome: LogOutcome,
    /// How many records are wrong.
    wrong: u64,
    /// What is wrong with the first of them.
    first: Option<String>,
}

impl Reading<'_> {
    fn open(&mut self) -> io::Result<()> {
        let bytes: Box<dyn Read> = match &self.file.origin {
            Origin::Disk(path) => Box::new(File::open(path)?),
            Origin::Memory(bytes) => Box::new(Cursor::new(bytes.clone())),
        };
        let (start, bytes) = beginning(bytes, GZIP.len())?;
        if start != GZIP {
            return self.unpacked(bytes);
        }
        let packed = Rc::new(Cell::new(0));
        let counted = BufReader::with_capacity(CHUNK, Counted::new(bytes, Rc::clone(&packed)));
        let unpacked = InProportion::new(MultiGzDecoder::new(counted), packed);
        self.unpacked(unpacked)
    }

    fn unpacked(&mut self, bytes: impl Read) -> io::Result<()> {
        let (mark, mut bytes) = beginning(bytes, MARK.len())?;
        if mark == MARK {
            io::copy(&mut bytes.by_ref().take(as_u64(MARK.len())), &mut io::sink())?;
        }
        let (start, bytes) = beginning(bytes, SNIFFED)?;
        match Content::of(&start) {
            Content::Empty => Ok(()),
            Content::Json => self.json(bytes),
            Content::Rows => csv_rows::read(self, bytes),
            Content::AccessLog => access_log::read(self, bytes),
            Content::Unknown => {
                let mut found = problem("bucketproof::ingest::no_log", "this is no log of AWS that is known");
                if self.file.is_doubtful {
                    found.severity = DiagnosticSeverity::Note;
                }
                let help = "give CloudTrail files, tables of Athena or CloudTrail Lake, or S3 server access logs";
                self.outcome
                    .diagnostics
                    .push(found.in_path(&*self.file.shown).with_help(help));
                Ok(())
            }
        }
    }

    fn json(&mut self, bytes: impl Read) -> io::Result<()> {
        let mut pieces = Splitter::new(bytes, RECORD);
        let mut read = 0;
        loop {
            match pieces.next()? {
                Piece::Record(bytes) => {
                    read += 1;
                    self.outcome.records = read;
                    self.record(bytes);
                }
                Piece::TooLong => self.reject(format!("is longer than {} MiB", RECORD >> 20)),
                Piece::Broken => self.reject("is no JSON"),
                Piece::Lost => {
                    self.reject("is no JSON, and what follows it in the file was not read");
                    break;
                }
                Piece::CutOff => {
                    self.reject("is cut off: the file ends inside of it");
                    break;
                }
                Piece::End => break,
            }
        }
        self.outcome.len_bytes = pieces.len_bytes();
        Ok(())
    }

    fn record(&mut self, bytes: &[u8]) {
        if !self.filter.may_want(bytes) {
            return;
        }
        let span = self.span();
        let outcome = match std::str::from_utf8(bytes) {
            Ok(text) => record::events(text, span, &mut |event| self.take(event)),
            Err(_) => Err("is no UTF-8".into()),
        };
        if let Err(wrong) = outcome {
            self.reject(wrong);
        }
    }

    /// Hands on an event if it is wanted.
    pub fn take(&mut self, event: ApiEvent) {
        if self.filter.wants(&event) {
            (self.each)(event);
        }
    }

    /// The place that stands for the file.
    pub fn span(&self) -> Span {
        Span::new(self.file.id, 0, 0)
    }

    /// A record cannot be read.
    pub fn reject(&mut self, wrong: impl Into<String>) {
        self.wrong += 1;
        self.first
            .get_or_insert_with(|| format!("record {} {}", self.outcome.records.max(1), wrong.into()));
    }

    fn finish(mut self) -> LogOutcome {
        if let Some(first) = &self.first {
            let message = match self.wrong {
                1 => first.clone(),
                count => format!("{count} records could not be read; the first: {first}"),
            };
            let found = problem("bucketproof::ingest::bad_record", message).in_path(&*self.file.shown);
            self.outcome
                .diagnostics
                .push(found.with_help("everything else was read"));
        }
        self.outcome
    }
}

/// What a file holds, by how it begins.
enum Content {
    Empty,
    Json,
    Rows,
    AccessLog,
    Unknown,
}

impl Content {
    fn of(start: &[u8]) -> Self {
        let start_len = start.len();
        let start = start.trim_ascii_start();
        let line = start.split(|byte| *byte == b'\n').next().unwrap_or_default();
        match start.first() {
            // A parser goes over any number of spaces.
            None if start_len == SNIFFED => Self::Json,
            None => Self::Empty,
            Some(b'{' | b'[') => Self::Json,
            Some(_) if csv_rows::is_header(line) => Self::Rows,
            Some(_) if access_log::is_line(line) => Self::AccessLog,
            Some(_) => Self::Unknown,
        }
    }
}

/// What was read ahead, and the rest.
type Whole<R> = io::Chain<Cursor<Vec<u8>>, R>;

/// The first bytes, and all of them.
fn beginning<R: Read>(mut from: R, count: usize) -> io::Result<(Vec<u8>, Whole<R>)> {
    let mut start = Vec::new();
    from.by_ref().take(as_u64(count)).read_to_end(&mut start)?;
    Ok((start.clone(), Cursor::new(start).chain(from)))
}

fn problem(code: &'static str, message: impl Into<String>) -> Diagnostic {
    Diagnostic::new(DiagnosticSeverity::Error, code, message)
}

const GZIP: &[u8] = &[0x1f, 0x8b];

const MARK: &[u8] = b"\xef\xbb\xbf";

/// Bytes by which the kind of a file is told.
const SNIFFED: usize = 8 << 10;

/// Bytes that are read at once from the disk.
const CHUNK: usize = 1 << 16;
