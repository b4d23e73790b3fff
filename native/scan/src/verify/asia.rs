//! Identifiers of Asia, each by the rule that its issuer publishes.

use super::date::{exists, four_digit_year, two_digit_year};
use super::digits::{Digits, modulo, one_separator, pair, separated, uniform, verhoeff, weighted};
use super::{Candidate, Check, accept_if};

/// A bare run whose check digit one number in ten has: a finding with a context word.
const BARE: f32 = 0.25;
/// The shape is telling, the check character is wrong or unknown.
const SHAPE: f32 = 0.5;

/// Digit at the place, 99 beyond.
fn digit(digits: &[u8], at: usize) -> u32 {
    digits.get(at).map_or(99, |digit| u32::from(*digit))
}

/// Value of a letter or digit in base 36.
fn base36(byte: u8) -> u32 {
    (byte as char).to_digit(36).unwrap_or(0)
}

/// Indian Aadhaar number: Verhoeff's check, first digit 2 to 9, no palindrome (UIDAI).
pub(super) fn in_aadhaar(candidate: &Candidate<'_>) -> Check {
    let Some(digits) = Digits::exactly(candidate.text, 12) else {
        return Check::Reject;
    };
    let digits = digits.slice();
    let palindrome = digits.iter().eq(digits.iter().rev());
    let right =
        digit(digits, 0) >= 2 && !palindrome && one_separator(candidate.text) && verhoeff(digits);
    match (right, separated(candidate.text)) {
        (false, _) => Check::Reject,
        (true, true) => Check::Accept,
        (true, false) => Check::Score(BARE),
    }
}

/// Indian permanent account number: the fourth letter is the holder's kind, the fifth begins a name. The Income Tax Department lists
/// ten kinds; others were given out once (`K`, trusts) and need a context word.
pub(super) fn in_pan(candidate: &Candidate<'_>) -> Check {
    match candidate.text.get(3) {
        Some(b'A' | b'B' | b'C' | b'F' | b'G' | b'H' | b'J' | b'L' | b'P' | b'T') => Check::Accept,
        Some(b'E' | b'K') if candidate.context => Check::Score(0.25),
        _ => Check::Reject,
    }
}

/// Indian GST number: state, PAN, entity, `Z`, check character of base 36 with weights 1 and 2.
pub(super) fn in_gstin(candidate: &Candidate<'_>) -> Check {
    let [body @ .., check] = candidate.text else {
        return Check::Reject;
    };
    let sum: u32 = body
        .iter()
        .enumerate()
        .map(|(at, byte)| {
            let product = base36(*byte) * (1 + at as u32 % 2);
            product / 36 + product % 36
        })
        .sum();
    let state = base36(*body.first().unwrap_or(&b'0')) * 10 + base36(*body.get(1).unwrap_or(&b'0'));
    match (
        matches!(state, 1..=38 | 97 | 99),
        (36 - sum % 36) % 36 == base36(*check),
    ) {
        (false, _) => Check::Reject,
        (true, true) => Check::Accept,
        (true, false) => Check::Score(SHAPE),
    }
}

/// Chinese resident number (GB 11643): province, date, ISO 7064 MOD 11-2.
pub(super) fn cn_resident_id(candidate: &Candidate<'_>) -> Check {
    let [body @ .., check] = candidate.text else {
        return Check::Reject;
    };
    let Some(digits) = Digits::exactly(body, 17) else {
        return Check::Reject;
    };
    let digits = digits.slice();
    let sum = weighted(
        digits,
        &[7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2],
    );
    let expected = b"10X98765432".get((sum % 11) as usize);
    let province = matches!(
        pair(digits, 0),
        11..=15 | 21..=23 | 31..=37 | 41..=46 | 50..=54 | 61..=65 | 71 | 81..=83 | 91
    );
    accept_if(
        province && four_digit_year(digits, 6) && expected == Some(&check.to_ascii_uppercase()),
    )
}

/// Places of the letters in identifiers of Taiwan, from 10.
const TAIWAN: &[u8; 26] = b"ABCDEFGHJKLMNPQRSTUVXYWZIO";

/// Taiwanese identity number: letter of the county, sex (or 8, 9 for foreigners), weights 1 9 8 ... 1 1.
pub(super) fn tw_national_id(candidate: &Candidate<'_>) -> Check {
    let [letter, rest @ ..] = candidate.text else {
        return Check::Reject;
    };
    let Some(digits) = Digits::exactly(rest, 9) else {
        return Check::Reject;
    };
    let digits = digits.slice();
    let Some(county) = TAIWAN
        .iter()
        .position(|known| *known == letter.to_ascii_uppercase())
    else {
        return Check::Reject;
    };
    let county = county as u32 + 10;
    let sum = county / 10 + county % 10 * 9 + weighted(digits, &[8, 7, 6, 5, 4, 3, 2, 1, 1]);
    accept_if(matches!(digit(digits, 0), 1 | 2 | 8 | 9) && sum.is_multiple_of(10))
}

/// Hong Kong identity card: one or two letters (a blank counts 36), weights 9 to 1, modulus 11, `A` for 10.
pub(super) fn hk_hkid(candidate: &Candidate<'_>) -> Check {
    let mut values = [36_u32; 9];
    let letters = candidate
        .text
        .iter()
        .take_while(|byte| byte.is_ascii_alphabetic())
        .count();
    let symbols = candidate
        .text
        .iter()
        .filter(|byte| byte.is_ascii_alphanumeric());
    let start = 2_usize.saturating_sub(letters);
    let mut len = start;
    for byte in symbols {
        let Some(slot) = values.get_mut(len) else {
            return Check::Reject;
        };
        *slot = base36(*byte);
        len += 1;
    }
    let sum: u32 = values
        .iter()
        .zip([9, 8, 7, 6, 5, 4, 3, 2, 1])
        .map(|(value, weight)| value * weight)
        .sum();
    let right = len == 9 && sum.is_multiple_of(11);
    match (right, candidate.text.contains(&b'(')) {
        (false, _) => Check::Reject,
        (true, true) => Check::Accept,
        (true, false) => Check::Score(BARE),
    }
}

/// Japanese "My Number": weights 6 5 4 3 2 7 6 5 4 3 2, modulus 11, remainders 0 and 1 give 0.
pub(super) fn jp_my_number(candidate: &Candidate<'_>) -> Check {
    let Some(digits) = Digits::exactly(candidate.text, 12) else {
        return Check::Reject;
    };
    let digits = digits.slice();
    let rest = weighted(digits, &[6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11;
    let check = if rest <= 1 { 0 } else { 11 - rest };
    accept_if(!uniform(digits) && one_separator(candidate.text) && check == digit(digits, 11))
}

/// Korean resident (digit 1 to 4, 9, 0) or foreigner (5 to 8) number: date, then a check digit that new numbers no longer have.
pub(super) fn kr_rrn(candidate: &Candidate<'_>) -> Check {
    let Some(digits) = Digits::exactly(candidate.text, 13) else {
        return Check::Reject;
    };
    let digits = digits.slice();
    let kind = digit(digits, 6);
    if !matches!(kind, 1..=8) || !two_digit_year(digits, 0) {
        return Check::Reject;
    }
    let base = if kind >= 5 { 13 } else { 11 };
    let sum = weighted(digits, &[2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5]) % 11;
    let checked = (base - sum) % 10 == digit(digits, 12);
    match (separated(candidate.text), checked) {
        (true, true) => Check::Accept,
        (true, false) => Check::Score(SHAPE),
        (false, true) => Check::Score(0.35),
        (false, false) => Check::Score(0.15),
    }
}

/// Thai identity number: weights 13 to 2, modulus 11, first digit 1 to 8.
pub(super) fn th_tnin(candidate: &Candidate<'_>) -> Check {
    let Some(digits) = Digits::exactly(candidate.text, 13) else {
        return Check::Reject;
    };
    let digits = digits.slice();
    let sum = weighted(digits, &[13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2]);
    let right = matches!(digit(digits, 0), 1..=8)
        && pair(digits, 1) >= 10
        && !uniform(digits)
        && (11 - sum % 11) % 10 == digit(digits, 12);
    match (right, separated(candidate.text)) {
        (false, _) => Check::Reject,
        (true, true) => Check::Accept,
        (true, false) => Check::Score(BARE),
    }
}

/// Singaporean identity (S, T) and foreigner (F, G, M) numbers: weights 2 7 6 5 4 3 2 and a check letter.
pub(super) fn sg_nric(candidate: &Candidate<'_>) -> Check {
    let [kind, rest @ .., check] = candidate.text else {
        return Check::Reject;
    };
    let Some(digits) = Digits::exactly(rest, 7) else {
        return Check::Reject;
    };
    let sum = weighted(digits.slice(), &[2, 7, 6, 5, 4, 3, 2]);
    let (offset, letters): (u32, &[u8; 11]) = match kind.to_ascii_uppercase() {
        b'S' => (0, b"JZIHGFEDCBA"),
        b'T' => (4, b"JZIHGFEDCBA"),
        b'F' => (0, b"XWUTRQPNMLK"),
        b'G' => (4, b"XWUTRQPNMLK"),
        _ => (3, b"XWUTRQPNJLK"),
    };
    let expected = letters.get(((sum + offset) % 11) as usize);
    let right = expected == Some(&check.to_ascii_uppercase());
    if right {
        Check::Accept
    } else {
        Check::Score(0.3)
    }
}

/// Indonesian identity number: province, date (day + 40 for women), serial. It has no check digit: a context word decides.
pub(super) fn id_nik(candidate: &Candidate<'_>) -> Check {
    let Some(digits) = Digits::exactly(candidate.text, 16) else {
        return Check::Reject;
    };
    let digits = digits.slice();
    let day = pair(digits, 6) % 40;
    accept_if(
        matches!(pair(digits, 0), 11..=21 | 31..=36 | 51..=53 | 61..=65 | 71..=76 | 81 | 82 | 91..=97)
            && exists(0, pair(digits, 8), day)
            && digits[12..].iter().any(|digit| *digit != 0),
    )
}

/// Pakistani identity number: province 1 to 7; the hyphens are its only sign.
pub(super) fn pk_cnic(candidate: &Candidate<'_>) -> Check {
    let Some(digits) = Digits::exactly(candidate.text, 13) else {
        return Check::Reject;
    };
    let digits = digits.slice();
    accept_if(
        matches!(digit(digits, 0), 1..=7)
            && !uniform(digits)
            && modulo(&digits[5..12], 10_000_000) != 0,
    )
}
