//! Any partition gives the same bytes, and what a client reads is the redaction of the whole text.

mod support;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use midstream_wire::{End, Framing, Mode, Settings, Wire};
use proptest::prelude::*;
use serde_json::json;
use support::*;

/// A piece of text and what redaction makes of it. Pieces are joined by spaces, so that what is a finding is plain to see
/// without any scanner.
#[derive(Clone, Debug)]
struct Fragment {
    text: String,
    redacted: String,
}

fn fragment() -> impl Strategy<Value = Fragment> {
    let same = |text: &str| Fragment {
        text: text.to_owned(),
        redacted: text.to_owned(),
    };
    let gone = |text: &str, redacted: &str| Fragment {
        text: text.to_owned(),
        redacted: redacted.to_owned(),
    };
    prop_oneof![
        4 => prop::sample::select(vec!["word", "Привет", "日本語", "😀", "a@b", "12345", "@", "john@example", "tomorrow",
            "tomorrow neve", "\\", "\"", "\u{1}\n", "e\u{301}", "\u{fffd}", "/", "<b>"]).prop_map(same),
        2 => "[a-z]{1,9}(\\.[a-z]{1,5})?@[a-z]{1,8}\\.[a-z]{2,6}".prop_map(move |mail| gone(&mail, "[EMAIL]")),
        1 => "[0-9]{12,16}".prop_map(move |card| gone(&card, "[CARD]")),
        1 => Just(gone("a@b.org", "[EMAIL]")),
        1 => Just(gone("😀😂", "[FACE]")),
    ]
}

/// What kind of text a block holds, as its deltas carry it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Carrier {
    Content,
    ContentItems,
    Reasoning,
    Thinking,
    Refusal,
    Tool(u64),
}

fn carrier() -> impl Strategy<Value = Carrier> {
    prop_oneof![
        3 => Just(Carrier::Content),
        1 => Just(Carrier::ContentItems),
        1 => Just(Carrier::Reasoning),
        1 => Just(Carrier::Thinking),
        1 => Just(Carrier::Refusal),
        2 => (0..3u64).prop_map(Carrier::Tool),
    ]
}

impl Carrier {
    fn delta(self, text: &str) -> serde_json::Value {
        match self {
            Self::Content => json!({"content": text}),
            Self::ContentItems => json!({"content": [{"type": "text", "text": text}]}),
            Self::Reasoning => json!({"reasoning_content": text}),
            Self::Thinking => {
                json!({"content": [{"type": "thinking", "thinking": [{"type": "text", "text": text}]}]})
            }
            Self::Refusal => json!({"refusal": text}),
            Self::Tool(index) => {
                json!({"tool_calls": [{"index": index, "function": {"arguments": text}}]})
            }
        }
    }

    fn channel(self) -> String {
        match self {
            Self::Content | Self::ContentItems => "content".into(),
            Self::Reasoning | Self::Thinking => "reasoning".into(),
            Self::Refusal => "refusal".into(),
            Self::Tool(index) => format!("tool {index}"),
        }
    }

    /// The block's text; that of a tool is JSON, with an escaped letter and a bare number.
    fn say(self, text: &str, number: &str) -> String {
        match self {
            Self::Tool(_) => {
                let text = serde_json::to_string(text).unwrap().replace('@', "\\u0040");
                format!("{{\"k\": {text}, \"n\": {number}}}")
            }
            _ => text.to_owned(),
        }
    }
}

#[derive(Clone, Debug)]
struct Block {
    choice: u32,
    carrier: Carrier,
    fragments: Vec<Fragment>,
}

#[derive(Clone, Debug)]
struct Stream {
    bytes: Vec<u8>,
    expected: BTreeMap<(u64, String), String>,
    mails: Vec<String>,
}

fn join(fragments: &[Fragment], part: impl Fn(&Fragment) -> &str) -> String {
    fragments.iter().map(part).collect::<Vec<_>>().join(" ")
}

/// Splits at UTF-16 units, with sizes taken in turn; what is left of a character there is its surrogate's stand-in.
fn deltas(text: &str, sizes: &[usize]) -> Vec<String> {
    let mut units: &[u16] = &text.encode_utf16().collect::<Vec<_>>();
    let mut found = Vec::new();
    for size in sizes.iter().cycle() {
        let (delta, behind) = units.split_at((*size).min(units.len()));
        let chars = char::decode_utf16(delta.iter().copied());
        found.push(
            chars
                .map(|c| c.unwrap_or_else(|half| stand_in(half.unpaired_surrogate())))
                .collect(),
        );
        units = behind;
        if units.is_empty() {
            break;
        }
    }
    found
}

/// Escapes every surrogate's stand-in, and every `nth` character of a frame's strings as `\uXXXX`, which changes no meaning.
fn escape(frame: &str, nth: usize) -> String {
    let mut out = String::new();
    for (i, c) in frame.chars().enumerate() {
        let mut units = [0; 2];
        let escaped: &[u16] = match u32::from(c) {
            code @ 0xF_D800..0xF_E000 => &[(code - 0xF_0000) as u16],
            code if code < 0x80 || nth == 0 || i % nth != 0 => {
                out.push(c);
                continue;
            }
            _ => c.encode_utf16(&mut units),
        };
        for unit in escaped {
            _ = write!(out, "\\u{unit:04X}");
        }
    }
    out
}

prop_compose! {
    fn stream()(
        blocks in prop::collection::vec((0..2u32, carrier(), prop::collection::vec(fragment(), 0..6)), 1..5),
        sizes in prop::collection::vec(1..7usize, 1..4),
        order in prop::collection::vec(any::<prop::sample::Index>(), 1..60),
        end in prop::sample::select(vec!["\n", "\r\n", "\r"]),
        nth in 0..3usize,
        with_bom in any::<bool>(),
        comments in any::<bool>(),
    ) -> Stream {
        let mut merged: Vec<Block> = Vec::new();
        for (choice, carrier, fragments) in blocks {
            let same = merged.iter().any(|b| b.choice == choice && b.carrier.channel() == carrier.channel());
            if !same {
                merged.push(Block { choice, carrier, fragments });
            }
        }
        let mut expected = BTreeMap::new();
        let mut waiting: Vec<(usize, Vec<String>)> = Vec::new();
        for (i, block) in merged.iter().enumerate() {
            let redacted = block.carrier.say(&join(&block.fragments, |f| &f.redacted), "\"[CARD]\"");
            if !redacted.is_empty() {
                expected.insert((u64::from(block.choice), block.carrier.channel()), redacted);
            }
            let mut parts = deltas(&block.carrier.say(&join(&block.fragments, |f| &f.text), "4111111111111111"), &sizes);
            parts.reverse();
            waiting.push((i, parts));
        }
        let mut frames = Vec::new();
        for index in order.iter().cycle() {
            if waiting.is_empty() {
                break;
            }
            let at = index.index(waiting.len());
            let (block, parts) = &mut waiting[at];
            let part = parts.pop().unwrap_or_default();
            let block = &merged[*block];
            frames.push(escape(&chunk_of(block.choice, &block.carrier.delta(&part), &serde_json::Value::Null), nth));
            if comments {
                frames.push(": keep\n\n".into());
            }
            if parts.is_empty() {
                waiting.remove(at);
            }
        }
        frames.extend([finish(0), finish(1), DONE.into()]);
        let text = format!("{}{}", if with_bom { "\u{feff}" } else { "" }, frames.concat());
        let fragments = merged.iter().flat_map(|block| &block.fragments);
        let mails = fragments.filter(|f| f.redacted == "[EMAIL]").map(|f| f.text.clone()).collect();
        Stream { bytes: text.replace('\n', end).into_bytes(), expected, mails }
    }
}

fn chunked(bytes: &[u8], sizes: &[usize]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut rest = bytes;
    for size in sizes.iter().cycle() {
        let (chunk, behind) = rest.split_at((*size).min(rest.len()));
        if chunk.is_empty() {
            break;
        }
        out.extend(format!("{:x}\r\n", chunk.len()).into_bytes());
        out.extend_from_slice(chunk);
        out.extend_from_slice(b"\r\n");
        rest = behind;
    }
    out.extend_from_slice(b"0\r\n\r\n");
    out
}

proptest! {
    #[test]
    fn every_partition_gives_the_redaction_of_the_whole_text(
        stream in stream(),
        cuts in prop::collection::vec(any::<usize>(), 0..40),
        sizes in prop::collection::vec(1..200usize, 1..5),
    ) {
        let plan = usual();
        let settings = Settings { choice_count: 2, ..Settings::default() };
        let whole = run(&plan, &settings, [stream.bytes.as_slice()]);
        let reading = read(&whole.text());
        prop_assert_eq!(&reading.texts, &stream.expected);
        prop_assert!(reading.done && reading.error.is_none());
        for pieces in [stream.bytes.chunks(1).collect(), cut_at(&stream.bytes, &cuts)] {
            let parts = run(&plan, &settings, pieces);
            prop_assert_eq!(parts.text(), whole.text());
            prop_assert_eq!(&parts.records, &whole.records);
        }
        let flow = Settings { flow: true, ..settings.clone() };
        let halves = run(&plan, &flow, [stream.bytes.as_slice()]);
        prop_assert_eq!(&read(&halves.text()), &reading);
        prop_assert_eq!(run(&plan, &flow, cut_at(&stream.bytes, &cuts)).text(), halves.text());
        let framed = Settings { framing: Framing::Chunked, ..settings };
        let body = chunked(&stream.bytes, &sizes);
        let parts = run(&plan, &framed, cut_at(&body, &cuts));
        prop_assert_eq!(parts.text(), whole.text());
        prop_assert!(parts.state.message_end);
    }

    #[test]
    fn a_block_cuts_the_same_text_in_every_partition(
        stream in stream(),
        cuts in prop::collection::vec(any::<usize>(), 0..40),
    ) {
        let plan = plan(&[block("email", "stop"), redact("card", "[CARD]"), redact("canary", ""), redact("face", "[FACE]")]);
        let settings = Settings { choice_count: 2, ..Settings::default() };
        let whole = run(&plan, &settings, [stream.bytes.as_slice()]);
        let reading = read(&whole.text());
        prop_assert!(reading.done && reading.error.is_none());
        for (key, text) in &reading.texts {
            // Texts of other blocks than the one with the cut may end in the middle of anything, but of a whole mail.
            let text = text.strip_suffix("stop").unwrap_or(text);
            let mut words = text.split([' ', '"']);
            prop_assert!(!words.any(|word| stream.mails.iter().any(|mail| mail == word)), "{:?}", text);
            let blocked = reading.finishes.get(&key.0).is_some_and(|reason| reason == "content_filter");
            prop_assert!(blocked || stream.expected[key] == *text);
        }
        for pieces in [stream.bytes.chunks(1).collect(), cut_at(&stream.bytes, &cuts)] {
            let parts = run(&plan, &settings, pieces);
            prop_assert_eq!(parts.text(), whole.text());
            prop_assert_eq!(&parts.records, &whole.records);
        }
    }

    #[test]
    fn a_cut_anywhere_ends_honestly(stream in stream(), at in any::<prop::sample::Index>()) {
        let cut = at.index(stream.bytes.len());
        let out = run(&usual(), &Settings::default(), [&stream.bytes[..cut]]);
        let reading = read(&out.text());
        prop_assert!(reading.done != reading.error.is_some());
        prop_assert_eq!(out.state.failed, reading.error.is_some());
    }

    #[test]
    fn arbitrary_bytes_never_panic_and_give_bounded_output(
        pieces in prop::collection::vec(junk(), 0..30),
        framing in 0..4u32,
        unary in any::<bool>(),
        pass_unknown in any::<bool>(),
        cuts in prop::collection::vec(any::<usize>(), 0..20),
    ) {
        let bytes = pieces.concat();
        let settings = Settings {
            mode: if unary { Mode::Unary } else { Mode::Stream },
            framing: Framing::from_code(framing).unwrap(),
            content_length: 100,
            pass_unknown,
            ..Settings::default()
        };
        let plan = usual();
        let whole = run(&plan, &settings, [bytes.as_slice()]);
        let parts = run(&plan, &settings, cut_at(&bytes, &cuts));
        prop_assert_eq!(&parts.bytes, &whole.bytes);
        prop_assert!(whole.state.done);
        // Replacements are longer than their matches at most sevenfold, and an end takes less than 512 bytes.
        prop_assert!(whole.bytes.len() <= bytes.len() * 8 + 512);
        let mut wire = Wire::new(plan, settings);
        let mut out = Vec::new();
        wire.end(End::Failed, &mut out);
        wire.feed(&bytes, &mut out);
        prop_assert!(out.len() < 512);
    }
}

/// Bytes that come close to being a stream.
fn junk() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        prop::collection::vec(any::<u8>(), 0..20),
        prop::sample::select(vec![
            "data: ",
            "\n",
            "\r",
            "\r\n",
            "\n\n",
            "{",
            "}",
            "[",
            "]",
            "\"",
            ",",
            ":",
            "\\",
            "\\u00",
            "null",
            "0",
            "5\r\n",
            "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a@b.org ",
            "\"}}]}\n\n",
            "[DONE]",
            "event: error\n",
            "{\"choices\":[{\"message\":{\"content\":\"a@b.org\"},\"finish_reason\":\"stop\"}]}",
            "\u{feff}",
        ])
        .prop_map(|text| text.as_bytes().to_vec()),
    ]
}
