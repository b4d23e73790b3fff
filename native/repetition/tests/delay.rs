//! How soon a loop is reported: every period, clean and noisy, numbered, alternating.

mod common;

use common::{Random, loops};
use midstream_repetition::{Detector, Kind, Loop, Settings};

const PERIODS: [usize; 12] = [1, 2, 3, 5, 8, 13, 20, 34, 55, 89, 144, 233];
const RUNS: u64 = 60;

/// Made-up words of 2 to 9 letters.
fn prose(random: &mut Random, chars: usize) -> String {
    let mut text = String::new();
    while text.len() < chars {
        let len = 2 + random.below(8);
        (0..len).for_each(|_| text.push(char::from(b'a' + random.below(26) as u8)));
        text.push_str(if random.below(9) == 0 { ". " } else { " " });
    }
    text.truncate(chars);
    text
}

/// Characters from the loop's onset to the first report; none if it came in the text before or not at all.
fn delay(onset: &str, copies: &str) -> Option<(u64, Loop)> {
    let found = loops(Settings::default(), &format!("{onset}{copies}"));
    let first = *found.first()?;
    Some((first.end.checked_sub(onset.len() as u64)?, first))
}

fn looped(random: &mut Random, period: usize, percent: usize) -> String {
    let unit = prose(random, period);
    let letters = unit.repeat(12 * (400 / period + 1)).into_bytes();
    let noisy = letters.into_iter().map(|byte| {
        let substituted = random.below(100) < percent;
        char::from(if substituted {
            b'a' + random.below(26) as u8
        } else {
            byte
        })
    });
    noisy.collect()
}

fn limit(period: usize) -> u64 {
    (4 * period).max(400) as u64
}

#[test]
fn every_clean_loop_is_reported_within_four_periods_or_400_characters() {
    for period in PERIODS {
        for seed in 0..RUNS {
            let mut random = Random(seed * 1_000 + period as u64);
            let onset = prose(&mut random, 300 + random_len(seed));
            let (chars, first) = delay(&onset, &looped(&mut random, period, 0)).expect("a report");
            assert!(
                chars <= limit(period),
                "{chars} at period {period}, seed {seed}: {first:?}"
            );
        }
    }
}

fn random_len(seed: u64) -> usize {
    (seed * 37 % 200) as usize
}

#[test]
fn noisy_loops_are_reported_within_five_periods_and_a_few_lines() {
    println!("| period | noise | median | p95 | missed |");
    for percent in [0, 2, 5] {
        for period in PERIODS {
            let mut delays = Vec::new();
            let mut late = 0;
            for seed in 0..RUNS {
                let mut random = Random(seed * 1_000 + period as u64);
                let onset = prose(&mut random, 300);
                let text = looped(&mut random, period, percent);
                let chars = delay(&onset, &text).map_or(u64::MAX, |(chars, _)| chars);
                // Short periods mostly have no space in them: the bar for data holds.
                let within = if period < 13 { 600 } else { 5 * period + 96 };
                late += u32::from(chars > within as u64);
                delays.push(chars);
            }
            delays.sort_unstable();
            let missed = delays.iter().filter(|&&chars| chars == u64::MAX).count();
            println!(
                "| {period} | {percent} % | {} | {} | {missed} |",
                delays[30], delays[56]
            );
            assert!(
                late <= 3,
                "{late} of {RUNS} late at period {period}, {percent} %"
            );
        }
    }
}

#[test]
fn numbered_loops_are_reported_within_four_periods_or_400_characters() {
    let sentences = [
        "Step {i}: check the valve and write the reading down. ",
        "Step {i}: check the valve.\n",
        "Attempt {i} failed, so I will try the same command again.\n",
        "Now I look at file {i} of 20, and it has no error in it. ",
        "In paragraph {i} the author says that the river rises, and in note {i} she repeats it. ",
        "Шаг {i}: проверяю клапан и записываю показания.\n",
        "**Iteration {i}**\n\nThe result is the same as before, so I run it again.\n\n",
    ];
    for sentence in sentences {
        for from in [1, 7, 96] {
            let copy = |i: usize| sentence.replace("{i}", &i.to_string());
            let text: String = (from..from + 30).map(copy).collect();
            let mut random = Random(from as u64);
            let onset = prose(&mut random, 300);
            let (bytes, first) = delay(&onset, &text).expect("a report");
            let longest = copy(from + 29).len();
            let wide = sentence.len() / sentence.chars().count();
            assert!(
                bytes <= limit(longest) * wide as u64,
                "{bytes} of {sentence}: {first:?}"
            );
            assert_eq!(first.kind, Kind::Numbered, "{sentence}");
        }
    }
}

#[test]
fn alternating_lines_are_reported_within_four_periods_or_400_characters() {
    let lines = [
        "I will look for the key.",
        "The key is not in the drawer.",
        "Let me think about this again, from the beginning.",
        "Perhaps the drawer was the wrong one.",
        "I was told that it is there.",
    ];
    for count in 2..=5 {
        for join in ["\n", "\n\n"] {
            let unit: String = lines[..count]
                .iter()
                .flat_map(|line| [line, join])
                .collect();
            let (chars, first) = delay("Some words first.\n", &unit.repeat(12)).expect("a report");
            assert!(chars <= limit(unit.len()), "{chars} for {count} lines");
            assert_eq!(first.kind, Kind::Alternating, "{count} lines");
        }
    }
}

#[test]
fn long_paragraphs_in_turn_are_a_loop_though_longer_than_the_longest_period() {
    let mut random = Random(7);
    let paragraphs = [prose(&mut random, 700), prose(&mut random, 450)];
    let text = format!("{}\n\n{}\n\n", paragraphs[0], paragraphs[1]).repeat(5);
    let found = loops(Settings::default(), &text);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!((found[0].kind, found[0].start), (Kind::Alternating, 0));
}

#[test]
fn a_loop_is_reported_once_however_long_it_runs() {
    for percent in [0, 2, 5] {
        let mut random = Random(11);
        let unit = prose(&mut random, 60);
        let mut detector = Detector::new(&Settings::default());
        let mut found = Vec::new();
        for _ in 0..2_000 {
            let copy = unit.bytes().map(|byte| {
                if random.below(100) < percent {
                    b'x'
                } else {
                    byte
                }
            });
            detector.push(&copy.collect::<Vec<_>>(), &mut found);
        }
        assert!(
            found.len() <= 1 + percent / 5,
            "{} reports at {percent} %: {found:?}",
            found.len()
        );
    }
}

#[test]
fn a_second_loop_after_other_text_is_reported_too() {
    let mut random = Random(3);
    let (first, second) = (prose(&mut random, 40), prose(&mut random, 70));
    let between = prose(&mut random, 500);
    let text = format!("{}{between}{}", first.repeat(10), second.repeat(10));
    let found = loops(Settings::default(), &text);
    assert_eq!(found.len(), 2, "{found:?}");
    assert_eq!(found[0].period, 40);
    assert_eq!(found[1].period, 70);
    assert!(found[0].end <= found[1].start);
}

#[test]
fn a_loop_right_after_another_is_reported_too() {
    let mut random = Random(4);
    let (first, second) = (prose(&mut random, 40), prose(&mut random, 70));
    let found = loops(
        Settings::default(),
        &(first.repeat(10) + &second.repeat(10)),
    );
    assert_eq!(
        found.iter().map(|l| l.period).collect::<Vec<_>>(),
        [40, 70],
        "{found:?}"
    );
}
