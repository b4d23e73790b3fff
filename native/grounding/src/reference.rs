//! References that cannot exist, whatever the context says: ISBN and ISSN with a wrong check digit, DOIs out of shape, days that no
//! month has.

/// What is wrong with a reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// ISBN-10 or ISBN-13: check digit (ISO 2108).
    Isbn,
    /// ISSN: check digit (ISO 3297).
    Issn,
    /// DOI: prefix that no agency gives out, or no suffix (ISO 26324).
    Doi,
    /// A day that its month does not have, or a month above twelve.
    Date,
    /// A top-level domain that is reserved (RFC 2606, RFC 6761).
    Domain,
}

impl Flaw {
    /// Name in findings.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Isbn => "isbn",
            Self::Issn => "issn",
            Self::Doi => "doi",
            Self::Date => "date",
            Self::Domain => "domain",
        }
    }
}

/// Whether a day exists. `year` 0: any; `month` 0 or `day` 0: not given.
pub fn is_possible(year: u16, month: u8, day: u8) -> bool {
    let days = match month {
        0 | 1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if year == 0
            || (year.is_multiple_of(4)
                && (!year.is_multiple_of(100) || year.is_multiple_of(400))) =>
        {
            29
        }
        2 => 28,
        _ => return false,
    };
    day <= days
}

/// Flawed ISBNs, ISSNs and DOIs of a text: their bytes and what is wrong.
pub fn flawed(text: &str, show: impl FnMut(usize, usize, Flaw)) {
    let bytes = text.as_bytes();
    if may_have_reference(bytes) {
        look(bytes, show);
    }
}

fn look(bytes: &[u8], mut show: impl FnMut(usize, usize, Flaw)) {
    let mut at = 0;
    while at < bytes.len() {
        let (name, flaw) = match bytes[at] | 0x20 {
            b'i' if named(bytes, at, b"isbn") => (4, Flaw::Isbn),
            b'i' if named(bytes, at, b"issn") => (4, Flaw::Issn),
            b'1' if bytes[at..].starts_with(b"10.") && is_doi_place(bytes, at) => (0, Flaw::Doi),
            b'd' if named(bytes, at, b"doi") => (3, Flaw::Doi),
            _ => {
                at += 1;
                continue;
            }
        };
        let begin = after_label(bytes, at + name);
        let checked = match flaw {
            Flaw::Isbn => isbn(&bytes[begin..]),
            Flaw::Issn => issn(&bytes[begin..]),
            _ => doi(&bytes[begin..]),
        };
        match checked {
            Some((len, false)) => {
                show(begin, begin + len, flaw);
                at = begin + len;
            }
            Some((len, true)) => at = begin + len.max(1),
            None => at += name.max(1),
        }
    }
}

/// An ISSN has seven digits at least, an ISBN eight; of a DOI, "doi" stands before its first.
fn may_have_reference(bytes: &[u8]) -> bool {
    // Counted in bytes and without a way out: the compiler looks at many of them at once.
    let count = |part: &[u8]| {
        let digits = part.iter().map(|byte| u8::from(byte.is_ascii_digit()));
        usize::from(digits.sum::<u8>())
    };
    let digits: usize = bytes.chunks(255).map(count).sum();
    digits >= 7
        || digits > 0
            && bytes
                .windows(3)
                .any(|word| word.eq_ignore_ascii_case(b"doi"))
}

fn named(bytes: &[u8], at: usize, name: &[u8]) -> bool {
    // "doi:https://doi.org/10..." is read at its number.
    let is_start = at == 0 || !bytes[at - 1].is_ascii_alphanumeric();
    is_start
        && bytes
            .get(at..at + name.len())
            .is_some_and(|word| word.eq_ignore_ascii_case(name))
}

/// A DOI without its name: in a URL of doi.org.
fn is_doi_place(bytes: &[u8], at: usize) -> bool {
    bytes[..at].ends_with(b"doi.org/")
}

/// Behind "-13", "-10", ":" and spaces.
fn after_label(bytes: &[u8], mut at: usize) -> usize {
    for label in [&b"-13"[..], b"-10", b" 13:", b" 10:"] {
        if bytes.get(at..at + label.len()) == Some(label) {
            at += label.len();
            break;
        }
    }
    while matches!(bytes.get(at), Some(b':' | b' ' | b'#')) {
        at += 1;
    }
    at
}

/// Digits with hyphens or spaces between them, the last may be X: their values and the bytes taken.
fn code(bytes: &[u8], most: usize) -> ([u32; 13], usize, usize) {
    let (mut digits, mut count, mut len) = ([0; 13], 0, 0);
    for (at, &byte) in bytes.iter().enumerate() {
        match byte {
            b'0'..=b'9' if count < most => digits[count] = u32::from(byte - b'0'),
            b'x' | b'X' if count + 1 == most || count == 9 || count == 7 => digits[count] = 10,
            b'-' if count > 0 => continue,
            b' ' if count > 0 && count < 10 => continue,
            _ => break,
        }
        count += 1;
        len = at + 1;
        if digits[count - 1] == 10 {
            break;
        }
    }
    (digits, count, len)
}

fn isbn(bytes: &[u8]) -> Option<(usize, bool)> {
    let (digits, count, len) = code(bytes, 13);
    let sum = match count {
        10 => {
            return Some((
                len,
                digits[..10]
                    .iter()
                    .zip(1..)
                    .map(|(digit, place)| digit * (11 - place))
                    .sum::<u32>()
                    .is_multiple_of(11),
            ));
        }
        13 => digits
            .iter()
            .enumerate()
            .map(|(at, digit)| digit * if at % 2 == 0 { 1 } else { 3 })
            .sum::<u32>(),
        // Too short to be cut off by a sentence's end, and too long to be something else.
        9 | 11 | 12 => return Some((len, false)),
        _ => return None,
    };
    let is_book = matches!(digits[..3], [9, 7, 8 | 9]);
    Some((len, is_book && sum.is_multiple_of(10)))
}

fn issn(bytes: &[u8]) -> Option<(usize, bool)> {
    let (digits, count, len) = code(bytes, 8);
    if count != 8 {
        return None;
    }
    Some((
        len,
        digits[..8]
            .iter()
            .zip(1..)
            .map(|(digit, place)| digit * (9 - place))
            .sum::<u32>()
            .is_multiple_of(11),
    ))
}

/// `10.` registrant of four to nine digits (sub-elements allowed) `/` suffix.
fn doi(bytes: &[u8]) -> Option<(usize, bool)> {
    let mut len = bytes
        .iter()
        .take_while(|byte| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'<' | b'>'))
        .count();
    while len > 0 && matches!(bytes[len - 1], b'.' | b',' | b';' | b':' | b'!' | b'?') {
        len -= 1;
    }
    let text = &bytes[..len];
    if !text.first().is_some_and(u8::is_ascii_digit) {
        return None;
    }
    let registrant = text
        .strip_prefix(b"10.")
        .map(|rest| rest.iter().take_while(|byte| byte.is_ascii_digit()).count());
    let Some(digits) = registrant else {
        return Some((len, false));
    };
    let rest = &text[3 + digits..];
    let rest = match rest {
        [b'.', ..] => {
            &rest[rest
                .iter()
                .position(|&byte| byte == b'/')
                .unwrap_or(rest.len())..]
        }
        rest => rest,
    };
    let has_suffix = rest.first() == Some(&b'/')
        && rest
            .get(1)
            .is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'(');
    Some((len, (4..=9).contains(&digits) && has_suffix))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn flaws(text: &str) -> Vec<(&str, Flaw)> {
        let mut out = Vec::new();
        flawed(text, |start, end, flaw| out.push((&text[start..end], flaw)));
        out
    }

    #[test]
    fn check_digits_are_those_of_the_standards() {
        // Numbers of the standards' own texts and of well-known books and journals.
        for good in [
            "ISBN 0-306-40615-2.",
            "ISBN 978-0-306-40615-7",
            "ISBN-13: 9780306406157, and",
            "ISBN 0-8044-2957-X",
            "ISSN 0378-5955",
            "ISSN 2434-561X",
            "doi:10.1000/182",
            "https://doi.org/10.1038/nphys1170",
            "doi 10.1002.1/x(1)",
            "a doi is a name; isbn too",
        ] {
            assert_eq!(flaws(good), [], "{good}");
        }
        assert_eq!(
            flaws("see ISBN 0-306-40615-3."),
            [("0-306-40615-3", Flaw::Isbn)]
        );
        assert_eq!(
            flaws("ISBN-13: 978-0-306-40615-8 (2nd)"),
            [("978-0-306-40615-8", Flaw::Isbn)]
        );
        assert_eq!(flaws("ISSN 0378-5954"), [("0378-5954", Flaw::Issn)]);
        assert_eq!(flaws("doi: 11.1000/182"), [("11.1000/182", Flaw::Doi)]);
        assert_eq!(
            flaws("https://doi.org/10.12/abc"),
            [("10.12/abc", Flaw::Doi)]
        );
    }

    proptest! {
        #[test]
        fn what_is_not_looked_at_has_no_flaw(
            parts in prop::collection::vec(prop::sample::select(vec![
                "isbn", "ISSN", "doi", "DOI:", "doi.org/", "10.", "10", "1", "9", "978", "123", "1234", "x", "X", "-", " ", "/", ":", "a", "-13",
            ]), 0..14),
        ) {
            let text = parts.concat();
            let mut count = 0;
            look(text.as_bytes(), |_, _, _| count += 1);
            prop_assert_eq!(count, flaws(&text).len());
        }
    }

    #[test]
    fn every_changed_digit_of_an_isbn_13_is_seen() {
        let good = "9780306406157";
        for at in 3..13 {
            for digit in '0'..='9' {
                let mut text: Vec<char> = good.chars().collect();
                let is_same = text[at] == digit;
                text[at] = digit;
                let text = format!("ISBN {}", text.into_iter().collect::<String>());
                assert_eq!(flaws(&text).is_empty(), is_same, "{text}");
            }
        }
    }

    #[test]
    fn months_have_their_days() {
        assert!(is_possible(2024, 2, 29) && is_possible(0, 2, 29) && is_possible(2000, 2, 29));
        assert!(!is_possible(2023, 2, 29) && !is_possible(1900, 2, 29) && !is_possible(0, 2, 30));
        assert!(!is_possible(2023, 4, 31) && !is_possible(2023, 13, 1) && is_possible(0, 0, 31));
    }
}
