//! Verifiers of passwords: what people type, told from words of forms, types and code.

use super::secret::{Shape, is_path};
use super::{Candidate, Check, accept_if};

/// A quoted password: no word that forms and schemas put there. Better mixed ones score higher.
pub(super) fn password_literal(candidate: &Candidate<'_>) -> Check {
    const WORDS: [&str; 24] = [
        "password",
        "passwd",
        "passphrase",
        "string",
        "text",
        "required",
        "hidden",
        "true",
        "false",
        "null",
        "none",
        "undefined",
        "secret",
        "token",
        "optional",
        "current-password",
        "new-password",
        "new_password",
        "old_password",
        "varchar",
        "number",
        "boolean",
        "object",
        "invalid",
    ];
    let text = candidate.text;
    let shape = Shape::of(text);
    let word = WORDS
        .iter()
        .any(|word| text.eq_ignore_ascii_case(word.as_bytes()));
    let route = text.contains(&b'/') && shape.digit == 0;
    if !shape.ascii || word || route || is_path(text) {
        return Check::Reject;
    }
    let strong = shape.kinds() >= 2 && shape.digit + shape.symbol > 0 && text.len() >= 6;
    Check::Score(if strong { 0.7 } else { 0.5 })
}

/// A password without quotes: letters with digits or signs. A plain word is likelier a variable and scores under the default bar.
pub(super) fn password_bare(candidate: &Candidate<'_>) -> Check {
    let text = candidate.text;
    let shape = Shape::of(text);
    let quoted = candidate.before.ends_with(b"`") && candidate.next == Some(b'`');
    let called = !quoted
        && matches!(
            candidate.next,
            Some(b'(' | b'[' | b'{' | b'\'' | b'"' | b'`')
        );
    if !shape.ascii || called || shape.letters() == 0 || is_path(text) || is_type(text) {
        return Check::Reject;
    }
    let sign = text.iter().any(|byte| b"!@#$%^&*+~?".contains(byte));
    Check::Score(if text.len() >= 6 && (shape.digit > 0 || sign) {
        0.55
    } else {
        0.3
    })
}

/// A password where the text around it does not say for sure that one follows (a sentence, an argument, a cell of a table): at least eight
/// characters with a digit, and letters of both cases or a sign. No name of an algorithm (`Base64-encoded`).
pub(super) fn password_strong(candidate: &Candidate<'_>) -> Check {
    const ALGORITHMS: [&[u8]; 11] = [
        b"aes", b"argon", b"base", b"bcrypt", b"hmac", b"http", b"md5", b"pbkdf", b"rsa", b"sha",
        b"utf",
    ];
    let text = candidate.text;
    let shape = Shape::of(text);
    let sign = text.iter().any(|byte| b"!@#$%^&*+~?".contains(byte));
    let named = ALGORITHMS.iter().any(|name| {
        text.get(..name.len())
            .is_some_and(|head| head.eq_ignore_ascii_case(name))
    });
    let called = matches!(candidate.next, Some(b'(' | b'['));
    let strong = text.len() >= 8
        && shape.digit > 0
        && shape.letters() > 0
        && ((shape.lower > 0 && shape.upper > 0) || sign);
    accept_if(shape.ascii && strong && !named && !called && !is_path(text) && !is_type(text))
}

/// Whether a declaration stands in the place of a value: `string`, `String!`, `str|None`, `uint8_t*`, or a constant's name such as
/// `MSV1_0_ALLOW_FORCE`.
fn is_type(text: &[u8]) -> bool {
    const NAMES: [&[u8]; 31] = [
        b"any",
        b"array",
        b"blob",
        b"bool",
        b"boolean",
        b"buffer",
        b"byte",
        b"bytea",
        b"bytes",
        b"char",
        b"column",
        b"field",
        b"float",
        b"int",
        b"integer",
        b"none",
        b"null",
        b"number",
        b"object",
        b"optional",
        b"secretstr",
        b"slice",
        b"str",
        b"string",
        b"text",
        b"undefined",
        b"unknown",
        b"utf",
        b"varchar",
        b"void",
        b"wchar",
    ];
    let named = |part: &[u8]| {
        let word = part.strip_suffix(b"_t").unwrap_or(part);
        let digits = word
            .iter()
            .rev()
            .take(2)
            .take_while(|byte| byte.is_ascii_digit())
            .count();
        let word = word.get(..word.len() - digits).unwrap_or(&[]);
        let word = word
            .strip_prefix(b"u")
            .filter(|rest| rest.starts_with(b"int"))
            .unwrap_or(word);
        NAMES.iter().any(|name| name.eq_ignore_ascii_case(word))
            || (digits > 0 && matches!(word, b"u" | b"i" | b"f"))
    };
    let mut parts = text
        .split(|byte| b"?!*&|".contains(byte))
        .filter(|part| !part.is_empty());
    let constant = text.split(|byte| *byte == b'_').count() > 2
        && text
            .iter()
            .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || *byte == b'_');
    constant || parts.all(named)
}

/// No variable, call or template in the place of a value.
pub(super) fn not_code(candidate: &Candidate<'_>) -> Check {
    let text = candidate.text;
    let called = matches!(candidate.next, Some(b'(' | b'['));
    let reference = text.iter().any(|byte| b"(){}[]".contains(byte))
        || matches!(text.first(), Some(b'$' | b'%'))
        || text.last() == Some(&b',');
    let word = [
        "none", "null", "true", "false", "string", "password", "passwd", "pass", "pwd", "test",
    ]
    .iter()
    .any(|word| text.eq_ignore_ascii_case(word.as_bytes()));
    accept_if(!called && !reference && !word && text.is_ascii() && !is_path(text))
}

#[cfg(test)]
mod tests {
    use super::super::passes;
    use super::*;

    #[test]
    fn words_of_forms_are_no_passwords() {
        assert!(!passes(password_literal, "\"", "Password", Some(b'"')));
        assert!(passes(password_literal, "\"", "hunter2!", Some(b'"')));
        let plain = Candidate {
            text: b"opensesame",
            before: b"",
            next: None,
            context: false,
        };
        assert_eq!(password_bare(&plain), Check::Score(0.3));
        for declared in [
            "String!",
            "str|None",
            "uint8_t*",
            "varchar2",
            "utf8",
            "MSV1_0_ALLOW_FORCE",
            "string?",
        ] {
            assert!(!passes(password_bare, ": ", declared, None), "{declared}");
        }
        for typed in [
            "string1!a",
            "hunter2!",
            "Strings4u",
            "int3rnal",
            "ADMIN_2024",
        ] {
            assert!(passes(password_bare, ": ", typed, None), "{typed}");
        }
    }

    #[test]
    fn a_password_in_a_sentence_is_no_word_and_no_algorithm() {
        for value in ["Summer2024", "hunter2!x", "kX9-fooBar"] {
            assert!(passes(password_strong, " is ", value, None), "{value}");
        }
        for value in [
            "required",
            "Base64-encoded",
            "AES-256-GCM",
            "stored",
            "8-characters",
            "uint8_t",
        ] {
            assert!(!passes(password_strong, " is ", value, None), "{value}");
        }
    }
}
