//! Flat ABI of the HTTP head: bytes in, offsets out.

use midstream_wire::parse_head;

use crate::memory;
use crate::status::{Fault, MS_MALFORMED, MS_TOO_SMALL};
use crate::wall::wall;

/// Words before the headers: status, head length, header count.
pub const MS_HEAD_WORDS: usize = 3;
/// Words of a header: name offset, name length, value offset, value length.
pub const MS_HEADER_WORDS: usize = 4;

/// Parses a response head; returns 1 when it is complete, 0 while it is not.
///
/// # Safety
/// `input` is valid for `len` bytes, `out` for `cap_words` words.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ms_http_head(
    input: *const u8,
    len: u32,
    out: *mut u32,
    cap_words: u32,
) -> i32 {
    wall(|| {
        // SAFETY: the caller's duty.
        let (input, out) = unsafe {
            (
                memory::input(input, len)?,
                memory::output_of(out, cap_words, MS_HEAD_WORDS)?,
            )
        };
        let malformed = Fault::new(MS_MALFORMED, "Head is not one of HTTP/1.1, or too large");
        let Some(head) = parse_head(input).map_err(|_| malformed)? else {
            return Ok(0);
        };
        if out.len() < MS_HEAD_WORDS + head.headers.len() * MS_HEADER_WORDS {
            return Err(Fault::new(
                MS_TOO_SMALL,
                "Array has no room for all headers",
            ));
        }
        let (fixed, rest) = out.split_at_mut(MS_HEAD_WORDS);
        fixed.copy_from_slice(&[
            u32::from(head.status),
            head.length as u32,
            head.headers.len() as u32,
        ]);
        for (header, words) in head
            .headers
            .iter()
            .zip(rest.chunks_exact_mut(MS_HEADER_WORDS))
        {
            let places = [&header.name, &header.value];
            for (range, words) in places.into_iter().zip(words.chunks_exact_mut(2)) {
                words.copy_from_slice(&[range.start as u32, range.len() as u32]);
            }
        }
        Ok(1)
    })
}
