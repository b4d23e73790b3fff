//! International bank account numbers (ISO 13616): structure by country and ISO 7064 mod 97.

use super::{Candidate, Check, accept_if};

/// Structure after country and check digits in the notation of the SWIFT IBAN registry: `n` digits, `a` upper-case letters, `c` both.
///
/// Lengths agree with the table of validator.js (028b2693532d) for the 79 countries that both have; classes of characters
/// differ for AZ, BY, DO, GE, JO, PK, SV and TR. BI, DJ, FK, HN, MN, NI, OM, RU, SO and YE have no second source.
static STRUCTURES: &[(&[u8; 2], &str)] = &[
    (b"AD", "8n12c"),
    (b"AE", "19n"),
    (b"AL", "8n16c"),
    (b"AT", "16n"),
    (b"AZ", "4a20c"),
    (b"BA", "16n"),
    (b"BE", "12n"),
    (b"BG", "4a6n8c"),
    (b"BH", "4a14c"),
    (b"BI", "23n"),
    (b"BR", "23n1a1c"),
    (b"BY", "4c4n16c"),
    (b"CH", "5n12c"),
    (b"CR", "18n"),
    (b"CY", "8n16c"),
    (b"CZ", "20n"),
    (b"DE", "18n"),
    (b"DJ", "23n"),
    (b"DK", "14n"),
    (b"DO", "4c20n"),
    (b"EE", "16n"),
    (b"EG", "25n"),
    (b"ES", "20n"),
    (b"FI", "14n"),
    (b"FK", "2a12n"),
    (b"FO", "14n"),
    (b"FR", "10n11c2n"),
    (b"GB", "4a14n"),
    (b"GE", "2a16n"),
    (b"GI", "4a15c"),
    (b"GL", "14n"),
    (b"GR", "7n16c"),
    (b"GT", "24c"),
    (b"HN", "4a20n"),
    (b"HR", "17n"),
    (b"HU", "24n"),
    (b"IE", "4a14n"),
    (b"IL", "19n"),
    (b"IQ", "4a15n"),
    (b"IS", "22n"),
    (b"IT", "1a10n12c"),
    (b"JO", "4a4n18c"),
    (b"KW", "4a22c"),
    (b"KZ", "3n13c"),
    (b"LB", "4n20c"),
    (b"LC", "4a24c"),
    (b"LI", "5n12c"),
    (b"LT", "16n"),
    (b"LU", "3n13c"),
    (b"LV", "4a13c"),
    (b"LY", "21n"),
    (b"MC", "10n11c2n"),
    (b"MD", "20c"),
    (b"ME", "18n"),
    (b"MK", "3n10c2n"),
    (b"MN", "16n"),
    (b"MR", "23n"),
    (b"MT", "4a5n18c"),
    (b"MU", "4a19n3a"),
    (b"NI", "4a20n"),
    (b"NL", "4a10n"),
    (b"NO", "11n"),
    (b"OM", "3n16c"),
    (b"PK", "4a16c"),
    (b"PL", "24n"),
    (b"PS", "4a21c"),
    (b"PT", "21n"),
    (b"QA", "4a21c"),
    (b"RO", "4a16c"),
    (b"RS", "18n"),
    (b"RU", "14n15c"),
    (b"SA", "2n18c"),
    (b"SC", "4a20n3a"),
    (b"SD", "14n"),
    (b"SE", "20n"),
    (b"SI", "15n"),
    (b"SK", "20n"),
    (b"SM", "1a10n12c"),
    (b"SO", "19n"),
    (b"ST", "21n"),
    (b"SV", "4a20n"),
    (b"TL", "19n"),
    (b"TN", "20n"),
    (b"TR", "6n16c"),
    (b"UA", "6n19c"),
    (b"VA", "18n"),
    (b"VG", "4a16n"),
    (b"XK", "16n"),
    (b"YE", "4a4n18c"),
];

/// Longest IBAN (Russia, 33) with room; longer candidates are none.
const CAPACITY: usize = 34;

/// An IBAN, upper or lower case but not mixed, with or without one kind of separator.
pub(super) fn iban(candidate: &Candidate<'_>) -> Check {
    accept_if(valid(candidate.text))
}

fn valid(text: &[u8]) -> bool {
    let lower = text.iter().any(u8::is_ascii_lowercase);
    if (lower && text.iter().any(u8::is_ascii_uppercase)) || !super::digits::one_separator(text) {
        return false;
    }
    let mut compact = [0_u8; CAPACITY];
    let mut len = 0;
    for byte in text.iter().filter(|byte| byte.is_ascii_alphanumeric()) {
        let Some(slot) = compact.get_mut(len) else {
            return false;
        };
        *slot = byte.to_ascii_uppercase();
        len += 1;
    }
    let Some([c1, c2, k1, k2, account @ ..]) = compact.get(..len) else {
        return false;
    };
    let country = [*c1, *c2];
    let structure = STRUCTURES.iter().find(|(code, _)| **code == country);
    structure.is_some_and(|(_, structure)| fits(account, structure))
        && remainder(account.iter().chain([c1, c2, k1, k2])) == 1
}

/// Whether the account part has the structure, to the last byte.
fn fits(account: &[u8], structure: &str) -> bool {
    let mut rest = account;
    let mut count = 0;
    for byte in structure.bytes() {
        if byte.is_ascii_digit() {
            count = count * 10 + usize::from(byte - b'0');
            continue;
        }
        let Some((group, after)) = rest.split_at_checked(count) else {
            return false;
        };
        let class = match byte {
            b'n' => u8::is_ascii_digit,
            b'a' => u8::is_ascii_uppercase,
            _ => u8::is_ascii_alphanumeric,
        };
        if !group.iter().all(class) {
            return false;
        }
        (rest, count) = (after, 0);
    }
    rest.is_empty()
}

/// Remainder by 97 with letters as 10 to 35 (ISO 7064); letters are upper case.
fn remainder<'a>(bytes: impl Iterator<Item = &'a u8>) -> u32 {
    bytes.fold(0, |rest, &byte| match byte {
        b'0'..=b'9' => (rest * 10 + u32::from(byte - b'0')) % 97,
        _ => (rest * 100 + u32::from(byte - b'A') + 10) % 97,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Examples as banks and registries print them; most are test rows of Presidio as well.
    #[test]
    fn printed_examples_are_ibans() {
        for iban in [
            "GB29 NWBK 6016 1331 9268 19",
            "DE89370400440532013000",
            "FR14 2004 1010 0505 0001 3M02 606",
            "NO93 8601 1117 947",
            "MT84MALT011000012345MTLCAST001S",
            "LC55HEMM000100010012001200023015",
            "de89 3704 0044 0532 0130 00",
            "SA03-8000-0000-6080-1016-7519",
            "BR1800360305000010009795493C1",
            "SC18SSCB11010000000000001497USD",
            "UA213223130000026007233566001",
            "KZ86125KZT5004100100",
        ] {
            assert!(valid(iban.as_bytes()), "{iban}");
        }
    }

    #[test]
    fn wrong_checks_lengths_structures_and_countries_are_none() {
        for iban in [
            "GB29 NWBK 6016 1331 9268 18",
            "GB29 1WBK 6016 1331 9268 19",
            "DE8937040044053201300",
            "AB150120690000003111141",
            "LV80 bANK 0000 4351 9500 1",
            "AL47 212A 1009 0000 0002 3569 8741",
            "DE89 3704-0044 0532 0130 00",
            "GB",
            "",
        ] {
            assert!(!valid(iban.as_bytes()), "{iban}");
        }
    }
}
