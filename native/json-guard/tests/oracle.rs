//! Random schemas and instances against the `jsonschema` crate, and random bytes against `serde_json`.

#[path = "support/random.rs"]
mod random;
mod support;

use midstream_json_guard::{DuplicateKeys, Exponents, Guard, Settings, Status};
use proptest::prelude::*;
use random::Source;
use serde_json::Value;
use support::{bytewise, cut, whole};

fn entropy(most: usize) -> impl Strategy<Value = Vec<u8>> {
    proptest::collection::vec(any::<u8>(), 0..most)
}

fn oracle(schema: &Value) -> jsonschema::Validator {
    jsonschema::draft202012::new(schema).expect("a valid schema")
}

fn is_violation(status: &Status) -> bool {
    matches!(status, Status::Violation(_))
}

/// Checks one pair; `Err` has the sentence that is false.
fn agree(schema: &Value, instance: &Value, settings: Settings) -> Result<(), TestCaseError> {
    let valid = oracle(schema).is_valid(instance);
    let guard = Guard::compile(Some(schema), settings).expect("the schema compiles");
    for text in [
        serde_json::to_vec(instance),
        serde_json::to_vec_pretty(instance),
    ] {
        let text = text.expect("a text");
        let mut stream = guard.start();
        let pushed = stream.push(&text);
        let status = stream.finish();
        let shown = String::from_utf8_lossy(&text);
        if valid {
            prop_assert!(
                !is_violation(&pushed),
                "{schema} accepts {shown}, but {pushed:?}"
            );
            prop_assert_eq!(&status, &Status::Complete, "{} accepts {}", schema, shown);
        } else if stream.is_decided() {
            prop_assert!(
                is_violation(&status),
                "{schema} refuses {shown}, which passed as decided"
            );
        } else {
            let left = !guard.deferred().is_empty() || settings != Settings::default();
            prop_assert!(
                left || schema.to_string().contains("multipleOf"),
                "{schema} left {shown} undecided"
            );
        }
        prop_assert_eq!(bytewise(&guard, &text), status);
    }
    Ok(())
}

/// `PROPTEST_CASES` for more.
fn config() -> ProptestConfig {
    let given = std::env::var_os("PROPTEST_CASES").is_some();
    if given {
        ProptestConfig::default()
    } else {
        ProptestConfig::with_cases(2048)
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn verdicts_are_those_of_a_full_validator(seed in entropy(120), instances in entropy(60)) {
        let schema = Source::new(&seed).document();
        let mut source = Source::new(&instances);
        for _ in 0..6 {
            agree(&schema, &source.instance(3), Settings::default())?;
        }
    }

    #[test]
    fn few_states_make_a_verdict_undecided_but_never_wrong(seed in entropy(120), instances in entropy(60), states in 1usize..12) {
        let schema = Source::new(&seed).document();
        let mut source = Source::new(&instances);
        let settings = Settings { max_states: states, max_unique_items: 1, ..Settings::default() };
        for _ in 0..4 {
            agree(&schema, &source.instance(3), settings)?;
        }
    }

    #[test]
    fn without_exponents_bounds_are_certain_earlier_and_never_wrong(seed in entropy(80), instances in entropy(40)) {
        let schema = Source::new(&seed).document();
        let mut source = Source::new(&instances);
        let settings = Settings { exponents: Exponents::Refuse, duplicate_keys: DuplicateKeys::Refuse, ..Settings::default() };
        for _ in 0..6 {
            let instance = source.instance(3);
            if !instance.to_string().contains(['e', 'E']) {
                agree(&schema, &instance, settings)?;
            }
        }
    }

    #[test]
    fn json_is_told_from_other_bytes_as_serde_json_does(mut text in jsonish(), cuts in proptest::collection::vec(any::<usize>(), 0..6)) {
        text.truncate(400);
        let guard = Guard::compile(None, Settings::default()).expect("no schema");
        let status = whole(&guard, &text);
        // `serde_json` refuses numbers beyond a double, which the grammar has.
        let serde = match serde_json::from_slice::<Value>(&text) {
            Ok(_) => true,
            Err(error) if error.to_string().contains("number out of range") => return Ok(()),
            Err(_) => false,
        };
        prop_assert_eq!(status == Status::Complete, serde, "{:?}", String::from_utf8_lossy(&text));
        prop_assert_eq!(cut(&guard, &text, &cuts), status);
    }

    #[test]
    fn no_bytes_panic_and_cuts_change_nothing(
        seed in entropy(100), text in jsonish(), cuts in proptest::collection::vec(any::<usize>(), 0..6), placement in 0usize..3
    ) {
        use midstream_json_guard::Placement;
        let placement = [Placement::Strict, Placement::Fenced, Placement::FindFirst][placement];
        let settings = Settings { placement, max_depth: 12, max_bytes: 300, ..Settings::default() };
        let schema = Source::new(&seed).document();
        for schema in [None, Some(&schema)] {
            let guard = Guard::compile(schema, settings).expect("the schema compiles");
            let status = whole(&guard, &text);
            prop_assert_eq!(&cut(&guard, &text, &cuts), &status);
            prop_assert_eq!(&bytewise(&guard, &text), &status);
        }
    }

    #[test]
    fn what_is_said_to_be_legal_is_and_the_offset_is_the_first(seed in entropy(100), instance in entropy(40)) {
        let schema = Source::new(&seed).document();
        let guard = Guard::compile(Some(&schema), Settings::default()).expect("the schema compiles");
        let text = Source::new(&instance).instance(3).to_string();
        let mut stream = guard.start();
        for byte in text.bytes() {
            let legal = stream.expected();
            prop_assert!(legal.len() <= 16);
            for token in &legal {
                // Tokens that stand for themselves.
                if token.starts_with('"') || token.len() == 1 || matches!(token.as_str(), "true" | "false" | "null") {
                    let is_word = token.len() > 1 && !token.starts_with('"');
                    let mut copy = stream.clone();
                    // Inside a string the whole of it is shown.
                    let inside = token.starts_with('"') && token.len() > 1 && copy.push(b"\x01") != copy.push(b"");
                    if !inside && (is_word || token.len() == 1) {
                        let status = stream.clone().push(token.as_bytes());
                        prop_assert!(!is_violation(&status), "{token} was said to be legal: {status:?}");
                    }
                }
            }
            if let Status::Violation(violation) = stream.push(&[byte]) {
                let shown = String::from_utf8(vec![byte]).unwrap_or_default();
                prop_assert!(!legal.contains(&shown), "{shown} was said to be legal: {violation}");
                return Ok(());
            }
        }
    }
}

/// Bytes that are JSON, nearly JSON, in a fence, or anything.
fn jsonish() -> impl Strategy<Value = Vec<u8>> {
    let token = proptest::sample::select(vec![
        &b"{"[..],
        b"}",
        b"[",
        b"]",
        b",",
        b":",
        b"\"",
        b"\"a\":",
        b"\"\\u00e9\"",
        b"\\",
        b"\\ud83d",
        b"\\ude00",
        b"null",
        b"true",
        b"fals",
        b"-",
        b"0",
        b"12",
        b".5",
        b"e3",
        b"E-",
        b" ",
        b"\n",
        b"\xC3",
        b"\xA9",
        b"\xF0\x9F\x98\x80",
        b"\xED\xA0",
        b"```json\n",
        b"```",
        b"```\n",
        b"~~~",
        b"text ",
        b"\t",
        b"\x00",
        b"\"ab\"",
        b"1e999",
        b"\"b\"",
    ]);
    let tokens = proptest::collection::vec(token, 0..40).prop_map(|tokens| tokens.concat());
    let near = (entropy(40), any::<usize>(), any::<u8>()).prop_map(|(seed, at, byte)| {
        let mut text = Source::new(&seed).instance(4).to_string().into_bytes();
        let at = at % text.len();
        if byte % 3 == 0 {
            text.remove(at);
        } else {
            text[at] = byte;
        }
        text
    });
    let valid = entropy(60).prop_map(|seed| {
        serde_json::to_vec_pretty(&Source::new(&seed).instance(4)).expect("a text")
    });
    prop_oneof![
        tokens,
        near,
        valid,
        proptest::collection::vec(any::<u8>(), 0..60)
    ]
}
