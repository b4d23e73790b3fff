//! HTTP/1.1 message bodies: takes the transfer framing off.

use crate::settings::Framing;

/// Longest chunk-size line with its extensions, in bytes.
const MAX_SIZE_LINE: u32 = 4096;
/// Longest trailer section in bytes.
const MAX_TRAILERS: u32 = 16 * 1024;
/// Most hex digits of a chunk size: 2^60 bytes are more than any answer has, and no overflow.
const MAX_SIZE_DIGITS: u32 = 15;

/// The body broke the rules of its framing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Malformed;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum At {
    /// In a chunk-size line, digits so far.
    Size {
        size: u64,
        digits: u32,
    },
    /// Behind the digits of a chunk-size line: extensions.
    Extension {
        size: u64,
        length: u32,
        cr: bool,
    },
    /// In a chunk (or in the body of a known length).
    Data {
        left: u64,
    },
    /// Behind a chunk's bytes.
    DataCr,
    DataLf,
    /// In the trailer section, in a line of this length.
    Trailer {
        line: u32,
        total: u32,
        cr: bool,
    },
    Open,
    Done,
    /// Malformed: the rest is dropped.
    Broken,
}

/// Decoder of one message body.
#[derive(Debug)]
pub(crate) struct Body {
    framing: Framing,
    at: At,
}

impl Body {
    pub fn new(framing: Framing, content_length: u64) -> Self {
        let at = match framing {
            Framing::Identity | Framing::Close => At::Open,
            Framing::Chunked => At::Size { size: 0, digits: 0 },
            Framing::ContentLength if content_length == 0 => At::Done,
            Framing::ContentLength => At::Data {
                left: content_length,
            },
        };
        Self { framing, at }
    }

    /// Whether the message is complete.
    pub fn is_done(&self) -> bool {
        self.at == At::Done
    }

    /// Whether an end of the connection here is the body's regular end.
    pub fn may_end(&self) -> bool {
        matches!(self.at, At::Done | At::Open)
    }

    /// The body cannot be read on; the rest is dropped.
    pub fn abandon(&mut self) {
        self.at = At::Broken;
    }

    /// Takes framing and payload off the front of `input`: returns the next payload (empty when the input is used up) and
    /// how many bytes are used. Call it until the input is used up or the message is complete.
    pub fn next<'a>(&mut self, input: &'a [u8]) -> Result<(&'a [u8], usize), Malformed> {
        let mut used = 0;
        while used < input.len() {
            match self.at {
                At::Done => break,
                At::Broken => return Ok((&[], input.len())),
                At::Open => return Ok((&input[used..], input.len())),
                At::Data { left } => {
                    let rest = &input[used..];
                    let count = usize::try_from(left).unwrap_or(usize::MAX).min(rest.len());
                    self.at = self.behind(left - count as u64);
                    return Ok((&rest[..count], used + count));
                }
                _ => {
                    self.at = self.step(input[used])?;
                    used += 1;
                }
            }
        }
        Ok((&[], used))
    }

    fn behind(&self, left: u64) -> At {
        match (left, self.framing) {
            (0, Framing::Chunked) => At::DataCr,
            (0, _) => At::Done,
            _ => At::Data { left },
        }
    }

    /// One byte of chunked framing. A lone LF ends a line too: RFC 9112 section 2.2 allows it, and some servers write it.
    fn step(&self, byte: u8) -> Result<At, Malformed> {
        match self.at {
            At::Size { size, digits } => match (char::from(byte).to_digit(16), byte) {
                (Some(digit), _) if digits < MAX_SIZE_DIGITS => Ok(At::Size {
                    size: size << 4 | u64::from(digit),
                    digits: digits + 1,
                }),
                (None, b';' | b' ' | b'\t' | b'\r') if digits > 0 => Ok(At::Extension {
                    size,
                    length: 0,
                    cr: byte == b'\r',
                }),
                (None, b'\n') if digits > 0 => Ok(chunk(size)),
                _ => Err(Malformed),
            },
            At::Extension { size, length, cr } => match byte {
                b'\n' => Ok(chunk(size)),
                _ if cr || length >= MAX_SIZE_LINE => Err(Malformed),
                _ => Ok(At::Extension {
                    size,
                    length: length + 1,
                    cr: byte == b'\r',
                }),
            },
            At::DataCr if byte == b'\r' => Ok(At::DataLf),
            At::DataCr | At::DataLf if byte == b'\n' => Ok(At::Size { size: 0, digits: 0 }),
            At::Trailer { line, total, cr } => match byte {
                b'\n' if line == 0 => Ok(At::Done),
                b'\n' => Ok(At::Trailer {
                    line: 0,
                    total: total + 1,
                    cr: false,
                }),
                _ if cr || total >= MAX_TRAILERS => Err(Malformed),
                b'\r' => Ok(At::Trailer {
                    line,
                    total: total + 1,
                    cr: true,
                }),
                _ => Ok(At::Trailer {
                    line: line + 1,
                    total: total + 1,
                    cr: false,
                }),
            },
            _ => Err(Malformed),
        }
    }
}

fn chunk(size: u64) -> At {
    match size {
        0 => At::Trailer {
            line: 0,
            total: 0,
            cr: false,
        },
        left => At::Data { left },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Decodes in pieces of `step` bytes; also says how many bytes were left over.
    fn decode(
        framing: Framing,
        length: u64,
        input: &[u8],
        step: usize,
    ) -> Result<(Vec<u8>, bool, usize), Malformed> {
        let mut body = Body::new(framing, length);
        let mut out = Vec::new();
        let mut trailing = 0;
        for piece in input.chunks(step) {
            let mut rest = piece;
            while !rest.is_empty() && !body.is_done() {
                let (payload, used) = body.next(rest)?;
                out.extend_from_slice(payload);
                rest = &rest[used..];
            }
            trailing += rest.len();
        }
        Ok((out, body.is_done(), trailing))
    }

    #[test]
    fn chunked_bodies_decode_the_same_in_every_partition() {
        let input = b"5;name=\"v\"\r\nhello\r\n00000A \r\n, world...\r\n0\r\nTrailer: x\r\nOther: y\r\n\r\nHTTP";
        for step in 1..input.len() {
            let decoded = decode(Framing::Chunked, 0, input, step).unwrap();
            assert_eq!(decoded, (b"hello, world...".to_vec(), true, 4), "{step}");
        }
    }

    #[test]
    fn lines_may_end_in_a_lone_line_feed() {
        let decoded = decode(Framing::Chunked, 0, b"3\nabc\n0\n\n", 2).unwrap();
        assert_eq!(decoded, (b"abc".to_vec(), true, 0));
    }

    #[test]
    fn a_known_length_ends_the_message() {
        assert_eq!(
            decode(Framing::ContentLength, 3, b"abcdef", 2).unwrap(),
            (b"abc".to_vec(), true, 3)
        );
        assert!(Body::new(Framing::ContentLength, 0).is_done());
    }

    #[test]
    fn a_body_until_close_takes_everything() {
        assert_eq!(
            decode(Framing::Close, 0, b"abc", 1).unwrap(),
            (b"abc".to_vec(), false, 0)
        );
    }

    #[test]
    fn broken_chunks_are_malformed() {
        let long_extension = format!("1;{}", "x".repeat(5000));
        let long_trailer = format!("0\r\n{}", "x".repeat(20_000));
        for input in [
            "x\r\n",
            "\r\n",
            "-1\r\n",
            "1\rx",
            "1\r\nab",
            "1\r\na\rb",
            "1000000000000000\r\n",
            "0\r\nA: b\rc",
            &long_extension,
            &long_trailer,
        ] {
            let result = decode(Framing::Chunked, 0, input.as_bytes(), 1);
            assert_eq!(result, Err(Malformed), "{}", &input[..input.len().min(20)]);
        }
    }
}
