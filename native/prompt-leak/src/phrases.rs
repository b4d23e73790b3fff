//! Words with which an answer announces its prompt. They raise the score of an overlap and are no finding alone.

use std::sync::LazyLock;

use crate::words::hash_of;

/// Words of an answer after which an announcement no longer counts.
pub(crate) const REACH: u32 = 80;
const PHRASES: [&str; 27] = [
    "system prompt",
    "system message",
    "my instructions",
    "my initial instructions",
    "my original instructions",
    "my prompt",
    "initial prompt",
    "hidden prompt",
    "developer message",
    "custom instructions",
    "instructions i was given",
    "instructions i received",
    "instructions i have been given",
    "instructions given to me",
    "i was told to",
    "i was told not to",
    "i was instructed to",
    "i was instructed not to",
    "i have been instructed to",
    "i have been told to",
    "i am instructed to",
    "i'm instructed to",
    "i was configured to",
    "i was asked not to",
    "my guidelines",
    "text above",
    "above instructions",
];

/// Hashes of the words of each phrase, last word first, sorted by it.
static HASHED: LazyLock<Vec<Vec<u32>>> = LazyLock::new(|| {
    let mut all: Vec<Vec<u32>> = PHRASES
        .iter()
        .map(|phrase| phrase.split(' ').rev().map(hash_of).collect())
        .collect();
    all.sort();
    all
});

/// Last words of phrases, a bit for the lowest bits of each hash: nearly all words of a text are none.
static LAST: LazyLock<[u64; 16]> = LazyLock::new(|| {
    let mut bits = [0; 16];
    for phrase in HASHED.iter() {
        bits[(phrase[0] / 64 % 16) as usize] |= 1 << (phrase[0] % 64);
    }
    bits
});

/// Whether a phrase ends with the newest of these words; `last` gives the hash of the word so many back.
pub(crate) fn ends_here(last: impl Fn(usize) -> Option<u32>) -> bool {
    let Some(newest) = last(0) else { return false };
    if LAST[(newest / 64 % 16) as usize] >> (newest % 64) & 1 == 0 {
        return false;
    }
    let from = HASHED.partition_point(|phrase| phrase[0] < newest);
    HASHED[from..]
        .iter()
        .take_while(|phrase| phrase[0] == newest)
        .any(|phrase| {
            phrase
                .iter()
                .enumerate()
                .skip(1)
                .all(|(back, word)| last(back) == Some(*word))
        })
}
