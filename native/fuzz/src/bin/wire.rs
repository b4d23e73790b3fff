//! An upstream's bytes on the wire path: any cutting gives the same bytes for the client and the same records.
#![no_main]

use std::sync::{Arc, LazyLock};

use libfuzzer_sys::fuzz_target;
use midstream_fuzz::{cut, pieces};
use midstream_session::Plan;
use midstream_wire::{End, Framing, Mode, Settings, Wire};
use serde_json::json;

static PLAN: LazyLock<Arc<Plan>> = LazyLock::new(|| {
    let rewrite = |rule: &str, text: &str| {
        json!({"policy": "p", "analyser": "a", "rule": rule, "action": "rewrite", "minScore": 0, "minCount": 1, "monitor": false,
            "replacement": {"kind": "tag", "text": text}})
    };
    let spec = json!({
        "analysers": [{"id": "a", "rules": [
            {"id": "mail", "tag": "MAIL", "pattern": "[a-z0-9.]+@[a-z0-9]+\\.[a-z]{2,6}", "left": "email", "right": "alnum",
                "score": 0.9, "maxBytes": 100},
            {"id": "card", "tag": "CARD", "pattern": "[0-9]{12,16}", "left": "digit", "right": "digit", "score": 0.8, "maxBytes": 32},
        ], "literals": [{"id": "stop", "tag": "STOP", "words": ["tomorrow never"]}]}],
        "actions": [rewrite("mail", "[MAIL]"), rewrite("card", ""),
            {"policy": "p", "analyser": "a", "rule": "stop", "action": "block", "minScore": 0, "minCount": 1, "monitor": false,
             "message": "Over."}],
    });
    Plan::compile_json(&spec.to_string()).expect("the plan compiles")
});

fn run<'a>(settings: &Settings, input: impl Iterator<Item = &'a [u8]>) -> (Vec<u8>, String) {
    let mut wire = Wire::new(Arc::clone(&PLAN), settings.clone());
    let (mut out, mut records) = (Vec::new(), Vec::new());
    for piece in input {
        wire.feed(piece, &mut out);
    }
    wire.end(End::Eof, &mut out);
    wire.take_records(&mut records);
    (out, format!("{records:?}"))
}

fuzz_target!(|data: &[u8]| {
    let Some((&[switches, length], rest)) = data.split_first_chunk::<2>() else {
        return;
    };
    let Some((sizes, input)) = cut(rest) else {
        return;
    };
    let settings = Settings {
        mode: if switches & 1 == 0 {
            Mode::Stream
        } else {
            Mode::Unary
        },
        framing: Framing::from_code(u32::from(switches >> 1) & 3).unwrap_or(Framing::Identity),
        content_length: u64::from(length),
        strip_usage: switches & 8 != 0,
        choice_count: 1 + u32::from(switches >> 7),
        pass_unknown: switches & 16 != 0,
        block_unknown: switches & 32 != 0,
        flow: switches & 64 != 0,
    };
    let (whole, records) = run(&settings, std::iter::once(input));
    let (cut, cut_records) = run(&settings, pieces(sizes, input));
    assert_eq!(records, cut_records);
    assert_eq!(whole, cut);
});
