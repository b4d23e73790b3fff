//! What the tests share: data sets, made-up text, a generator.
#![allow(dead_code, reason = "each test file uses a part")]

use std::path::PathBuf;

use midstream_dynamics::{Dynamics, Found, Settings};
use serde_json::Value;

/// A file of the external data sets; says so once and gives nothing where they are absent.
pub fn data(path: &str) -> Option<String> {
    let root = std::env::var_os("MIDSTREAM_DATA").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data")),
        PathBuf::from,
    );
    let text = std::fs::read_to_string(root.join(path)).ok();
    if text.is_none() {
        println!("not run: no {path} in MIDSTREAM_DATA");
    }
    text
}

/// Findings of a whole text.
pub fn found(settings: &Settings, text: &[u8]) -> Vec<Found> {
    let mut dynamics = Dynamics::new(settings, 7);
    let mut found = Vec::new();
    dynamics.push(text, &mut found);
    dynamics.finish(&mut found);
    found
}

/// The generator `SplitMix64`.
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// In `0..bound`.
    pub fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound as u64) as usize
    }

    /// A made-up word of four to nine letters, one of `count`.
    pub fn word(&mut self, count: usize) -> String {
        let mut letters = Self(self.below(count) as u64);
        (0..4 + letters.below(6))
            .map(|_| char::from(b'a' + letters.below(26) as u8))
            .collect()
    }

    /// A sentence of so many words.
    pub fn sentence(&mut self, words: usize, vocabulary: usize) -> String {
        let words: Vec<String> = (0..words).map(|_| self.word(vocabulary)).collect();
        words.join(" ") + ". "
    }
}

/// Text of the steps of a scenario of data/loops; tool calls are none.
pub fn append(text: &mut String, steps: &[Value]) {
    for step in steps {
        let times = step["times"].as_u64().unwrap_or(1);
        if let Some(piece) = step["emit"].as_str() {
            text.push_str(&piece.repeat(times as usize));
        } else if let Some(piece) = step["counter"].as_str() {
            let from = step["from"].as_u64().unwrap_or(0);
            (from..from + times).for_each(|i| text.push_str(&piece.replace("{i}", &i.to_string())));
        } else if let Some(length) = step["random_alnum"].as_u64() {
            let mut random = Random(step["seed"].as_u64().unwrap_or(0));
            let letters = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
            (0..length * times).for_each(|_| text.push(char::from(letters[random.below(62)])));
        } else if let Some(inner) = step["repeat"].as_array() {
            (0..times).for_each(|_| append(text, inner));
        }
    }
}
