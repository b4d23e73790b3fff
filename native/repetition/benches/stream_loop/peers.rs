//! The rules of other projects, written anew from their descriptions (facts/temporal.md C3), with their own settings.
//!
//! They stand in for the rules, not for the products: languages, hashes and feeding differ.

use std::collections::HashMap;

use crate::corpus::Token;
use crate::rules::{LONGEST, Rule};

/// The tail of the stream is one pattern so many times: for each size, from the smallest.
///
/// vLLM (`repetition_detection`): sizes and count are the request's. llama.cpp (PR 26039): 16 to 1 024, four times.
/// vllm-mlx: 1 to 128, three copies and 48 tokens, looked at every 16 tokens past 64, in a window of 512.
pub struct Tail {
    tokens: Vec<u32>,
    sizes: (usize, usize),
    copies: usize,
    least: usize,
    every: usize,
    after: usize,
}

impl Tail {
    pub fn make_vllm() -> Box<dyn Rule> {
        Self::with((1, LONGEST), 3, 0, (1, 0))
    }

    pub fn make_llama_cpp() -> Box<dyn Rule> {
        Self::with((16, 1024), 4, 0, (1, 0))
    }

    pub fn make_mlx() -> Box<dyn Rule> {
        Self::with((1, 128), 3, 48, (16, 64))
    }

    fn with(
        sizes: (usize, usize),
        copies: usize,
        least: usize,
        (every, after): (usize, usize),
    ) -> Box<dyn Rule> {
        Box::new(Self {
            tokens: Vec::new(),
            sizes,
            copies,
            least,
            every,
            after,
        })
    }

    fn is_tail(&self, size: usize) -> bool {
        // So many copies that they cover the least number of tokens.
        let copies = self.copies.max(self.least.div_ceil(size));
        let compared = (copies - 1) * size;
        let newest = self.tokens.len().checked_sub(compared);
        let older = newest.and_then(|newest| newest.checked_sub(size));
        newest.zip(older).is_some_and(|(newest, older)| {
            self.tokens[newest..] == self.tokens[older..older + compared]
        })
    }
}

impl Rule for Tail {
    fn push(&mut self, token: Token) -> bool {
        self.tokens.push(token.hash);
        let len = self.tokens.len();
        if !len.is_multiple_of(self.every) || len < self.after {
            return false;
        }
        // A pattern ends in the newest token twice at least: most sizes go at that.
        let sizes = self.sizes.0..=self.sizes.1.min(len - 1);
        let ends = self.tokens[..len - self.sizes.0.min(len)].iter().rev();
        sizes
            .zip(ends)
            .any(|(size, &end)| end == token.hash && self.is_tail(size))
    }

    fn bytes(&self) -> usize {
        // The rule needs all copies of its longest pattern; the engines keep the whole answer.
        size_of::<Self>() + 4 * self.sizes.1 * self.copies
    }
}

/// gemini-cli's content check: a chunk of 50 characters ten times, on average at most 250 characters apart, in the
/// newest 5 000; tables, lists, headings, quotes, dividers and code fences start it anew. Fed eight tokens at a time:
/// it looks for structure in each delta.
pub struct Chunks {
    history: Vec<u8>,
    /// Characters that left the history.
    dropped: usize,
    places: HashMap<[u8; 50], Vec<usize>>,
    delta: Vec<u8>,
    pending: usize,
    in_code: bool,
    next: usize,
}

impl Chunks {
    const CHUNK: usize = 50;
    const TIMES: usize = 10;
    const APART: usize = 250;
    const KEPT: usize = 5_000;
    const DELTA_TOKENS: usize = 8;

    pub fn make() -> Box<dyn Rule> {
        Box::new(Self {
            history: Vec::new(),
            dropped: 0,
            places: HashMap::new(),
            delta: Vec::new(),
            pending: 0,
            in_code: false,
            next: 0,
        })
    }

    fn restart(&mut self) {
        self.history.clear();
        self.places.clear();
        self.dropped = 0;
        self.next = 0;
    }

    fn take_delta(&mut self) -> bool {
        let delta = core::mem::take(&mut self.delta);
        let text = String::from_utf8_lossy(&delta);
        let fences = text.matches("```").count();
        if fences > 0 || text.lines().any(is_structure) {
            self.restart();
        }
        self.in_code ^= fences % 2 == 1;
        if self.in_code || fences > 0 {
            return false;
        }
        self.history.extend_from_slice(&delta);
        self.drop_old();
        self.look()
    }

    fn drop_old(&mut self) {
        if self.history.len() > Self::KEPT {
            let surplus = self.history.len() - Self::KEPT;
            self.history.drain(..surplus);
            self.dropped += surplus;
            let dropped = self.dropped;
            self.next = self.next.max(dropped);
            self.places.retain(|_, places| {
                places.retain(|&place| place >= dropped);
                !places.is_empty()
            });
        }
    }

    fn look(&mut self) -> bool {
        while self.next + Self::CHUNK <= self.dropped + self.history.len() {
            let from = self.next - self.dropped;
            let mut chunk = [0; Self::CHUNK];
            chunk.copy_from_slice(&self.history[from..from + Self::CHUNK]);
            let places = self.places.entry(chunk).or_default();
            places.push(self.next);
            self.next += 1;
            if places.len() >= Self::TIMES {
                let span = places[places.len() - 1] - places[places.len() - Self::TIMES];
                if span <= Self::APART * (Self::TIMES - 1) {
                    return true;
                }
            }
        }
        false
    }
}

/// A table row, a list entry, a heading, a quote or a divider.
fn is_structure(line: &str) -> bool {
    let line = line.trim_start();
    let numbered = line.trim_start_matches(|c: char| c.is_ascii_digit());
    line.starts_with('|')
        || line.starts_with('>')
        || ["* ", "- ", "+ ", "# ", "## ", "### "]
            .iter()
            .any(|mark| line.starts_with(mark))
        || (numbered.len() < line.len() && numbered.starts_with(". "))
        || (line.len() >= 3 && line.bytes().all(|byte| b"-=*_+".contains(&byte)))
}

impl Rule for Chunks {
    fn push(&mut self, token: Token) -> bool {
        self.delta.extend_from_slice(token.text);
        self.pending += 1;
        if self.pending < Self::DELTA_TOKENS {
            return false;
        }
        self.pending = 0;
        self.take_delta()
    }

    fn bytes(&self) -> usize {
        let lists: usize = self.places.values().map(Vec::capacity).sum();
        self.history.capacity()
            + self.places.capacity() * (50 + size_of::<Vec<usize>>())
            + 8 * lists
    }
}

/// coder/xum: eight to fifty characters ten times in a row, in the newest 2 000.
pub struct Characters {
    text: Vec<u8>,
}

impl Characters {
    pub fn make() -> Box<dyn Rule> {
        Box::new(Self { text: Vec::new() })
    }
}

impl Rule for Characters {
    fn push(&mut self, token: Token) -> bool {
        let mut looped = false;
        for &byte in token.text {
            self.text.push(byte);
            let len = self.text.len();
            looped |= (8..=50).any(|size| {
                len >= 10 * size
                    && (1..=9 * size)
                        .all(|back| self.text[len - back] == self.text[len - back - size])
            });
        }
        looped
    }

    fn bytes(&self) -> usize {
        2_000 + size_of::<Self>()
    }
}
