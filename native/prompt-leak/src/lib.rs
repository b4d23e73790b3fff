//! A system prompt in the answer: canaries, runs in common, phrases that reveal.
//!
//! Prompts are read into a suffix automaton over their words, once for each distinct prompt; an answer walks it word by word, which gives
//! the longest run in common that ends at each word. Must not know how findings are acted on.

#![forbid(unsafe_code)]
#![doc = include_str!("../README.md")]

mod canary;
mod grams;
mod index;
mod phrases;
mod reader;
mod settings;
#[cfg(test)]
mod tests;
mod words;

use std::sync::{Arc, Mutex, PoisonError};

use midstream_text_detector::{Answer, Context, Detector, Origin, Reader, Rule, SettingsError};
use serde_json::Value;

use crate::canary::Canaries;
use crate::grams::Grams;
use crate::index::Index;
use crate::reader::{LeakReader, Prompt};
use crate::settings::Settings;

/// A canary stands in the answer.
pub(crate) const CANARY: u32 = 0;
/// The answer and the prompt have a run of words in common.
pub(crate) const RUN: u32 = 1;
/// So much of the prompt stands in the answer, in whatever order.
pub(crate) const COVERAGE: u32 = 2;

static RULES: [Rule; 3] = [
    Rule {
        id: "canary",
        tag: "SYSTEM_PROMPT",
    },
    Rule {
        id: "run",
        tag: "SYSTEM_PROMPT",
    },
    Rule {
        id: "coverage",
        tag: "SYSTEM_PROMPT",
    },
];

/// Prompts whose index is kept; an application asks with few.
const KEPT_PROMPTS: usize = 16;

/// Reads the settings.
///
/// # Errors
/// Unknown settings, and values out of bounds.
pub fn compile(settings: Value) -> Result<Arc<dyn Detector>, SettingsError> {
    let settings = Settings::read(settings)?;
    let mut public = Grams::openings();
    settings.public.iter().for_each(|text| public.add(text));
    public.seal();
    Ok(Arc::new(LeakDetector {
        settings,
        public: Arc::new(public),
        kept: Mutex::new(Vec::new()),
    }))
}

/// Compiled settings.
#[derive(Debug)]
struct LeakDetector {
    settings: Settings,
    /// n-grams that everybody may say.
    public: Arc<Grams>,
    /// The most recently used comes last.
    kept: Mutex<Vec<Arc<Index>>>,
}

impl LeakDetector {
    /// The index of a prompt; what the lock guards is whole at all times.
    fn index(&self, texts: &[&str]) -> Arc<Index> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let index = match kept.iter().position(|index| index.is_of(texts)) {
            Some(at) => kept.remove(at),
            None => Arc::new(Index::new(texts)),
        };
        if kept.len() == KEPT_PROMPTS {
            kept.remove(0);
        }
        kept.push(Arc::clone(&index));
        index
    }
}

impl Detector for LeakDetector {
    fn rules(&self) -> &[Rule] {
        &RULES
    }

    fn begin(&self, context: &Context) -> Box<dyn Answer> {
        let texts = |origin| {
            context
                .messages
                .iter()
                .filter(move |message| message.origin == origin)
                .map(|message| message.text.as_str())
        };
        let prompt: Vec<&str> = texts(Origin::Instructions).collect();
        let mut said = Grams::default();
        texts(Origin::User).for_each(|text| said.add(text));
        said.seal();
        Box::new(LeakAnswer {
            prompt: Arc::new(Prompt {
                index: self.index(&prompt),
                public: Arc::clone(&self.public),
                said,
                canaries: Canaries::new(&self.settings.canaries, &prompt),
                limits: self.settings.limits,
            }),
        })
    }

    fn memory_bytes(&self) -> usize {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        size_of::<Self>()
            + self.public.memory_bytes()
            + kept.iter().map(|index| index.memory_bytes()).sum::<usize>()
    }
}

/// One answer.
struct LeakAnswer {
    prompt: Arc<Prompt>,
}

impl Answer for LeakAnswer {
    fn open(&mut self, _origin: Origin) -> Box<dyn Reader> {
        Box::new(LeakReader::new(Arc::clone(&self.prompt)))
    }
}
