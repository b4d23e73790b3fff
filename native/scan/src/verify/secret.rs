//! Verifiers of keys and tokens: shape tests that a pattern cannot say.
//!
//! None of them can know that a value is live; they tell what people type into examples from what a generator made.

use super::named::{name_before, says_place, says_secret};
use super::{Candidate, Check, accept_if};

/// What a value is made of.
#[derive(Default)]
pub(super) struct Shape {
    pub(super) lower: usize,
    pub(super) upper: usize,
    pub(super) digit: usize,
    pub(super) symbol: usize,
    /// Changes between lower, upper and digit, but for the one after the capital of a word; signs are passed over. Names in camel and
    /// kebab case have few.
    pub(super) changes: usize,
    pub(super) hex: bool,
    pub(super) ascii: bool,
}

impl Shape {
    pub(super) fn of(text: &[u8]) -> Self {
        let mut shape = Self {
            hex: true,
            ascii: true,
            ..Self::default()
        };
        let mut last = None;
        for &byte in text {
            let kind = match byte {
                b'a'..=b'z' => &mut shape.lower,
                b'A'..=b'Z' => &mut shape.upper,
                b'0'..=b'9' => &mut shape.digit,
                _ => &mut shape.symbol,
            };
            *kind += 1;
            let kind = kind_of(byte);
            if kind < 3 {
                shape.changes += usize::from(last.is_some_and(|before| is_change(before, kind)));
                last = Some(kind);
            }
            shape.hex &= byte.is_ascii_hexdigit();
            shape.ascii &= byte.is_ascii();
        }
        shape
    }

    pub(super) fn letters(&self) -> usize {
        self.lower + self.upper
    }

    pub(super) fn kinds(&self) -> usize {
        [self.lower, self.upper, self.digit, self.symbol]
            .iter()
            .filter(|&&count| count > 0)
            .count()
    }

    pub(super) fn len(&self) -> usize {
        self.letters() + self.digit + self.symbol
    }
}

/// A capital and a small letter after it are how a word begins.
fn is_change(before: u8, kind: u8) -> bool {
    before != kind && !(before == 1 && kind == 0)
}

fn kind_of(byte: u8) -> u8 {
    match byte {
        b'a'..=b'z' => 0,
        b'A'..=b'Z' => 1,
        b'0'..=b'9' => 2,
        _ => 3,
    }
}

/// A letter and a digit at least: words of prose and bare numbers are none.
pub(super) fn digit(candidate: &Candidate<'_>) -> Check {
    let shape = Shape::of(candidate.text);
    accept_if(shape.digit > 0 && shape.letters() > 0)
}

/// Letters and digits mixed as a generator mixes them: at least one change of kind in six neighbours.
/// Random base 62 changes at 45 % of its neighbours, hexadecimal at 47 %, `this-is-my-name-2` at 8 %.
pub(super) fn mixed(candidate: &Candidate<'_>) -> Check {
    let shape = Shape::of(candidate.text);
    accept_if(shape.digit > 0 && shape.letters() > 0 && shape.changes * 6 >= shape.len())
}

/// Lower case, upper case and digits, mixed: `s.` and 24 such characters is a token, `s.getServerAddressByClient` is not.
pub(super) fn strong(candidate: &Candidate<'_>) -> Check {
    let shape = Shape::of(candidate.text);
    accept_if(
        shape.lower > 0 && shape.upper > 0 && shape.digit > 0 && shape.changes * 4 >= shape.len(),
    )
}

/// A value that follows the name of a key or token: three kinds of characters, or long hexadecimal, mixed as generators do;
/// no UUID, path, file name or dotted identifier.
pub(super) fn classes(candidate: &Candidate<'_>) -> Check {
    let text = candidate.text;
    let shape = Shape::of(text);
    if !shape.ascii || shape.digit == 0 || shape.letters() == 0 || is_path(text) {
        return Check::Reject;
    }
    let name = name_before(candidate.before);
    if is_uuid(text) {
        return accept_if(says_secret(name));
    }
    if says_place(name) {
        return Check::Reject;
    }
    let (few, many) = (
        shape.changes * 4 >= shape.len(),
        shape.changes * 3 >= shape.len(),
    );
    let length = text.len();
    accept_if(if shape.hex {
        length >= 32 && few
    } else if shape.kinds() >= 3 {
        many || (few && (shape.digit >= 2 || length >= 40))
    } else {
        length >= 24 && many
    })
}

pub(super) fn is_uuid(text: &[u8]) -> bool {
    text.len() == 36
        && text.iter().enumerate().all(|(at, &byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

/// Whether the value reads as a path, an address, a file or a member of an object.
pub(super) fn is_path(text: &[u8]) -> bool {
    let begins = [&b"/"[..], b"./", b"../", b"~/", b"http", b"www."];
    // Base64 may begin with a slash too.
    if text.ends_with(b"=") && text.len().is_multiple_of(4) {
        return false;
    }
    if begins.iter().any(|start| text.starts_with(start)) {
        return true;
    }
    // A word of letters on both sides of a dot: `config.secretKey`, `server-key2.pem`.
    text.windows(3)
        .enumerate()
        .any(|(at, w)| w[1] == b'.' && is_word(&text[..=at]) && is_word_start(&text[at + 2..]))
}

fn is_word(text: &[u8]) -> bool {
    text.iter()
        .rev()
        .take_while(|byte| byte.is_ascii_alphabetic())
        .count()
        >= 3
}

fn is_word_start(text: &[u8]) -> bool {
    text.iter()
        .take_while(|byte| byte.is_ascii_alphabetic())
        .count()
        >= 3
}

/// The byte after the match is the quote that stands before it, perhaps with a backslash.
pub(super) fn closing_quote(candidate: &Candidate<'_>) -> Check {
    let open = candidate.before.last().copied();
    let escaped = candidate.before.iter().rev().nth(1) == Some(&b'\\');
    accept_if(
        open.is_some() && (candidate.next == open || (escaped && candidate.next == Some(b'\\'))),
    )
}

/// The next byte is the `@` that ends the user part of an address.
pub(super) fn before_at(candidate: &Candidate<'_>) -> Check {
    accept_if(candidate.next == Some(b'@'))
}

/// Not in the middle of a longer run of the characters that Entra secrets are made of.
pub(super) fn run_start(candidate: &Candidate<'_>) -> Check {
    let inside = candidate
        .before
        .last()
        .is_some_and(|byte| byte.is_ascii_alphanumeric() || b"_~.-".contains(byte));
    let shape = Shape::of(candidate.text);
    accept_if(!inside && shape.lower > 0 && shape.upper > 0)
}

/// Base64 of `name:password`.
pub(super) fn base64_pair(candidate: &Candidate<'_>) -> Check {
    let (mut colon, mut printable) = (false, true);
    decode(candidate.text, |byte| {
        colon |= byte == b':';
        printable &= byte >= b' ' && byte != 0x7F;
    });
    accept_if(colon && printable)
}

/// Base64 of two UUIDs with a colon between.
pub(super) fn base64_uuid_pair(candidate: &Candidate<'_>) -> Check {
    let (mut at, mut fits) = (0_usize, true);
    decode(candidate.text, |byte| {
        fits &= match at {
            36 => byte == b':',
            _ if matches!(at % 37, 8 | 13 | 18 | 23) => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        };
        at += 1;
    });
    accept_if(fits && at == 73)
}

/// The part before the first dot is Base64 of a JOSE header: an object that names an algorithm.
pub(super) fn jwt(candidate: &Candidate<'_>) -> Check {
    const WANTED: &[u8] = b"\"alg\"";
    let head = candidate.text.split(|&byte| byte == b'.').next();
    let (mut matched, mut found, mut at, mut object) = (0, false, 0, false);
    decode(head.unwrap_or_default(), |byte| {
        object |= at == 0 && byte == b'{';
        at += 1;
        matched = if byte == WANTED[matched] {
            matched + 1
        } else {
            usize::from(byte == WANTED[0])
        };
        if matched == WANTED.len() {
            (found, matched) = (true, 0);
        }
    });
    accept_if(object && found)
}

/// Feeds the bytes that Base64 (either alphabet) stands for to `sink`; stops at padding or a foreign byte.
fn decode(text: &[u8], mut sink: impl FnMut(u8)) {
    let (mut bits, mut count) = (0_u32, 0);
    for &byte in text {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => return,
        };
        bits = bits << 6 | u32::from(value);
        count += 6;
        if count >= 8 {
            count -= 8;
            sink((bits >> count & 0xFF) as u8);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::passes;
    use super::*;

    #[test]
    fn generated_values_pass_and_names_do_not() {
        for value in [
            "951bc382db9abad29c68634761dd6e19",
            "q7Rk2ZpX0vLm8TnB",
            "am9obmRvZTpkMDY5NGIxYi1jMTcx",
        ] {
            assert!(passes(classes, "\"", value, Some(b'"')), "{value}");
        }
        for value in [
            "ThisIsMySecretName2",
            "config.secretKey2Value",
            "12345678-abcd-abcd-abcd-1234567890ab",
            "./keys/Server2/Private3",
            "prod5-cmk-eu-west-name",
        ] {
            assert!(!passes(classes, "\"", value, Some(b'"')), "{value}");
        }
    }

    #[test]
    fn a_quoted_value_needs_its_own_quote_after_it() {
        assert!(passes(closing_quote, "= '", "abc", Some(b'\'')));
        assert!(passes(closing_quote, "= \\\"", "abc", Some(b'\\')));
        assert!(!passes(closing_quote, "= '", "abc", Some(b'"')));
        assert!(!passes(closing_quote, "= \"", "Password", Some(b' ')));
        assert!(!passes(closing_quote, "", "abc", None));
    }

    #[test]
    fn a_token_header_must_name_an_algorithm() {
        assert!(passes(jwt, "", "eyJhbGciOiJIUzI1NiJ9.eyJzdW", None));
        assert!(!passes(jwt, "", "eyJ0eXAiOiAiVENWMiJ9.RkNWLX", None));
        assert!(!passes(jwt, "", "eyeable.should", None));
    }

    #[test]
    fn basic_credentials_hold_a_colon() {
        assert!(passes(
            base64_pair,
            "",
            "QWxhZGRpbjpvcGVuIHNlc2FtZQ==",
            None
        ));
        assert!(!passes(base64_pair, "", "understanding", None));
    }

    #[test]
    fn a_uuid_is_a_secret_behind_a_name_that_leaves_no_doubt() {
        let value = "12345678-abcd-4bcd-abcd-1234567890ab";
        for before in ["api_key = \"", "X-Api-Key: ", "clientSecret: '"] {
            assert!(passes(classes, before, value, None), "{before}");
        }
        for before in ["token: ", "api_key_id = \"", "secretId=", "session_token="] {
            assert!(!passes(classes, before, value, None), "{before}");
        }
    }

    #[test]
    fn two_encoded_identifiers_make_a_pair() {
        let pair = "MTExMTExMTEtMjIyMi0zMzMzLTQ0NDQtNTU1NTU1NTU1NTU1OmFhYWFhYWFhLWJiYmItY2NjYy1kZGRkLWVlZWVlZWVlZWVlZQ==";
        assert!(passes(base64_uuid_pair, "", pair, None));
        assert!(!passes(base64_uuid_pair, "", &pair[4..], None));
    }
}
