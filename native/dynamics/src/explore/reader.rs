//! One text: its measures as they come, its findings where they are due.

use std::time::Instant;

use midstream_text_detector::{Found, Reader};
use serde_json::{Map, Value};

use super::collapse::{Collapse, Sure};
use super::regimes::{Measure, Regimes};
use super::{COLLAPSE, ExploreSettings, REGIME};
use crate::novelty::Novelty;
use crate::settings::Settings;
use crate::tokens::{Step, Tokens};

/// Words are compared within one text: their hashes need no secret, as nothing is decided by them.
const KEY: u64 = 0x9E37_79B9_7F4A_7C15;

pub(super) struct ExploreReader {
    begun: Instant,
    last_seconds: Option<f64>,
    /// Bytes so far.
    at: u64,
    text: Option<Text>,
    collapse: Option<Collapse>,
    waiting: Vec<Found>,
}

/// What the regimes need of the text.
struct Text {
    tokens: Tokens,
    novelty: Novelty,
    words: u32,
    regimes: Regimes,
}

impl ExploreReader {
    pub(super) fn new(settings: &ExploreSettings) -> Self {
        let defaults = Settings::default();
        Self {
            begun: Instant::now(),
            last_seconds: None,
            at: 0,
            text: settings.regimes.then(|| Text {
                tokens: Tokens::new(KEY),
                novelty: Novelty::new(defaults.repeated_share, defaults.repeated_words),
                words: 0,
                regimes: Regimes::default(),
            }),
            collapse: (settings.collapse_nats > 0.0)
                .then(|| Collapse::new(settings.collapse_tokens, settings.collapse_nats)),
            waiting: Vec::new(),
        }
    }

    /// Text arrives, so many seconds after the beginning.
    fn arrive(&mut self, seconds: f64) {
        let last = self.last_seconds.replace(seconds);
        if let (Some(text), Some(last)) = (&mut self.text, last) {
            text.regimes.push(Measure::Gaps, seconds - last);
        }
    }

    fn read(&mut self, text: &str) {
        self.at += text.len() as u64;
        if let Some(state) = &mut self.text {
            text.bytes().for_each(|byte| state.take(byte));
        }
    }
}

impl Text {
    fn take(&mut self, byte: u8) {
        let Step {
            word, ends_segment, ..
        } = self.tokens.step(byte);
        if let Some(word) = word {
            self.words += 1;
            self.novelty.push(word.hash, 0);
        }
        if ends_segment && self.words > 0 {
            self.regimes.push(Measure::SentenceWords, self.words.into());
            self.regimes
                .push(Measure::Novelty, self.novelty.share().into());
            self.words = 0;
        }
    }
}

impl Reader for ExploreReader {
    fn push(&mut self, text: &str, found: &mut Vec<Found>) {
        self.arrive(self.begun.elapsed().as_secs_f64());
        self.read(text);
        found.append(&mut self.waiting);
    }

    fn finish(&mut self, found: &mut Vec<Found>) {
        found.append(&mut self.waiting);
        let at = self.at;
        let verdicts = self
            .text
            .as_mut()
            .map_or_else(Vec::new, |text| text.regimes.verdicts());
        found.extend(verdicts.into_iter().map(|(score, data)| Found {
            rule: REGIME,
            // An empty range: there is nothing to redact in a regime.
            start: at,
            end: at,
            from: at,
            score,
            data,
        }));
    }

    fn token(&mut self, start: u64, end: u64, logprob: f32, entropy: f32) {
        let surprise = f64::from(-logprob).max(0.0);
        if !surprise.is_finite() {
            return;
        }
        if let Some(text) = &mut self.text {
            text.regimes.push(Measure::Surprise, surprise);
            if entropy >= 0.0 {
                text.regimes.push(Measure::Entropy, entropy.into());
            }
        }
        let sure = self
            .collapse
            .as_mut()
            .and_then(|collapse| Some((collapse.push((start, end), surprise)?, collapse.nats())));
        if let Some((Sure { start, end, mean }, nats)) = sure {
            let mut data = Map::new();
            let mean_nats = (mean * 1e6).round() / 1e6;
            data.insert("meanNats".to_owned(), Value::from(mean_nats));
            self.waiting.push(Found {
                rule: COLLAPSE,
                start,
                end,
                from: end,
                score: (1.0 - mean / nats) as f32,
                data,
            });
        }
    }

    fn memory_bytes(&self) -> usize {
        let text = self.text.as_ref().map_or(0, |text| {
            Novelty::memory_bytes() + text.regimes.memory_bytes()
        });
        let collapse = self.collapse.as_ref().map_or(0, Collapse::memory_bytes);
        size_of::<Self>() + text + collapse
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reader(regimes: bool, collapse_nats: f64) -> ExploreReader {
        ExploreReader::new(&ExploreSettings {
            regimes,
            collapse_nats,
            collapse_tokens: 16,
        })
    }

    /// What is said of a series at the end.
    fn verdict(reader: &mut ExploreReader, series: &str) -> Option<Map<String, Value>> {
        let mut found = Vec::new();
        reader.finish(&mut found);
        let told = found.into_iter().map(|found| found.data);
        told.into_iter().find(|data| data["series"] == series)
    }

    /// Uniform in [0, 1).
    fn noise(count: usize) -> impl Iterator<Item = f64> {
        let mut state = 1_u64;
        std::iter::repeat_with(move || {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            (state >> 33) as f64 / (1_u64 << 31) as f64
        })
        .take(count)
    }

    #[test]
    fn gaps_of_a_rule_are_told_from_gaps_of_chance() {
        let mut chaotic = reader(true, 0.0);
        let (mut x, mut now) = (0.3, 0.0);
        for _ in 0..2_000 {
            x = 3.9 * x * (1.0 - x);
            now += x;
            chaotic.arrive(now);
        }
        let data = verdict(&mut chaotic, "gaps").unwrap();
        assert_eq!(data["verdict"], "chaotic");
        assert_eq!(data["exploratory"], true);
        assert!(
            (data["lambda"].as_f64().unwrap() - 0.4958).abs() < 0.05,
            "{data:?}"
        );

        let mut random = reader(true, 0.0);
        let mut now = 0.0;
        for gap in noise(2_000) {
            now += gap;
            random.arrive(now);
        }
        assert_eq!(
            verdict(&mut random, "gaps").unwrap()["verdict"],
            "stochastic"
        );
    }

    #[test]
    fn lengths_of_sentences_that_take_turns_are_periodic_for_any_partition() {
        let text = "Go. It is late now. We sleep here. ".repeat(200);
        for size in [1, 7, text.len()] {
            let mut reader = reader(true, 0.0);
            for part in text.as_bytes().chunks(size) {
                reader.read(std::str::from_utf8(part).unwrap());
            }
            let data = verdict(&mut reader, "sentence-words").unwrap();
            assert_eq!(
                (&data["verdict"], &data["period"]),
                (&"periodic".into(), &3.0.into())
            );
        }
    }

    #[test]
    fn a_short_text_has_no_regime() {
        let mut reader = reader(true, 0.0);
        reader.read("One sentence. Another one. And a third one.");
        let mut found = Vec::new();
        reader.finish(&mut found);
        assert_eq!(found, []);
    }

    #[test]
    fn a_model_that_is_sure_for_long_is_told_once_and_again_after_it_was_not() {
        let mut reader = reader(false, 0.1);
        let surprises = [vec![1.0; 20], vec![0.01; 40], vec![2.0; 4], vec![0.0; 40]].concat();
        let mut found = Vec::new();
        for (at, surprise) in surprises.iter().enumerate() {
            let at = at as u64 * 2;
            reader.push("ab", &mut found);
            reader.token(at, at + 2, -*surprise, -1.0);
        }
        reader.finish(&mut found);
        let places: Vec<_> = found
            .iter()
            .map(|f| (f.rule, f.start, f.end, f.from))
            .collect();
        // Of 16 tokens one of 1.0 and fifteen of 0.01 are 0.072 nats each: sure with token 35.
        assert_eq!(places, [(COLLAPSE, 38, 70, 70), (COLLAPSE, 128, 160, 160)]);
        assert_eq!(found[1].data["meanNats"], 0.0);
    }

    #[test]
    fn what_is_not_a_number_is_left_out() {
        let mut reader = reader(true, 0.1);
        for logprob in [f32::NAN, f32::NEG_INFINITY, 0.5] {
            reader.token(0, 1, logprob, f32::NAN);
        }
        let mut found = Vec::new();
        reader.finish(&mut found);
        assert_eq!(found, []);
    }
}
