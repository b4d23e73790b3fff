//! The detectors that judge text, each with a request of its own: any cutting gives the same findings, within the text, in bounds.
#![no_main]

use std::sync::{Arc, LazyLock};

use libfuzzer_sys::fuzz_target;
use midstream_fuzz::{cut, str_pieces};
use midstream_text_detector::{Context, Detector, Found, Message, Origin};
use serde_json::json;

static DETECTORS: LazyLock<Vec<Arc<dyn Detector>>> = LazyLock::new(|| {
    [
        midstream_toxicity::compile(
            json!({"debounce": 1, "thresholds": {"insult": 0.3, "hate": 0.3}}),
        ),
        midstream_injection::compile(json!({})),
        midstream_prompt_leak::compile(json!({"canaries": ["violet-otter-7731"], "minRun": 5})),
        midstream_grounding::compile(json!({"minScore": 0.1, "minSpanScore": 0.1})),
        midstream_quality::compile(json!({"report": "always"})),
        midstream_pattern::compile(json!({"phrases": [{"text": "money back", "maxEdits": 2}]})),
    ]
    .into_iter()
    .map(|compiled| compiled.expect("the settings are fine"))
    .collect()
});

static CONTEXT: LazyLock<Context> = LazyLock::new(|| {
    Context {
    messages: [
        (Origin::Instructions, "You are the guide of a museum. Never name the donor of the mill, and answer in at most 40 words."),
        (Origin::Document, "The mill was built in 1784 by Anna Visser for 300 guilders. See https://mill.example/history."),
        (Origin::User, "Who built the mill, and when?"),
    ]
    .map(|(origin, text)| Message {
        origin,
        text: text.to_owned(),
    })
    .to_vec(),
    wants_json: false,
}
});

fn run<'a>(detector: &dyn Detector, input: impl Iterator<Item = &'a str>) -> (Vec<Found>, u64) {
    let mut reader = detector.begin(&CONTEXT).open(Origin::Content);
    let (mut found, mut bytes) = (Vec::new(), 0);
    for piece in input {
        reader.push(piece, &mut found);
        bytes += piece.len() as u64;
        assert!(reader.hold_from() == u64::MAX || reader.hold_from() <= bytes);
        assert!(reader.memory_bytes() < 1 << 20);
    }
    reader.finish(&mut found);
    (found, bytes)
}

fuzz_target!(|data: &[u8]| {
    let Some((which, rest)) = data.split_first() else {
        return;
    };
    let Some((sizes, input)) = cut(rest) else {
        return;
    };
    let Ok(text) = std::str::from_utf8(input) else {
        return;
    };
    let detector = &DETECTORS[usize::from(*which) % DETECTORS.len()];
    let (whole, bytes) = run(detector.as_ref(), std::iter::once(text));
    for one in &whole {
        assert!(
            one.start <= one.end && one.end <= bytes && one.from <= bytes,
            "{one:?}"
        );
        assert!(
            (0.0..=1.0).contains(&one.score) && (one.rule as usize) < detector.rules().len(),
            "{one:?}"
        );
    }
    let (cut, _) = run(detector.as_ref(), str_pieces(sizes, text));
    assert_eq!(whole, cut);
});
