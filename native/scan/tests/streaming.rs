//! For every partition of a text, the scanner reports what the oracle finds in the whole, and never releases a byte of it.

mod oracle;

use midstream_scan::spec::AnalyserSpec;
use midstream_scan::{Event, Plan, Scanner, TextKind};
use oracle::{Found, Oracle};
use proptest::prelude::*;
use std::sync::LazyLock;

static SPECS: LazyLock<Vec<AnalyserSpec>> = LazyLock::new(|| {
    serde_json::from_str(include_str!("oracle/rules.json")).expect("the test's rules are valid")
});
static PLAN: LazyLock<Plan> =
    LazyLock::new(|| Plan::compile(&SPECS).expect("the test's rules compile"));
static ORACLE: LazyLock<Oracle> = LazyLock::new(|| Oracle::new(&SPECS));

/// Pieces of values, of their surroundings, and of what disguises them.
const PIECES: &[&[u8]] = &[
    b" ",
    b" ",
    b" ",
    b"-",
    b".",
    b"@",
    b"_",
    b": ",
    b"=",
    b"\"",
    b"\"",
    b"'",
    b"\\",
    b"\n",
    b"a",
    b"x",
    b"Z",
    b"7",
    b"1",
    b"john",
    b"example.com",
    b"4111 1111 1111 1111",
    b"4111",
    b"1111",
    b"123456",
    b"12",
    b"AB123",
    b"sk-",
    b"SK-",
    b"sk-pro-",
    b"Abc9Def8",
    b"password",
    b"token",
    b"eyJ",
    b"eyJhbGci.x_y",
    b"-----BEGIN KEY-----",
    b"-----END",
    b"END",
    b"key",
    b"keyring",
    b"Acme",
    b"acme",
    b"canary",
    b"can",
    b"code",
    b"passcode ",
    b"example",
    b"+1 555 123 4567",
    "паспорт ".as_bytes(),
    "пароль: ".as_bytes(),
    "секрет".as_bytes(),
    "СЕКРЕТ".as_bytes(),
    "о".as_bytes(),
    "а".as_bytes(),
    "сор".as_bytes(),
    "ж".as_bytes(),
    "é".as_bytes(),
    "漢".as_bytes(),
    "сорока рост ".as_bytes(),
    "Ёжик".as_bytes(),
    "“漢字あ한”…".as_bytes(),
    "😀".as_bytes(),
    "\u{200b}".as_bytes(),
    "\u{fe0f}".as_bytes(),
    "ｊｏ".as_bytes(),
    "＠".as_bytes(),
    "１１".as_bytes(),
    "١٢".as_bytes(),
    "ⓐ".as_bytes(),
    "\u{a0}".as_bytes(),
    "–".as_bytes(),
    "𝟏".as_bytes(),
    b"\\u0040",
    b"\\u200b",
    b"\\ud83d\\ude00",
    b"\\ud83d",
    b"\\n",
    b"\\/",
    b"\\u00",
    b"\\\"",
    b"\xFF",
    b"\xC3",
    b"\xE2\x80",
    b"\xF0\x9F",
];

fn text() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(prop::sample::select(PIECES), 0..14).prop_map(|pieces| pieces.concat())
}

/// What begins many attempts at once, keeps them alike, or tells them apart late.
const CROWDED: &[&str] = &[
    "1",
    "2",
    "4",
    "12",
    "4111",
    "1111",
    "378282246310005",
    "5555",
    " ",
    "  ",
    ".",
    "..",
    "-",
    ":",
    "::",
    "/",
    "(",
    ")",
    "+",
    "@",
    "a",
    "f",
    "0a",
    "ab",
    "a.",
    "a.a.",
    "a0:",
    "00:1a",
    "hash ",
    "code ",
    "#ab",
    "/8",
    "%",
    "Z",
    "\u{200b}",
    "１",
    "192.168.1.1",
    "4111 1111 1111 1111",
    "415-555-0132",
];

/// Pieces in any order, or a few of them again and again.
fn crowded() -> impl Strategy<Value = Vec<u8>> {
    let piece = || prop::sample::select(CROWDED);
    let mixed = prop::collection::vec(piece(), 0..16).prop_map(|pieces| pieces.concat());
    let unit = prop::collection::vec(piece(), 1..4).prop_map(|pieces| pieces.concat());
    let repeated = (unit, 1_usize..24, piece()).prop_map(|(unit, times, last)| {
        let times = times.min(60 / unit.len().max(1)).max(1);
        unit.repeat(times) + last
    });
    prop_oneof![mixed, repeated].prop_map(String::into_bytes)
}

/// Rules of which two sleep and want an exact length, beside rules that go on through the same words and begin inside of them.
static BESIDE: LazyLock<Vec<AnalyserSpec>> = LazyLock::new(|| {
    let specs = serde_json::json!([{
        "id": "analyser/test/beside",
        "rules": [
            { "id": "exact", "tag": "A", "pattern": "[a-f1-4]{8,9}", "context": { "words": ["hash"], "within": 24, "required": true },
              "score": 0.9, "maxBytes": 9 },
            { "id": "other", "tag": "B", "pattern": "[1-4a][a-f1-4]{6}", "context": { "words": ["code", "hash"], "within": 12,
              "required": true }, "score": 0.8, "maxBytes": 12 },
            { "id": "long", "tag": "C", "pattern": "[a-f1-4.-]+@[a-f]+", "score": 0.5, "maxBytes": 40 },
            { "id": "inside", "tag": "D", "pattern": "[1-4]{3}-[1-4]{2}", "left": "digit", "right": "digit", "score": 0.6, "maxBytes": 6 },
            { "id": "short", "tag": "E", "pattern": "b[cd]-f", "left": "any", "score": 0.4, "maxBytes": 4 }
        ]
    }]);
    serde_json::from_value(specs).expect("the test's rules are valid")
});
static BESIDE_PLAN: LazyLock<Plan> =
    LazyLock::new(|| Plan::compile(&BESIDE).expect("the test's rules compile"));
static BESIDE_ORACLE: LazyLock<Oracle> = LazyLock::new(|| Oracle::new(&BESIDE));

/// Words of the lengths that the sleeping rules want, and of those next to them, behind words that wake the rules.
fn beside() -> impl Strategy<Value = Vec<u8>> {
    let letter = prop::sample::select(&b"abcdef1234"[..]);
    let word = prop::collection::vec(letter, 5..11)
        .prop_map(|letters| String::from_utf8(letters).expect("ASCII"));
    let waking = prop::sample::select(&["hash ", "code ", "", "hash: hash-", "Hash code "][..]);
    let after = prop::sample::select(&[" ", ".", "-", "@", "@ab ", ", ", "-12 ", "é ", ""][..]);
    let piece =
        (waking, word, after).prop_map(|(waking, word, after)| [waking, &word, after].concat());
    prop::collection::vec(piece, 1..5).prop_map(|pieces| pieces.concat().into_bytes())
}

/// Words that mix scripts, far apart in text longer than what a lane keeps, beside words of one script.
fn folded() -> impl Strategy<Value = Vec<u8>> {
    let words = &[
        "j\u{43e}hn@example.com ",
        "\u{440}\u{430}ssw\u{43e}rd ",
        "c\u{430}rd 4111 1111 1111 1111",
        "\u{430}.\u{43e}@\u{435}x.com",
        "\u{43e}@a.b\u{43e}@a.b",
        "\u{430}",
        "\u{43e}\u{441}\u{430} ",
    ];
    let word = prop::sample::select(&words[..]).prop_map(|word| word.as_bytes().to_vec());
    let filler = &[
        "plain words. ",
        "простые слова, ",
        "a.a ",
        "1 2 ",
        "x\u{200b}",
    ];
    let filler = (prop::sample::select(&filler[..]), 1_usize..40);
    let filler = filler.prop_map(|(text, times)| text.repeat(times).into_bytes());
    let piece = prop_oneof![
        word,
        filler,
        prop::sample::select(PIECES).prop_map(<[u8]>::to_vec)
    ];
    prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

struct Outcome {
    found: Vec<Found>,
    /// Starts in the order of the reports.
    starts: Vec<u64>,
}

/// Scans a text in pushes of the given sizes (the last repeats), and checks what holds after each.
fn scan(plan: &Plan, text: &[u8], kind: TextKind, sizes: &[usize]) -> Outcome {
    let mut scanner = Scanner::new(plan, kind);
    let mut events = Vec::new();
    let mut rest = text;
    let mut released = vec![(0_usize, 0_u64)];
    let mut sizes = sizes
        .iter()
        .copied()
        .chain(std::iter::repeat(sizes.last().copied().unwrap_or(1)));
    let mut pushed = 0;
    while !rest.is_empty() {
        let (now, later) = rest.split_at(sizes.next().unwrap_or(1).clamp(1, rest.len()));
        scanner.push(plan, now, &mut events);
        pushed += now.len() as u64;
        rest = later;
        let before = released.last().expect("never empty").1;
        assert!(
            before <= scanner.safe() && scanner.safe() <= pushed,
            "safe offset out of order"
        );
        released.push((events.len(), scanner.safe()));
    }
    scanner.finish(plan, &mut events);
    assert_eq!(
        scanner.safe(),
        text.len() as u64,
        "not everything is decided at the end"
    );
    assert_eq!(
        scanner.dropped_attempts(),
        0,
        "the property holds below the cap only"
    );
    let start_of = |event: &Event| match event {
        Event::Found(finding) => Some(finding.start),
        Event::Opened { start, .. } => Some(*start),
        Event::Closed(_) => None,
    };
    for (count, safe) in released {
        for start in events[count..].iter().filter_map(start_of) {
            assert!(start >= safe, "released {safe} before a finding at {start}");
        }
    }
    let mut found: Vec<Found> = events
        .iter()
        .filter_map(|event| match event {
            Event::Found(f) | Event::Closed(f) => Some((f.rule, f.start, f.end, f.score)),
            Event::Opened { .. } => None,
        })
        .collect();
    found.sort_by_key(|a| (a.1, a.0));
    Outcome {
        found,
        starts: events.iter().filter_map(start_of).collect(),
    }
}

/// The safe offset after every push of this size.
fn safe_offsets(plan: &Plan, text: &[u8], size: usize) -> Vec<u64> {
    let mut scanner = Scanner::new(plan, TextKind::Plain);
    let mut events = Vec::new();
    let push = |bytes: &[u8]| {
        scanner.push(plan, bytes, &mut events);
        scanner.safe()
    };
    text.chunks(size).map(push).collect()
}

fn check(text: &[u8], kind: TextKind, sizes: &[usize]) {
    check_with((&PLAN, &ORACLE), text, kind, sizes);
}

fn check_with((plan, oracle): (&Plan, &Oracle), text: &[u8], kind: TextKind, sizes: &[usize]) {
    let mut expected = oracle.scan(text, kind == TextKind::Json);
    expected.sort_by_key(|a| (a.1, a.0));
    let printed = String::from_utf8_lossy(text);
    for sizes in [sizes, &[1], &[3], &[4], &[usize::MAX]] {
        let outcome = scan(plan, text, kind, sizes);
        assert_eq!(
            outcome.found, expected,
            "{printed:?} in pushes of {sizes:?}"
        );
        assert!(
            outcome.starts.is_sorted(),
            "{printed:?}: reports out of order"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), ..ProptestConfig::default() })]

    #[test]
    fn streamed_findings_equal_those_of_the_whole_text(text in text(), sizes in prop::collection::vec(1_usize..9, 1..20)) {
        check(&text, TextKind::Plain, &sizes);
    }

    #[test]
    fn the_same_holds_for_json_with_escapes(text in text(), sizes in prop::collection::vec(1_usize..9, 1..20)) {
        check(&[b"{\"k\":\"", text.as_slice()].concat(), TextKind::Json, &sizes);
    }

    #[test]
    fn the_same_holds_where_every_byte_begins_an_attempt(text in crowded(), sizes in prop::collection::vec(1_usize..9, 1..20)) {
        check(&text, TextKind::Plain, &sizes);
    }

    #[test]
    fn words_that_mix_scripts_far_apart_are_found_whatever_the_cut(text in folded(), sizes in prop::collection::vec(1_usize..700, 1..8)) {
        let (bytes, parts) = (scan(&PLAN, &text, TextKind::Plain, &[1]), scan(&PLAN, &text, TextKind::Plain, &sizes));
        prop_assert_eq!(bytes.found, parts.found, "{:?}", String::from_utf8_lossy(&text));
    }

    #[test]
    fn a_sleeping_rule_counts_every_byte_once_whatever_begins_beside_it(text in beside(), sizes in prop::collection::vec(1_usize..9, 1..20)) {
        check_with((&BESIDE_PLAN, &BESIDE_ORACLE), &text, TextKind::Plain, &sizes);
    }

    #[test]
    fn what_may_leave_does_not_depend_on_how_the_text_was_cut(text in prop_oneof![text(), crowded(), beside(), folded()], size in prop_oneof![2_usize..40, 40_usize..700]) {
        for plan in [&*PLAN, &*BESIDE_PLAN] {
            let (one, many) = (safe_offsets(plan, &text, 1), safe_offsets(plan, &text, size));
            let expected: Vec<u64> = one.chunks(size).filter_map(|cut| cut.last().copied()).collect();
            prop_assert_eq!(many, expected, "{:?}", String::from_utf8_lossy(&text));
        }
    }

    #[test]
    fn arbitrary_bytes_never_panic_and_are_all_decided(text in prop::collection::vec(any::<u8>(), 0..200), size in 1_usize..9) {
        let whole = scan(&PLAN, &text, TextKind::Json, &[usize::MAX]);
        let parts = scan(&PLAN, &text, TextKind::Json, &[size]);
        prop_assert_eq!(whole.found, parts.found);
    }
}

/// A fixed budget for every build; `MIDSTREAM_CASES` for a longer search.
fn cases() -> u32 {
    std::env::var("MIDSTREAM_CASES")
        .ok()
        .and_then(|cases| cases.parse().ok())
        .unwrap_or(300)
}

/// Rules of one analyser, each with defaults for what the test does not care about.
fn plan(rules: &serde_json::Value) -> Plan {
    let spec =
        serde_json::from_value(serde_json::json!([{ "id": "analyser/test/own", "rules": rules }]));
    let spec: Vec<AnalyserSpec> = spec.expect("the rules are valid");
    Plan::compile(&spec).expect("the rules compile")
}

#[test]
fn an_attempt_that_fails_closed_is_a_finding_at_its_bound_whatever_else_is_under_way() {
    let plan = plan(&serde_json::json!([
        { "id": "closed", "tag": "A", "pattern": "[a-z.]+@[a-z]+", "atBound": "find", "score": 0.9, "maxBytes": 8 },
        { "id": "long", "tag": "B", "pattern": "[a-z.]+/[a-z]+", "score": 0.4, "maxBytes": 30 }
    ]));
    for (text, expected) in [
        ("abcdefgh", vec![]),
        ("abcdefghi", vec![(0, 0, 8)]),
        ("ab@cdefghi", vec![(0, 0, 8)]),
        ("a.b.c.d.e.f.g.h.i", vec![(0, 0, 8), (0, 8, 16)]),
        ("abcdefghi/jk", vec![(0, 0, 8)]),
    ] {
        for size in [1, 2, 3, usize::MAX] {
            let found = scan(&plan, text.as_bytes(), TextKind::Plain, &[size]).found;
            let found: Vec<_> = found.iter().map(|f| (f.0, f.1, f.2)).collect();
            assert_eq!(found, expected, "{text} in pushes of {size}");
        }
    }
}

#[test]
fn a_keyword_before_a_lead_may_stand_inside_a_word_and_the_left_boundary_is_that_of_the_match() {
    let plan = plan(&serde_json::json!([
        { "id": "any", "tag": "A", "keywords": ["token"], "lead": " ?[:=] ?", "pattern": "[a-z0-9_]{4,9}", "left": "any", "right": "word", "score": 0.9, "maxBytes": 9 },
        { "id": "word", "tag": "B", "keywords": ["pin"], "lead": "[:=]_*", "pattern": "[0-9]{4}", "left": "word", "score": 0.9, "maxBytes": 9 }
    ]));
    for (text, expected) in [
        ("token=abcd1", vec![(0, 6, 11)]),
        ("authtoken: abcd1", vec![(0, 11, 16)]),
        ("APP_TOKEN=abcd1", vec![(0, 10, 15)]),
        ("tokens=abcd1", vec![]),
        ("spin:1234", vec![(1, 5, 9)]),
        ("pin:_1234", vec![]),
    ] {
        for size in [1, 3, usize::MAX] {
            let found = scan(&plan, text.as_bytes(), TextKind::Plain, &[size]).found;
            let found: Vec<_> = found.iter().map(|f| (f.0, f.1, f.2)).collect();
            assert_eq!(found, expected, "{text} in pushes of {size}");
        }
    }
}

#[test]
fn time_and_memory_stay_linear_where_every_byte_begins_an_attempt() {
    for unit in [
        "1 ", "1-", "a.", "a0:", "12  ", "a.a@", "4 ", "#ab", "hash 12-", "1..", "::",
    ] {
        let text = unit.repeat(4_000);
        let mut scanner = Scanner::new(&PLAN, TextKind::Plain);
        let mut events = Vec::new();
        for piece in text.as_bytes().chunks(5) {
            scanner.push(&PLAN, piece, &mut events);
            events.clear();
        }
        let (work, bytes) = (scanner.work(), text.len() as u64);
        assert!(
            work < 400 * bytes,
            "{unit:?}: {work} steps for {bytes} bytes"
        );
        assert!(
            scanner.memory_bytes() < 8_192,
            "{unit:?}: {} bytes",
            scanner.memory_bytes()
        );
        assert_eq!(scanner.dropped_attempts(), 0, "{unit:?}");
    }
}

#[test]
fn memory_stays_bounded_on_folded_text_and_is_given_back_when_the_text_is_plain_again() {
    for unit in [
        "\u{ff11}\u{ff12}\u{ff41}",
        "a\u{200b}1\u{200d}",
        "\u{430}dmin \u{440}\u{430}ssw\u{43e}rd ",
        "\u{ff21}\u{200b}b\u{301}",
        "a.a.a@",
        "1-1 ",
    ] {
        let mut scanner = Scanner::new(&PLAN, TextKind::Plain);
        let mut events = Vec::new();
        let mut most = 0;
        for piece in unit.repeat(2_000).as_bytes().chunks(5) {
            scanner.push(&PLAN, piece, &mut events);
            events.clear();
            most = most.max(scanner.memory_bytes());
        }
        assert!(most <= 8_192, "{unit:?}: {most} bytes");
        for piece in "no more of it. ".repeat(200).as_bytes().chunks(5) {
            scanner.push(&PLAN, piece, &mut events);
        }
        let rest = scanner.memory_bytes();
        assert!(rest <= 3_072, "{unit:?}: {rest} bytes at rest");
    }
}
