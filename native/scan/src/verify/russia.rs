//! Russian identifiers.
//!
//! Rules of the Federal Tax Service (INN, OGRN), the Social Fund (SNILS) and the Bank of Russia (order No 515 of 8 September 1997).

use super::digits::{Digits, luhn, modulo, number, pair, separated, uniform, weighted};
use super::{Candidate, Check, accept_if};

/// A check digit that one number in ten has: a finding with a context word.
const WEAK: f32 = 0.2;
/// Check digits that one number in a hundred has, bare.
const FAIR: f32 = 0.4;
/// The same, in the grouping that the number has on paper.
const WRITTEN: f32 = 0.7;

/// Taxpayer number of a company (10 digits) or person (12).
pub(super) fn inn(candidate: &Candidate<'_>) -> Check {
    let Some(digits) = Digits::of(candidate.text) else {
        return Check::Reject;
    };
    let digits = digits.slice();
    if uniform(digits) || pair(digits, 0) == 0 {
        return Check::Reject;
    }
    let check = |weights: &[u32], at: usize| {
        digits
            .get(at)
            .is_some_and(|&digit| u32::from(digit) == weighted(digits, weights) % 11 % 10)
    };
    match digits.len() {
        10 if check(&[2, 4, 10, 3, 5, 9, 4, 6, 8], 9) => Check::Score(WEAK),
        12 if check(&[7, 2, 4, 10, 3, 5, 9, 4, 6, 8], 10)
            && check(&[3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8], 11) =>
        {
            Check::Score(FAIR)
        }
        _ => Check::Reject,
    }
}

/// Insurance number. Numbers up to 001-001-998 have no key and cannot be told from others.
pub(super) fn snils(candidate: &Candidate<'_>) -> Check {
    let Some(digits) = Digits::exactly(candidate.text, 11) else {
        return Check::Reject;
    };
    let digits = digits.slice();
    let key = weighted(digits, &[9, 8, 7, 6, 5, 4, 3, 2, 1]) % 101 % 100;
    if uniform(digits) || number(&digits[..9]) <= 1_001_998 || key != pair(digits, 9) {
        return Check::Reject;
    }
    Check::Score(if candidate.text.contains(&b'-') {
        WRITTEN
    } else {
        FAIR
    })
}

/// State register of companies.
pub(super) fn ogrn(candidate: &Candidate<'_>) -> Check {
    register(candidate, 13, &[1, 5], 11)
}

/// State register of sole traders.
pub(super) fn ogrnip(candidate: &Candidate<'_>) -> Check {
    register(candidate, 15, &[3], 13)
}

fn register(candidate: &Candidate<'_>, length: usize, first: &[u8], divisor: u32) -> Check {
    let Some(digits) = Digits::exactly(candidate.text, length) else {
        return Check::Reject;
    };
    let Some((check, body)) = digits.slice().split_last() else {
        return Check::Reject;
    };
    accept_if(
        body.first().is_some_and(|digit| first.contains(digit))
            && modulo(body, divisor) % 10 == u32::from(*check),
    )
}

/// Policy of compulsory medical insurance: 16 digits with Luhn's check.
pub(super) fn oms(candidate: &Candidate<'_>) -> Check {
    let digits = Digits::exactly(candidate.text, 16);
    accept_if(digits.is_some_and(|digits| !uniform(digits.slice()) && luhn(digits.slice())))
}

/// Codes of regions (OKATO) that series of passports begin with, one bit each.
const REGIONS: u128 = {
    const CODES: &[u32] = &[
        1, 3, 4, 5, 7, 8, 10, 11, 12, 14, 15, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29,
        30, 32, 33, 34, 35, 36, 37, 38, 40, 41, 42, 43, 44, 45, 46, 47, 49, 50, 52, 53, 54, 56, 57,
        58, 60, 61, 63, 64, 65, 66, 67, 68, 69, 70, 71, 73, 74, 75, 76, 77, 78, 79, 80, 81, 82, 83,
        84, 85, 86, 87, 88, 89, 90, 91, 92, 93, 94, 95, 96, 97, 98, 99,
    ];
    let mut bits = 0;
    let mut at = 0;
    while at < CODES.len() {
        bits |= 1 << CODES[at];
        at += 1;
    }
    bits
};

/// First series were printed in 1997. The upper end leaves the rule some years to live.
const LAST_PRINT: u32 = 30;

/// Passport: region and year of print in the series, a number that is not zero. There is no check digit.
pub(super) fn passport(candidate: &Candidate<'_>) -> Check {
    let Some(digits) = Digits::exactly(candidate.text, 10) else {
        return Check::Reject;
    };
    let digits = digits.slice();
    let (region, year) = (pair(digits, 0), pair(digits, 2));
    accept_if(
        (REGIONS >> region) & 1 == 1
            && (year >= 97 || year <= LAST_PRINT)
            && digits[4..].iter().any(|digit| *digit != 0),
    )
}

/// Bank identification code.
pub(super) fn bic(candidate: &Candidate<'_>) -> Check {
    let digits = Digits::exactly(candidate.text, 9);
    accept_if(
        digits.is_some_and(|digits| {
            digits.slice().starts_with(&[0, 4]) && !separated(candidate.text)
        }),
    )
}

/// Currencies that account numbers name in digits 6 to 8: roubles (old and new code) and those that Russian banks keep accounts in.
const CURRENCIES: &[u64] = &[
    810, 643, 840, 978, 156, 826, 756, 392, 398, 933, 944, 949, 784, 356, 51, 417, 860, 972, 344,
    36, 124, 203, 208, 348, 410, 498, 578, 702, 752, 764, 818, 946, 975, 980, 981, 985, 986, 934,
    704, 496, 932, 941, 971,
];

/// A bank's account. The candidate may go on to a BIC behind it (`... БИК 044525225`); else a BIC is looked for in the text before.
/// With a BIC the key decides; without one the account's structure, and the score is lower.
pub(super) fn bank_account(candidate: &Candidate<'_>) -> Check {
    let mut seen = 0;
    let len = candidate
        .text
        .iter()
        .position(|byte| {
            seen += usize::from(byte.is_ascii_digit());
            seen == 20
        })
        .map_or(0, |at| at + 1);
    let (text, behind) = candidate.text.split_at(len);
    let Some(account) = Digits::exactly(text, 20) else {
        return Check::Reject;
    };
    let account = account.slice();
    if !structured(account) {
        return Check::Reject;
    }
    let known = Digits::exactly(behind, 9).or_else(|| bic_before(candidate.before));
    match known.map(|bic| keyed(account, bic.slice())) {
        Some(true) => Check::Head { len, score: 0.95 },
        None if behind.is_empty() => Check::Accept,
        Some(false) | None => Check::Reject,
    }
}

/// Balance accounts of chapters 2 to 6 (clients and correspondents), a known currency.
fn structured(account: &[u8]) -> bool {
    matches!(account.first(), Some(2..=6)) && CURRENCIES.contains(&number(&account[5..8]))
}

/// Weights 7 1 3 over three digits of the BIC and the account; the sum of last digits is a multiple of ten.
fn keyed(account: &[u8], bic: &[u8]) -> bool {
    let [_, _, _, _, five, six, a, b, c] = *bic else {
        return false;
    };
    let central = account.starts_with(&[3, 0, 1, 0, 1]) || (a == 0 && b == 0 && c <= 2);
    let prefix = if central { [0, five, six] } else { [a, b, c] };
    let weights = [7_u32, 1, 3].into_iter().cycle();
    let sum: u32 = prefix
        .iter()
        .chain(account)
        .zip(weights)
        .map(|(&digit, weight)| u32::from(digit) * weight % 10)
        .sum();
    sum.is_multiple_of(10)
}

/// The last run of exactly nine digits that begins with 04.
fn bic_before(before: &[u8]) -> Option<Digits> {
    before
        .split(|byte| !byte.is_ascii_digit())
        .rfind(|run| run.len() == 9 && run.starts_with(b"04"))
        .and_then(Digits::of)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at<'a>(before: &'a str, text: &'a str) -> Candidate<'a> {
        Candidate {
            text: text.as_bytes(),
            before: before.as_bytes(),
            next: None,
            context: false,
        }
    }

    /// Numbers of companies from the public register; textbook numbers for persons.
    #[test]
    fn published_numbers_pass_and_changed_ones_fail() {
        for (verifier, good, bad) in [
            (inn as super::super::Verifier, "7707083893", "7707083894"),
            (inn, "7830002293", "7830002239"),
            (inn, "500100732259", "500100732258"),
            (snils, "112-233-445 95", "112-233-445 96"),
            (ogrn, "1027700132195", "1027700132196"),
            (ogrn, "1037739010891", "1037739010981"),
            (ogrnip, "304500116000157", "304500116000158"),
            (passport, "45 08 123456", "02 08 123456"),
            (passport, "4508 № 123456", "4550 123456"),
            (bic, "044525225", "054525225"),
        ] {
            assert_ne!(verifier(&at("", good)), Check::Reject, "{good}");
            assert_eq!(verifier(&at("", bad)), Check::Reject, "{bad}");
        }
        assert_eq!(inn(&at("", "0000000000")), Check::Reject);
        assert_eq!(passport(&at("", "4508 000000")), Check::Reject);
    }

    /// Correspondent accounts as the Bank of Russia publishes them, and an account from its order No 515.
    #[test]
    fn an_account_is_checked_against_the_bic_beside_it() {
        const PROVEN: Check = Check::Head {
            len: 20,
            score: 0.95,
        };
        let account = "30101810400000000225";
        let check = |before: &str, text: &str| bank_account(&at(before, text));
        assert_eq!(check("БИК 044525225, к/с ", account), PROVEN);
        assert_eq!(check("", &format!("{account}, БИК 044525225")), PROVEN);
        for (before, wrong) in [
            ("БИК 044525226, к/с ", "30101810500000000225"),
            ("", "30101810400000000226, БИК 044525225"),
            ("", "30101999400000000225"),
        ] {
            assert_eq!(check(before, wrong), Check::Reject, "{wrong}");
        }
        assert_eq!(check("", account), Check::Accept);
    }
}
