//! Text to tokens where a provider tells none: pieces of words, numbers, symbols and white space.
//!
//! The cut follows the pre-tokenisers of today's models (a word with the space before it, digits in threes, line feeds
//! by themselves, a new piece at `camelCase`) and caps a word at [`WORD`] bytes where a vocabulary would split it. It
//! has no vocabulary and no regular expression, needs O(1) state, and gives the same pieces for any partition of a text.

/// Bytes of a word, its leading space left out, after which a new piece begins. Eight give 4 to 4.5 bytes a piece on
/// English prose, which is what o200k gives.
const WORD: u8 = 8;
/// Digits of one piece, as in the pre-tokenisers of `o200k` and Llama 3.
const DIGITS: u8 = 3;
/// Bytes of a run of one symbol, space or line feed.
const RUN: u8 = 64;
/// Different symbols that make one piece: `);`, `="`, `=>`.
const SYMBOLS: u8 = 2;

const SEED: u32 = 0x811C_9DC5;
const PRIME: u32 = 0x0100_0193;

/// What a [`Piece`] is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum PieceKind {
    /// White space only.
    #[default]
    Space,
    /// Letters; every byte above 0x7F counts as one.
    Word,
    /// One to three digits.
    Number,
    /// Punctuation and other symbols.
    Symbol,
}

/// One piece of text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece {
    /// Hash of its bytes; equal bytes have equal hashes.
    pub hash: u32,
    /// Byte of the stream after the piece.
    pub end: u64,
    /// What it is made of.
    pub kind: PieceKind,
}

/// Cuts a stream of UTF-8 text into pieces.
#[derive(Clone, Debug, Default)]
pub struct Pieces {
    /// Bytes taken so far.
    offset: u64,
    /// Spaces that may belong to the piece to come.
    spaces: u8,
    kind: PieceKind,
    /// Bytes of the open piece without its leading space; 0 = none is open.
    len: u8,
    hash: u32,
    newest: u8,
    /// Whether all bytes of the open piece are the same.
    uniform: bool,
}

impl Pieces {
    /// At the start of a stream.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next bytes and passes on the pieces that became complete. O(1) a byte.
    #[inline]
    pub fn push(&mut self, text: &[u8], mut emit: impl FnMut(Piece)) {
        for &byte in text {
            self.take(byte, &mut emit);
        }
    }

    /// The text is over: passes on what was still open.
    pub fn finish(&mut self, mut emit: impl FnMut(Piece)) {
        self.close(&mut emit);
        self.flush_spaces(0, &mut emit);
    }

    #[inline]
    fn take(&mut self, byte: u8, emit: &mut impl FnMut(Piece)) {
        let kind = kind_of(byte);
        if self.len > 0 && self.goes_on(byte, kind) {
            self.uniform &= byte == self.newest;
        } else {
            self.close(emit);
            if byte == b' ' {
                if self.spaces == RUN {
                    self.flush_spaces(0, emit);
                }
                self.spaces += 1;
                self.offset += 1;
                return;
            }
            // A word or symbol takes the last space along; a number or a line feed does not.
            let taken =
                u8::from(self.spaces > 0 && matches!(kind, PieceKind::Word | PieceKind::Symbol));
            self.flush_spaces(taken, emit);
            self.hash = if taken == 1 { mix(SEED, b' ') } else { SEED };
            self.kind = kind;
            self.uniform = true;
        }
        self.hash = mix(self.hash, byte);
        self.len += 1;
        self.newest = byte;
        self.offset += 1;
    }

    #[inline]
    fn goes_on(&self, byte: u8, kind: PieceKind) -> bool {
        if kind != self.kind {
            return false;
        }
        match kind {
            PieceKind::Word => {
                let continues = byte & 0xC0 == 0x80;
                let hump = byte.is_ascii_uppercase() && self.newest.is_ascii_lowercase();
                (self.len < WORD && !hump) || (continues && self.len < WORD + 3)
            }
            PieceKind::Number => self.len < DIGITS,
            PieceKind::Symbol => {
                self.len < SYMBOLS || (self.uniform && byte == self.newest && self.len < RUN)
            }
            PieceKind::Space => byte == self.newest && self.len < RUN,
        }
    }

    #[inline]
    fn close(&mut self, emit: &mut impl FnMut(Piece)) {
        if self.len > 0 {
            self.len = 0;
            emit(Piece {
                hash: self.hash,
                end: self.offset,
                kind: self.kind,
            });
        }
    }

    /// The open spaces are a piece, but for those that the piece to come takes.
    #[inline]
    fn flush_spaces(&mut self, taken: u8, emit: &mut impl FnMut(Piece)) {
        let own = self.spaces - taken;
        self.spaces = 0;
        if own > 0 {
            emit(Piece {
                hash: (0..own).fold(SEED, |hash, _| mix(hash, b' ')),
                end: self.offset - u64::from(taken),
                kind: PieceKind::Space,
            });
        }
    }
}

const fn kind_of(byte: u8) -> PieceKind {
    match byte {
        b' ' | b'\t' | b'\n' | b'\r' => PieceKind::Space,
        b'0'..=b'9' => PieceKind::Number,
        b'a'..=b'z' | b'A'..=b'Z' | 0x80.. => PieceKind::Word,
        _ => PieceKind::Symbol,
    }
}

#[inline]
const fn mix(hash: u32, byte: u8) -> u32 {
    (hash ^ byte as u32).wrapping_mul(PRIME)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(text: &str) -> Vec<&str> {
        let (mut ends, mut pieces) = (vec![0], Pieces::new());
        pieces.push(text.as_bytes(), |piece| ends.push(piece.end as usize));
        pieces.finish(|piece| ends.push(piece.end as usize));
        ends.windows(2)
            .map(|pair| &text[pair[0]..pair[1]])
            .collect()
    }

    #[test]
    fn text_is_cut_like_a_pre_tokeniser_does() {
        for (text, pieces) in [
            (
                "The pump, again.",
                &["The", " pump", ",", " again", "."][..],
            ),
            ("internationally", &["internat", "ionally"]),
            ("getElement(7)", &["get", "Element", "(", "7", ")"]),
            ("in 20251 x", &["in", " ", "202", "51", " x"]),
            (
                "a\n\n    b();\n",
                &["a", "\n\n", "   ", " b", "()", ";", "\n"],
            ),
            ("|---|---|", &["|-", "--", "|-", "--", "|"]),
            ("----------\n", &["----------", "\n"]),
            ("я жду", &["я", " жду"]),
            ("насос ждёт", &["насо", "с", " ждёт"]),
            ("  ", &["  "]),
        ] {
            assert_eq!(cut(text), pieces, "{text:?}");
        }
    }

    #[test]
    fn equal_pieces_have_equal_hashes_and_others_have_not() {
        let mut hashes = Vec::new();
        Pieces::new().push(b"one two one  two one\n", |piece| hashes.push(piece.hash));
        // one, ` two`, ` one`, ` `, ` two`, ` one`
        assert_eq!(hashes[1], hashes[4]);
        assert_eq!(hashes[2], hashes[5]);
        assert_ne!(hashes[0], hashes[2]);
        assert_ne!(hashes[2], hashes[3]);
    }
}
