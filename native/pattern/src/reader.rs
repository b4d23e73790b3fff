//! All phrases against one text.

use std::sync::Arc;

use midstream_temporal_compare::{Anchor, CompareError, EditStream};
use midstream_text_detector::{Found, Reader, SettingsError};
use serde_json::{Map, Value};

use crate::bank::{Bank, Masks};
use crate::fold::Fold;
use crate::follow::{Follower, Occurrence, Recent, Target};
use crate::settings::Settings;

/// Compiled phrases.
#[derive(Debug)]
pub(crate) struct Phrases {
    masks: Masks,
    targets: Vec<Target>,
    /// Symbols that an occurrence may have at most, and the one before it.
    reach: usize,
}

impl Phrases {
    pub(crate) fn compile(settings: &Settings) -> Result<Self, SettingsError> {
        let edits = settings.phrases.iter().map(|phrase| phrase.max_edits);
        let lanes: Vec<(Vec<u32>, usize)> = settings.symbols()?.into_iter().zip(edits).collect();
        let mut targets = Vec::with_capacity(lanes.len());
        for (at, (phrase, (symbols, _))) in settings.phrases.iter().zip(&lanes).enumerate() {
            let refused = |error: CompareError| SettingsError {
                field: format!("phrases.{at}.text"),
                message: error.to_string(),
            };
            let reversed: Vec<u32> = symbols.iter().rev().copied().collect();
            targets.push(Target {
                len: symbols.len() as u64,
                max_edits: phrase.max_edits as u64,
                whole_words: phrase.whole_words,
                backwards: EditStream::new(&reversed, Anchor::Start).map_err(refused)?,
            });
        }
        let reach = targets.iter().map(|target| target.reach() as usize).max();
        Ok(Self {
            masks: Masks::new(&lanes),
            targets,
            reach: reach.unwrap_or(0) + 2,
        })
    }

    pub(crate) fn memory_bytes(&self) -> usize {
        let streams = self.targets.iter();
        let heap: usize = streams.map(|target| target.backwards.bytes()).sum();
        self.masks.memory_bytes() + heap + size_of_val(self.targets.as_slice())
    }
}

/// Reads one text.
pub(crate) struct PhraseReader {
    phrases: Arc<Phrases>,
    fold: Fold,
    recent: Recent,
    bank: Bank,
    followers: Vec<Follower>,
    /// A phrase is near, or an occurrence waits to be told.
    hot: bool,
}

impl PhraseReader {
    pub(crate) fn new(phrases: Arc<Phrases>) -> Self {
        Self {
            fold: Fold::default(),
            // A candidate may wait for as long as its phrase is.
            recent: Recent::new(2 * phrases.reach),
            bank: Bank::new(&phrases.masks),
            followers: vec![Follower::default(); phrases.targets.len()],
            hot: false,
            phrases,
        }
    }
}

impl Reader for PhraseReader {
    fn push(&mut self, text: &str, found: &mut Vec<Found>) {
        let Self {
            phrases,
            fold,
            recent,
            bank,
            followers,
            hot,
        } = self;
        fold.push(text, |placed| {
            if *hot {
                let inside = placed.is_word() && recent.at(recent.count - 1).is_word();
                settle(phrases, followers, (bank, recent), !inside, found);
            }
            let near = bank.push(&phrases.masks, placed.symbol);
            recent.push(placed);
            *hot = near || (*hot && followers.iter().any(Follower::waits));
        });
    }

    fn finish(&mut self, found: &mut Vec<Found>) {
        let Self {
            phrases, followers, ..
        } = self;
        settle(phrases, followers, (&self.bank, &self.recent), true, found);
        for (at, (follower, target)) in followers.iter_mut().zip(&phrases.targets).enumerate() {
            found.extend(
                follower
                    .tell()
                    .map(|told| finding(at, told, target, &self.recent)),
            );
        }
    }

    fn memory_bytes(&self) -> usize {
        let followers = size_of_val(self.followers.as_slice());
        size_of::<Self>() + self.recent.memory_bytes() + self.bank.memory_bytes() + followers
    }
}

/// Judges the end of the text so far for each phrase; `edge` says whether a word may end there.
#[cold]
fn settle(
    phrases: &Phrases,
    followers: &mut [Follower],
    (bank, recent): (&Bank, &Recent),
    edge: bool,
    found: &mut Vec<Found>,
) {
    for (at, (follower, target)) in followers.iter_mut().zip(&phrases.targets).enumerate() {
        if let Some(told) = follower.settle(target, recent, (bank.is_near(at), edge)) {
            found.push(finding(at, told, target, recent));
        }
    }
}

fn finding(at: usize, told: Occurrence, target: &Target, recent: &Recent) -> Found {
    let end = recent.at(told.end - 1).end;
    let mut data = Map::new();
    data.insert("phrase".to_owned(), Value::from(at));
    data.insert("edits".to_owned(), Value::from(told.edits));
    Found {
        rule: 0,
        start: recent.at(told.start).start,
        end,
        // It was certain only when it stood there.
        from: end,
        score: 1.0 - told.edits as f32 / target.len as f32,
        data,
    }
}
