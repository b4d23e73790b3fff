//! Text to symbols: lower case, and one space for any white space.

/// A symbol with its bytes in the text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Placed {
    pub(crate) symbol: u32,
    pub(crate) start: u64,
    pub(crate) end: u64,
}

impl Placed {
    /// Whether it is a letter or digit.
    pub(crate) fn is_word(self) -> bool {
        char::from_u32(self.symbol).is_some_and(char::is_alphanumeric)
    }
}

const SPACE: u32 = b' ' as u32;

/// Folds a stream.
#[derive(Clone, Debug, Default)]
pub(crate) struct Fold {
    offset: u64,
    after_space: bool,
}

impl Fold {
    /// Passes on the symbols of the next text. Any partition gives the same symbols.
    #[inline]
    pub(crate) fn push(&mut self, text: &str, mut emit: impl FnMut(Placed)) {
        for char in text.chars() {
            let start = self.offset;
            self.offset += char.len_utf8() as u64;
            let end = self.offset;
            let is_space = char.is_whitespace();
            if char.is_ascii() && !is_space {
                let symbol = u32::from(char.to_ascii_lowercase());
                emit(Placed { symbol, start, end });
            } else if !is_space {
                for lower in char.to_lowercase() {
                    let symbol = u32::from(lower);
                    emit(Placed { symbol, start, end });
                }
            } else if !self.after_space {
                let symbol = SPACE;
                emit(Placed { symbol, start, end });
            }
            self.after_space = is_space;
        }
    }
}

/// The symbols of a phrase, without white space at its ends.
pub(crate) fn whole(text: &str) -> Vec<u32> {
    let mut symbols = Vec::new();
    Fold::default().push(text.trim(), |placed| symbols.push(placed.symbol));
    symbols
}
