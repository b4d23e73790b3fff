//! Whole-text lanes.

/// One character of a lane and the raw bytes that it stands for.
#[derive(Clone, Copy, Debug)]
pub struct LaneChar {
    pub c: char,
    pub start: u64,
    pub end: u64,
    pub barrier: bool,
    pub folded: bool,
}

pub struct Lane {
    pub chars: Vec<LaneChar>,
    bytes: Vec<u8>,
    /// Byte offset of each character, and the length.
    offsets: Vec<usize>,
}

impl Lane {
    pub fn normal(text: &[u8], json: bool) -> Self {
        let mut chars = raw_chars(text);
        if json {
            chars = unescape(&chars);
        }
        let folded = chars
            .into_iter()
            .filter_map(|c| fold(c.c).map(|to| LaneChar { c: to, ..c }));
        Self::of(folded.collect())
    }

    fn of(chars: Vec<LaneChar>) -> Self {
        let text: String = chars.iter().map(|c| c.c).collect();
        let mut offsets: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
        offsets.push(text.len());
        Self {
            chars,
            bytes: text.into_bytes(),
            offsets,
        }
    }

    /// Look-alikes folded in tokens of ASCII and look-alikes that have both.
    pub fn skeleton(&self) -> Self {
        let mut chars = self.chars.clone();
        for token in chars.chunk_by_mut(|a, b| a.c.is_alphanumeric() == b.c.is_alphanumeric()) {
            let ascii = token.iter().filter(|c| c.c.is_ascii_alphanumeric()).count();
            let twins = token.iter().filter(|c| twin(c.c).is_some()).count();
            if ascii > 0 && twins > 0 && ascii + twins == token.len() {
                for c in token {
                    if let Some(to) = twin(c.c) {
                        (c.c, c.folded) = (to, true);
                    }
                }
            }
        }
        Self::of(chars)
    }

    /// Bytes between two characters.
    pub fn bytes(&self, from: usize, to: usize) -> &[u8] {
        &self.bytes[self.offsets[from]..self.offsets[to]]
    }

    pub fn text(&self, from: usize, to: usize) -> Option<String> {
        Some(self.chars.get(from..to)?.iter().map(|c| c.c).collect())
    }

    pub fn is_letter(&self, at: usize) -> bool {
        self.chars.get(at).is_some_and(|c| c.c.is_alphanumeric())
    }

    pub fn has_barrier(&self, from: usize, to: usize) -> bool {
        self.chars[from..to].iter().any(|c| c.barrier)
    }
}

fn raw_chars(text: &[u8]) -> Vec<LaneChar> {
    let mut chars = Vec::new();
    let mut at = 0;
    let mut add = |c: char, length: usize| {
        let start = at;
        at += length as u64;
        chars.push(LaneChar {
            c,
            start,
            end: at,
            barrier: false,
            folded: false,
        });
    };
    for chunk in text.utf8_chunks() {
        chunk.valid().chars().for_each(|c| add(c, c.len_utf8()));
        if !chunk.invalid().is_empty() {
            add('\u{FFFD}', chunk.invalid().len());
        }
    }
    chars
}

fn unescape(raw: &[LaneChar]) -> Vec<LaneChar> {
    let mut chars = Vec::new();
    let mut in_string = false;
    let mut at = 0;
    while at < raw.len() {
        let (c, used) = match raw[at].c {
            '"' => {
                in_string = !in_string;
                chars.push(LaneChar {
                    barrier: true,
                    ..raw[at]
                });
                at += 1;
                continue;
            }
            '\\' if in_string => escape(raw, at).unwrap_or(('\\', 1)),
            c => (c, 1),
        };
        chars.push(LaneChar {
            c,
            end: raw[at + used - 1].end,
            ..raw[at]
        });
        at += used;
    }
    chars
}

fn escape(raw: &[LaneChar], at: usize) -> Option<(char, usize)> {
    let c = match raw.get(at + 1)?.c {
        c @ ('"' | '\\' | '/') => c,
        'b' => '\u{8}',
        'f' => '\u{c}',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'u' => {
            let high = unit(raw, at)?;
            return Some(match unit(raw, at + 6) {
                Some(low @ 0xDC00..0xE000) if (0xD800..0xDC00).contains(&high) => {
                    let pair = char::decode_utf16([high as u16, low as u16]).next()?.ok()?;
                    (pair, 12)
                }
                _ => (char::from_u32(high).unwrap_or('\u{FFFD}'), 6),
            });
        }
        _ => return None,
    };
    Some((c, 2))
}

fn unit(raw: &[LaneChar], at: usize) -> Option<u32> {
    let text: String = raw.get(at..at + 6)?.iter().map(|c| c.c).collect();
    let digits = text
        .strip_prefix("\\u")
        .filter(|digits| !digits.starts_with('+'))?;
    u32::from_str_radix(digits, 16).ok()
}

/// The characters that the tests use, as Unicode describes them.
fn fold(c: char) -> Option<char> {
    match c {
        '\u{200b}' | '\u{ad}' | '\u{fe0f}' | '\u{202e}' => None,
        '！'..='～' => char::from_u32(c as u32 - '！' as u32 + '!' as u32),
        '٠'..='٩' => char::from_u32(c as u32 - '٠' as u32 + '0' as u32),
        'ⓐ'..='ⓩ' => char::from_u32(c as u32 - 'ⓐ' as u32 + 'a' as u32),
        '𝟎'..='𝟗' => char::from_u32(c as u32 - '𝟎' as u32 + '0' as u32),
        '\u{a0}' | '\u{3000}' => Some(' '),
        '–' | '‑' => Some('-'),
        _ => Some(c),
    }
}

fn twin(c: char) -> Option<char> {
    let at = "аеосрхкьАЕОКСРТ".chars().position(|twin| twin == c)?;
    "aeocpxkbAEOKCPT".chars().nth(at)
}
