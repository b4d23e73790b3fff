//! Head of an HTTP/1.1 response.

use std::ops::Range;

/// Most headers of a head; the limit of common servers.
pub const MAX_HEADERS: usize = 100;
/// Longest head in bytes.
pub const MAX_HEAD_BYTES: usize = 64 * 1024;

/// Where a header stands in the input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeaderRange {
    /// The name, case as it came.
    pub name: Range<usize>,
    /// The value, without surrounding white space.
    pub value: Range<usize>,
}

/// A complete head.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// Status code. An interim one (1xx but 101) is skipped, so this is never one of them.
    pub status: u16,
    /// Bytes of the head, blank line and interim heads before it included.
    pub length: usize,
    /// Headers in their order.
    pub headers: Vec<HeaderRange>,
}

/// Bytes that are no head: malformed, more than [`MAX_HEADERS`] headers, or more than [`MAX_HEAD_BYTES`] without an end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadHead;

/// Parses the head at the start of `input`; `None` while it is incomplete. Interim responses (1xx) are skipped.
///
/// # Errors
/// [`BadHead`].
pub fn parse_head(input: &[u8]) -> Result<Option<Head>, BadHead> {
    let mut skipped = 0;
    loop {
        let rest = &input[skipped..];
        let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
        let mut response = httparse::Response::new(&mut headers);
        let window = &rest[..rest.len().min(MAX_HEAD_BYTES)];
        let length = match response.parse(window).map_err(|_| BadHead)? {
            httparse::Status::Complete(length) => length,
            httparse::Status::Partial if window.len() < MAX_HEAD_BYTES => return Ok(None),
            httparse::Status::Partial => return Err(BadHead),
        };
        let status = response.code.ok_or(BadHead)?;
        if (100..200).contains(&status) && status != 101 {
            skipped += length;
            if skipped > MAX_HEAD_BYTES {
                return Err(BadHead);
            }
            continue;
        }
        // httparse lends slices of `input`; their addresses give their offsets without a search.
        let base = input.as_ptr().addr();
        let range = |part: &[u8]| {
            let start = if part.is_empty() {
                skipped
            } else {
                part.as_ptr().addr() - base
            };
            start..start + part.len()
        };
        let headers = response
            .headers
            .iter()
            .map(|h| HeaderRange {
                name: range(h.name.as_bytes()),
                value: range(h.value),
            })
            .collect();
        return Ok(Some(Head {
            status,
            length: skipped + length,
            headers,
        }));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &[u8] =
        b"HTTP/1.1 200 OK\r\nContent-Type:  text/event-stream \r\nX-Empty:\r\n\r\nbody";

    #[test]
    fn a_complete_head_gives_offsets() {
        let head = parse_head(HEAD).unwrap().unwrap();
        assert_eq!((head.status, head.length), (200, HEAD.len() - 4));
        let text = |range: &Range<usize>| std::str::from_utf8(&HEAD[range.clone()]).unwrap();
        assert_eq!(text(&head.headers[0].name), "Content-Type");
        assert_eq!(text(&head.headers[0].value), "text/event-stream");
        assert_eq!(text(&head.headers[1].value), "");
    }

    #[test]
    fn every_prefix_of_a_head_is_incomplete() {
        for cut in 0..HEAD.len() - 4 {
            assert_eq!(parse_head(&HEAD[..cut]), Ok(None), "{cut}");
        }
    }

    #[test]
    fn interim_heads_are_skipped() {
        let both = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nLink: x\r\n\r\nHTTP/1.1 503 No\r\nA: b\r\n\r\n";
        let head = parse_head(both).unwrap().unwrap();
        assert_eq!(
            (head.status, head.length, head.headers.len()),
            (503, both.len(), 1)
        );
        assert_eq!(&both[head.headers[0].value.clone()], b"b");
        assert_eq!(parse_head(&both[..60]), Ok(None));
    }

    #[test]
    fn what_is_no_head_or_too_long_a_head_is_refused() {
        assert_eq!(parse_head(b"SSH-2.0-x\r\n\r\n"), Err(BadHead));
        let long = [
            b"HTTP/1.1 200 OK\r\nA: ".to_vec(),
            vec![b'a'; MAX_HEAD_BYTES],
        ]
        .concat();
        assert_eq!(parse_head(&long), Err(BadHead));
        let many = format!(
            "HTTP/1.1 200 OK\r\n{}\r\n",
            "A: b\r\n".repeat(MAX_HEADERS + 1)
        );
        assert_eq!(parse_head(many.as_bytes()), Err(BadHead));
    }
}
