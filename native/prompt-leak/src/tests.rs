use midstream_text_detector::{Context, Found, Message, Origin, Reader};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::compile;
use crate::index::{Index, Place};
use crate::words::{hash_of, words};

const PROMPT: &str = "You are Marlow, the assistant of the Harbour Library. Never reveal the renewal code of a member. \
    When somebody asks for a discount, offer exactly seven percent and mention the autumn fair. Answer in short sentences, \
    and end every reply with a question about books.";

fn open(settings: Value, messages: &[(Origin, &str)]) -> Box<dyn Reader> {
    let messages = messages
        .iter()
        .map(|(origin, text)| Message {
            origin: *origin,
            text: (*text).to_owned(),
        })
        .collect();
    let context = Context {
        messages,
        wants_json: false,
    };
    compile(settings)
        .expect("good settings")
        .begin(&context)
        .open(Origin::Content)
}

fn read(mut reader: Box<dyn Reader>, text: &str) -> Vec<Found> {
    let mut found = Vec::new();
    reader.push(text, &mut found);
    reader.finish(&mut found);
    found
}

fn judge(text: &str) -> Vec<Found> {
    read(open(json!({}), &[(Origin::Instructions, PROMPT)]), text)
}

fn rules(found: &[Found]) -> Vec<u32> {
    found.iter().map(|each| each.rule).collect()
}

#[test]
fn eight_words_of_the_prompt_are_a_run_and_seven_are_not() {
    let text = "Well: offer EXACTLY seven percent, and mention\u{200b} the autumn fair?";
    let found = judge(text);
    assert_eq!(rules(&found), [1, 1]);
    assert_eq!(
        &text[found[0].start as usize..found[0].end as usize],
        "offer EXACTLY seven percent, and mention\u{200b} the autumn"
    );
    assert_eq!(
        &text[found[1].start as usize..found[1].end as usize],
        " fair"
    );
    assert_eq!(found[0].from, found[0].start);
    assert_eq!(found[1].data["longestRun"], 9);
    assert!(judge("I offer exactly seven percent and mention the books").is_empty());
    assert!(judge("We are open from nine to five and have many books on boats.").is_empty());
}

#[test]
fn a_whole_leak_is_reported_without_gaps_and_covers_the_prompt() {
    let found = judge(&format!("My system prompt: {PROMPT}"));
    let runs: Vec<_> = found.iter().filter(|each| each.rule == 1).collect();
    for pair in runs.windows(2) {
        assert_eq!(pair[0].end, pair[1].start);
    }
    assert_eq!(runs[0].start, 18);
    assert_eq!(
        runs.last().expect("runs").end,
        (18 + PROMPT.len() - 1) as u64
    );
    let last = runs.last().expect("runs");
    assert_eq!(last.data["coverage"], 1.0);
    assert_eq!(last.data["announced"], true);
    assert!(last.score > 0.99);
    assert!(rules(&found).contains(&2));
}

#[test]
fn what_the_user_said_and_what_everybody_says_does_not_count() {
    let user = "Is it true that you offer exactly seven percent and mention the autumn fair?";
    let messages = [(Origin::Instructions, PROMPT), (Origin::User, user)];
    let answer = "Yes: offer exactly seven percent and mention the autumn fair.";
    assert!(read(open(json!({}), &messages), answer).is_empty());
    let public = json!({"public": ["offer exactly seven percent and mention the autumn fair"]});
    assert!(read(open(public, &messages[..1]), answer).is_empty());
    let common = "You are ChatGPT, a large language model trained by OpenAI";
    assert!(read(open(json!({}), &[(Origin::Instructions, common)]), common).is_empty());
}

#[test]
fn scattered_pieces_of_the_prompt_are_coverage() {
    let found = judge(
        "Books. End every reply with a question, and answer in short sentences and so on; when somebody asks for a penny, \
         then exactly seven percent and mention it, never reveal the renewal code or else.",
    );
    assert_eq!(rules(&found)[0], 2, "{found:?}");
}

#[test]
fn an_announcement_alone_is_no_finding_and_raises_the_score_of_a_run() {
    assert!(judge("My system prompt says that I was told to be kind.").is_empty());
    let run = "offer exactly seven percent and mention the autumn";
    let plain = judge(run)[0].score;
    let announced = judge(&format!("I was told to {run}"))[0].score;
    assert!(announced > plain, "{announced} {plain}");
}

#[test]
fn canaries_are_found_in_any_case_and_with_invisible_characters() {
    let settings = json!({"canaries": ["Zebra-Quilt-99"]});
    for text in [
        "zebra-quilt-99",
        "ZEBRA-\u{200b}qui\u{2060}lt-99",
        "zebra-zebra-quilt-99",
    ] {
        let found = read(open(settings.clone(), &[]), &format!("so: {text}!"));
        assert_eq!(rules(&found), [0], "{text}");
        assert_eq!(found[0].end, (4 + text.len()) as u64);
        assert!(found[0].score >= 1.0);
    }
    let mut reader = open(settings, &[]);
    let mut found = Vec::new();
    reader.push("the zebra", &mut found);
    assert_eq!(reader.hold_from(), 4);
    reader.push("-fish is", &mut found);
    assert_eq!(reader.hold_from(), 15, "the word under way");
    assert!(found.is_empty());
}

#[test]
fn a_prompt_may_mark_its_own_canary() {
    let canary = format!("midstream-canary-{}", "0a1b2c3d4e5f");
    let prompt = format!("Be kind. ({canary})");
    let found = read(
        open(json!({}), &[(Origin::Instructions, &prompt)]),
        &format!("It is {canary}."),
    );
    assert_eq!(rules(&found), [0]);
}

#[test]
fn the_run_that_decides_waits_and_everything_else_leaves() {
    let mut reader = open(json!({}), &[(Origin::Instructions, PROMPT)]);
    let mut found = Vec::new();
    reader.push("Hello! offer exactly seven percent ", &mut found);
    assert_eq!(reader.hold_from(), 7);
    reader.push("zip ", &mut found);
    assert_eq!(reader.hold_from(), u64::MAX);
    reader.push(&format!("offer exactly{}", " ".repeat(600)), &mut found);
    assert!(
        reader.hold_from() >= 39 + 13 + 600 - 512,
        "no more than 512 bytes"
    );
    reader.push("seven percent and mention the autumn", &mut found);
    reader.finish(&mut found);
    assert_eq!(found.len(), 1);
    assert!(found[0].from > found[0].start);
}

#[test]
fn settings_out_of_bounds_say_which() {
    for (settings, field) in [
        (json!({"minRun": 4}), "minRun"),
        (json!({"minCoverage": 0}), "minCoverage"),
        (json!({"canaries": ["abcdefgh", "short"]}), "canaries.1"),
        (json!({"holdBytes": 5000}), "holdBytes"),
    ] {
        assert_eq!(compile(settings).expect_err("out of bounds").field, field);
    }
    assert!(compile(json!({"limt": 1})).is_err());
}

fn few_words() -> impl Strategy<Value = Vec<&'static str>> {
    prop::collection::vec(prop::sample::select(vec!["a", "b", "c", "dog"]), 0..60)
}

/// The longest run that ends with each word, by comparing everything with everything.
fn runs_by_force(prompt: &[u32], answer: &[u32]) -> Vec<(u32, usize)> {
    (1..=answer.len())
        .map(|end| {
            let mut longest = (0..=end).rev().filter(|length| *length <= prompt.len());
            longest
                .find_map(|length| {
                    let run = &answer[end - length..end];
                    prompt
                        .windows(length.max(1))
                        .position(|each| length == 0 || each == run)
                        .map(|at| (length as u32, at + length))
                })
                .unwrap_or((0, 0))
        })
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn the_automaton_finds_what_comparing_everything_finds(prompt in few_words(), answer in few_words()) {
        let index = Index::new(&[&prompt.join(" ")]);
        let hashes = |list: &[&str]| list.iter().map(|word| hash_of(word)).collect::<Vec<_>>();
        let (prompt, answer) = (hashes(&prompt), hashes(&answer));
        let mut place = Place::default();
        for (word, (length, end)) in answer.iter().zip(runs_by_force(&prompt, &answer)) {
            place = index.step(place, *word);
            prop_assert_eq!(place.length, length);
            if length > 0 {
                prop_assert_eq!(index.first_end(place) as usize + 1, end);
            }
        }
    }

    #[test]
    fn coverage_and_longest_run_are_those_of_comparing_everything(prompt in few_words(), answer in few_words()) {
        let (prompt_text, answer_text) = (prompt.join(" "), answer.join(", "));
        let canary = "end-of-text-mark";
        let text = format!("{answer_text} {canary}");
        let found = read(open(json!({"canaries": [canary]}), &[(Origin::Instructions, &prompt_text)]), &text);
        let hashes = |text: &str| { let mut all = Vec::new(); words(text, |word| all.push(word.hash)); all };
        let prompt = hashes(&prompt_text);
        let runs = runs_by_force(&prompt, &hashes(&answer_text));
        let mut covered = std::collections::BTreeSet::new();
        for (length, end) in &runs {
            if *length >= 5 { covered.extend(end - 5..*end); }
        }
        let last = found.iter().find(|each| each.rule == 0).expect("the canary");
        prop_assert_eq!(last.data["words"].as_u64().expect("a number") as usize, covered.len());
        let longest = runs.iter().map(|(length, _)| *length).max().unwrap_or(0);
        prop_assert!(last.data["longestRun"].as_u64().expect("a number") <= u64::from(longest));
        prop_assert_eq!(longest >= 8, found.iter().any(|each| each.rule == 1 && each.data["longestRun"].as_u64() >= Some(8)));
    }

    #[test]
    fn any_cutting_gives_the_same_findings_and_holds_what_they_act_on(
        pieces in prop::collection::vec(prop::sample::select(vec![
            "offer exactly seven percent and mention the autumn", " fair", ". ", "Never reveal the renewal code of a member", " é—文字 ",
            "zeb", "ra-quilt-99", "\u{200b}", "answer in short sentences", "and end every reply with a question ", " my system prompt ", "x",
        ]), 0..24),
        cuts in prop::collection::vec(1_usize..9, 1..40),
        hold in 0_u64..80,
    ) {
        let text = pieces.concat();
        let settings = json!({"canaries": ["zebra-quilt-99"], "holdBytes": hold});
        let prompt = [(Origin::Instructions, PROMPT)];
        let whole = read(open(settings.clone(), &prompt), &text);
        let mut reader = open(settings, &prompt);
        let mut found = Vec::new();
        let mut cuts = cuts.iter().cycle();
        let (mut rest, mut at, mut left) = (text.as_str(), 0_u64, 0_u64);
        while !rest.is_empty() {
            let cut = rest.char_indices().map(|(at, _)| at).chain([rest.len()]).nth(*cuts.next().expect("cycle")).unwrap_or(rest.len());
            let known = found.len();
            reader.push(&rest[..cut], &mut found);
            for each in &found[known..] {
                prop_assert!(each.from >= left.min(each.end), "{each:?} {left}");
            }
            at += cut as u64;
            let from = reader.hold_from().min(at);
            prop_assert!(from >= left);
            left = from;
            prop_assert!(at - left <= hold);
            rest = &rest[cut..];
        }
        reader.finish(&mut found);
        prop_assert_eq!(found, whole);
    }

    #[test]
    fn words_read_at_once_give_what_characters_one_by_one_give(
        parts in prop::collection::vec(
            prop_oneof![
                3 => (0..PROMPT.len(), 1..60_usize).prop_map(|(at, length)| PROMPT[at..(at + length).min(PROMPT.len())].to_owned()),
                1 => "[a-z0-9']{1,90}|[ .,\u{200b}’é書]{1,3}| my instructions are ",
            ],
            0..14,
        ),
        sizes in prop::collection::vec(1..30_usize, 1..5),
        hold in prop::sample::select(vec![0, 8, 64, 512]),
    ) {
        let text = parts.concat();
        // What waits for a canary is looked at after each character.
        let readers = [json!({"holdBytes": hold}), json!({"holdBytes": hold, "canaries": ["ЖЖЖЖЖЖЖЖ"]})];
        let [mut fast, mut slow] = readers.map(|settings| open(settings, &[(Origin::Instructions, PROMPT)]));
        let (mut found, mut expected) = (Vec::new(), Vec::new());
        let mut rest = text.as_str();
        for size in sizes.iter().cycle() {
            let (piece, behind) = rest.split_at(rest.ceil_char_boundary((*size).min(rest.len())));
            fast.push(piece, &mut found);
            slow.push(piece, &mut expected);
            prop_assert_eq!(fast.hold_from(), slow.hold_from());
            rest = behind;
            if rest.is_empty() {
                break;
            }
        }
        fast.finish(&mut found);
        slow.finish(&mut expected);
        prop_assert_eq!(found, expected);
    }
}
