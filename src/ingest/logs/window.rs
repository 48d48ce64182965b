use std::io::{self, Read};
use std::slice::SliceIndex;

/// The part of a stream that is of use.
pub(super) struct Window<R> {
    from: R,
    buffer: Vec<u8>,
    /// First byte that is still of use.
    pub start: usize,
    /// First byte that was not looked at.
    pub at: usize,
    /// Bytes of the stream before the buffer.
    before: u64,
    ended: bool,
}

impl<R: Read> Window<R> {
    pub fn new(from: R) -> Self {
        Self {
            from,
            buffer: Vec::new(),
            start: 0,
            at: 0,
            before: 0,
            ended: false,
        }
    }

    /// Bytes that were read so far.
    pub fn len_bytes(&self) -> u64 {
        let held = u64::try_from(self.buffer.len()).unwrap_or(u64::MAX);
        self.before.saturating_add(held)
    }

    /// Bytes that are held.
    pub fn held(&self) -> usize {
        self.buffer.len()
    }

    pub fn get<I: SliceIndex<[u8]>>(&self, index: I) -> Option<&I::Output> {
        self.buffer.get(index)
    }

    /// What was looked at and is of use.
    pub fn taken(&self) -> &[u8] {
        self.buffer.get(self.start..self.at).unwrap_or_default()
    }

    /// The next byte that is neither space nor comma, not taken.
    pub fn skip_space(&mut self) -> io::Result<Option<u8>> {
        loop {
            match self.peek()? {
                Some(b' ' | b'\t' | b'\r' | b'\n' | b',') => {
                    // Space alone must not fill the buffer.
                    if self.start == self.at {
                        self.start += 1;
                    }
                    self.at += 1;
                }
                other => return Ok(other),
            }
        }
    }

    #[inline]
    pub fn peek(&mut self) -> io::Result<Option<u8>> {
        if let Some(byte) = self.buffer.get(self.at) {
            return Ok(Some(*byte));
        }
        self.fill()?;
        Ok(self.buffer.get(self.at).copied())
    }

    #[cold]
    fn fill(&mut self) -> io::Result<()> {
        if self.ended {
            return Ok(());
        }
        self.buffer.drain(..self.start);
        self.before += u64::try_from(self.start).unwrap_or(u64::MAX);
        self.at -= self.start;
        self.start = 0;
        let held = self.buffer.len();
        self.buffer.resize(held + CHUNK, 0);
        let room = self.buffer.get_mut(held..).unwrap_or_default();
        let read = loop {
            match self.from.read(room) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                other => break other,
            }
        };
        let count = read.as_ref().copied().unwrap_or_default();
        self.buffer.truncate(held + count);
        self.ended = read? == 0;
        Ok(())
    }
}

/// Bytes that are read at once.
const CHUNK: usize = 1 << 17;
