//! Numerals: plain, with separators and a power of ten behind, decades, dates in digits.

use crate::lexicon;
use crate::token::{Kind, Token};

/// A numeral, a decade, a date in digits. Returns where it ends.
pub(crate) fn number(text: &str, start: usize, out: &mut Vec<Token>) -> usize {
    let bytes = text.as_bytes();
    if let Some((end, kind)) = digits_date(bytes, start) {
        out.push(Token::new(start, end, kind));
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
