//! Characters that were cut between two texts: an upstream that counts in UTF-16 sends each half as an escape of its own.

/// What a half is read as while nothing completes it.
pub(crate) const LOST: &str = "\u{FFFD}";

/// Halves of characters at the ends of a text that was decoded from UTF-16, where each is read as U+FFFD.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Halves {
    /// A low surrogate, which the text begins with.
    pub low: Option<u16>,
    /// A high surrogate, which the text ends with.
    pub high: Option<u16>,
}

/// Joins what was cut between the texts of a block.
///
/// An open half counts three bytes: as many as it takes alone, and as the text before the cut has of the four of a whole
/// character. So where a text stands in its block is known before the next one comes.
#[derive(Debug, Default)]
pub(crate) struct Joint {
    high: Option<u16>,
}

impl Joint {
    /// Takes the next text: the character that comes first (completed, or lost for good), and what follows it.
    pub fn join<'a>(&mut self, text: &'a str, halves: Halves) -> (Option<char>, &'a str) {
        let mut rest = text;
        let first = self.high.take().map(|high| {
            let whole = halves.low.and_then(|low| pair(high, low));
            match (whole, rest.strip_prefix(LOST)) {
                (Some(whole), Some(behind)) => {
                    rest = behind;
                    whole
                }
                _ => char::REPLACEMENT_CHARACTER,
            }
        });
        if let (Some(_), Some(before)) = (halves.high, rest.strip_suffix(LOST)) {
            self.high = halves.high;
            rest = before;
        }
        (first, rest)
    }

    /// Nothing follows: what is left of a half.
    pub fn end(&mut self) -> Option<&'static str> {
        self.high.take().map(|_| LOST)
    }

    /// Bytes that an open half counts for.
    pub fn open_bytes(&self) -> u64 {
        self.high.map_or(0, |_| LOST.len() as u64)
    }
}

fn pair(high: u16, low: u16) -> Option<char> {
    char::decode_utf16([high, low]).next()?.ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOW: Halves = Halves {
        low: Some(0xDE00),
        high: None,
    };
    const HIGH: Halves = Halves {
        low: None,
        high: Some(0xD83D),
    };
    const NONE: Halves = Halves {
        low: None,
        high: None,
    };

    #[test]
    fn two_halves_are_one_character() {
        let mut joint = Joint::default();
        assert_eq!(joint.join("a\u{FFFD}", HIGH), (None, "a"));
        assert_eq!(joint.open_bytes(), 3);
        assert_eq!(joint.join("\u{FFFD}b", LOW), (Some('😀'), "b"));
        assert_eq!(joint.open_bytes(), 0);
    }

    #[test]
    fn a_half_that_nothing_completes_is_lost() {
        let mut joint = Joint::default();
        assert_eq!(joint.join("\u{FFFD}b", LOW), (None, "\u{FFFD}b"));
        assert_eq!(joint.join("\u{FFFD}", HIGH), (None, ""));
        assert_eq!(joint.join("\u{FFFD}", HIGH), (Some('\u{FFFD}'), ""));
        assert_eq!(joint.join("c", NONE), (Some('\u{FFFD}'), "c"));
        assert_eq!(joint.end(), None);
        assert_eq!(joint.join("\u{FFFD}", HIGH), (None, ""));
        assert_eq!(joint.end(), Some(LOST));
    }
}
