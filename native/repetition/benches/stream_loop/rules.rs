//! What is measured: `MidStream`'s detectors and the plain rules of facts/temporal.md C4 behind one interface.

use midstream_repetition::{Detector, Loop, Prior, Settings, TokenLoops, TokenSettings};

use crate::corpus::Token;
use crate::loops::PERIODS;

/// A rule that reads one stream.
pub trait Rule {
    /// Takes the next token; true if the rule says that the stream is in a loop.
    fn push(&mut self, token: Token) -> bool;
    /// Bytes of the state, heap included, at the moment.
    fn bytes(&self) -> usize;
}

/// Makes a rule at the start of a stream.
pub type Make = fn() -> Box<dyn Rule>;

/// Tokens of the longest period that rules without a limit of their own look for.
pub const LONGEST: usize = 512;

/// [`TokenLoops`] with the content prior.
pub struct Tokens {
    loops: TokenLoops,
    prior: Option<Prior>,
}

impl Tokens {
    pub fn make() -> Box<dyn Rule> {
        Box::new(Self {
            loops: TokenLoops::new(TokenSettings::default()),
            prior: Some(Prior::new()),
        })
    }

    pub fn make_without_prior() -> Box<dyn Rule> {
        Box::new(Self {
            loops: TokenLoops::new(TokenSettings::default()),
            prior: None,
        })
    }
}

impl Rule for Tokens {
    fn push(&mut self, token: Token) -> bool {
        if let Some(prior) = &mut self.prior {
            self.loops.set_content(prior.push(token.kind));
        }
        self.loops.push(token.hash).is_some()
    }

    fn bytes(&self) -> usize {
        self.loops.memory_bytes() + size_of::<Option<Prior>>()
    }
}

/// [`Detector`], which reads text.
pub struct Text {
    detector: Detector,
    found: Vec<Loop>,
}

impl Text {
    pub fn make() -> Box<dyn Rule> {
        Self::with(Settings::default())
    }

    /// Three copies and 32 tokens of 4 characters; the longest loop is 233 tokens of up to 8 characters.
    pub fn make_translated() -> Box<dyn Rule> {
        Self::with(Settings {
            min_repeats: 2,
            min_chars: 32 * 4,
            max_period: (PERIODS[11] * 8) as u32,
        })
    }

    fn with(settings: Settings) -> Box<dyn Rule> {
        Box::new(Self {
            detector: Detector::new(&settings),
            found: Vec::with_capacity(64),
        })
    }
}

impl Rule for Text {
    fn push(&mut self, token: Token) -> bool {
        self.found.clear();
        self.detector.push(token.text, &mut self.found);
        !self.found.is_empty()
    }

    fn bytes(&self) -> usize {
        self.detector.memory_bytes()
    }
}

/// The plain rule on all periods at once: so many copies and tokens, where a miss costs all, or four (leaky).
pub struct Plain {
    /// Newest first, in the part that is filled; the filled part grows downwards.
    tokens: Box<[u32]>,
    newest: usize,
    scores: [i32; LONGEST],
    copies: i32,
    least: i32,
    miss: i32,
}

/// Tokens between two moves of the window.
const ROOM: usize = 16 * LONGEST;

impl Plain {
    pub fn make_exact_three() -> Box<dyn Rule> {
        Self::with(3, 32, 1 << 20)
    }

    pub fn make_exact_four() -> Box<dyn Rule> {
        Self::with(4, 48, 1 << 20)
    }

    pub fn make_leaky_three() -> Box<dyn Rule> {
        Self::with(3, 32, 4)
    }

    pub fn make_leaky_four() -> Box<dyn Rule> {
        Self::with(4, 48, 4)
    }

    fn with(copies: i32, least: i32, miss: i32) -> Box<dyn Rule> {
        Box::new(Self {
            tokens: vec![0; ROOM + LONGEST].into_boxed_slice(),
            newest: ROOM,
            scores: [0; LONGEST],
            copies,
            least,
            miss,
        })
    }
}

impl Rule for Plain {
    fn push(&mut self, token: Token) -> bool {
        if self.newest == 0 {
            self.tokens.copy_within(..LONGEST, ROOM);
            self.newest = ROOM;
        }
        self.newest -= 1;
        let before = &self.tokens[self.newest + 1..][..LONGEST];
        let mut surplus = i32::MIN;
        let mut needed = 0;
        for (score, &older) in self.scores.iter_mut().zip(before) {
            let hit = i32::from(older == token.hash);
            *score = (*score + hit - (1 - hit) * self.miss).max(0);
            needed += self.copies - 1;
            surplus = surplus.max(*score - needed.max(self.least));
        }
        self.tokens[self.newest] = token.hash;
        surplus >= 0
    }

    fn bytes(&self) -> usize {
        size_of::<Self>() + 4 * LONGEST
    }
}
