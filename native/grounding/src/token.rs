//! Cuts a sentence into words, numbers and marks, with what the lexicon says of each.
//!
//! Knows nothing of contexts and findings. Offsets are bytes of the sentence.

use midstream_segment::LowerWord;

use crate::lexicon::{self, Meaning, is};
use crate::link;
use crate::numeral::number;

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
    pub(crate) fn new(start: usize, end: usize, kind: Kind) -> Self {
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
