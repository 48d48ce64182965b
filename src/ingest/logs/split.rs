use std::io::{self, Read};

use memchr::memchr3;

use super::window::Window;

/// Cuts a stream of JSON into the records that lie in it, without ever holding more than one of them.
///
/// Records are the values at the top, one after the other, and the members of lists: those at the top, and those of an
/// object at the top or in a list, under a name of [`LISTS`] [CT-01], [CT-02].
pub(super) struct Splitter<R> {
    bytes: Window<R>,
    /// What is open around here.
    open: Vec<Container>,
    limit: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Container {
    List,
    Object,
}

/// What comes next in the stream.
#[derive(Debug)]
pub(super) enum Piece<'a> {
    /// One record.
    Record(&'a [u8]),
    /// One record that is longer than the limit, and was passed over.
    TooLong,
    /// What is here is no JSON; it was passed over, up to the end of the line.
    Broken,
    /// The list of records goes on in a way that is no JSON: nothing more can be read.
    Lost,
    /// The stream ends inside of a record or list.
    CutOff,
    /// The end.
    End,
}

/// Why a value could not be taken whole.
enum Fault {
    Broken,
    CutOff,
    TooLong,
}

/// How a look at an object ended.
enum Found {
    /// A list of records begins behind here.
    List,
    /// The object is a record itself.
    Whole,
}

impl<R: Read> Splitter<R> {
    pub fn new(from: R, limit: usize) -> Self {
        Self {
            bytes: Window::new(from),
            open: Vec::new(),
            limit,
        }
    }

    /// Bytes that were read so far.
    pub fn len_bytes(&self) -> u64 {
        self.bytes.len_bytes()
    }

    /// The next piece of the stream.
    ///
    /// # Errors
    /// When the stream fails.
    pub fn next(&mut self) -> io::Result<Piece<'_>> {
        loop {
            self.bytes.start = self.bytes.at;
            let Some(byte) = self.bytes.skip_space()? else {
                let whole = self.open.is_empty();
                return Ok(if whole { Piece::End } else { Piece::CutOff });
            };
            self.bytes.start = self.bytes.at;
            let top = self.open.last().copied();
            match (byte, top) {
                (b']', Some(Container::List)) | (b'}', Some(Container::Object)) => {
                    self.open.pop();
                    self.bytes.at += 1;
                }
                (_, Some(Container::Object)) => match self.members()? {
                    Ok(Found::List) => {}
                    // The end of an object that holds a list is no record.
                    Ok(Found::Whole) => {
                        self.open.pop();
                    }
                    Err(fault) => return self.fail(&fault),
                },
                (b'[', None) => {
                    self.bytes.at += 1;
                    self.open.push(Container::List);
                }
                (b'{', _) => {
                    self.bytes.at += 1;
                    match self.members()? {
                        Ok(Found::List) => {}
                        Ok(Found::Whole) => return Ok(Piece::Record(self.bytes.taken())),
                        Err(fault) => return self.fail(&fault),
                    }
                }
                _ => match self.value()? {
                    Ok(()) => return Ok(Piece::Record(self.bytes.taken())),
                    Err(fault) => return self.fail(&fault),
                },
            }
        }
    }

    fn fail(&mut self, fault: &Fault) -> io::Result<Piece<'_>> {
        match fault {
            Fault::TooLong => Ok(Piece::TooLong),
            Fault::CutOff => {
                self.open.clear();
                self.bytes.at = self.bytes.held();
                Ok(Piece::CutOff)
            }
            Fault::Broken if self.open.is_empty() => {
                while !matches!(self.bytes.peek()?, None | Some(b'\n')) {
                    self.bytes.at += 1;
                    self.bytes.start = self.bytes.at;
                }
                Ok(Piece::Broken)
            }
            Fault::Broken => Ok(Piece::Lost),
        }
    }

    /// Goes over the members of an object, from behind its brace or a member, up to a list of records or its end.
    fn members(&mut self) -> io::Result<Result<Found, Fault>> {
        let listed_before = self.open.last() == Some(&Container::Object);
        let mut too_long = false;
        loop {
            match self.bytes.skip_space()? {
                None => return Ok(Err(Fault::CutOff)),
                Some(b'}') => {
                    self.bytes.at += 1;
                    return Ok(if too_long {
                        Err(Fault::TooLong)
                    } else {
                        Ok(Found::Whole)
                    });
                }
                Some(b'"') => {}
                Some(_) => return Ok(Err(Fault::Broken)),
            }
            let name_from = self.bytes.at - self.bytes.start;
            match self.value()? {
                Ok(()) => {}
                Err(Fault::TooLong) => too_long = true,
                Err(fault) => return Ok(Err(fault)),
            }
            let name = self
                .bytes
                .get(self.bytes.start + name_from..self.bytes.at)
                .unwrap_or_default();
            let is_list = LISTS.iter().any(|list| name.eq_ignore_ascii_case(list));
            if self.bytes.skip_space()? != Some(b':') {
                return Ok(Err(Fault::Broken));
            }
            self.bytes.at += 1;
            let first = self.bytes.skip_space()?;
            if is_list && first == Some(b'[') {
                self.bytes.at += 1;
                if !listed_before {
                    self.open.push(Container::Object);
                }
                self.open.push(Container::List);
                return Ok(Ok(Found::List));
            }
            match self.value()? {
                Ok(()) => {}
                Err(Fault::TooLong) => too_long = true,
                Err(fault) => return Ok(Err(fault)),
            }
        }
    }

    /// Goes over one value; only brackets and texts are looked at, the rest is up to the parser.
    fn value(&mut self) -> io::Result<Result<(), Fault>> {
        let mut depth = 0_usize;
        let mut too_long = false;
        loop {
            let Some(byte) = self.bytes.peek()? else {
                return Ok(if depth == 0 { Ok(()) } else { Err(Fault::CutOff) });
            };
            // What is too long is passed over, and not kept.
            too_long |= self.bytes.at - self.bytes.start > self.limit;
            if too_long {
                self.bytes.start = self.bytes.at;
            }
            match byte {
                b'"' => {
                    self.bytes.at += 1;
                    if let Err(fault) = self.text(&mut too_long)? {
                        return Ok(Err(fault));
                    }
                }
                b'{' | b'[' => {
                    depth += 1;
                    self.bytes.at += 1;
                    continue;
                }
                b'}' | b']' => {
                    if depth == 0 {
                        // A scalar ends where what holds it does; a bracket alone is nothing.
                        return Ok(if self.bytes.at > self.bytes.start {
                            Ok(())
                        } else {
                            Err(Fault::Broken)
                        });
                    }
                    depth -= 1;
                    self.bytes.at += 1;
                }
                _ if depth > 0 => {
                    self.plain();
                    continue;
                }
                _ => {
                    if !self.scalar()? {
                        return Ok(Err(Fault::Broken));
                    }
                }
            }
            if depth == 0 {
                return Ok(if too_long { Err(Fault::TooLong) } else { Ok(()) });
            }
        }
    }

    /// Goes over what is neither bracket nor text, as far as the buffer reaches.
    fn plain(&mut self) {
        let rest = self.bytes.get(self.bytes.at..).unwrap_or_default();
        let stop = |byte: &u8| matches!(byte, b'"' | b'{' | b'}' | b'[' | b']');
        self.bytes.at += rest.iter().position(stop).unwrap_or(rest.len());
    }

    /// Goes over a number or a word; whether there was one.
    fn scalar(&mut self) -> io::Result<bool> {
        let mut any = false;
        while let Some(byte) = self.bytes.peek()? {
            if !(byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'+' | b'.')) {
                break;
            }
            any = true;
            self.bytes.at += 1;
            if self.bytes.at - self.bytes.start > self.limit {
                return Ok(false);
            }
        }
        Ok(any)
    }

    /// Goes over the rest of a text, from behind its first quote. No text of JSON holds a line break: one that does began
    /// where an earlier one should have ended.
    fn text(&mut self, too_long: &mut bool) -> io::Result<Result<(), Fault>> {
        loop {
            let rest = self.bytes.get(self.bytes.at..).unwrap_or_default();
            match memchr3(b'"', b'\\', b'\n', rest) {
                None => self.bytes.at = self.bytes.held(),
                Some(ahead) => {
                    let found = rest.get(ahead).copied();
                    self.bytes.at += ahead + 1;
                    match found {
                        Some(b'"') => return Ok(Ok(())),
                        Some(b'\n') => {
                            self.bytes.at -= 1;
                            return Ok(Err(Fault::Broken));
                        }
                        _ => {
                            if self.bytes.peek()?.is_some() {
                                self.bytes.at += 1;
                            }
                        }
                    }
                }
            }
            *too_long |= self.bytes.at - self.bytes.start > self.limit;
            if *too_long {
                self.bytes.start = self.bytes.at;
            }
            if self.bytes.peek()?.is_none() {
                return Ok(Err(Fault::CutOff));
            }
        }
    }
}

/// Names of the lists that hold records, with their quotes [CT-01], [CT-02].
const LISTS: &[&[u8]] = &[b"\"Records\"", b"\"Events\"", b"\"logEvents\""];
