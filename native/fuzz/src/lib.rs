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

/// Reads settings off the front of an input; 0 once it is used up.
pub struct Reader<'a>(pub &'a [u8]);

impl Reader<'_> {
    /// The next byte.
    pub fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.0.split_first() else {
            return 0;
        };
        self.0 = rest;
        *first
    }

    /// A number below `limit`, at most 65,536.
    pub fn below(&mut self, limit: usize) -> usize {
        (usize::from(self.byte()) << 8 | usize::from(self.byte())) % limit.max(1)
    }

    /// A number of any size, as often small as large: 4 bits, moved up by a multiple of four, and the ends.
    pub fn any(&mut self) -> u64 {
        match self.byte() {
            255 => u64::MAX,
            254 => u64::MAX - u64::from(self.byte()),
            253 => (0..8).fold(0, |all, _| all << 8 | u64::from(self.byte())),
            byte => u64::from(byte & 15) << (byte >> 4 << 2),
        }
    }

    /// The rest as numbers: bytes as they are, or summed up to a walk, or whole `f64`s of any kind.
    pub fn series(&mut self, most: usize) -> Vec<f64> {
        let kind = self.byte();
        let rest = std::mem::take(&mut self.0);
        let mut sum = 0.0;
        let small = rest.iter().map(|byte| f64::from(byte.cast_signed()));
        match kind % 4 {
            0 => small.take(most).collect(),
            1 => small
                .map(|step| {
                    sum += step;
                    sum
                })
                .take(most)
                .collect(),
            2 => {
                let scale = 10_f64.powi(i32::from(kind) * 5 - 640);
                small.map(|value| value * scale).take(most).collect()
            }
            _ => (rest.as_chunks::<8>().0.iter().take(most))
                .map(|bytes| f64::from_le_bytes(*bytes))
                .collect(),
        }
    }
}
