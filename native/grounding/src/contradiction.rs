//! Numbers that an answer gave before for the same thing.
//!
//! A sentence with exactly one figure is kept as the set of its content words and the figure's unit. A later one with the same words and
//! unit and another figure contradicts it. Precise rather than complete: two words more or less make another statement.

use crate::claims::{Claim, Spotted};
use crate::token::{Kind, Token};

/// Statements that are kept; the oldest leaves first.
const KEPT: usize = 32;
/// Most content words of a statement that is kept.
const MOST_WORDS: usize = 8;
/// Unit of a year.
const YEAR: u32 = u32::MAX;

#[derive(Clone, Copy, Debug)]
struct Statement {
    words: [u32; MOST_WORDS],
    unit: u32,
    value: f64,
    /// First byte of the figure in the text.
    start: u64,
}

/// What an answer said so far.
#[derive(Clone, Debug, Default)]
pub struct Said {
    statements: Vec<Statement>,
    next: usize,
}

impl Said {
    /// Reads a sentence that begins at `offset`: the figure that contradicts an earlier one, and where that one begins.
    pub fn read(
        &mut self,
        offset: u64,
        tokens: &[Token],
        claims: &[Spotted],
    ) -> Option<(Spotted, u64)> {
        let mut figures = claims
            .iter()
            .filter(|spotted| figure(spotted.claim).is_some());
        let (spotted, None) = (figures.next()?, figures.next()) else {
            return None;
        };
        let (value, unit) = figure(spotted.claim)?;
        let statement = Statement {
            words: words(tokens, spotted)?,
            unit,
            value,
            start: offset + u64::from(spotted.start),
        };
        let before = self
            .statements
            .iter()
            .find(|before| before.unit == unit && before.words == statement.words);
        let contradicted = before
            .filter(|before| (before.value - value).abs() > f64::EPSILON)
            .map(|before| before.start);
        if before.is_none() {
            if self.statements.len() < KEPT {
                self.statements.push(statement);
            } else {
                self.statements[self.next] = statement;
                self.next = (self.next + 1) % KEPT;
            }
        }
        contradicted.map(|start| (*spotted, start))
    }

    /// Bytes on the heap.
    pub fn heap_bytes(&self) -> usize {
        self.statements.capacity() * size_of::<Statement>()
    }
}

fn figure(claim: Claim) -> Option<(f64, u32)> {
    match claim {
        Claim::Number { value, unit, .. } => Some((value, unit)),
        Claim::Year(year) => Some((year.into(), YEAR)),
        _ => None,
    }
}

/// Sorted stems of the sentence without the figure; `None` where there are too few to name a thing and what is said of it.
fn words(tokens: &[Token], figure: &Spotted) -> Option<[u32; MOST_WORDS]> {
    let (mut words, mut len) = ([0; MOST_WORDS], 0);
    let outside = |token: &&Token| token.end <= figure.start || token.start >= figure.end;
    for token in tokens
        .iter()
        .filter(outside)
        .filter(|token| token.kind == Kind::Word && token.stem != 0)
    {
        if words[..len].contains(&token.stem) {
            continue;
        }
        *words.get_mut(len)? = token.stem;
        len += 1;
    }
    words[..len].sort_unstable();
    (len >= 2).then_some(words)
}
