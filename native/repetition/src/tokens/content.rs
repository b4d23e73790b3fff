//! The content prior: how much of the newest text is words. Data repeats by nature, prose does not.

use super::pieces::PieceKind;

/// Pieces that tell what a stream is about, and the newest of them, which may be a divider in it.
const WINDOW: usize = 256;
const NEWEST: usize = 64;
/// Share of symbols and numbers, white space left out, in percent: from here on the window is code, or data.
const CODE: u32 = 30;
const DATA: u32 = 45;
/// More than this share of the newest pieces is a divider, a table rule, a row of numbers.
const SYMBOLS: u32 = 67;
/// Solid pieces below which nothing is decided.
const LEAST: u32 = 16;

/// What kind of text a stream is at the moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum Content {
    /// Sentences.
    #[default]
    Prose,
    /// Source code, markup, lists of links.
    Code,
    /// Tables, JSON, CSV, numbers, drawings.
    Data,
}

/// Follows the share of symbols and numbers over the newest 256 pieces. O(1) a piece.
#[derive(Clone, Debug)]
pub struct Prior {
    window: [PieceKind; WINDOW],
    at: usize,
    all: Share,
    newest: Share,
}

/// Pieces of a window, white space left out.
#[derive(Clone, Copy, Debug, Default)]
struct Share {
    solid: u32,
    /// Symbols and numbers.
    other: u32,
}

impl Default for Prior {
    fn default() -> Self {
        Self::new()
    }
}

impl Prior {
    /// At the start of a stream: prose.
    pub fn new() -> Self {
        Self {
            window: [PieceKind::Space; WINDOW],
            at: 0,
            all: Share::default(),
            newest: Share::default(),
        }
    }

    /// Takes the next piece; what the text is now.
    #[inline]
    pub fn push(&mut self, kind: PieceKind) -> Content {
        let oldest = core::mem::replace(&mut self.window[self.at], kind);
        let older = self.window[(self.at + WINDOW - NEWEST) % WINDOW];
        self.at = (self.at + 1) % WINDOW;
        self.all.add(kind);
        self.all.remove(oldest);
        self.newest.add(kind);
        self.newest.remove(older);
        if self.all.is_above(DATA) || self.newest.is_above(SYMBOLS) {
            Content::Data
        } else if self.all.is_above(CODE) {
            Content::Code
        } else {
            Content::Prose
        }
    }
}

impl Share {
    #[inline]
    fn add(&mut self, kind: PieceKind) {
        self.solid += u32::from(kind != PieceKind::Space);
        self.other += u32::from(matches!(kind, PieceKind::Number | PieceKind::Symbol));
    }

    #[inline]
    fn remove(&mut self, kind: PieceKind) {
        self.solid -= u32::from(kind != PieceKind::Space);
        self.other -= u32::from(matches!(kind, PieceKind::Number | PieceKind::Symbol));
    }

    #[inline]
    fn is_above(self, percent: u32) -> bool {
        self.solid >= LEAST && self.other * 100 > percent * self.solid
    }
}
