//! What the targets share: pieces of an input whose cutting the fuzzer chooses.

#![forbid(unsafe_code)]

/// Splits the fuzzer's bytes: how many bytes the sizes take, sizes of 1 to 16 bytes, and the rest, which is the input proper.
pub fn cut(data: &[u8]) -> Option<(&[u8], &[u8])> {
    let (count, rest) = data.split_first()?;
    let sizes = usize::from(count % 8) + 1;
    (rest.len() >= sizes).then(|| rest.split_at(sizes))
}

/// `text` in pieces; the sizes repeat.
pub fn pieces<'a>(sizes: &'a [u8], text: &'a [u8]) -> impl Iterator<Item = &'a [u8]> {
    let mut rest = text;
    let mut next = sizes.iter().cycle();
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let size = next.next().map_or(1, |size| usize::from(size % 16) + 1);
        let (piece, later) = rest.split_at(size.min(rest.len()));
        rest = later;
        Some(piece)
    })
}

/// The same at boundaries of characters.
pub fn str_pieces<'a>(sizes: &'a [u8], text: &'a str) -> impl Iterator<Item = &'a str> {
    let mut rest = text;
    let mut next = sizes.iter().cycle();
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let size = next.next().map_or(1, |size| usize::from(size % 16) + 1);
        let at = rest.ceil_char_boundary(size.min(rest.len()));
        let (piece, later) = rest.split_at(at);
        rest = later;
        Some(piece)
    })
}
