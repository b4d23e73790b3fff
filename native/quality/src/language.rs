//! Which language a text is in, by its script and its commonest words. Coarse: seven languages, "unknown" for the rest.

use midstream_segment::is_cyrillic;

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
    /// Counts a word of lower case.
    pub fn add(&mut self, word: &str) {
        self.words += 1;
        if word.chars().next().is_some_and(is_cyrillic) {
            self.cyrillic += 1;
        }
        for (hits, words) in self.hits.iter_mut().zip(WORDS) {
            if words.contains(&word) {
                *hits += 1;
            }
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
