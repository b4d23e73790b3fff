//! Identifiers of the Americas, each by the rule that its issuer publishes.

use super::date::two_digit_year;
use super::digits::{Digits, luhn, number, one_separator, pair, separated, uniform, weighted};
use super::{Candidate, Check, accept_if};

/// A bare run, or one with a check digit that one number in ten has: a finding with a context word.
const BARE: f32 = 0.2;
/// Written with spaces, which other numbers are too.
const SPACED: f32 = 0.55;
/// Written with spaces in groups of three, as amounts are: a finding with a context word.
const THREES: f32 = 0.4;

/// Digit at the place, 99 beyond.
fn digit(digits: &[u8], at: usize) -> u32 {
    digits.get(at).map_or(99, |digit| u32::from(*digit))
}

/// Accepts hyphens (or the hyphens and dots of the pattern), scores spaces lower, and bare runs lowest.
fn graded(candidate: &Candidate<'_>, right: bool) -> Check {
    match (
        right,
        separated(candidate.text),
        candidate.text.contains(&b' '),
    ) {
        (false, ..) => Check::Reject,
        (true, false, _) => Check::Score(BARE),
        (true, true, true) => Check::Score(SPACED),
        (true, true, false) => Check::Accept,
    }
}

/// Whether the groups are those of `3-2-4`; other groupings count as bare.
fn three_two_four(text: &[u8]) -> bool {
    text.len() == 11
        && !text[3].is_ascii_digit()
        && !text[6].is_ascii_digit()
        && one_separator(text)
}

/// US social security number: area, group and serial that the SSA never assigned are none.
pub(super) fn us_ssn(candidate: &Candidate<'_>) -> Check {
    let Some(digits) = Digits::exactly(candidate.text, 9) else {
        return Check::Reject;
    };
    let digits = digits.slice();
    let area = number(&digits[..3]);
    let right = area != 0
        && area != 666
        && area < 900
        && pair(digits, 3) != 0
        && number(&digits[5..]) != 0
        && !uniform(digits)
        && one_separator(candidate.text);
    if right && separated(candidate.text) && !three_two_four(candidate.text) {
        return Check::Score(BARE);
    }
    graded(candidate, right)
}

/// US individual taxpayer number: 9xx and the groups that the IRS assigns.
pub(super) fn us_itin(candidate: &Candidate<'_>) -> Check {
    let Some(digits) = Digits::exactly(candidate.text, 9) else {
        return Check::Reject;
    };
    let digits = digits.slice();
    let group = matches!(pair(digits, 3), 50..=65 | 70..=88 | 90..=92 | 94..=99);
    let right = digit(digits, 0) == 9 && group && one_separator(candidate.text);
    if right && separated(candidate.text) && !three_two_four(candidate.text) {
        return Check::Score(BARE);
    }
    graded(candidate, right)
}

/// US provider number: Luhn's check over 80840 and the number (CMS).
pub(super) fn us_npi(candidate: &Candidate<'_>) -> Check {
    let Some(digits) = Digits::exactly(candidate.text, 10) else {
        return Check::Reject;
    };
    let mut prefixed = [8, 0, 8, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    prefixed[5..].copy_from_slice(digits.slice());
    accept_if(
        matches!(digit(digits.slice(), 0), 1 | 2) && luhn(&prefixed) && !uniform(digits.slice()),
    )
}

/// US routing number: weights 3 7 1, ranges of the Federal Reserve.
pub(super) fn us_aba(candidate: &Candidate<'_>) -> Check {
    let Some(digits) = Digits::exactly(candidate.text, 9) else {
        return Check::Reject;
    };
    let digits = digits.slice();
    let right = matches!(pair(digits, 0), 1..=12 | 21..=32 | 61..=72 | 80)
        && weighted(digits, &[3, 7, 1, 3, 7, 1, 3, 7, 1]).is_multiple_of(10)
        && !uniform(digits);
    graded(candidate, right)
}

/// Registration number of the US Drug Enforcement Administration: sum of odd places and twice the even ones.
pub(super) fn us_dea(candidate: &Candidate<'_>) -> Check {
    let Some(digits) = Digits::exactly(candidate.text.get(2..).unwrap_or(&[]), 7) else {
        return Check::Reject;
    };
    let sum = weighted(digits.slice(), &[1, 2, 1, 2, 1, 2]);
    accept_if(!uniform(digits.slice()) && sum % 10 == digit(digits.slice(), 6))
}

/// Canadian social insurance number: Luhn; 0 and 8 begin none.
pub(super) fn ca_sin(candidate: &Candidate<'_>) -> Check {
    let Some(digits) = Digits::exactly(candidate.text, 9) else {
        return Check::Reject;
    };
    let digits = digits.slice();
    let right = !matches!(digit(digits, 0), 0 | 8)
        && luhn(digits)
        && !uniform(digits)
        && one_separator(candidate.text);
    match (graded(candidate, right), candidate.text.contains(&b' ')) {
        (Check::Score(_), true) => Check::Score(THREES),
        (check, _) => check,
    }
}

/// Remainder of modulus 11 as Brazil uses it.
fn brazil(sum: u32) -> u32 {
    match sum % 11 {
        0 | 1 => 0,
        rest => 11 - rest,
    }
}

/// Brazilian person's number: two check digits.
pub(super) fn br_cpf(candidate: &Candidate<'_>) -> Check {
    let Some(digits) = Digits::exactly(candidate.text, 11) else {
        return Check::Reject;
    };
    let digits = digits.slice();
    let right = !uniform(digits)
        && brazil(weighted(digits, &[10, 9, 8, 7, 6, 5, 4, 3, 2])) == digit(digits, 9)
        && brazil(weighted(digits, &[11, 10, 9, 8, 7, 6, 5, 4, 3, 2])) == digit(digits, 10);
    match (right, separated(candidate.text)) {
        (false, _) => Check::Reject,
        (true, true) => Check::Accept,
        (true, false) => Check::Score(0.35),
    }
}

/// Brazilian company's number, also with letters (since July 2026: the value of a character is its ASCII code less 48).
pub(super) fn br_cnpj(candidate: &Candidate<'_>) -> Check {
    let mut values = [0_u8; 14];
    let mut len = 0;
    for byte in candidate
        .text
        .iter()
        .filter(|byte| byte.is_ascii_alphanumeric())
    {
        let Some(slot) = values.get_mut(len) else {
            return Check::Reject;
        };
        *slot = byte.to_ascii_uppercase() - b'0';
        len += 1;
    }
    let right = len == 14
        && !uniform(&values)
        && brazil(weighted(&values, &[5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2])) == digit(&values, 12)
        && brazil(weighted(&values, &[6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2]))
            == digit(&values, 13);
    match (right, separated(candidate.text)) {
        (false, _) => Check::Reject,
        (true, true) => Check::Accept,
        (true, false) => Check::Score(0.35),
    }
}

/// Mexican population code: date, and a check digit of base 37 (the alphabet has an Ñ before the O).
pub(super) fn mx_curp(candidate: &Candidate<'_>) -> Check {
    let [body @ .., check] = candidate.text else {
        return Check::Reject;
    };
    let Some(date) = body.get(4..10).and_then(|date| Digits::exactly(date, 6)) else {
        return Check::Reject;
    };
    let sum: u32 = body
        .iter()
        .zip((2..=18).rev())
        .map(|(byte, weight)| {
            let value = match byte.to_ascii_uppercase() {
                digit @ b'0'..=b'9' => digit - b'0',
                letter @ b'A'..=b'N' => letter - b'A' + 10,
                letter => letter.wrapping_sub(b'A').wrapping_add(11),
            };
            u32::from(value) * weight
        })
        .sum();
    let right = two_digit_year(date.slice(), 0)
        && (10 - sum % 10) % 10 == u32::from(check.wrapping_sub(b'0'));
    if body.len() != 17 || !two_digit_year(date.slice(), 0) {
        return Check::Reject;
    }
    if right {
        Check::Accept
    } else {
        Check::Score(0.5)
    }
}

/// Argentine tax number: weights 5 4 3 2 7 6 5 4 3 2, modulus 11.
pub(super) fn ar_cuit(candidate: &Candidate<'_>) -> Check {
    let Some(digits) = Digits::exactly(candidate.text, 11) else {
        return Check::Reject;
    };
    let digits = digits.slice();
    let check = (11 - weighted(digits, &[5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11) % 11;
    let right =
        matches!(pair(digits, 0), 20 | 23..=27 | 30 | 33 | 34) && check == digit(digits, 10);
    graded(candidate, right)
}

/// Chilean number: weights 2 to 7 from the right, modulus 11, `K` for 10.
pub(super) fn cl_rut(candidate: &Candidate<'_>) -> Check {
    let [body @ .., check] = candidate.text else {
        return Check::Reject;
    };
    let Some(digits) = Digits::of(body) else {
        return Check::Reject;
    };
    let weights = [2, 3, 4, 5, 6, 7].into_iter().cycle();
    let sum: u32 = digits
        .slice()
        .iter()
        .rev()
        .zip(weights)
        .map(|(&digit, weight)| u32::from(digit) * weight)
        .sum();
    let expected = match 11 - sum % 11 {
        11 => b'0',
        10 => b'K',
        value => b'0' + value as u8,
    };
    let right = matches!(digits.slice().len(), 7 | 8)
        && !uniform(digits.slice())
        && expected == check.to_ascii_uppercase();
    if !right {
        return Check::Reject;
    }
    if candidate.text.contains(&b'.') {
        Check::Accept
    } else {
        Check::Score(BARE)
    }
}
