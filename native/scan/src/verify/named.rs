//! Names before values: what they say of the value that follows.

use super::secret::{Shape, is_path, is_uuid};
use super::{Candidate, Check, accept_if};

/// A value behind a name that ends in `key`, which most keys of the world are not: three kinds of characters mixed as generators do, or hexadecimal
/// behind a name in capitals (`ACME_KEY=`) or one that says what the key is for (`licenseKey`). Names of what is public, or of rows, caches and files, are refused.
pub(super) fn named_key(candidate: &Candidate<'_>) -> Check {
    const OTHERS: [&[u8]; 35] = [
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
        b"websocket",
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
        || begins_with_word(candidate.text)
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

/// A word before the first slash or hyphen: the key of an object in a store, of an element in a list.
fn begins_with_word(text: &[u8]) -> bool {
    let letters = text
        .iter()
        .take_while(|byte| byte.is_ascii_lowercase())
        .count();
    letters >= 3 && matches!(text.get(letters), Some(b'/' | b'-'))
}

/// The last name before a value that is not a word of the syntax: `ACME_KEY` in `name: ACME_KEY, value: `. A name that is `key` alone
/// comes with the word before it: `Public Key`.
pub(super) fn name_before(before: &[u8]) -> &[u8] {
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

/// Whether a name leaves no doubt: an API key, a client secret. A UUID behind `token` or `key` is likelier an identifier.
pub(super) fn says_secret(name: &[u8]) -> bool {
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

/// Whether the name is of a place in a list of results (`nextPageToken`), which servers give out in every answer.
pub(super) fn says_place(name: &[u8]) -> bool {
    const PLACES: [&[u8]; 4] = [b"page", b"cursor", b"continuation", b"nexttoken"];
    PLACES.iter().any(|word| {
        name.windows(word.len())
            .any(|part| part.eq_ignore_ascii_case(word))
    })
}

#[cfg(test)]
mod tests {
    use super::super::passes;
    use super::*;

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
            assert!(passes(named_key, before, value, None), "{before}");
        }
        for (before, value) in [
            ("acme_key: \"", hex),
            ("public_key = ", mixed),
            ("primaryKey: ", mixed),
            ("cache-key: ", mixed),
            ("acme_key: ", "customer_Order2_item_id_unique"),
            ("Vapid Public Key: ", mixed),
            ("Key=\"", "uploads/2024/03/aB3dE6fG9hJ2kL5m.png"),
            ("key=\"", "item-2fA3bC9dE8fG7hI6jK5l"),
            ("Sec-WebSocket-Key: ", mixed),
            (
                "\"key\": \"",
                "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQCfHy1M",
            ),
        ] {
            assert!(!passes(named_key, before, value, None), "{before}");
        }
    }

    #[test]
    fn a_place_in_a_list_of_results_is_no_secret() {
        for name in ["nextPageToken", "page_token", "NextToken", "cursorToken"] {
            assert!(says_place(name.as_bytes()), "{name}");
        }
        assert!(!says_place(b"access_token") && !says_place(b"next_secret"));
    }
}
