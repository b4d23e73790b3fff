//! Identifiers of Europe and its neighbours, each by the rule that its issuer publishes.
//!
//! `Accept` is for what a rule's score was written for: the form on paper, or a check digit strong enough. `BARE` is a run of
//! digits with a weak check digit, which needs a context word.

use super::date::{exists, four_digit_year, two_digit_year};
use super::digits::{
    Digits, luhn, mod_11_10, modulo, number, one_separator, pair, separated, uniform, weighted,
};
use super::{Candidate, Check, accept_if};

/// One in ten random numbers passes: a finding with a context word.
const BARE: f32 = 0.25;
/// One in fifty to two hundred passes.
const FAIR: f32 = 0.45;

/// Accepts the written form, gives a bare run the score.
fn graded(candidate: &Candidate<'_>, right: bool, bare: f32) -> Check {
    match (right, separated(candidate.text)) {
        (false, _) => Check::Reject,
        (true, true) => Check::Accept,
        (true, false) => Check::Score(bare),
    }
}

/// Tests the digits if there are `count` of them and they are not all the same.
fn tested(candidate: &Candidate<'_>, count: usize, test: impl Fn(&[u8]) -> bool) -> bool {
    Digits::exactly(candidate.text, count)
        .is_some_and(|digits| !uniform(digits.slice()) && test(digits.slice()))
}

/// The digit at the place.
fn digit(digits: &[u8], at: usize) -> u32 {
    digits.get(at).map_or(99, |digit| u32::from(*digit))
}

/// NHS number of England, Wales and the Isle of Man: weights 10 to 2, modulus 11.
pub(super) fn uk_nhs(candidate: &Candidate<'_>) -> Check {
    let right = tested(candidate, 10, |digits| {
        let check = 11 - weighted(digits, &[10, 9, 8, 7, 6, 5, 4, 3, 2]) % 11;
        check != 10 && check % 11 == digit(digits, 9)
    });
    graded(candidate, right && one_separator(candidate.text), BARE)
}

/// National insurance number: HM Revenue and Customs, NIM39110, excludes these prefixes.
pub(super) fn uk_nino(candidate: &Candidate<'_>) -> Check {
    const UNUSED: &[&[u8; 2]] = &[b"BG", b"GB", b"KN", b"NK", b"NT", b"TN", b"ZZ"];
    let [a, b, ..] = *candidate.text else {
        return Check::Reject;
    };
    let prefix = [a.to_ascii_uppercase(), b.to_ascii_uppercase()];
    let one_case = !(candidate.text.iter().any(u8::is_ascii_lowercase)
        && candidate.text.iter().any(u8::is_ascii_uppercase));
    let right = one_case
        && !b"DFIQUV".contains(&prefix[0])
        && !b"DFIQUVO".contains(&prefix[1])
        && !UNUSED.iter().any(|unused| **unused == prefix);
    accept_if(right)
}

/// German tax id (Section 139b AO): MOD 11,10, first digit not 0; of the first ten digits exactly one occurs more than once, twice or
/// (since 2016) three times, and then not three times in a row.
pub(super) fn de_tax_id(candidate: &Candidate<'_>) -> Check {
    let right = tested(candidate, 11, |digits| {
        digit(digits, 0) != 0 && one_repeated(&digits[..10]) && mod_11_10(digits)
    });
    graded(candidate, right, BARE)
}

/// Whether exactly one digit occurs more than once: two or three times, not three times in a row.
fn one_repeated(digits: &[u8]) -> bool {
    let mut counts = [0_u8; 10];
    for &digit in digits {
        counts[usize::from(digit)] += 1;
    }
    let mut repeated = counts.into_iter().filter(|count| *count > 1);
    let in_a_row = digits.windows(3).any(|w| w[0] == w[1] && w[1] == w[2]);
    matches!((repeated.next(), repeated.next()), (Some(2 | 3), None)) && !in_a_row
}

/// German pension insurance number: area, date of birth, initial, serial, check digit (weights 2 1 2 5 7 1 2 1 2 1 2 1).
pub(super) fn de_pension(candidate: &Candidate<'_>) -> Check {
    let mut digits = [0_u8; 13];
    let mut len = 0;
    for byte in candidate
        .text
        .iter()
        .filter(|byte| byte.is_ascii_alphanumeric())
    {
        let place = (byte.to_ascii_uppercase())
            .wrapping_sub(b'A')
            .wrapping_add(1);
        let values = if byte.is_ascii_digit() {
            [None, Some(byte - b'0')]
        } else {
            [Some(place / 10), Some(place % 10)]
        };
        for value in values.into_iter().flatten() {
            let Some(slot) = digits.get_mut(len) else {
                return Check::Reject;
            };
            *slot = value;
            len += 1;
        }
    }
    let sum: u32 = digits
        .iter()
        .zip([2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1])
        .map(|(&digit, weight)| {
            let product = u32::from(digit) * weight;
            product / 10 + product % 10
        })
        .sum();
    let (day, month) = (pair(&digits, 2), pair(&digits, 4));
    accept_if(len == 13 && sum % 10 == digit(&digits, 12) && exists(0, month, day))
}

/// French social security number (NIR): sex, year, month, place, serial, and a key of 97; Corsica is 2A and 2B.
pub(super) fn fr_nir(candidate: &Candidate<'_>) -> Check {
    let corsica = candidate
        .text
        .iter()
        .find_map(|byte| match byte.to_ascii_uppercase() {
            b'A' => Some(1_000_000),
            b'B' => Some(2_000_000),
            _ => None,
        });
    let count = if corsica.is_some() { 14 } else { 15 };
    let Some(digits) = Digits::exactly(candidate.text, count) else {
        return Check::Reject;
    };
    let digits = digits.slice();
    let (body, key) = digits.split_at(count - 2);
    // INSEE: for 2A and 2B, a zero takes the letter's place and one or two millions are taken off.
    let value = match (corsica, body) {
        (Some(off), [head @ .., _, _, _, _, _, _]) if head.len() == 6 => {
            (number(head) * 10 * 1_000_000 + number(&body[6..])).wrapping_sub(off)
        }
        _ => number(body),
    };
    let month = pair(digits, 3);
    let right = u64::from(pair(key, 0)) == 97 - value % 97
        && matches!(digit(digits, 0), 1..=4 | 7 | 8)
        && (matches!(month, 1..=12 | 20 | 30..=42) || month >= 50);
    graded(candidate, right, FAIR)
}

/// Italian tax code (DM 345 of 23 December 1976); letters may stand for digits where two persons would share a code.
pub(super) fn it_fiscal_code(candidate: &Candidate<'_>) -> Check {
    const ODD: [u32; 26] = [
        1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24,
        23,
    ];
    let place = |byte: u8| match byte {
        b'0'..=b'9' => usize::from(byte - b'0'),
        _ => usize::from(byte.to_ascii_uppercase().wrapping_sub(b'A')),
    };
    let [body @ .., check] = candidate.text else {
        return Check::Reject;
    };
    let sum = body.iter().enumerate().fold(0, |sum, (at, byte)| {
        let value = place(*byte);
        sum + if at % 2 == 0 {
            ODD.get(value).copied().unwrap_or(0)
        } else {
            value as u32
        }
    });
    if body.len() != 15 {
        return Check::Reject;
    }
    if sum % 26 == place(*check) as u32 {
        Check::Accept
    } else {
        Check::Score(0.3)
    }
}

/// Spanish identity (DNI) and foreigner (NIE) numbers: the letter is the number's remainder by 23.
pub(super) fn es_nif(candidate: &Candidate<'_>) -> Check {
    const LETTERS: &[u8; 23] = b"TRWAGMYFPDXBNJZSQVHLCKE";
    let Some(letter) = candidate.text.last() else {
        return Check::Reject;
    };
    let first = match candidate.text.first() {
        Some(b'Y' | b'y') => 10_000_000,
        Some(b'Z' | b'z') => 20_000_000,
        _ => 0,
    };
    let Some(digits) = Digits::of(candidate.text) else {
        return Check::Reject;
    };
    let value = first + number(digits.slice());
    accept_if(
        value != 0 && LETTERS.get((value % 23) as usize) == Some(&letter.to_ascii_uppercase()),
    )
}

/// Polish PESEL: century in the month, weights 1 3 7 9.
pub(super) fn pl_pesel(candidate: &Candidate<'_>) -> Check {
    let right = tested(candidate, 11, |digits| {
        let sum = weighted(digits, &[1, 3, 7, 9, 1, 3, 7, 9, 1, 3]);
        let month = pair(digits, 2) % 20;
        (10 - sum % 10) % 10 == digit(digits, 10) && exists(0, month, pair(digits, 4))
    });
    accept_if(right)
}

/// Dutch citizen service number: the "eleven test" with the last weight -1.
pub(super) fn nl_bsn(candidate: &Candidate<'_>) -> Check {
    accept_if(tested(candidate, 9, |digits| {
        weighted(digits, &[9, 8, 7, 6, 5, 4, 3, 2]) % 11 == digit(digits, 8)
    }))
}

/// Belgian national register number: key of 97, with a 2 before the number for births from 2000.
pub(super) fn be_nrn(candidate: &Candidate<'_>) -> Check {
    let right = tested(candidate, 11, |digits| {
        let value = number(&digits[..9]);
        let key = u64::from(pair(digits, 9));
        let date = pair(digits, 2) <= 12 && pair(digits, 4) <= 31;
        date && (97 - value % 97 == key || 97 - (2_000_000_000 + value) % 97 == key)
    });
    graded(candidate, right, FAIR)
}

/// Swedish personal number: Luhn over the last ten digits; day + 60 is a coordination number.
pub(super) fn se_personnummer(candidate: &Candidate<'_>) -> Check {
    let Some(digits) = Digits::of(candidate.text) else {
        return Check::Reject;
    };
    let (century, digits) = match digits.slice() {
        [a, b, rest @ ..] if rest.len() == 10 => (u32::from(*a) * 10 + u32::from(*b), rest),
        digits if digits.len() == 10 => (19, digits),
        _ => return Check::Reject,
    };
    let day = pair(digits, 4) % 60;
    let right = matches!(century, 18..=20) && exists(0, pair(digits, 2), day) && luhn(digits);
    graded(candidate, right && !uniform(digits), BARE)
}

/// Finnish personal identity code: date, sign of the century, serial, and one of 31 check characters.
pub(super) fn fi_hetu(candidate: &Candidate<'_>) -> Check {
    const CHECKS: &[u8; 31] = b"0123456789ABCDEFHJKLMNPRSTUVWXY";
    let [body @ .., check] = candidate.text else {
        return Check::Reject;
    };
    let Some(digits) = Digits::exactly(body, 9) else {
        return Check::Reject;
    };
    let digits = digits.slice();
    let right = exists(0, pair(digits, 2), pair(digits, 0))
        && number(&digits[6..]) >= 2
        && CHECKS.get((number(digits) % 31) as usize) == Some(&check.to_ascii_uppercase());
    accept_if(right)
}

/// Norwegian birth number: two check digits of modulus 11; day + 40 is a D number.
pub(super) fn no_fnr(candidate: &Candidate<'_>) -> Check {
    let right = tested(candidate, 11, |digits| {
        let first = weighted(digits, &[3, 7, 6, 1, 8, 9, 4, 5, 2, 1]);
        let second = weighted(digits, &[5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1]);
        first.is_multiple_of(11)
            && second.is_multiple_of(11)
            && exists(0, pair(digits, 2), pair(digits, 0) % 40)
    });
    graded(candidate, right, FAIR)
}

/// Danish CPR number: a date and four digits. Its modulus 11 has not held since 2007, so that a context word decides.
pub(super) fn dk_cpr(candidate: &Candidate<'_>) -> Check {
    accept_if(tested(candidate, 10, |digits| {
        exists(0, pair(digits, 2), pair(digits, 0))
    }))
}

/// Swiss and Liechtenstein AHV number: country 756 and the check digit of EAN-13.
pub(super) fn ch_ahv(candidate: &Candidate<'_>) -> Check {
    let right = tested(candidate, 13, |digits| {
        digits.starts_with(&[7, 5, 6])
            && weighted(digits, &[1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1]).is_multiple_of(10)
    });
    graded(candidate, right, 0.5)
}

/// Czech and Slovak birth number (ten digits, from 1954): the first nine leave the last by 11; months are raised by 50 for women, and by
/// 20 since 2004. Where the remainder is 10, numbers given out until 1985 end in 0.
pub(super) fn cz_birth_number(candidate: &Candidate<'_>) -> Check {
    let right = tested(candidate, 10, |digits| {
        let year = pair(digits, 0);
        let raised = pair(digits, 2) % 50;
        let month = if raised > 20 && (4..54).contains(&year) {
            raised - 20
        } else {
            raised
        };
        let rest = modulo(&digits[..9], 11);
        let early = rest == 10 && (54..=85).contains(&year) && digit(digits, 9) == 0;
        exists(0, month, pair(digits, 4)) && (digit(digits, 9) == rest || early)
    });
    graded(candidate, right, BARE)
}

/// Romanian personal code: weights 279146358279, modulus 11, 10 counts as 1.
pub(super) fn ro_cnp(candidate: &Candidate<'_>) -> Check {
    accept_if(tested(candidate, 13, |digits| {
        let rest = weighted(digits, &[2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9]) % 11;
        let check = if rest == 10 { 1 } else { rest };
        digit(digits, 0) != 0 && two_digit_year(digits, 1) && check == digit(digits, 12)
    }))
}

/// Portuguese tax number: weights 9 to 2, modulus 11.
pub(super) fn pt_nif(candidate: &Candidate<'_>) -> Check {
    accept_if(tested(candidate, 9, |digits| {
        let rest = weighted(digits, &[9, 8, 7, 6, 5, 4, 3, 2]) % 11;
        let check = if rest < 2 { 0 } else { 11 - rest };
        matches!(digit(digits, 0), 1..=3 | 5..=9) && check == digit(digits, 8)
    }))
}

/// Turkish identity number: two check digits, the first digit not 0.
pub(super) fn tr_tckn(candidate: &Candidate<'_>) -> Check {
    accept_if(tested(candidate, 11, |digits| {
        let odd: u32 = (0..9).step_by(2).map(|at| digit(digits, at)).sum();
        let even: u32 = (1..9).step_by(2).map(|at| digit(digits, at)).sum();
        let total = odd + even + digit(digits, 9);
        digit(digits, 0) != 0
            && (odd * 7 + 100 - even) % 10 == digit(digits, 9)
            && total % 10 == digit(digits, 10)
    }))
}

/// Ukrainian taxpayer number: weights -1 5 7 9 4 6 10 5 7, modulus 11.
pub(super) fn ua_rnokpp(candidate: &Candidate<'_>) -> Check {
    accept_if(tested(candidate, 10, |digits| {
        // 10 is -1 modulo 11.
        weighted(digits, &[10, 5, 7, 9, 4, 6, 10, 5, 7]) % 11 % 10 == digit(digits, 9)
    }))
}

/// Kazakh individual number: date, then weights 1 to 11, and 3 to 11, 1, 2 where those give 10.
pub(super) fn kz_iin(candidate: &Candidate<'_>) -> Check {
    accept_if(tested(candidate, 12, |digits| {
        let first = weighted(digits, &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]) % 11;
        let second = weighted(digits, &[3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2]) % 11;
        let check = if first == 10 { second } else { first };
        two_digit_year(digits, 0) && check == digit(digits, 11)
    }))
}

/// Bulgarian personal number: weights 2 4 8 5 10 9 7 3 6, modulus 11; months are raised by 20 or 40 with the century.
pub(super) fn bg_egn(candidate: &Candidate<'_>) -> Check {
    accept_if(tested(candidate, 10, |digits| {
        weighted(digits, &[2, 4, 8, 5, 10, 9, 7, 3, 6]) % 11 % 10 == digit(digits, 9)
            && exists(0, pair(digits, 2) % 20, pair(digits, 4))
    }))
}

/// Israeli identity number: Luhn over nine digits.
pub(super) fn il_id(candidate: &Candidate<'_>) -> Check {
    accept_if(tested(candidate, 9, luhn))
}

/// Croatian personal number (OIB): MOD 11,10.
pub(super) fn hr_oib(candidate: &Candidate<'_>) -> Check {
    accept_if(tested(candidate, 11, mod_11_10))
}

/// Egyptian national number: century, date and governorate; its check digit's rule is not published.
pub(super) fn eg_national_id(candidate: &Candidate<'_>) -> Check {
    accept_if(tested(candidate, 14, |digits| {
        let century = match digit(digits, 0) {
            2 => 19,
            3 => 20,
            _ => return false,
        };
        let mut date = [0; 8];
        date[0] = century / 10;
        date[1] = century % 10;
        date[2..].copy_from_slice(&digits[1..7]);
        four_digit_year(&date, 0) && matches!(pair(digits, 7), 1..=35 | 88)
    }))
}
