//! Payment cards: issuer ranges, lengths, grouping and Luhn's check digit.

use super::digits::{Digits, after_number, luhn, one_separator, pair, separated, uniform};
use super::{Candidate, Check, Refusal, Refused, accept_if};
use crate::boundary;

/// What [`after_number`] rejects.
pub(super) static REFUSALS: &[Refusal] = &[
    Refusal {
        after: boundary::AFTER_TIGHT,
        what: Refused::All,
    },
    Refusal {
        after: boundary::AFTER_GROUP,
        what: Refused::With(b' '),
    },
];

/// Shape and check digit are right and the digits are grouped as on a card.
const GROUPED: f32 = 0.95;
/// Luhn's check only, no issuer that the table knows: a finding with a context word.
const UNKNOWN_ISSUER: f32 = 0.3;

/// One range of issuer prefixes: first and last prefix (of equally many digits), allowed lengths of the number.
struct Range {
    first: u32,
    last: u32,
    places: u32,
    lengths: &'static [usize],
}

const fn range(first: u32, last: u32, places: u32, lengths: &'static [usize]) -> Range {
    Range {
        first,
        last,
        places,
        lengths,
    }
}

/// Commonly published issuer ranges, written down from general knowledge and not compared with a current BIN guide; the test numbers
/// below and the synthetic set of Presidio are what they were tried on. 0604 stands for numbers that generators of test data make.
static RANGES: &[Range] = &[
    range(4, 4, 1, &[13, 16, 18, 19]),                       // Visa
    range(51, 55, 2, &[16]),                                 // Mastercard
    range(2221, 2720, 4, &[16]),                             // Mastercard, series 2
    range(2200, 2204, 4, &[16, 17, 18, 19]),                 // MIR
    range(34, 34, 2, &[15]),                                 // American Express
    range(37, 37, 2, &[15]),                                 // American Express
    range(6011, 6011, 4, &[16, 17, 18, 19]),                 // Discover
    range(644, 649, 3, &[16, 17, 18, 19]),                   // Discover
    range(65, 65, 2, &[16, 17, 18, 19]),                     // Discover, RuPay, Troy, Elo
    range(300, 305, 3, &[14, 16, 17, 18, 19]),               // Diners Club
    range(309, 309, 3, &[14, 16, 17, 18, 19]),               // Diners Club
    range(36, 36, 2, &[14, 15, 16, 17, 18, 19]),             // Diners Club International
    range(38, 39, 2, &[14, 16, 17, 18, 19]),                 // Diners Club
    range(3528, 3589, 4, &[16, 17, 18, 19]),                 // JCB
    range(2131, 2131, 4, &[15]),                             // JCB, old
    range(1800, 1800, 4, &[15]),                             // JCB, old
    range(62, 62, 2, &[16, 17, 18, 19]),                     // UnionPay
    range(81, 82, 2, &[16, 17, 18, 19]),                     // UnionPay, RuPay
    range(50, 50, 2, &[12, 13, 14, 15, 16, 17, 18, 19]),     // Maestro, Dankort, Verve, Elo, RuPay
    range(56, 58, 2, &[12, 13, 14, 15, 16, 17, 18, 19]),     // Maestro
    range(6304, 6304, 4, &[12, 13, 14, 15, 16, 17, 18, 19]), // Maestro
    range(636, 639, 3, &[16, 17, 18, 19]), // InterPayment, InstaPayment, Elo, Maestro
    range(67, 67, 2, &[12, 13, 14, 15, 16, 17, 18, 19]), // Maestro
    range(604, 604, 4, &[12, 13, 14, 15, 16, 17, 18, 19]), // Maestro 0604
    range(606_282, 606_282, 6, &[16]),     // Hipercard
    range(60, 60, 2, &[16]),               // RuPay
    range(1, 1, 1, &[15]),                 // UATP
    range(9792, 9792, 4, &[16]),           // Troy
    range(8600, 8600, 4, &[16]),           // UzCard
    range(9860, 9860, 4, &[16]),           // Humo
];

fn issued(digits: &[u8]) -> bool {
    RANGES.iter().any(|range| {
        let prefix = digits
            .iter()
            .take(range.places as usize)
            .fold(0, |prefix, &digit| prefix * 10 + u32::from(digit));
        (range.first..=range.last).contains(&prefix) && range.lengths.contains(&digits.len())
    })
}

/// A payment card number. Grouped digits score more than a bare run; digits without an issuer's prefix and length are none
/// unless a context word stands before them, which excludes timestamps in milliseconds (13 digits, first one 1) too.
pub(super) fn payment_card(candidate: &Candidate<'_>) -> Check {
    let Some(digits) = Digits::of(candidate.text) else {
        return Check::Reject;
    };
    let digits = digits.slice();
    if uniform(digits)
        || !one_separator(candidate.text)
        || !luhn(digits)
        || after_number(candidate)
        || (!separated(candidate.text) && timestamp(digits))
    {
        return Check::Reject;
    }
    match (issued(digits), separated(candidate.text)) {
        (true, true) => Check::Score(GROUPED),
        (true, false) => Check::Accept,
        (false, _) if candidate.context && digits.len() >= 14 => Check::Score(UNKNOWN_ISSUER),
        (false, _) => Check::Reject,
    }
}

/// `20240131235959`: a bare date and time.
fn timestamp(digits: &[u8]) -> bool {
    digits.len() == 14
        && matches!(pair(digits, 0), 19 | 20)
        && super::date::four_digit_year(digits, 0)
}

/// For rules that only want Luhn's check.
pub(super) fn luhn_only(candidate: &Candidate<'_>) -> Check {
    accept_if(Digits::of(candidate.text).is_some_and(|digits| luhn(digits.slice())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str) -> Check {
        payment_card(&Candidate {
            text: text.as_bytes(),
            before: b"",
            next: None,
            context: false,
        })
    }

    /// Test numbers that the schemes and payment providers publish (Stripe, Adyen, `PayPal` and UATP test pages).
    #[test]
    fn published_test_numbers_of_every_scheme_are_cards() {
        for number in [
            "4111111111111111",
            "4012888888881881",
            "4222222222222",
            "5555555555554444",
            "5105105105105100",
            "2223003122003222",
            "2200000000000004",
            "378282246310005",
            "371449635398431",
            "6011111111111117",
            "6011000990139424",
            "3056930009020004",
            "30569309025904",
            "38520000023237",
            "3566002020360505",
            "3530111333300000",
            "6200000000000005",
            "6759649826438453",
            "5019717010103742",
            "122000000000003",
        ] {
            assert_eq!(check(number), Check::Accept, "{number}");
        }
        assert_eq!(check("4111 1111 1111 1111"), Check::Score(GROUPED));
        assert_eq!(check("3782-822463-10005"), Check::Score(GROUPED));
    }

    #[test]
    fn an_unknown_issuer_needs_a_context_word() {
        let check = |context| {
            payment_card(&Candidate {
                text: b"3598899323053410",
                before: b"",
                next: None,
                context,
            })
        };
        assert_eq!(check(true), Check::Score(UNKNOWN_ISSUER));
        assert_eq!(check(false), Check::Reject);
    }

    #[test]
    fn wrong_check_digits_unissued_prefixes_and_timestamps_are_none() {
        for number in [
            "4111111111111112",
            "1748503543012",
            "1700000000000",
            "0000000000000000",
            "9999999999999995",
            "4111 1111-1111 1111",
            "36168002586008",
            "2221000000000000",
            "2721000000000004",
        ] {
            assert_eq!(check(number), Check::Reject, "{number}");
        }
    }
}
