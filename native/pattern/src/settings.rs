//! What a caller may set, with its bounds.

use midstream_text_detector::SettingsError;
use serde::Deserialize;

use crate::fold;

/// Most phrases: each costs a step a character.
pub const MAX_PHRASES: usize = 64;
/// Most characters of a phrase: a word of the processor holds one.
pub const MAX_PHRASE: usize = 64;
/// Fewest symbols of a phrase.
const LEAST: usize = 4;
/// A phrase has at least so many symbols for each edit: with fewer, ordinary words are near to it.
const SYMBOLS_PER_EDIT: usize = 3;

/// What is looked for.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Settings {
    /// 1 to [`MAX_PHRASES`].
    pub phrases: Vec<Phrase>,
}

/// One phrase.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Phrase {
    /// 4 to [`MAX_PHRASE`] characters; case does not count, and white space is white space.
    pub text: String,
    /// Most characters that are substituted, inserted or left out; at most a third of the phrase.
    #[serde(default)]
    pub max_edits: usize,
    /// Whether it must begin and end where words do.
    #[serde(default = "yes")]
    pub whole_words: bool,
}

const fn yes() -> bool {
    true
}

impl Settings {
    /// Checks all bounds; the symbols of each phrase.
    pub(crate) fn symbols(&self) -> Result<Vec<Vec<u32>>, SettingsError> {
        if self.phrases.is_empty() || self.phrases.len() > MAX_PHRASES {
            return Err(SettingsError {
                field: "phrases".to_owned(),
                message: format!("must be 1 to {MAX_PHRASES} phrases"),
            });
        }
        let each = self.phrases.iter().enumerate();
        each.map(|(at, phrase)| phrase.symbols(at)).collect()
    }
}

impl Phrase {
    fn symbols(&self, at: usize) -> Result<Vec<u32>, SettingsError> {
        let wrong = |field: &str, message: String| SettingsError {
            field: format!("phrases.{at}.{field}"),
            message,
        };
        let symbols = fold::whole(&self.text);
        if symbols.len() < LEAST || symbols.len() > MAX_PHRASE {
            let message = format!("must have {LEAST} to {MAX_PHRASE} characters");
            return Err(wrong("text", message));
        }
        let most = symbols.len() / SYMBOLS_PER_EDIT;
        if self.max_edits > most {
            let message = format!("is {}; this text allows at most {most}", self.max_edits);
            return Err(wrong("maxEdits", message));
        }
        Ok(symbols)
    }
}
