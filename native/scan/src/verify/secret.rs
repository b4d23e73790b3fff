//! Verifiers of keys and tokens: shape tests that a pattern cannot say.
//!
//! None of them can know that a value is live; they tell what people type into examples from what a generator made.

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
    changes: usize,
    hex: bool,
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

    fn len(&self) -> usize {
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
    if is_uuid(text) {
        return accept_if(says_secret(name_before(candidate.before)));
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

/// Whether a name leaves no doubt: an API key, a client secret. A UUID behind `token` or `key` is likelier an identifier.
fn says_secret(name: &[u8]) -> bool {
    let holds = |words: [&[u8]; 2]| {
        words.iter().all(|word| {
            name.windows(word.len())
                .any(|part| part.eq_ignore_ascii_case(word))
        })
    };
    let secret: [[&[u8]; 2]; 5] = [
        [b"api", b"key"],
        [b"api", b"token"],
        [b"client", b"secret"],
        [b"app", b"secret"],
        [b"secret", b"key"],
    ];
    let identifier = name.len() >= 2 && name[name.len() - 2..].eq_ignore_ascii_case(b"id");
    !identifier && secret.into_iter().any(holds)
}

fn is_uuid(text: &[u8]) -> bool {
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

/// A value behind a name that ends in `key`, which most keys of the world are not: three kinds of characters mixed as generators do, or hexadecimal
/// behind a name in capitals (`ACME_KEY=`) or one that says what the key is for (`licenseKey`). Names of what is public, or of rows, caches and files, are refused.
pub(super) fn named_key(candidate: &Candidate<'_>) -> Check {
    const OTHERS: [&[u8]; 34] = [
        b"anon",
        b"blob",
        b"cache",
        b"column",
        b"dedup",
        b"event",
        b"file",
        b"finger",
        b"foreign",
        b"group",
        b"hash",
        b"host",
        b"i18n",
        b"idempot",
        b"image",
        b"index",
        b"job",
        b"keyid",
        b"lang",
        b"locale",
        b"message",
        b"object",
        b"partition",
        b"primary",
        b"pub",
        b"query",
        b"range",
        b"react",
        b"routing",
        b"row",
        b"site",
        b"sort",
        b"thumb",
        b"unique",
    ];
    const KEYS: [&[u8]; 19] = [
        b"access",
        b"account",
        b"admin",
        b"aes",
        b"auth",
        b"cipher",
        b"crypt",
        b"hmac",
        b"integration",
        b"licen",
        b"master",
        b"merchant",
        b"partner",
        b"private",
        b"secret",
        b"serv",
        b"signing",
        b"webhook",
        b"write",
    ];
    let name = name_before(candidate.before);
    let holds = |word: &[u8]| {
        name.windows(word.len())
            .any(|part| part.eq_ignore_ascii_case(word))
    };
    // DER in Base64 (`MII...`) is a public key or a certificate as often as not.
    let der = candidate.text.starts_with(b"MI") || candidate.text.starts_with(b"MFkw");
    if OTHERS.iter().any(|word| holds(word))
        || der
        || is_path(candidate.text)
        || is_uuid(candidate.text)
    {
        return Check::Reject;
    }
    let shape = Shape::of(candidate.text);
    let mixed = shape.changes * 4 >= shape.len() && shape.digit > 0 && shape.letters() > 0;
    let capitals = name.contains(&b'_') && !name.iter().any(u8::is_ascii_lowercase);
    let hexadecimal = capitals || KEYS.iter().any(|word| holds(word));
    accept_if(
        shape.ascii
            && mixed
            && if shape.hex {
                hexadecimal
            } else {
                shape.lower > 0 && shape.upper > 0
            },
    )
}

/// The last name before a value that is not a word of the syntax: `ACME_KEY` in `name: ACME_KEY, value: `. A name that is `key` alone
/// comes with the word before it: `Public Key`.
fn name_before(before: &[u8]) -> &[u8] {
    const SYNTAX: [&[u8]; 8] = [
        b"value", b"default", b"string", b"str", b"b", b"is", b"was", b"static",
    ];
    let mut rest = before;
    loop {
        let (start, name) = last_word(rest);
        let head = rest.get(..start).unwrap_or(&[]);
        if SYNTAX.iter().any(|word| word.eq_ignore_ascii_case(name)) {
            rest = head;
        } else if name.eq_ignore_ascii_case(b"key") && head.ends_with(b" ") {
            let (first, _) = last_word(head);
            return rest.get(first..start + name.len()).unwrap_or(name);
        } else {
            return name;
        }
    }
}

/// The last run of letters, digits, `_`, `.` and `-`, and where it begins.
fn last_word(text: &[u8]) -> (usize, &[u8]) {
    let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || b"_.-".contains(byte);
    let end = text.iter().rposition(is_name).map_or(0, |at| at + 1);
    let head = text.get(..end).unwrap_or(&[]);
    let start = head
        .iter()
        .rposition(|byte| !is_name(byte))
        .map_or(0, |at| at + 1);
    (start, head.get(start..).unwrap_or(&[]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(verifier: super::super::Verifier, before: &str, text: &str, next: Option<u8>) -> bool {
        verifier(&Candidate {
            text: text.as_bytes(),
            before: before.as_bytes(),
            next,
            context: false,
        }) != Check::Reject
    }

    #[test]
    fn generated_values_pass_and_names_do_not() {
        for value in [
            "951bc382db9abad29c68634761dd6e19",
            "q7Rk2ZpX0vLm8TnB",
            "am9obmRvZTpkMDY5NGIxYi1jMTcx",
        ] {
            assert!(check(classes, "\"", value, Some(b'"')), "{value}");
        }
        for value in [
            "ThisIsMySecretName2",
            "config.secretKey2Value",
            "12345678-abcd-abcd-abcd-1234567890ab",
            "./keys/Server2/Private3",
            "prod5-cmk-eu-west-name",
        ] {
            assert!(!check(classes, "\"", value, Some(b'"')), "{value}");
        }
    }

    #[test]
    fn a_quoted_value_needs_its_own_quote_after_it() {
        assert!(check(closing_quote, "= '", "abc", Some(b'\'')));
        assert!(check(closing_quote, "= \\\"", "abc", Some(b'\\')));
        assert!(!check(closing_quote, "= '", "abc", Some(b'"')));
        assert!(!check(closing_quote, "= \"", "Password", Some(b' ')));
        assert!(!check(closing_quote, "", "abc", None));
    }

    #[test]
    fn a_token_header_must_name_an_algorithm() {
        assert!(check(jwt, "", "eyJhbGciOiJIUzI1NiJ9.eyJzdW", None));
        assert!(!check(jwt, "", "eyJ0eXAiOiAiVENWMiJ9.RkNWLX", None));
        assert!(!check(jwt, "", "eyeable.should", None));
    }

    #[test]
    fn basic_credentials_hold_a_colon() {
        assert!(check(base64_pair, "", "QWxhZGRpbjpvcGVuIHNlc2FtZQ==", None));
        assert!(!check(base64_pair, "", "understanding", None));
    }

    #[test]
    fn a_name_that_ends_in_key_says_little_and_the_value_must_say_the_rest() {
        let (mixed, hex) = (
            "q7Rk2ZpX0vLm8TnB5cWy3HsJ",
            "951bc382db9abad29c68634761dd6e19",
        );
        for (before, value) in [
            ("acme_key: \"", mixed),
            ("ACME_KEY=", hex),
            ("Ocp-Apim-Subscription-Key: ", mixed),
            ("license_key = \"", hex),
            ("- name: ACME_KEY\n  value: ", hex),
        ] {
            assert!(check(named_key, before, value, None), "{before}");
        }
        for (before, value) in [
            ("acme_key: \"", hex),
            ("public_key = ", mixed),
            ("primaryKey: ", mixed),
            ("cache-key: ", mixed),
            ("acme_key: ", "customer_Order2_item_id_unique"),
            ("Vapid Public Key: ", mixed),
            (
                "\"key\": \"",
                "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQCfHy1M",
            ),
        ] {
            assert!(!check(named_key, before, value, None), "{before}");
        }
    }

    #[test]
    fn a_uuid_is_a_secret_behind_a_name_that_leaves_no_doubt() {
        let value = "12345678-abcd-4bcd-abcd-1234567890ab";
        for before in ["api_key = \"", "X-Api-Key: ", "clientSecret: '"] {
            assert!(check(classes, before, value, None), "{before}");
        }
        for before in ["token: ", "api_key_id = \"", "secretId=", "session_token="] {
            assert!(!check(classes, before, value, None), "{before}");
        }
    }

    #[test]
    fn two_encoded_identifiers_make_a_pair() {
        let pair = "MTExMTExMTEtMjIyMi0zMzMzLTQ0NDQtNTU1NTU1NTU1NTU1OmFhYWFhYWFhLWJiYmItY2NjYy1kZGRkLWVlZWVlZWVlZWVlZQ==";
        assert!(check(base64_uuid_pair, "", pair, None));
        assert!(!check(base64_uuid_pair, "", &pair[4..], None));
    }
}
