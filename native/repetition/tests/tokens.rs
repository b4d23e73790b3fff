//! Loops of tokens against what they are by definition.

use midstream_repetition::{
    Content, MAX_TOKEN_PERIOD, Pieces, Prior, TokenLoop, TokenLoops, TokenSettings,
};
use proptest::prelude::*;

/// Different tokens: a counter through a bijection.
fn fresh(from: u32) -> impl Iterator<Item = u32> {
    (from..).map(|at| at.wrapping_mul(0x9E37_79B1) ^ 0x5555)
}

fn looped(before: usize, period: usize, copies: usize) -> Vec<u32> {
    let mut tokens: Vec<u32> = fresh(0).take(before).collect();
    let unit: Vec<u32> = fresh(1 << 20).take(period).collect();
    (0..copies).for_each(|_| tokens.extend(&unit));
    tokens
}

/// Loops with the index of the token that made them certain.
fn find(tokens: &[u32], settings: TokenSettings) -> Vec<(usize, TokenLoop)> {
    let mut loops = TokenLoops::new(settings);
    tokens
        .iter()
        .enumerate()
        .filter_map(|(at, &token)| Some((at, loops.push(token)?)))
        .collect()
}

#[test]
fn a_clean_loop_is_told_once_with_the_token_that_meets_the_settings() {
    for period in [1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144, 233, 512] {
        let tokens = looped(700, period, 6 + 64 / period);
        let found = find(&tokens, TokenSettings::default());
        let needed = (2 * period).max(32);
        assert_eq!(found.len(), 1, "period {period}: {found:?}");
        let (at, told) = found[0];
        assert_eq!(at + 1, 700 + period + needed, "period {period}");
        let expected = TokenLoop {
            period: period as u32,
            hits: needed as u32,
            since: 700,
        };
        assert_eq!(told, expected);
    }
}

#[test]
fn a_loop_longer_than_the_longest_period_is_none() {
    let settings = TokenSettings {
        max_token_period: 64,
        ..TokenSettings::default()
    };
    assert_eq!(find(&looped(50, 80, 12), settings), []);
}

#[test]
fn an_inserted_token_does_not_hide_a_loop() {
    let mut tokens = looped(300, 40, 3);
    tokens.truncate(300 + 2 * 40 + 13);
    tokens.push(7);
    tokens.extend(looped(0, 40, 6));
    assert_eq!(find(&tokens, TokenSettings::default()).len(), 1);
}

#[test]
fn data_has_to_repeat_more_than_prose_and_code() {
    let tokens = looped(300, 16, 5);
    let count = |content| {
        let mut loops = TokenLoops::new(TokenSettings::default());
        loops.set_content(content);
        tokens.iter().filter_map(|&token| loops.push(token)).count()
    };
    assert_eq!(
        [Content::Prose, Content::Code, Content::Data].map(count),
        [1, 1, 0]
    );
}

#[test]
fn the_prior_tells_sentences_code_and_tables_apart() {
    let content = |text: &str| {
        let (mut prior, mut content) = (Prior::new(), Content::Prose);
        let mut pieces = Pieces::new();
        pieces.push(text.repeat(20).as_bytes(), |piece| {
            content = prior.push(piece.kind);
        });
        content
    };
    assert_eq!(
        content("The pump has run dry, and nobody saw it. "),
        Content::Prose
    );
    assert_eq!(
        content("return countAll(oldPrices, rate);\n"),
        Content::Code
    );
    assert_eq!(content("| 12.5 | 13.75 | -4 |\n"), Content::Data);
}

#[test]
fn settings_out_of_bounds_are_named() {
    let settings = TokenSettings {
        max_token_period: MAX_TOKEN_PERIOD.1 + 1,
        ..TokenSettings::default()
    };
    let error = settings.validate().unwrap_err();
    assert_eq!(
        error.to_string(),
        "maxTokenPeriod is 2001; it must be between 8 and 2000"
    );
    assert_eq!(TokenSettings::default().validate(), Ok(()));
}

#[test]
fn the_state_of_a_stream_stays_below_64_kib_and_does_not_grow() {
    let settings = TokenSettings {
        max_token_period: MAX_TOKEN_PERIOD.1,
        ..TokenSettings::default()
    };
    let mut loops = TokenLoops::new(settings);
    let before = loops.memory_bytes();
    for token in looped(5_000, 100, 50) {
        loops.push(token);
    }
    assert_eq!(loops.memory_bytes(), before);
    assert!(before <= 64 << 10, "{before}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Few different tokens: proposals and followers come and go all the time.
    #[test]
    fn what_is_told_repeats_as_the_settings_say(
        tokens in proptest::collection::vec(0_u32..3, 0..1_500),
        copies in 2_u32..5,
    ) {
        let settings = TokenSettings { min_copies: copies, min_tokens: 16, max_token_period: 64 };
        for (at, told) in find(&tokens, settings) {
            let period = told.period as usize;
            let since = told.since as usize;
            prop_assert!(since + period <= at);
            prop_assert!(period <= 66, "{told:?}");
            let equal = (since + period..=at).filter(|&at| tokens[at] == tokens[at - period]).count();
            let run = at + 1 - since - period;
            // Noise is at most one in six, of a run that may have shifted.
            prop_assert!(told.hits as usize >= ((copies as usize - 1) * period).max(16) * 5 / 6, "{told:?}");
            prop_assert!(equal * 6 >= run * 3, "{told:?}: {equal} of {run}");
        }
    }

    #[test]
    fn pieces_are_the_same_for_any_partition(
        text in "[a-z0-9 .\n(){}é]{0,200}",
        cuts in proptest::collection::vec(0_usize..200, 0..10),
    ) {
        let whole = pieces_of(&[text.as_bytes()]);
        let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(text.len())).collect();
        cuts.extend([0, text.len()]);
        cuts.sort_unstable();
        let parts: Vec<&[u8]> = cuts.windows(2).map(|pair| &text.as_bytes()[pair[0]..pair[1]]).collect();
        prop_assert_eq!(pieces_of(&parts), whole);
    }
}

fn pieces_of(parts: &[&[u8]]) -> Vec<midstream_repetition::Piece> {
    let mut found = Vec::new();
    let mut pieces = Pieces::new();
    for part in parts {
        pieces.push(part, |piece| found.push(piece));
    }
    pieces.finish(|piece| found.push(piece));
    found
}
