//! What is said with ordinary words: threats, self-harm, graphic violence. Windows over the words of a folded sentence.

mod lists;

use std::sync::LazyLock;

use lists::{LISTS, Phrase};

use crate::words::{Words, term_hash};

/// What one word says for each of threat, self-harm and violence.
#[derive(Clone, Copy, Default)]
struct Word {
    weights: [f32; 3],
    /// Phrases that begin with it, one bit each.
    begins: [u32; 3],
}

/// How sure words alone can make: of graphic violence they are the thing itself.
const BY_WORDS: [f32; 3] = [0.9, 0.9, 1.0];

/// Places of the table: a power of two, at least twice the words.
const SLOTS: usize = 1024;

/// The words of all lists by their hashes: place `hash` or one behind it; a place without word ends the search.
static WORDS: LazyLock<Vec<(u32, &str, Word)>> = LazyLock::new(|| {
    let mut table = vec![(0, "", Word::default()); SLOTS];
    let mut add = |word: &'static str, change: &dyn Fn(&mut Word)| {
        let hash = term_hash([word]);
        let mut at = hash as usize % SLOTS;
        while !matches!(table[at].1, known if known.is_empty() || known == word) {
            at = (at + 1) % SLOTS;
        }
        (table[at].0, table[at].1) = (hash, word);
        change(&mut table[at].2);
    };
    for (list, (phrases, topic)) in LISTS.iter().enumerate() {
        for (word, weight) in topic.words {
            add(word, &|known| known.weights[list] = *weight);
        }
        for (bit, phrase) in phrases.iter().enumerate() {
            for word in phrase.slots[0] {
                add(word, &|known| known.begins[list] |= 1 << bit);
            }
        }
    }
    table
});

fn known(words: Words<'_>, at: usize) -> Option<&'static Word> {
    let table = &*WORDS;
    let hash = words.hashes(at)[0];
    let mut slot = hash as usize % SLOTS;
    loop {
        let (key, word, known) = table.get(slot)?;
        if word.is_empty() {
            return None;
        }
        if *key == hash && *word == words.word(at) {
            return Some(known);
        }
        slot = (slot + 1) % SLOTS;
    }
}

fn fits(phrase: &Phrase, words: Words<'_>, at: usize) -> bool {
    words.len() - at >= phrase.slots.len()
        && (at..)
            .zip(phrase.slots)
            .all(|(at, slot)| slot.contains(&words.word(at)))
}

/// How sure the sentence's phrases and words make of threat, self-harm and violence.
pub(crate) fn scores(words: Words<'_>) -> [f32; 3] {
    let (mut best, mut not) = ([0.0_f32; 3], [1.0_f32; 3]);
    for at in 0..words.len() {
        let Some(known) = known(words, at) else {
            continue;
        };
        let is_first = !words.is_again(at);
        for (list, (phrases, _)) in LISTS.iter().enumerate() {
            if is_first {
                not[list] *= 1.0 - known.weights[list];
            }
            let mut begins = known.begins[list];
            while begins != 0 {
                let phrase = &phrases[begins.trailing_zeros() as usize];
                if fits(phrase, words, at) {
                    best[list] = best[list].max(phrase.score);
                }
                begins &= begins - 1;
            }
        }
    }
    [0, 1, 2].map(|list| best[list].max(BY_WORDS[list] * (1.0 - not[list])))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::Places;

    #[test]
    fn phrases_are_found_in_place_and_plain_talk_has_none() {
        let of = |text: &str| scores(Places::default().read(text));
        assert!(of("i will kill you tomorrow")[0] > 0.8);
        assert!(of("you should die")[0] > 0.7);
        assert!(of("go kill yourself")[1] > 0.8);
        assert!(of("his severed head lay there")[2] > 0.7);
        for plain in [
            "i will call you tomorrow",
            "kill the process with signal nine",
            "this will kill bacteria",
            "you should try it",
            "",
        ] {
            assert!(of(plain).iter().all(|score| *score < 0.4), "{plain}");
        }
    }

    #[test]
    fn half_of_the_table_is_free() {
        assert!(WORDS.iter().filter(|(_, word, _)| !word.is_empty()).count() * 2 <= SLOTS);
    }
}
