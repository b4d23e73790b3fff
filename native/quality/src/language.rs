//! Which language a text is in, by its script and its commonest words. Coarse: seven languages, "unknown" for the rest.

use std::sync::LazyLock;

use midstream_segment::{is_cyrillic, word_hash};

/// A language that is told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Language {
    English,
    Russian,
    German,
    French,
    Spanish,
    Italian,
    Portuguese,
}

pub(crate) const LANGUAGES: usize = 7;

impl Language {
    const ALL: [Self; LANGUAGES] = [
        Self::English,
        Self::Russian,
        Self::German,
        Self::French,
        Self::Spanish,
        Self::Italian,
        Self::Portuguese,
    ];

    /// ISO 639-1.
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Russian => "ru",
            Self::German => "de",
            Self::French => "fr",
            Self::Spanish => "es",
            Self::Italian => "it",
            Self::Portuguese => "pt",
        }
    }

    /// By its name in English or Russian, as in "in French" or "на русском".
    pub(crate) fn named(word: &str) -> Option<Self> {
        Some(match word {
            "english" | "английском" => Self::English,
            "russian" | "русском" => Self::Russian,
            "german" | "немецком" => Self::German,
            "french" | "французском" => Self::French,
            "spanish" | "испанском" => Self::Spanish,
            "italian" | "итальянском" => Self::Italian,
            "portuguese" | "португальском" => Self::Portuguese,
            _ => return None,
        })
    }
}

/// Words that are common in one of the languages and rare in the others.
const WORDS: [&[&str]; LANGUAGES] = [
    &[
        "the", "and", "is", "of", "that", "you", "with", "this", "for", "are", "it", "be", "your",
        "have", "can", "was", "which", "they", "will", "from",
    ],
    &[
        "и",
        "в",
        "не",
        "на",
        "что",
        "это",
        "с",
        "как",
        "по",
        "для",
        "но",
        "к",
        "из",
        "или",
        "вы",
        "он",
        "быть",
        "может",
        "также",
        "при",
    ],
    &[
        "der", "die", "und", "ist", "das", "nicht", "ein", "eine", "mit", "auf", "sich", "den",
        "von", "für", "dem", "auch", "werden", "sie", "zu", "oder",
    ],
    &[
        "le", "les", "et", "est", "des", "une", "dans", "pour", "que", "qui", "vous", "pas", "sur",
        "avec", "du", "au", "sont", "ce", "cette", "ou",
    ],
    &[
        "el", "los", "las", "es", "una", "por", "con", "para", "del", "se", "más", "su", "pero",
        "como", "está", "muy", "puede", "usted", "y", "lo",
    ],
    &[
        "il", "che", "di", "è", "gli", "della", "per", "con", "sono", "non", "una", "del", "nel",
        "anche", "più", "alla", "dei", "questo", "si", "ma",
    ],
    &[
        "o", "os", "as", "é", "um", "uma", "com", "não", "para", "em", "do", "da", "que", "mais",
        "você", "por", "são", "como", "mas", "ou",
    ],
];

/// Places of the table: a power of two, at least twice the words.
const SLOTS: usize = 512;

/// The words by their hashes: place `hash` or one behind it; and the languages that have it, a bit each.
static TABLE: LazyLock<Vec<(u64, &str, u8)>> = LazyLock::new(|| {
    let mut table = vec![(0, "", 0); SLOTS];
    for (language, words) in WORDS.iter().enumerate() {
        for word in *words {
            let hash = word_hash(word);
            let mut at = hash as usize % SLOTS;
            while !matches!(table[at].1, known if known.is_empty() || known == *word) {
                at = (at + 1) % SLOTS;
            }
            table[at] = (hash, word, table[at].2 | 1 << language);
        }
    }
    table
});

/// What a word tells of its language.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Told {
    /// Languages in which it is common, a bit each.
    languages: u8,
    is_cyrillic: bool,
}

impl Told {
    /// Of a word with its [`word_hash`], whatever its case.
    pub fn of(word: &str, hash: u64) -> Self {
        let lower = || word.chars().flat_map(char::to_lowercase);
        let mut at = hash as usize % SLOTS;
        let mut languages = 0;
        while let Some((key, known, bits)) = TABLE.get(at).filter(|(_, known, _)| !known.is_empty())
        {
            if *key == hash && lower().eq(known.chars()) {
                languages = *bits;
                break;
            }
            at = (at + 1) % SLOTS;
        }
        Self {
            languages,
            is_cyrillic: !word.is_ascii() && lower().next().is_some_and(is_cyrillic),
        }
    }
}

/// Counts of a text's words by language.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Profile {
    hits: [u32; LANGUAGES],
    words: u32,
    cyrillic: u32,
}

/// Words that are needed before a language is named.
const LEAST_WORDS: u32 = 6;

impl Profile {
    /// Counts a word.
    pub fn add(&mut self, told: Told) {
        self.words += 1;
        self.cyrillic += u32::from(told.is_cyrillic);
        let mut languages = told.languages;
        while languages != 0 {
            self.hits[languages.trailing_zeros() as usize] += 1;
            languages &= languages - 1;
        }
    }

    pub fn words(&self) -> u32 {
        self.words
    }

    /// The language, where the words leave no doubt.
    pub fn language(&self) -> Option<Language> {
        if self.words < LEAST_WORDS {
            return None;
        }
        if self.cyrillic * 2 > self.words {
            // Other languages in Cyrillic share few of these words.
            return (self.hits[1] * 20 >= self.words).then_some(Language::Russian);
        }
        let (best, hits) = self
            .hits
            .iter()
            .enumerate()
            .max_by_key(|(_, hits)| **hits)?;
        let second = self
            .hits
            .iter()
            .enumerate()
            .filter(|(i, _)| *i != best)
            .map(|(_, hits)| *hits)
            .max()?;
        (*hits >= 3 && *hits * 12 >= self.words && *hits * 2 >= second * 3)
            .then(|| Language::ALL[best])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The plain way: each word of each language.
    fn plain(word: &str) -> Told {
        let lower = word
            .chars()
            .flat_map(char::to_lowercase)
            .collect::<String>();
        let has = |(language, words): (usize, &&[&str])| {
            u8::from(words.contains(&lower.as_str())) << language
        };
        Told {
            languages: WORDS.iter().enumerate().map(has).sum(),
            is_cyrillic: lower.chars().next().is_some_and(is_cyrillic),
        }
    }

    #[test]
    fn every_word_is_found_and_half_of_the_table_is_free() {
        assert!(TABLE.iter().filter(|(_, word, _)| !word.is_empty()).count() * 2 <= SLOTS);
        for word in WORDS.iter().flat_map(|words| words.iter()) {
            for word in [(*word).to_owned(), word.to_uppercase()] {
                assert_eq!(Told::of(&word, word_hash(&word)), plain(&word), "{word}");
            }
        }
    }

    proptest! {
        #[test]
        fn words_tell_what_the_lists_say(word in prop_oneof!["[a-zA-Zéè]{1,4}", "[а-яА-Я]{1,3}", "\\PC{1,5}"]) {
            prop_assert_eq!(Told::of(&word, word_hash(&word)), plain(&word));
        }
    }
}
