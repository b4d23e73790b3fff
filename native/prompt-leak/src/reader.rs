//! One text of an answer, word by word.

use std::sync::Arc;

use midstream_text_detector::{Found, Reader};
use serde_json::{Map, Value};

use crate::canary::{Canaries, CanaryWatch};
use crate::grams::{GRAM, Grams, gram_hash};
use crate::index::{Index, Place};
use crate::settings::Limits;
use crate::words::{Word, WordStream};
use crate::{CANARY, COVERAGE, RUN, phrases};

/// Words that are remembered: the longest run that can wait.
const RING: usize = 64;
/// Fewest words of a prompt that coverage is a finding of: a share of a short prompt is a phrase.
const MIN_COVERED: u32 = 16;

/// What an answer is compared with.
#[derive(Debug)]
pub(crate) struct Prompt {
    pub(crate) index: Arc<Index>,
    pub(crate) public: Arc<Grams>,
    /// n-grams of the user's messages.
    pub(crate) said: Grams,
    pub(crate) canaries: Canaries,
    pub(crate) limits: Limits,
}

/// A word that is remembered.
#[derive(Clone, Copy, Debug)]
struct Seen {
    word: Word,
    /// It stands in a gram that does not count.
    is_free: bool,
}

/// The run under way.
#[derive(Clone, Copy, Debug, Default)]
struct Run {
    /// Index of its first word in the answer.
    first: u32,
    /// Words of it that count.
    counted: u32,
    /// It is long enough: what follows is reported piece by piece.
    is_decided: bool,
    /// First byte that has not been reported, and words from there on.
    piece: u64,
    piece_words: u32,
    /// Byte after its last word.
    end: u64,
}

/// Reads one text.
#[derive(Debug)]
pub(crate) struct LeakReader {
    prompt: Arc<Prompt>,
    words: WordStream,
    canaries: CanaryWatch,
    /// Bytes taken.
    taken: u64,
    /// What lies before has been let go.
    left: u64,
    /// The last words; word `n` at `n % RING`.
    ring: [Seen; RING],
    count: u32,
    place: Place,
    run: Run,
    longest: u32,
    /// One bit for each word of the prompt that was said.
    covered: Box<[u64]>,
    covered_words: u32,
    first_covered: u64,
    is_coverage_reported: bool,
    /// Word after which an announcement no longer counts; 0: none was made.
    announced_until: u32,
}

impl LeakReader {
    pub(crate) fn new(prompt: Arc<Prompt>) -> Self {
        let none = Seen {
            word: Word {
                hash: 0,
                start: 0,
                end: 0,
            },
            is_free: false,
        };
        Self {
            words: WordStream::default(),
            canaries: CanaryWatch::new(&prompt.canaries),
            taken: 0,
            left: 0,
            ring: [none; RING],
            count: 0,
            place: Place::default(),
            run: Run::default(),
            longest: 0,
            covered: vec![0; (prompt.index.words() as usize).div_ceil(64)].into(),
            covered_words: 0,
            first_covered: 0,
            is_coverage_reported: false,
            announced_until: 0,
            prompt,
        }
    }

    fn seen(&self, index: u32) -> &Seen {
        &self.ring[index as usize % RING]
    }

    /// Takes a complete word.
    fn take_word(&mut self, word: Word, found: &mut Vec<Found>) {
        self.ring[self.count as usize % RING] = Seen {
            word,
            is_free: false,
        };
        self.count += 1;
        let last = |back: usize| {
            (back < self.count as usize).then(|| self.seen(self.count - 1 - back as u32).word.hash)
        };
        if phrases::ends_here(last) {
            self.announced_until = self.count + phrases::REACH;
        }
        let before = self.place.length;
        let prompt = Arc::clone(&self.prompt);
        self.place = prompt.index.step(self.place, word.hash);
        if self.place.length == before + 1 {
            self.run.counted += 1;
        } else {
            self.flush(found);
            self.start_run();
        }
        self.judge_gram();
        self.run.end = word.end;
        self.longest = self.longest.max(self.run.counted);
        self.judge_run(word, found);
        self.judge_coverage(word, found);
    }

    /// Another run begins: the words that it shares with the last one count again, unless they were reported.
    fn start_run(&mut self) {
        let length = self.place.length.min(RING as u32);
        let reported = self.run.piece;
        let mut first = self.count - length;
        while first < self.count && self.seen(first).word.start < reported {
            first += 1;
        }
        let counted = (first..self.count)
            .filter(|index| !self.seen(*index).is_free)
            .count() as u32;
        self.run = Run {
            first,
            counted,
            is_decided: false,
            piece: reported,
            piece_words: 0,
            end: 0,
        };
    }

    /// Whether the gram that ends here counts, and what of the prompt it covers.
    fn judge_gram(&mut self) {
        let gram = GRAM as u32;
        if self.count < gram {
            return;
        }
        let hash =
            gram_hash((self.count - gram..self.count).map(|index| self.seen(index).word.hash));
        if self.prompt.public.has(hash) || self.prompt.said.has(hash) {
            for index in self.count - gram..self.count {
                let seen = &mut self.ring[index as usize % RING];
                if !seen.is_free && index >= self.run.first {
                    self.run.counted = self.run.counted.saturating_sub(1);
                }
                seen.is_free = true;
            }
        } else if self.place.length >= gram {
            if self.covered_words == 0 {
                self.first_covered = self.seen(self.count - gram).word.start;
            }
            let end = self.prompt.index.first_end(self.place) as usize + 1;
            for at in end - GRAM..end {
                let bit = 1 << (at % 64);
                self.covered_words += u32::from(self.covered[at / 64] & bit == 0);
                self.covered[at / 64] |= bit;
            }
        }
    }

    fn judge_run(&mut self, word: Word, found: &mut Vec<Found>) {
        // Where much of the prompt was said, shorter runs of it tell enough.
        let min_run = if self.is_coverage_reported {
            GRAM as u32
        } else {
            self.prompt.limits.min_run
        };
        if self.run.is_decided {
            self.run.piece_words += 1;
            if self.run.piece_words >= min_run.min(8) {
                self.report_piece(word.end, found);
            }
        } else if self.run.counted >= min_run {
            self.run.is_decided = true;
            let first = self.run.first.max(self.count.saturating_sub(RING as u32));
            self.run.piece = self.seen(first).word.start.max(self.run.piece);
            self.report_piece(word.end, found);
        }
    }

    /// Reports what of a decided run has not been reported.
    fn flush(&mut self, found: &mut Vec<Found>) {
        if self.run.is_decided && self.run.piece_words > 0 {
            self.report_piece(self.run.end, found);
        }
    }

    fn report_piece(&mut self, end: u64, found: &mut Vec<Found>) {
        self.report(RUN, self.run.piece, end, found);
        self.run.piece = end;
        self.run.piece_words = 0;
    }

    fn judge_coverage(&mut self, word: Word, found: &mut Vec<Found>) {
        let enough =
            self.covered_words >= MIN_COVERED && self.coverage() >= self.prompt.limits.min_coverage;
        if enough && !self.is_coverage_reported {
            self.is_coverage_reported = true;
            self.report(COVERAGE, self.first_covered, word.end, found);
        }
    }

    fn coverage(&self) -> f32 {
        self.covered_words as f32 / self.prompt.index.words().max(1) as f32
    }

    fn report(&self, rule: u32, start: u64, end: u64, found: &mut Vec<Found>) {
        let coverage = self.coverage();
        let is_announced = self.count <= self.announced_until;
        let mut data = Map::new();
        data.insert("longestRun".to_owned(), Value::from(self.longest));
        data.insert(
            "coverage".to_owned(),
            Value::from(f64::from((coverage * 1000.0).round()) / 1000.0),
        );
        data.insert("words".to_owned(), Value::from(self.covered_words));
        data.insert("announced".to_owned(), Value::from(is_announced));
        let score = if rule == CANARY {
            1.0
        } else {
            score(self.longest, coverage, is_announced)
        };
        found.push(Found {
            rule,
            start,
            end,
            from: start.max(self.left).min(end),
            score,
            data,
        });
    }

    /// What may still become part of a finding.
    fn wants(&self) -> u64 {
        let mut from = self.words.open().unwrap_or(u64::MAX);
        from = from.min(
            self.canaries
                .hold_from(&self.prompt.canaries)
                .unwrap_or(u64::MAX),
        );
        if self.run.is_decided {
            from = from.min(self.run.piece);
        } else if self.place.length > 0 && self.count > self.run.first {
            let words = (self.count - self.run.first).min(self.prompt.limits.hold_words);
            if words > 0 {
                from = from.min(self.seen(self.count - words).word.start);
            }
        }
        from
    }

    /// How many of the next bytes only go on with the word under way: what may be let go stays the same, and is not too much.
    fn inside(&self, bytes: &[u8]) -> usize {
        if self.words.open().is_none() || !self.canaries.is_idle() {
            return 0;
        }
        let held = self.taken - self.left;
        let room = self.prompt.limits.hold_bytes.saturating_sub(held);
        let bytes = &bytes[..bytes.len().min(room as usize)];
        bytes
            .iter()
            .take_while(|byte| byte.is_ascii_alphanumeric())
            .count()
    }

    /// Lets go of what nobody needs, and of everything where too much waits.
    fn let_go(&mut self) {
        self.left = self.left.max(self.wants().min(self.taken));
        if self.taken - self.left > self.prompt.limits.hold_bytes {
            self.left = self.taken;
        }
    }
}

/// Probability that the answer repeats the prompt on purpose: logistic, with weights set by hand (the README says how it fared).
fn score(longest: u32, coverage: f32, is_announced: bool) -> f32 {
    let sum = 0.45 * (longest.min(40) as f32 - 4.0)
        + 6.0 * coverage
        + if is_announced { 1.5 } else { 0.0 };
    1.0 / (1.0 + (-sum).exp())
}

impl Reader for LeakReader {
    fn push(&mut self, text: &str, found: &mut Vec<Found>) {
        let prompt = Arc::clone(&self.prompt);
        let mut rest = text;
        while let Some(character) = rest.chars().next() {
            let inside = self.inside(rest.as_bytes());
            let (run, behind) = rest.split_at(if inside == 0 {
                character.len_utf8()
            } else {
                inside
            });
            rest = behind;
            if inside > 0 {
                self.words.go_on(run.as_bytes(), self.taken);
                self.taken += inside as u64;
                continue;
            }
            let at = self.taken;
            let mut complete = [None; 2];
            let mut count = 0;
            self.words.take(character, at, |word| {
                complete[count] = Some(word);
                count += 1;
            });
            complete
                .into_iter()
                .flatten()
                .for_each(|word| self.take_word(word, found));
            self.taken += run.len() as u64;
            let mut starts = Vec::new();
            self.canaries
                .take(&prompt.canaries, character, at, |start| starts.push(start));
            for start in starts {
                self.report(CANARY, start, self.taken, found);
            }
            self.let_go();
        }
    }

    fn finish(&mut self, found: &mut Vec<Found>) {
        let mut last = None;
        self.words.finish(|word| last = Some(word));
        if let Some(word) = last {
            self.take_word(word, found);
        }
        self.flush(found);
        self.left = self.taken;
    }

    fn hold_from(&self) -> u64 {
        if self.left < self.taken {
            self.left
        } else {
            u64::MAX
        }
    }

    fn memory_bytes(&self) -> usize {
        // The index and the configured part are shared.
        size_of::<Self>()
            + self.canaries.memory_bytes()
            + self.covered.len() * 8
            + self.prompt.said.memory_bytes()
    }
}
