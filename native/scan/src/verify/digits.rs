//! Digits of a candidate and the checksums that identifiers share.

use super::Candidate;

/// Most digits that an identifier of ours has (a phone number with all its prefixes has 20, a card 19).
const CAPACITY: usize = 40;

/// The decimal digits of a text as values 0 to 9, everything else left out.
pub(super) struct Digits {
    values: [u8; CAPACITY],
    len: usize,
}

impl Digits {
    /// Collects; `None` with more than 40 digits.
    pub(super) fn of(text: &[u8]) -> Option<Self> {
        let mut digits = Self {
            values: [0; CAPACITY],
            len: 0,
        };
        for byte in text.iter().filter(|byte| byte.is_ascii_digit()) {
            *digits.values.get_mut(digits.len)? = byte - b'0';
            digits.len += 1;
        }
        Some(digits)
    }

    /// Collects; `None` unless there are exactly `count` digits.
    pub(super) fn exactly(text: &[u8], count: usize) -> Option<Self> {
        Self::of(text).filter(|digits| digits.len == count)
    }

    pub(super) fn slice(&self) -> &[u8] {
        self.values.get(..self.len).unwrap_or(&[])
    }
}

/// The digits as one number; at most 19 digits.
pub(super) fn number(digits: &[u8]) -> u64 {
    digits.iter().fold(0, |sum, &digit| {
        sum.wrapping_mul(10).wrapping_add(u64::from(digit))
    })
}

/// The number that two digits at `at` form; 0 out of range, which no month or day is.
pub(super) fn pair(digits: &[u8], at: usize) -> u32 {
    match digits.get(at..at + 2) {
        Some([tens, ones]) => u32::from(*tens) * 10 + u32::from(*ones),
        _ => 0,
    }
}

/// Whether all digits are the same, as in placeholders.
pub(super) fn uniform(digits: &[u8]) -> bool {
    digits.windows(2).all(|two| two[0] == two[1])
}

/// Sum of digit times weight, to the shorter of both.
pub(super) fn weighted(digits: &[u8], weights: &[u32]) -> u32 {
    digits
        .iter()
        .zip(weights)
        .map(|(&digit, &weight)| u32::from(digit) * weight)
        .sum()
}

/// Remainder of the decimal number, of any length.
pub(super) fn modulo(digits: &[u8], divisor: u32) -> u32 {
    digits
        .iter()
        .fold(0, |rest, &digit| (rest * 10 + u32::from(digit)) % divisor)
}

/// Luhn's check (ISO/IEC 7812-1 annex B) with the check digit in the last place.
pub(super) fn luhn(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(place, &digit)| {
            let value = u32::from(digit) << (place % 2);
            if value > 9 { value - 9 } else { value }
        })
        .sum();
    sum.is_multiple_of(10)
}

/// ISO/IEC 7064 MOD 11,10 with the check digit in the last place (German tax id, Croatian OIB).
pub(super) fn mod_11_10(digits: &[u8]) -> bool {
    let Some((&check, body)) = digits.split_last() else {
        return false;
    };
    let mut product = 10;
    for &digit in body {
        let sum = (u32::from(digit) + product) % 10;
        product = (if sum == 0 { 10 } else { sum }) * 2 % 11;
    }
    (11 - product) % 10 == u32::from(check)
}

/// Verhoeff's dihedral check (J. Verhoeff, 1969) with the check digit in the last place.
pub(super) fn verhoeff(digits: &[u8]) -> bool {
    // Product in D5 and the powers of the permutation (1 5 7 6 2 8 3 0 9 4), both from the definition.
    const PERMUTATION: [[u8; 10]; 8] = [
        [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
        [1, 5, 7, 6, 2, 8, 3, 0, 9, 4],
        [5, 8, 0, 3, 7, 9, 6, 1, 4, 2],
        [8, 9, 1, 6, 0, 4, 3, 5, 2, 7],
        [9, 4, 5, 3, 1, 2, 6, 8, 7, 0],
        [4, 2, 8, 6, 5, 7, 3, 9, 0, 1],
        [2, 7, 9, 3, 8, 0, 6, 4, 1, 5],
        [7, 0, 4, 6, 9, 1, 3, 2, 5, 8],
    ];
    let product = |left: u8, right: u8| match (left < 5, right < 5) {
        (true, true) => (left + right) % 5,
        (true, false) => (left + right) % 5 + 5,
        (false, true) => (left + 5 - right) % 5 + 5,
        (false, false) => (left + 5 - right) % 5,
    };
    let rows = PERMUTATION.iter().cycle();
    let sum = digits.iter().rev().zip(rows).fold(0, |sum, (&digit, row)| {
        product(sum, row[usize::from(digit)])
    });
    sum == 0
}

/// Whether the candidate holds anything but digits.
pub(super) fn separated(text: &[u8]) -> bool {
    text.iter().any(|byte| !byte.is_ascii_digit())
}

/// Whether all separators (bytes that are neither letters nor digits) are the same byte.
pub(super) fn one_separator(text: &[u8]) -> bool {
    let mut separators = text.iter().filter(|byte| !byte.is_ascii_alphanumeric());
    let Some(first) = separators.next() else {
        return true;
    };
    separators.all(|byte| byte == first)
}

/// Whether the candidate goes on a number that began before it: `0.4111...`, `12-4111...`, `1234 5678 9012 ...`.
///
/// A space before a run of nine or more digits, or before digits that hyphens join, ends the number before it; before
/// digits in space-separated groups it does so only if what stands before is no such group.
pub(super) fn after_number(candidate: &Candidate<'_>) -> bool {
    let [rest @ .., digit, separator] = candidate.before else {
        return false;
    };
    if !digit.is_ascii_digit() {
        return in_uuid(candidate.before);
    }
    match separator {
        b'.' | b'-' => true,
        b' ' if candidate.text.contains(&b' ') => {
            let group = 1 + rest
                .iter()
                .rev()
                .take_while(|byte| byte.is_ascii_digit())
                .count();
            let joined = rest.len().checked_sub(group).and_then(|at| rest.get(at));
            group < 9 && !matches!(joined, Some(b'-' | b'.' | b':' | b'/'))
        }
        _ => false,
    }
}

/// Whether the text before ends like the inside of a UUID: `-a716-`.
fn in_uuid(before: &[u8]) -> bool {
    match before {
        [.., b'-', a, b, c, d, b'-'] => [a, b, c, d].iter().all(|byte| byte.is_ascii_hexdigit()),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Digits {
        Digits::of(text.as_bytes()).expect("few digits")
    }

    #[test]
    fn published_check_digits_pass_and_neighbours_fail() {
        // Wikipedia: Luhn 17893729974, Verhoeff 2363; BZSt's example of the tax id 86095742719.
        assert!(luhn(of("17893729974").slice()));
        assert!(!luhn(of("17893729975").slice()));
        assert!(verhoeff(of("2363").slice()));
        assert!(!verhoeff(of("2364").slice()));
        assert!(mod_11_10(of("86095742719").slice()));
        assert!(!mod_11_10(of("86095742718").slice()));
    }

    #[test]
    fn more_than_forty_digits_are_none() {
        assert!(Digits::of(&[b'7'; 41]).is_none());
        assert_eq!(Digits::of(&[b'7'; 40]).expect("forty").slice().len(), 40);
    }

    #[test]
    fn a_number_is_continued_only_by_what_can_continue_it() {
        let check = |before: &str, text: &str| {
            after_number(&Candidate {
                text: text.as_bytes(),
                before: before.as_bytes(),
                next: None,
                context: false,
            })
        };
        assert!(check("0.", "4111111111111111"));
        assert!(check("1234 ", "5678 9012"));
        assert!(!check("4012888888881881 ", "4012 8888 8888 1881"));
        assert!(!check("4012-8888-8888-1881 ", "4012 8888 8888 1881"));
        assert!(!check("row 1 ", "4111111111111111"));
        assert!(!check("card: ", "4111 1111 1111 1111"));
        assert!(check("550e8400-e29b-41d4-a71c-", "446655440000"));
    }
}
