//! Cuts a sentence into words, numbers and marks, with what the lexicon says of each.
//!
//! Knows nothing of contexts and findings. Offsets are bytes of the sentence.

use midstream_segment::LowerWord;

use crate::lexicon::{self, Meaning, is};
use crate::link;

/// Tokens that are looked at in one sentence; the rest of a longer one is not judged.
pub const MAX_TOKENS: usize = 512;
/// Bytes of a word that count; longer ones are told apart by these.
const MAX_WORD: usize = 40;

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    /// Letters.
    Word,
    /// Numeral with its value; `is_plain` without separators, so that it can be a year.
    Number { value: f64, is_plain: bool },
    /// "1990s": the year that the decade begins with.
    Decade(u16),
    /// A date in digits: year, month, day as written, and whether month and day may be the other way round.
    Digits {
        year: u16,
        month: u8,
        day: u8,
        swaps: bool,
    },
    /// URL or domain: hash of host and path, hash of the host.
    Link { whole: u32, host: u32 },
    /// Number in square brackets.
    Citation(u32),
    /// Percent or a currency sign; the class of its unit.
    Sign(u32),
    /// Quotation mark, straight or opening or closing.
    Quote { opens: bool, closes: bool },
}

/// How a word is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Case {
    /// Small letters first.
    Lower,
    /// A capital, then small ones.
    Capital,
    /// Capitals only, two or more.
    Upper,
    /// One capital letter.
    Initial,
}

/// One token.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Token {
    /// First byte.
    pub start: u32,
    /// Byte after the last.
    pub end: u32,
    /// What it is.
    pub kind: Kind,
    /// Hash of the folded word; of the written form for numbers.
    pub word: u32,
    /// Hash of the stem.
    pub stem: u32,
    /// Hash of what is left without endings of nationality; equal for "America" and "American".
    pub root: u32,
    /// How it is written.
    pub case: Case,
    /// First letter, folded.
    pub letter: u8,
    /// Marks stand between it and the token before.
    pub is_apart: bool,
    /// What the lexicon says.
    pub meaning: Meaning,
}

/// Cuts `text`; `out` is emptied first.
pub fn tokens(text: &str, out: &mut Vec<Token>) {
    out.clear();
    let bytes = text.as_bytes();
    let (mut at, mut is_apart) = (0, true);
    let mut folded = LowerWord::new();
    while at < bytes.len() && out.len() < MAX_TOKENS {
        let byte = bytes[at];
        if byte == b' ' {
            at += 1;
            continue;
        }
        let next = match byte {
            b'0'..=b'9' => number(text, at, out),
            b'a'..=b'z' | b'A'..=b'Z' | 0x80.. => letters(text, at, &mut folded, out),
            b'[' => citations(bytes, at, out),
            b'"' | b'%' | b'$' => mark(at, 1, byte.into(), out),
            _ => at,
        };
        // What begins as one token may hold several: all but the first stand close.
        if next == at {
            at += text[at..].chars().next().map_or(1, char::len_utf8);
            is_apart |= byte != b'\'' && byte != b'-';
        } else {
            if let Some(token) = out.last_mut() {
                token.is_apart = is_apart;
            }
            is_apart = false;
            at = next;
        }
    }
}

impl Token {
    fn new(start: usize, end: usize, kind: Kind) -> Self {
        Self {
            start: start as u32,
            end: end as u32,
            kind,
            word: 0,
            stem: 0,
            root: 0,
            case: Case::Lower,
            letter: 0,
            is_apart: false,
            meaning: Meaning::default(),
        }
    }
}

fn push(start: usize, end: usize, kind: Kind, out: &mut Vec<Token>) {
    out.push(Token::new(start, end, kind));
}

fn mark(at: usize, len: usize, mark: char, out: &mut Vec<Token>) -> usize {
    let quote = |opens, closes| Kind::Quote { opens, closes };
    let kind = match mark {
        '"' => quote(true, true),
        '“' | '„' | '«' => quote(true, mark == '“'),
        '”' | '»' => quote(false, true),
        '%' => Kind::Sign(lexicon::PERCENT),
        '$' => Kind::Sign(lexicon::CURRENCY),
        '€' => Kind::Sign(lexicon::CURRENCY + 1),
        '£' => Kind::Sign(lexicon::CURRENCY + 2),
        '¥' => Kind::Sign(lexicon::CURRENCY + 3),
        '₽' => Kind::Sign(lexicon::CURRENCY + 4),
        _ => return at,
    };
    push(at, at + len, kind, out);
    at + len
}

/// How many letters a word has, how many of them are capitals, and whether the first is one.
#[derive(Clone, Copy, Default)]
struct Letters {
    count: u32,
    capitals: u32,
    is_first_capital: bool,
}

impl Letters {
    fn add_all(&mut self, letters: &[u8]) {
        let capitals = letters.iter().map(|letter| u32::from(letter & 0x20 == 0));
        self.is_first_capital = letters.first().is_some_and(u8::is_ascii_uppercase);
        self.capitals = capitals.sum();
        self.count = letters.len() as u32;
    }

    fn add(&mut self, is_capital: bool) {
        self.is_first_capital |= is_capital && self.count == 0;
        self.capitals += u32::from(is_capital);
        self.count += 1;
    }
}

/// A word, a link, or a mark that is not ASCII. Returns where it ends.
fn letters(text: &str, start: usize, folded: &mut LowerWord, out: &mut Vec<Token>) -> usize {
    let bytes = text.as_bytes();
    let (mut at, mut letters) = (start, Letters::default());
    folded.clear();
    // Nearly all words are no more than this.
    let plain = bytes[start..]
        .iter()
        .take_while(|byte| byte.is_ascii_alphabetic())
        .count();
    at += plain;
    letters.add_all(&bytes[start..at]);
    folded.push_letters(&bytes[start..start + plain.min(MAX_WORD)]);
    let has_room = |folded: &LowerWord| folded.bytes().len() < MAX_WORD;
    while let Some(&byte) = bytes.get(at) {
        if byte.is_ascii_alphabetic() {
            letters.add(byte.is_ascii_uppercase());
            if has_room(folded) {
                folded.push(byte | 0x20);
            }
            at += 1;
        } else if byte == b'\'' || (byte == 0xe2 && bytes[at..].starts_with("’".as_bytes())) {
            let width = if byte == b'\'' { 1 } else { 3 };
            if !bytes.get(at + width).is_some_and(u8::is_ascii_alphabetic) || letters.count == 0 {
                break;
            }
            // A possessive is the word that it belongs to.
            if bytes[at + width] | 0x20 == b's'
                && !bytes
                    .get(at + width + 1)
                    .is_some_and(u8::is_ascii_alphanumeric)
            {
                word(start, at + width + 1, folded, letters, out);
                return at + width + 1;
            }
            if has_room(folded) {
                folded.push(b'\'');
            }
            at += width;
        } else if byte >= 0x80 {
            let Some(char) = text[at..].chars().next() else {
                break;
            };
            if !char.is_alphabetic() {
                if letters.count == 0 {
                    return mark(at, char.len_utf8(), char, out);
                }
                break;
            }
            letters.add(char.is_uppercase());
            if has_room(folded) {
                folded.push_char(char.to_lowercase().next().unwrap_or(char));
            }
            at += char.len_utf8();
        } else {
            break;
        }
    }
    if matches!(bytes.get(at), Some(b'.' | b':' | b'-' | b'0'..=b'9'))
        && let Some((end, whole, host)) = link::at(text, start)
    {
        push(start, end, Kind::Link { whole, host }, out);
        return end;
    }
    // "B2B", "Covid19": digits stay with their letters.
    while letters.count > 0
        && at < bytes.len()
        && bytes[at].is_ascii_alphanumeric()
        && (bytes[at].is_ascii_digit() || bytes[at - 1].is_ascii_digit())
    {
        if has_room(folded) {
            folded.push(bytes[at].to_ascii_lowercase());
        }
        at += 1;
    }
    if letters.count > 0 {
        word(start, at, folded, letters, out);
    }
    at
}

fn word(start: usize, end: usize, folded: &LowerWord, letters: Letters, out: &mut Vec<Token>) {
    let bytes = folded.bytes();
    let word = lexicon::mix(folded.state(bytes.len()));
    let mut token = Token {
        word,
        meaning: lexicon::meaning(word),
        letter: bytes.first().copied().unwrap_or_default(),
        case: match letters {
            Letters {
                is_first_capital: true,
                count: 1,
                ..
            } => Case::Initial,
            Letters {
                count, capitals, ..
            } if capitals == count => Case::Upper,
            Letters {
                is_first_capital: true,
                ..
            } => Case::Capital,
            Letters { .. } => Case::Lower,
        },
        ..Token::new(start, end, Kind::Word)
    };
    if !token.meaning.has(is::STOP) {
        // Light: -s, -ed, -ing, -ly. The same is taken off evidence and answer.
        token.stem = lexicon::mix(folded.stem_hash());
        token.root = lexicon::mix(folded.state(root(bytes))) ^ 0x5bd1_e995;
    }
    out.push(token);
}

/// Length without vowels and the letters of "-an", "-ese", "-s" at the end: four letters at least.
fn root(word: &[u8]) -> usize {
    let mut len = word.len();
    while len > 4
        && matches!(
            word[len - 1],
            b'a' | b'e' | b'i' | b'o' | b'u' | b'y' | b'n' | b's' | b'\''
        )
    {
        len -= 1;
    }
    len
}

/// A numeral, a decade, a date in digits. Returns where it ends.
fn number(text: &str, start: usize, out: &mut Vec<Token>) -> usize {
    let bytes = text.as_bytes();
    if let Some((end, kind)) = digits_date(bytes, start) {
        push(start, end, kind, out);
        return end;
    }
    let mut at = start;
    let (mut value, mut digits, mut is_plain) = (0.0_f64, 0_u32, true);
    let mut take = |at: &mut usize| {
        while let Some(digit) = bytes.get(*at).filter(|byte| byte.is_ascii_digit()) {
            value = value * 10.0 + f64::from(digit - b'0');
            digits += 1;
            *at += 1;
        }
    };
    take(&mut at);
    while let Some(width) = thousands(bytes, at) {
        is_plain = false;
        at += width;
        take(&mut at);
    }
    if bytes.get(at) == Some(&b'.') && bytes.get(at + 1).is_some_and(u8::is_ascii_digit) {
        is_plain = false;
        let (mut tenth, mut next) = (0.1, at + 1);
        while let Some(digit) = bytes.get(next).filter(|byte| byte.is_ascii_digit()) {
            value += f64::from(digit - b'0') * tenth;
            tenth /= 10.0;
            next += 1;
        }
        at = next;
    }
    // At most four digits of a year: no sign, no loss.
    #[expect(clippy::cast_sign_loss)]
    let year = value as u16;
    let is_year = is_plain && digits == 4 && (1000.0..2100.0).contains(&value);
    let rest = &bytes[at..];
    let ends = |len: usize| !rest.get(len).is_some_and(u8::is_ascii_alphanumeric);
    let (kind, end) = match rest {
        [b's', ..] if is_year && ends(1) => (Kind::Decade(year), at + 1),
        [b'\'', b's', ..] if is_year && ends(2) => (Kind::Decade(year), at + 2),
        [a, b, ..]
            if ends(2)
                && matches!(
                    [a | 0x20, b | 0x20],
                    [b's', b't'] | [b'n' | b'r', b'd'] | [b't', b'h']
                ) =>
        {
            (
                Kind::Number {
                    value,
                    is_plain: false,
                },
                at + 2,
            )
        }
        [b'k' | b'K', ..] if ends(1) => (
            Kind::Number {
                value: value * 1e3,
                is_plain: false,
            },
            at + 1,
        ),
        [b'M', ..] if ends(1) => (
            Kind::Number {
                value: value * 1e6,
                is_plain: false,
            },
            at + 1,
        ),
        [b'B', ..] if ends(1) => (
            Kind::Number {
                value: value * 1e9,
                is_plain: false,
            },
            at + 1,
        ),
        _ => (
            Kind::Number {
                value,
                is_plain: is_year,
            },
            at,
        ),
    };
    out.push(Token {
        word: lexicon::mix(value.to_bits()),
        ..Token::new(start, end, kind)
    });
    end
}

/// Width of a thousands separator before exactly three digits: comma, narrow or plain no-break space, apostrophe.
fn thousands(bytes: &[u8], at: usize) -> Option<usize> {
    let rest = bytes.get(at..)?;
    let width = match rest {
        [b',' | b'\'', ..] => 1,
        [0xc2, 0xa0, ..] => 2,
        [0xe2, 0x80, 0xaf | 0x89, ..] => 3,
        _ => return None,
    };
    let group = rest.get(width..width + 3)?;
    let is_group = group.iter().all(u8::is_ascii_digit)
        && !rest.get(width + 3).is_some_and(u8::is_ascii_digit);
    is_group.then_some(width)
}

/// "2024-03-09", "9/3/2024", "09.03.2024".
fn digits_date(bytes: &[u8], start: usize) -> Option<(usize, Kind)> {
    let mut at = start;
    let mut fields = [(0_u16, 0_usize); 3];
    let mut separator = 0;
    for (index, field) in fields.iter_mut().enumerate() {
        let begin = at;
        while at < bytes.len() && bytes[at].is_ascii_digit() && at - begin < 5 {
            field.0 = field
                .0
                .wrapping_mul(10)
                .wrapping_add(u16::from(bytes[at] - b'0'));
            at += 1;
        }
        field.1 = at - begin;
        if field.1 == 0 || field.1 > 4 {
            return None;
        }
        if index < 2 {
            let mark = *bytes.get(at)?;
            if !matches!(mark, b'-' | b'/' | b'.') || (index == 1 && mark != separator) {
                return None;
            }
            separator = mark;
            at += 1;
        }
    }
    // "2024-03-09T10:00": what tools write.
    let is_time = bytes.get(at) == Some(&b'T') && bytes.get(at + 1).is_some_and(u8::is_ascii_digit);
    if !is_time && bytes.get(at).is_some_and(u8::is_ascii_alphanumeric) {
        return None;
    }
    let [(a, a_len), (b, b_len), (c, c_len)] = fields;
    let (year, month, day, swaps) = match (a_len, b_len, c_len) {
        (4, 1..=2, 1..=2) if separator != b'.' => (a, b, c, false),
        // Day and month stand in either order; a field above twelve says which.
        (1..=2, 1..=2, 4) if a > 12 => (c, b, a, false),
        (1..=2, 1..=2, 4) => (c, a, b, b <= 12),
        _ => return None,
    };
    let (month, day) = (month as u8, day as u8);
    Some((
        at,
        Kind::Digits {
            year,
            month,
            day,
            swaps,
        },
    ))
}

/// "[3]", "[1, 4]", "[2-5]": one token a number. Returns `start` where it is none.
fn citations(bytes: &[u8], start: usize, out: &mut Vec<Token>) -> usize {
    /// Longer brackets are no citations.
    const LONGEST: usize = 32;
    let Some(len) = bytes[start..]
        .iter()
        .take(LONGEST)
        .position(|&byte| byte == b']')
    else {
        return start;
    };
    let inside = &bytes[start + 1..start + len];
    let is_list = inside.first().is_some_and(u8::is_ascii_digit)
        && inside
            .iter()
            .all(|byte| matches!(byte, b'0'..=b'9' | b',' | b'-' | b' '));
    // A link in Markdown has its address behind it.
    if !is_list || bytes.get(start + len + 1) == Some(&b'(') {
        return start;
    }
    let mut at = 0;
    while at < inside.len() && out.len() < MAX_TOKENS {
        let begin = at;
        let mut value = 0_u32;
        while at < inside.len() && inside[at].is_ascii_digit() {
            value = value
                .saturating_mul(10)
                .saturating_add(u32::from(inside[at] - b'0'));
            at += 1;
        }
        // Years in brackets are no places in a list.
        if at > begin && at - begin <= 3 {
            push(
                start + 1 + begin,
                start + 1 + at,
                Kind::Citation(value),
                out,
            );
        }
        at += usize::from(at == begin) + usize::from(at > begin && at < inside.len());
    }
    start + len + 1
}
