use std::cell::Cell;
use std::io::{self, Read};
use std::rc::Rc;

/// Bytes that one record may have; CloudTrail's own limit is a megabyte.
pub(super) const RECORD: usize = 16 << 20;

/// Bytes that a gzip file may unpack to whatever its size.
const HARMLESS: u64 = 64 << 20;

/// How many times its size a gzip file may unpack to beyond that; logs stay below a hundred.
const RATIO: u64 = 400;

/// Counts the bytes that go through.
pub(super) struct Counted<R> {
    from: R,
    count: Rc<Cell<u64>>,
}

impl<R> Counted<R> {
    pub fn new(from: R, count: Rc<Cell<u64>>) -> Self {
        Self { from, count }
    }
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.from.read(buffer)?;
        self.count.set(self.count.get().saturating_add(as_u64(read)));
        Ok(read)
    }
}

/// Unpacked bytes, as long as they are in proportion to the packed ones.
pub(super) struct InProportion<R> {
    from: R,
    packed: Rc<Cell<u64>>,
    unpacked: u64,
}

impl<R> InProportion<R> {
    pub fn new(from: R, packed: Rc<Cell<u64>>) -> Self {
        Self {
            from,
            packed,
            unpacked: 0,
        }
    }
}

impl<R: Read> Read for InProportion<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.from.read(buffer)?;
        self.unpacked = self.unpacked.saturating_add(as_u64(read));
        let most = self.packed.get().saturating_mul(RATIO).max(HARMLESS);
        if self.unpacked > most {
            return Err(io::Error::other(format!(
                "it unpacks to more than {RATIO} times its size, which no log does"
            )));
        }
        Ok(read)
    }
}

pub(super) fn as_u64(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}
