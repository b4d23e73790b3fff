//! What does a sentence cost once its context is read, and what does a byte of context cost?
//!
//! `cargo bench -p midstream-grounding`; target: at most 2 µs a sentence. Least of many rounds.

use std::hint::black_box;
use std::time::Instant;

use midstream_grounding::compile;
use midstream_text_detector::{Answer, Context, Message, Origin};
use serde_json::json;

/// Rounds; each is short, so that some fall between a busy machine's interruptions.
const ROUNDS: usize = 300;

const SENTENCES: [&str; 8] = [
    "The Eiffel Tower was built by the company of Gustave Eiffel between 1887 and 1889. ",
    "It is 330 metres tall, about the same height as an 81-storey building. ",
    "Its base is square, measuring 125 metres on each side. ",
    "During its construction it surpassed the Washington Monument to become the tallest structure in the world. ",
    "It was the first structure to reach a height of 300 metres. ",
    "The top level's upper platform is 276 metres above the ground, the highest one open to the public in the European Union. ",
    "Tickets can be purchased to ascend by stairs or lift to the first and second levels. ",
    "The climb from ground level to the first level is over 300 steps, as is the climb from there to the second. ",
];

fn main() {
    // `cargo test --benches` only wants to know that it runs.
    let rounds = if std::env::args().any(|arg| arg == "--bench") {
        ROUNDS
    } else {
        1
    };
    let detector = compile(json!({})).expect("settings are valid");
    let document: String = SENTENCES.concat().repeat(20);
    let invented = SENTENCES.map(|text| {
        text.replace("300", "471")
            .replace("Eiffel", "Perret")
            .replace("is ", "seems like ")
    });
    let context = Context {
        messages: vec![Message {
            origin: Origin::Document,
            text: document.clone(),
        }],
        wants_json: false,
    };
    let build = least(rounds.min(40), || {
        black_box(detector.begin(black_box(&context)));
    });
    println!(
        "index: {:.1} ns a byte of {} bytes",
        build / document.len() as f64,
        document.len()
    );
    let mut answer = detector.begin(&context);
    for (name, text) in [
        ("faithful", SENTENCES.concat()),
        ("invented", invented.concat()),
    ] {
        let (found, bytes) = findings(answer.as_mut(), &text);
        let cost = least(rounds, || {
            black_box(findings(answer.as_mut(), black_box(&text)));
        });
        println!(
            "{name}: {:.2} µs a sentence, {found} findings in {}; reader {bytes} bytes",
            cost / 1e3 / SENTENCES.len() as f64,
            SENTENCES.len()
        );
    }
}

fn findings(answer: &mut dyn Answer, text: &str) -> (usize, usize) {
    let mut found = Vec::new();
    let mut reader = answer.open(Origin::Content);
    reader.push(text, &mut found);
    reader.finish(&mut found);
    (found.len(), reader.memory_bytes())
}

/// Nanoseconds of the fastest round.
fn least(rounds: usize, mut run: impl FnMut()) -> f64 {
    (0..rounds).fold(f64::MAX, |least, _| {
        let begin = Instant::now();
        run();
        least.min(begin.elapsed().as_nanos() as f64)
    })
}
