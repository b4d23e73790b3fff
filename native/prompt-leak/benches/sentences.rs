//! What does a sentence cost beside a system prompt, and what does a byte of prompt cost? `cargo bench -p midstream-prompt-leak`; target:
//! at most 2 µs a sentence.

#[path = "../../text-detector/bench-support/sentences.rs"]
mod sentences;

use midstream_text_detector::{Context, Message, Origin};
use serde_json::json;

/// As operators write them; nothing of it stands in the sentences.
const PROMPT: [&str; 12] = [
    "You are Marlow, the assistant of a shop that sells bicycles, spare parts and clothes for the rain. ",
    "Answer in the language of the customer, in three sentences at most, and never in capital letters. ",
    "When somebody asks for a discount, offer exactly seven percent, and only if the order is above two hundred euros. ",
    "Orders above three hundred euros are sent without charge; all others cost five euros and ninety cents. ",
    "Returned goods are taken back within thirty days, unless they were worn, washed or mounted on a frame. ",
    "Do not speak about competitors, their prices or their shops, even where the customer names one of them. ",
    "If a customer is angry, say that you are sorry once, then give the number of the workshop. ",
    "The workshop is open from nine to six on weekdays, and from ten to two on each first Saturday. ",
    "Electric bicycles have a guarantee of five years on the frame and of two years on the battery. ",
    "Never promise a date of delivery; say that the carrier sends a message on the evening before. ",
    "Questions about jobs go to the address that stands at the foot of the page, and nowhere else. ",
    "When you do not know the answer, say so, and offer to pass the question on to a colleague. ",
];

fn main() {
    let texts = sentences::prose();
    let table = sentences::Table::new("midstream-prompt-leak", &texts);
    let prompt = PROMPT.map(str::to_owned);
    let context = Context {
        messages: vec![Message {
            origin: Origin::Instructions,
            text: prompt.concat(),
        }],
        wants_json: false,
    };
    table.row("a prompt", &prompt, || {
        // A detector keeps the last prompts: each round has its own.
        let detector = midstream_prompt_leak::compile(json!({})).expect("settings are fine");
        detector.begin(&context);
        1
    });
    let detector = midstream_prompt_leak::compile(json!({})).expect("settings are fine");
    for (name, texts) in [("honest", texts.as_slice()), ("the prompt", &prompt)] {
        table.detector(name, texts, (detector.as_ref(), &context, Origin::Content));
    }
}
