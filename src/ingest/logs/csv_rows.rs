use std::cell::Cell;
use std::io::{self, Read};
use std::rc::Rc;

use super::limits::{RECORD, as_u64};
use super::read::Reading;
use super::record;

/// Whether a line names the columns of a table of events [CT-90].
pub(super) fn is_header(line: &[u8]) -> bool {
    let line = line.to_ascii_lowercase();
    let has = |name: &[u8]| memchr::memmem::find(&line, name).is_some();
    has(b"eventname") && has(b"eventtime") && line.contains(&b',')
}

/// Reads the rows of a table, as Athena and CloudTrail Lake export them.
pub(super) fn read(reading: &mut Reading<'_>, bytes: impl Read) -> io::Result<()> {
    let left = Rc::new(Cell::new(0));
    let bounded = Bounded {
        from: bytes,
        left: Rc::clone(&left),
    };
    left.set(as_u64(RECORD));
    let mut rows = csv::ReaderBuilder::new().flexible(true).from_reader(bounded);
    let names: Vec<String> = match rows.headers() {
        Ok(names) => names
            .iter()
            .map(|name| name.trim_start_matches('\u{feff}').to_ascii_lowercase())
            .collect(),
        Err(error) => return Err(failed(error)),
    };
    let mut row = csv::StringRecord::new();
    loop {
        left.set(as_u64(RECORD));
        match rows.read_record(&mut row) {
            Ok(false) => return Ok(()),
            Ok(true) => {
                reading.outcome.records += 1;
                reading.outcome.len_bytes = rows.position().byte();
                let cells = names.iter().zip(&row).filter(|(_, cell)| !cell.is_empty());
                // Each cell is a text; the ones that hold JSON are read as such.
                let record: serde_json::Map<String, serde_json::Value> =
                    cells.map(|(name, cell)| (name.clone(), cell.into())).collect();
                let text = serde_json::Value::Object(record).to_string();
                let span = reading.span();
                if let Err(wrong) = record::events(&text, span, &mut |event| reading.take(event)) {
                    reading.reject(wrong);
                }
            }
            Err(error) if matches!(error.kind(), csv::ErrorKind::Utf8 { .. }) => {
                reading.outcome.records += 1;
                reading.reject("is no UTF-8");
            }
            Err(error) => return Err(failed(error)),
        }
    }
}

fn failed(error: csv::Error) -> io::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        _ => io::Error::other("it is no CSV"),
    }
}

/// Bytes, as long as one row does not take too many.
struct Bounded<R> {
    from: R,
    left: Rc<Cell<u64>>,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.left.get() == 0 {
            return Err(io::Error::other(format!("a row is longer than {} MiB", RECORD >> 20)));
        }
        let read = self.from.read(buffer)?;
        self.left.set(self.left.get().saturating_sub(as_u64(read)));
        Ok(read)
    }
}
