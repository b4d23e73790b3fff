//! `JSONTestSuite` (Nicolas Seriot, MIT) at every partition.

mod support;

use midstream_json_guard::{DuplicateKeys, Guard, Kind, Settings, Status};
use serde_json::Value;
use support::{bytewise, cut, whole};

struct Case {
    name: String,
    expect: String,
    bytes: Vec<u8>,
}

fn cases() -> Option<Vec<Case>> {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let folder = std::env::var_os("MIDSTREAM_DATA").map_or(root, Into::into);
    let Ok(suite) = std::fs::read_to_string(folder.join("json/json_test_suite.jsonl")) else {
        eprintln!("skipped: no data sets at {}", folder.display());
        return None;
    };
    let cases = suite.lines().map(|line| {
        let case: Value = serde_json::from_str(line).expect("a case");
        let text = |name: &str| case[name].as_str().expect("a string").to_owned();
        Case {
            name: text("name"),
            expect: text("expect"),
            bytes: base64(&text("bytes_b64")),
        }
    });
    Some(cases.collect())
}

fn base64(text: &str) -> Vec<u8> {
    let (mut out, mut bits, mut count) = (Vec::new(), 0u32, 0);
    for byte in text.bytes().filter(|b| *b != b'=') {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            _ => 63,
        };
        bits = bits << 6 | u32::from(value);
        count += 6;
        if count >= 8 {
            count -= 8;
            out.push((bits >> count) as u8);
        }
    }
    out
}

fn plain() -> Guard {
    Guard::compile(None, Settings::default()).expect("no schema")
}

#[test]
fn the_whole_suite_is_told_valid_from_invalid() {
    let (guard, mut seen) = (plain(), [0; 3]);
    for case in cases().into_iter().flatten() {
        let complete = whole(&guard, &case.bytes) == Status::Complete;
        match case.expect.as_str() {
            "y" => assert!(complete, "{} must be accepted", case.name),
            "n" => assert!(!complete, "{} must be rejected", case.name),
            _ => assert_eq!(
                complete,
                accepted(&case.name),
                "{} is documented otherwise",
                case.name
            ),
        }
        seen[case.expect.len() % 2 + usize::from(case.expect == "n")] += 1;
    }
    assert!(
        seen.iter().sum::<i32>() == 318 || cases().is_none(),
        "{seen:?}"
    );
}

/// The cases that RFC 8259 leaves free: numbers beyond a double are numbers; broken UTF-8, UTF-16, lone surrogates, a byte
/// order mark and nesting over 128 are refused.
fn accepted(name: &str) -> bool {
    name.starts_with("i_number_")
}

#[test]
fn every_partition_gives_the_same_status() {
    let guard = plain();
    for case in cases().into_iter().flatten() {
        let expected = whole(&guard, &case.bytes);
        assert_eq!(
            bytewise(&guard, &case.bytes),
            expected,
            "{} by bytes",
            case.name
        );
        let mut seed = 0x9E37_79B9_7F4A_7C15_u64 ^ case.bytes.len() as u64;
        for round in 0..8 {
            let cuts: Vec<usize> = (0..=round)
                .map(|_| {
                    seed = seed
                        .wrapping_mul(6_364_136_223_846_793_005)
                        .wrapping_add(1_442_695_040_888_963_407);
                    (seed >> 33) as usize
                })
                .collect();
            assert_eq!(
                cut(&guard, &case.bytes, &cuts),
                expected,
                "{} at {cuts:?}",
                case.name
            );
        }
    }
}

#[test]
fn two_accepted_files_have_repeated_names_which_can_be_refused() {
    let settings = Settings {
        duplicate_keys: DuplicateKeys::Refuse,
        ..Settings::default()
    };
    let (strict, mut refused) = (
        Guard::compile(None, settings).expect("no schema"),
        Vec::new(),
    );
    for case in cases()
        .into_iter()
        .flatten()
        .filter(|case| case.expect == "y")
    {
        if let Status::Violation(violation) = whole(&strict, &case.bytes) {
            assert_eq!(violation.kind, Kind::DuplicateKey, "{}", case.name);
            refused.push(case.name);
        }
    }
    if cases().is_some() {
        assert_eq!(
            refused,
            [
                "y_object_duplicated_key.json",
                "y_object_duplicated_key_and_value.json"
            ]
        );
    }
}

#[test]
fn the_offset_is_the_first_that_no_valid_text_has() {
    // The text up to the offset can be completed: closing what is open makes it valid for serde_json.
    let guard = plain();
    for case in cases()
        .into_iter()
        .flatten()
        .filter(|case| case.expect == "n")
    {
        let Status::Violation(violation) = whole(&guard, &case.bytes) else {
            unreachable!("{}", case.name)
        };
        if violation.kind == Kind::Depth {
            continue;
        }
        let before = &case.bytes[..violation.offset];
        assert!(
            completes(&guard, before),
            "{} was invalid before {}",
            case.name,
            violation.offset
        );
    }
}

/// Whether some continuation is valid: found by taking any legal byte that comes nearer to the end.
fn completes(guard: &Guard, before: &[u8]) -> bool {
    let mut stream = guard.start();
    stream.push(before);
    let mut text = before.to_vec();
    for _ in 0..4 * before.len() + 64 {
        if matches!(stream.clone().finish(), Status::Complete) {
            return serde_json::from_slice::<serde::de::IgnoredAny>(&text).is_ok();
        }
        // Ends of strings and containers first, then what is needed on the way.
        let order = b"\"}]:0,eaulsr\\DC\x80\x8F\xA0";
        let legal = |byte: &&u8| !matches!(stream.clone().push(&[**byte]), Status::Violation(_));
        let Some(&byte) = order.iter().find(legal) else {
            return false;
        };
        stream.push(&[byte]);
        text.push(byte);
    }
    false
}
