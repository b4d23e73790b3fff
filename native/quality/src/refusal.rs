//! Refusals: what a model says instead of an answer.

use std::sync::LazyLock;

use midstream_segment::word_hash;

/// Phrases of a refusal, in words of lower case, with how sure each makes. From what models say as it is known in the field; English, and
/// Russian, which no set here measures.
const PHRASES: &[(&str, f32)] = &[
    ("i can't assist", 0.95),
    ("i cannot assist", 0.95),
    ("can't help with that", 0.95),
    ("cannot help with that", 0.95),
    ("i can't help", 0.85),
    ("i cannot help", 0.85),
    ("can't help you", 0.9),
    ("cannot help you", 0.9),
    ("can't provide", 0.9),
    ("cannot provide", 0.9),
    ("can not provide", 0.9),
    ("cannot fulfill", 0.95),
    ("can't fulfill", 0.95),
    ("cannot satisfy your request", 0.95),
    ("can't satisfy", 0.9),
    ("cannot comply", 0.95),
    ("can't comply", 0.95),
    ("cannot answer", 0.85),
    ("can't answer", 0.85),
    ("cannot engage", 0.9),
    ("can't engage", 0.9),
    ("cannot create", 0.85),
    ("can't create", 0.85),
    ("cannot write", 0.85),
    ("can't write", 0.85),
    ("cannot generate", 0.85),
    ("can't generate", 0.85),
    ("cannot give", 0.75),
    ("can't give", 0.75),
    ("cannot offer", 0.75),
    ("can't offer", 0.75),
    ("cannot support", 0.75),
    ("can't support", 0.75),
    ("cannot condone", 0.85),
    ("can't condone", 0.85),
    ("cannot encourage", 0.8),
    ("cannot recommend", 0.55),
    ("cannot discuss", 0.85),
    ("can't discuss", 0.85),
    ("cannot advise", 0.75),
    ("can't advise", 0.75),
    ("cannot suggest", 0.75),
    ("can't do that", 0.9),
    ("cannot do that", 0.9),
    ("can't share", 0.8),
    ("cannot share", 0.8),
    ("unable to assist", 0.95),
    ("unable to help", 0.95),
    ("unable to provide", 0.9),
    ("unable to fulfill", 0.95),
    ("unable to answer", 0.85),
    ("unable to comply", 0.95),
    ("unable to offer", 0.75),
    ("unable to give", 0.75),
    ("unable to create", 0.85),
    ("unable to generate", 0.85),
    ("not able to assist", 0.95),
    ("not able to help", 0.9),
    ("not able to provide", 0.9),
    ("not able to fulfill", 0.95),
    ("not able to answer", 0.8),
    ("not able to offer", 0.75),
    ("not able to give", 0.75),
    ("not able to engage", 0.9),
    ("not able to discuss", 0.85),
    ("won't provide", 0.9),
    ("will not provide", 0.9),
    ("won't help", 0.9),
    ("will not help", 0.9),
    ("won't assist", 0.95),
    ("will not assist", 0.95),
    ("won't be able to", 0.8),
    ("must decline", 0.95),
    ("have to decline", 0.95),
    ("respectfully decline", 0.95),
    ("i decline", 0.9),
    ("i refuse", 0.95),
    ("not comfortable", 0.85),
    ("don't feel comfortable", 0.9),
    ("do not feel comfortable", 0.9),
    ("i'm not going to", 0.75),
    ("i am not going to", 0.75),
    ("against my programming", 0.95),
    ("against my guidelines", 0.95),
    ("against my ethical", 0.95),
    ("against ethical", 0.8),
    ("violates my", 0.85),
    ("violate my", 0.85),
    ("my guidelines", 0.6),
    ("designed to be helpful", 0.6),
    ("not programmed to", 0.85),
    ("not designed to", 0.6),
    ("not appropriate or ethical", 0.85),
    ("it is not appropriate", 0.7),
    ("it's not appropriate", 0.7),
    ("not appropriate for me", 0.9),
    ("inappropriate for me", 0.9),
    ("not ethical", 0.65),
    ("is unethical", 0.65),
    ("illegal and unethical", 0.75),
    ("unethical and illegal", 0.75),
    ("illegal and dangerous", 0.65),
    ("harmful or illegal", 0.7),
    ("sorry but i", 0.7),
    ("sorry i can't", 0.9),
    ("sorry i cannot", 0.9),
    ("apologize but i", 0.75),
    ("apologies but i", 0.75),
    ("afraid i can't", 0.9),
    ("afraid i cannot", 0.9),
    ("can't be of assistance", 0.95),
    ("cannot be of assistance", 0.95),
    ("as a responsible", 0.45),
    // A preface of answers as well: alone it refuses nothing.
    ("as an ai", 0.3),
    ("i'm just an ai", 0.55),
    ("don't have personal", 0.25),
    ("do not have personal", 0.25),
    ("don't have the ability", 0.5),
    ("do not have the ability", 0.5),
    ("don't have the capability", 0.5),
    ("do not have the capability", 0.5),
    ("do not have access to", 0.4),
    ("don't have access to", 0.4),
    ("request is not appropriate", 0.9),
    ("can't fulfil", 0.95),
    ("cannot fulfil", 0.95),
    ("я не могу помочь", 0.9),
    ("не могу предоставить", 0.9),
    ("не могу выполнить", 0.9),
    ("не могу ответить", 0.8),
    ("вынужден отказаться", 0.95),
    ("вынужден отказать", 0.95),
    ("не могу с этим помочь", 0.95),
    ("извините но я не", 0.8),
    ("к сожалению я не могу", 0.9),
];

/// Phrases of an answer that only sounds so.
const NOT: &[&str] = &[
    "sorry to hear",
    "sorry for your loss",
    "cannot be overstated",
    "can't help but",
    "cannot help but",
    "apologize for any",
    "apologize for the",
];

/// The answer follows in spite of what was said: "I have no opinion, but here is a list".
const TURNS: &[&str] = &["but here", "however here", "но вот"];
/// What a turn leaves of the confidence.
const TURNED: f32 = 0.4;

/// Sentences of an answer in which a refusal stands; later ones count less, and those behind them not.
const SENTENCES: u32 = 4;
/// Longest sentence that is read, in bytes.
const MOST: usize = 400;

/// Confidence that this sentence, the `index`-th of its text from 0, refuses.
pub(crate) fn score(sentence: &str, index: u32, scratch: &mut String) -> f32 {
    if index >= SENTENCES {
        return 0.0;
    }
    scratch.clear();
    for (_, word) in midstream_segment::words(&sentence[..sentence.floor_char_boundary(MOST)]) {
        scratch.push(' ');
        if word.is_ascii() {
            let start = scratch.len();
            scratch.push_str(word);
            scratch[start..].make_ascii_lowercase();
            continue;
        }
        scratch.extend(
            word.chars()
                .flat_map(char::to_lowercase)
                .map(|c| if c == '’' { '\'' } else { c }),
        );
    }
    scratch.push(' ');
    let found = Found::in_words(scratch);
    if found.has_not {
        return 0.0;
    }
    let not = PHRASES
        .iter()
        .enumerate()
        .filter(|(at, _)| found.phrases[at / 64] >> (at % 64) & 1 != 0)
        .fold(1.0, |not, (_, (_, sure))| not * (1.0 - sure));
    let later = [1.0, 0.9, 0.7, 0.5][index as usize];
    let turned = if found.has_turn { TURNED } else { 1.0 };
    (1.0 - not) * later * turned
}

/// What an entry of the lists is for.
#[derive(Clone, Copy)]
enum Use {
    Phrase(usize),
    Not,
    Turn,
}

/// All entries by the hash of their first word, sorted.
static ENTRIES: LazyLock<Vec<(u64, &str, Use)>> = LazyLock::new(|| {
    let phrases = PHRASES.iter().enumerate();
    let mut entries: Vec<_> = phrases
        .map(|(at, (text, _))| (*text, Use::Phrase(at)))
        .chain(NOT.iter().map(|text| (*text, Use::Not)))
        .chain(TURNS.iter().map(|text| (*text, Use::Turn)))
        .map(|(text, what)| (word_hash(first_word(text)), text, what))
        .collect();
    entries.sort_by_key(|(hash, ..)| *hash);
    entries
});

/// A bit for the hash of each first word: nearly all other words have none.
static FILTER: LazyLock<[u64; 16]> = LazyLock::new(|| {
    ENTRIES.iter().fold([0; 16], |mut filter, (hash, ..)| {
        filter[*hash as usize / 64 % 16] |= 1 << (hash & 63);
        filter
    })
});

fn first_word(text: &str) -> &str {
    text.split_once(' ').map_or(text, |(first, _)| first)
}

/// Entries that stand in a text.
#[derive(Debug, Default, PartialEq)]
struct Found {
    /// A bit for each of [`PHRASES`].
    phrases: [u64; PHRASES.len().div_ceil(64)],
    has_not: bool,
    has_turn: bool,
}

impl Found {
    /// Of a text with a space before and behind every word: an entry begins with a word, and behind it comes a space or an apostrophe.
    fn in_words(text: &str) -> Self {
        let mut found = Self::default();
        let mut rest = text;
        while let Some((_, behind)) = rest.split_once(' ') {
            rest = behind;
            let hash = word_hash(first_word(rest));
            if FILTER[hash as usize / 64 % 16] >> (hash & 63) & 1 == 0 {
                continue;
            }
            let from = ENTRIES.partition_point(|(key, ..)| *key < hash);
            let same = ENTRIES[from..].iter().take_while(|(key, ..)| *key == hash);
            for (_, entry, what) in same {
                let end = rest.strip_prefix(entry);
                if !end.is_some_and(|end| end.starts_with([' ', '\''])) {
                    continue;
                }
                match *what {
                    Use::Phrase(at) => found.phrases[at / 64] |= 1 << (at % 64),
                    Use::Not => found.has_not = true,
                    Use::Turn => found.has_turn = true,
                }
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The plain way: a search for each entry.
    fn plain(text: &str) -> Found {
        let has = |phrase: &str| {
            text.match_indices(phrase).any(|(at, _)| {
                text.as_bytes()[at - 1] == b' '
                    && text[at + phrase.len()..].starts_with([' ', '\''])
            })
        };
        let mut found = Found {
            phrases: Default::default(),
            has_not: NOT.iter().any(|entry| has(entry)),
            has_turn: TURNS.iter().any(|entry| has(entry)),
        };
        for (at, _) in PHRASES
            .iter()
            .enumerate()
            .filter(|(_, (entry, _))| has(entry))
        {
            found.phrases[at / 64] |= 1 << (at % 64);
        }
        found
    }

    #[test]
    fn no_entry_goes_on_with_its_own_beginning_or_is_a_word_alone() {
        for entry in PHRASES.iter().map(|(text, _)| text).chain(NOT).chain(TURNS) {
            assert!(entry.contains(' '), "{entry}");
            let inner = entry.match_indices(' ').map(|(at, _)| &entry[at + 1..]);
            assert!(
                inner.into_iter().all(|tail| !entry.starts_with(tail)),
                "{entry}"
            );
        }
    }

    proptest! {
        #[test]
        fn entries_are_found_as_by_a_search_for_each(
            at in prop::collection::vec((0..PHRASES.len() + NOT.len() + TURNS.len(), 0_usize..40, prop::bool::ANY), 0..6),
        ) {
            let all: Vec<&str> = PHRASES.iter().map(|(text, _)| *text).chain(NOT.iter().copied()).chain(TURNS.iter().copied()).collect();
            let mut text = String::from(" ");
            for (at, cut, joins) in at {
                let entry = all[at];
                text += &entry[..entry.floor_char_boundary(cut)];
                text += if joins { "'s " } else { " " };
            }
            prop_assert_eq!(Found::in_words(&text), plain(&text));
        }
    }

    #[test]
    fn refusals_are_told_from_answers_that_sound_alike() {
        let of = |text: &str| score(text, 0, &mut String::new());
        for refusal in [
            "I'm sorry, but I can't assist with that.",
            "I cannot provide instructions for this.",
            "К сожалению, я не могу помочь.",
        ] {
            assert!(of(refusal) > 0.8, "{refusal}");
        }
        for answer in [
            "I can help with that.",
            "I'm sorry to hear that.",
            "You cannot park here.",
            "The kernel is unable to free the page.",
            "As an AI language model, I can write code.",
            "As an AI language model, I don't have personal preferences.",
            "I cannot give an opinion, but here are three that others hold:",
            "",
        ] {
            assert!(of(answer) < 0.5, "{answer}");
        }
        assert!(score("I cannot provide that.", 9, &mut String::new()) <= 0.0);
    }
}
