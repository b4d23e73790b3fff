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

fn check(text: &[u8], kind: TextKind, sizes: &[usize]) {
    let mut expected = ORACLE.scan(text, kind == TextKind::Json);
    expected.sort_by_key(|a| (a.1, a.0));
    let printed = String::from_utf8_lossy(text);
    for sizes in [sizes, &[1], &[3], &[4], &[usize::MAX]] {
        let outcome = scan(&PLAN, text, kind, sizes);
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
