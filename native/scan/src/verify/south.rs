//! Identifiers of Australia and Africa, each by the rule that its issuer publishes.

use super::date::two_digit_year;
use super::digits::{Digits, luhn, one_separator, separated, uniform, weighted};
use super::{Candidate, Check, accept_if};

/// A bare run with a weak check digit: a finding with a context word.
const BARE: f32 = 0.2;

/// Digit at the place, 99 beyond.
fn digit(digits: &[u8], at: usize) -> u32 {
    digits.get(at).map_or(99, |digit| u32::from(*digit))
}

/// Accepts the written form, scores a bare run lower.
fn graded(candidate: &Candidate<'_>, right: bool) -> Check {
    match (
        right && one_separator(candidate.text),
        separated(candidate.text),
    ) {
        (false, _) => Check::Reject,
        (true, true) => Check::Accept,
        (true, false) => Check::Score(BARE),
    }
}

/// Australian tax file number: weights 1 4 3 7 5 8 6 9 10, modulus 11.
pub(super) fn au_tfn(candidate: &Candidate<'_>) -> Check {
    let Some(digits) = Digits::exactly(candidate.text, 9) else {
        return Check::Reject;
    };
    let digits = digits.slice();
    let right = weighted(digits, &[1, 4, 3, 7, 5, 8, 6, 9, 10]).is_multiple_of(11);
    graded(candidate, right && !uniform(digits))
}

/// Australian Medicare number: weights 1 3 7 9, the ninth digit checks, the tenth counts issues.
pub(super) fn au_medicare(candidate: &Candidate<'_>) -> Check {
    let Some(digits) = Digits::of(candidate.text) else {
        return Check::Reject;
    };
    let digits = digits.slice();
    let right = matches!(digits.len(), 10 | 11)
        && matches!(digit(digits, 0), 2..=6)
        && digit(digits, 9) != 0
        && weighted(digits, &[1, 3, 7, 9, 1, 3, 7, 9]) % 10 == digit(digits, 8);
    graded(candidate, right)
}

/// Australian business number: first digit less one, weights 10 1 3 ... 19, modulus 89.
pub(super) fn au_abn(candidate: &Candidate<'_>) -> Check {
    let Some(digits) = Digits::exactly(candidate.text, 11) else {
        return Check::Reject;
    };
    let digits = digits.slice();
    let sum = weighted(digits, &[10, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19]);
    graded(
        candidate,
        digit(digits, 0) != 0 && sum % 89 == 10 && !uniform(digits),
    )
}

/// South African identity number: date, citizenship 0 to 2, Luhn.
pub(super) fn za_id(candidate: &Candidate<'_>) -> Check {
    let Some(digits) = Digits::exactly(candidate.text, 13) else {
        return Check::Reject;
    };
    let digits = digits.slice();
    let right =
        two_digit_year(digits, 0) && digit(digits, 10) <= 2 && luhn(digits) && !uniform(digits);
    accept_if(right)
}

/// Nigerian identity number: eleven digits, no published check: a context word decides.
pub(super) fn ng_nin(candidate: &Candidate<'_>) -> Check {
    accept_if(Digits::exactly(candidate.text, 11).is_some_and(|digits| !uniform(digits.slice())))
}
