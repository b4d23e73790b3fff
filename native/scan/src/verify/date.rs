//! Calendar dates inside identifiers and dates of birth.

use super::digits::{Digits, pair};
use super::{Candidate, Check, accept_if};

/// Whether the day exists. Year 0 stands for "century unknown" and counts as a leap year.
pub(super) fn exists(year: u32, month: u32, day: u32) -> bool {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let days = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => 0,
    };
    (1..=days).contains(&day)
}

/// Whether `YYMMDD` at `at` is a day of some century.
pub(super) fn two_digit_year(digits: &[u8], at: usize) -> bool {
    let year = pair(digits, at);
    exists(
        if year == 0 { 2000 } else { 1900 + year },
        pair(digits, at + 2),
        pair(digits, at + 4),
    )
}

/// Whether `YYYYMMDD` at `at` is a day on which someone who is alive, or lately was, may be born.
pub(super) fn four_digit_year(digits: &[u8], at: usize) -> bool {
    let year = pair(digits, at) * 100 + pair(digits, at + 2);
    plausible_birth(year) && exists(year, pair(digits, at + 4), pair(digits, at + 6))
}

/// Oldest verified person: born 1875 (Gerontology Research Group). The upper end leaves the rules a long life.
fn plausible_birth(year: u32) -> bool {
    (1875..=2059).contains(&year)
}

/// A date that may be one of birth: numeric in any order of day and month, or with the month's name.
pub(super) fn date_of_birth(candidate: &Candidate<'_>) -> Check {
    let Some(digits) = Digits::of(candidate.text) else {
        return Check::Reject;
    };
    let digits = digits.slice();
    let named = candidate
        .text
        .iter()
        .any(|byte| byte.is_ascii_alphabetic() || *byte > 0x7F);
    let first = candidate
        .text
        .iter()
        .take_while(|byte| byte.is_ascii_digit())
        .count();
    accept_if(if named {
        named_month(digits, first)
    } else {
        numeric(candidate.text, first)
    })
}

/// `4 July 1990`, `July 4, 1990`, `1990 July 4`: day and year are enough, the pattern names the month.
fn named_month(digits: &[u8], first: usize) -> bool {
    let (day, year) = match digits {
        [d, y @ ..] if y.len() == 4 && first < 4 => (u32::from(*d), y),
        [d, e, y @ ..] if y.len() == 4 && first < 4 => (u32::from(*d) * 10 + u32::from(*e), y),
        [y @ .., d] if y.len() == 4 => (u32::from(*d), y),
        [y @ .., d, e] if y.len() == 4 => (u32::from(*d) * 10 + u32::from(*e), y),
        _ => return false,
    };
    (1..=31).contains(&day) && plausible_birth(pair(year, 0) * 100 + pair(year, 2))
}

fn numeric(text: &[u8], first: usize) -> bool {
    let mut parts = [0_u32; 3];
    let mut lens = [0_usize; 3];
    let mut at = 0;
    for byte in text {
        if byte.is_ascii_digit() {
            let (Some(part), Some(len)) = (parts.get_mut(at), lens.get_mut(at)) else {
                return false;
            };
            *part = *part * 10 + u32::from(byte - b'0');
            *len += 1;
        } else if lens.get(at).is_some_and(|len| *len > 0) {
            at += 1;
        }
    }
    let [a, b, c] = parts;
    let century = |year: u32, len: usize| match len {
        4 => Some(year).filter(|year| plausible_birth(*year)),
        2 => Some(1900 + year + if year <= 59 { 100 } else { 0 }),
        _ => None,
    };
    if first == 4 {
        return century(a, 4).is_some_and(|year| exists(year, b, c));
    }
    century(c, lens[2]).is_some_and(|year| exists(year, b, a) || exists(year, a, b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_that_do_not_exist_are_rejected() {
        assert!(exists(2000, 2, 29) && exists(2024, 2, 29) && exists(1999, 12, 31));
        assert!(!exists(1900, 2, 29) && !exists(2023, 2, 29) && !exists(2023, 4, 31));
        assert!(!exists(2023, 0, 1) && !exists(2023, 13, 1) && !exists(2023, 1, 0));
    }

    #[test]
    fn dates_of_birth_are_days_of_a_plausible_year() {
        let check = |text: &str| {
            date_of_birth(&Candidate {
                text: text.as_bytes(),
                before: b"",
                next: None,
                context: true,
            })
        };
        for good in [
            "04/07/1990",
            "1990-07-04",
            "31.12.85",
            "7/31/1985",
            "4 July 1990",
            "July 4, 1990",
            "12 марта 1985",
            "03-Mar-2001",
        ] {
            assert_eq!(check(good), Check::Accept, "{good}");
        }
        for bad in [
            "31/02/1990",
            "1990-13-04",
            "13/13/1990",
            "32 July 1990",
            "July 4, 1790",
            "1.2.3",
        ] {
            assert_eq!(check(bad), Check::Reject, "{bad}");
        }
    }
}
