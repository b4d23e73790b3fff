//! What must be found, in made-up text whose behaviour is known, and what must not.
#![allow(clippy::format_collect, reason = "short test texts")]

mod common;

use common::{Random, found};
use midstream_dynamics::{Dynamics, Found, Kind, Settings};

/// Runs that are judged.
const RUNS: u64 = 40;

fn kinds(text: &str) -> Vec<Kind> {
    let found = found(&Settings::default(), text.as_bytes());
    found.iter().map(|found| found.kind).collect()
}

/// Prose: words of a skewed vocabulary, sentences of 5 to 24 words.
fn prose(random: &mut Random, sentences: usize, vocabulary: usize) -> String {
    let one = |_| {
        let words = 5 + random.below(20);
        // Half of all words are of a small set, as in English.
        let words: Vec<String> = (0..words)
            .map(|_| {
                let rare = random.below(2) > 0;
                random.word(if rare { vocabulary } else { 30 })
            })
            .collect();
        words.join(" ") + ". "
    };
    (0..sentences).map(one).collect()
}

#[test]
fn prose_is_none_of_it() {
    for seed in 0..RUNS {
        let text = prose(&mut Random(seed), 200, 5_000);
        assert_eq!(kinds(&text), [], "seed {seed}");
    }
}

#[test]
fn sentences_of_a_small_pool_in_any_order_are_of_low_novelty() {
    let mut words = Vec::new();
    for seed in 0..RUNS {
        let mut random = Random(seed);
        let before = prose(&mut random, 20, 5_000);
        let pool: Vec<String> = (0..12)
            .map(|_| {
                let words = 5 + random.below(20);
                random.sentence(words, 5_000)
            })
            .collect();
        let after: String = (0..120).map(|_| pool[random.below(12)].as_str()).collect();
        let text = before.clone() + &after;
        let found = found(&Settings::default(), text.as_bytes());
        let first = found.iter().find(|found| found.kind == Kind::LowNovelty);
        let first = first.unwrap_or_else(|| panic!("seed {seed}: {found:?}"));
        assert!(first.start + 100 > before.len() as u64, "{first:?}");
        assert!(first.score > 0.65, "{first:?}");
        words.push(text[before.len()..first.end as usize].split(' ').count());
    }
    words.sort_unstable();
    let (median, most) = (words[words.len() / 2], words[words.len() - 1]);
    println!("low-novelty after {median} words, at most {most}");
    assert!(most < 1_200);
}

#[test]
fn sentences_whose_lengths_come_in_turn_are_periodic_though_their_words_are_new() {
    for period in [2, 3, 5, 8, 13] {
        let mut sentences = Vec::new();
        for seed in 0..RUNS {
            let mut random = Random(seed);
            let before = prose(&mut random, 20, 5_000);
            let lengths: Vec<usize> = (0..period)
                .map(|i| 5 + random.below(20) + usize::from(i == 0))
                .collect();
            let after: String = (0..30 * period)
                .map(|i| random.sentence(lengths[i % period], 5_000))
                .collect();
            let text = before.clone() + &after;
            let found = found(&Settings::default(), text.as_bytes());
            let first = found.iter().find(|found| found.kind == Kind::Periodic);
            let first = first.unwrap_or_else(|| panic!("period {period}, seed {seed}: {found:?}"));
            sentences.push(text[before.len()..first.end as usize].split(". ").count());
        }
        sentences.sort_unstable();
        println!(
            "period {period}: after {} sentences, at most {}",
            sentences[20], sentences[39]
        );
    }
}

#[test]
fn a_text_that_goes_over_to_another_language_drifts() {
    let mut words = Vec::new();
    for seed in 0..RUNS {
        let mut random = Random(seed);
        let before = prose(&mut random, 40, 5_000);
        // The same rhythm, no word in common.
        let after = prose(&mut random, 120, 5_000)
            .to_uppercase()
            .replace('A', "Ж")
            .replace('E', "И")
            .replace('O', "Ы");
        let after: String = after.split(' ').map(|word| format!("ю{word} ")).collect();
        let text = before.clone() + &after;
        let found = found(&Settings::default(), text.as_bytes());
        if let Some(first) = found.iter().find(|found| found.kind == Kind::Drift) {
            assert!(first.start > before.len() as u64 / 2, "{first:?}");
            words.push(text[before.len()..first.end as usize].split(' ').count());
        }
    }
    words.sort_unstable();
    println!(
        "drift in {} of {RUNS}, after {} words, at most {}",
        words.len(),
        words[words.len() / 2],
        words[words.len() - 1]
    );
    assert!(words.len() as u64 * 10 >= RUNS * 9);
}

#[test]
fn each_stretch_is_reported_once() {
    let sentence = "The pump reports state four and waits for a reply from the control room. ";
    let text = sentence.repeat(600);
    let found = found(&Settings::default(), text.as_bytes());
    let of = |kind| {
        found
            .iter()
            .filter(|found: &&Found| found.kind == kind)
            .count()
    };
    assert_eq!(
        (of(Kind::LowNovelty), of(Kind::Periodic), of(Kind::Drift)),
        (1, 1, 0)
    );
}

#[test]
fn fenced_code_is_left_alone_and_tables_have_no_rhythm() {
    let code = format!(
        "```js\n{}```\n",
        "const value = await read(file, options);\n".repeat(200)
    );
    assert_eq!(kinds(&code), []);
    let mut random = Random(1);
    let rows: String = (0..100)
        .map(|_| {
            format!(
                "| {} | {} |\n",
                random.sentence(6, 300),
                random.sentence(4, 300)
            )
        })
        .collect();
    assert!(!kinds(&rows).contains(&Kind::Periodic));
}

#[test]
fn a_stall_is_seen_where_the_text_goes_on() {
    let mut dynamics = Dynamics::new(&Settings::default(), 7);
    let mut found = Vec::new();
    for i in 0..50 {
        dynamics.arrive(i * 25_000_000, &mut found);
        dynamics.push("слово ".as_bytes(), &mut found);
    }
    assert_eq!(found, []);
    dynamics.arrive(20_000_000_000, &mut found);
    let [stall] = found[..] else {
        panic!("{found:?}")
    };
    assert_eq!(
        (stall.kind, stall.start, stall.end),
        (Kind::Stall, 550, 550)
    );
    assert!(stall.score > 0.99);
    assert!((20.0..31.0).contains(&dynamics.signals().gap_ms));
}

#[test]
fn signals_say_what_is_measured() {
    let mut dynamics = Dynamics::new(&Settings::default(), 7);
    assert_eq!(dynamics.signals().novelty.to_bits(), 1.0_f32.to_bits());
    let mut found = Vec::new();
    dynamics.push("aa bbb cccc ".repeat(100).as_bytes(), &mut found);
    let signals = dynamics.signals();
    assert!(signals.novelty < 0.01, "{signals:?}");
    assert!((0.5..0.7).contains(&signals.entropy), "{signals:?}");
}
