//! One phrase against one text.

use midstream_temporal_compare::EditStream;

use crate::fold::Placed;

/// The newest symbols of a text.
#[derive(Clone, Debug)]
pub(crate) struct Recent {
    ring: Box<[Placed]>,
    /// Symbols so far.
    pub(crate) count: u64,
}

impl Recent {
    /// `reach`: how many of the newest symbols can be read.
    pub(crate) fn new(reach: usize) -> Self {
        Self {
            ring: vec![Placed::default(); reach.next_power_of_two()].into_boxed_slice(),
            count: 0,
        }
    }

    #[inline]
    pub(crate) fn push(&mut self, placed: Placed) {
        let at = self.count as usize & (self.ring.len() - 1);
        self.ring[at] = placed;
        self.count += 1;
    }

    /// The symbol of this index, one of the newest.
    #[inline]
    pub(crate) fn at(&self, index: u64) -> Placed {
        self.ring[index as usize & (self.ring.len() - 1)]
    }

    pub(crate) fn memory_bytes(&self) -> usize {
        size_of_val(&*self.ring)
    }
}

/// A phrase that stands in the text: symbols `start..end`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Occurrence {
    pub(crate) start: u64,
    pub(crate) end: u64,
    pub(crate) edits: u64,
}

/// What does not change while a phrase is followed.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    pub(crate) len: u64,
    pub(crate) max_edits: u64,
    pub(crate) whole_words: bool,
    /// The phrase from its end, to find where an occurrence begins.
    pub(crate) backwards: EditStream<u32>,
}

impl Target {
    /// Symbols that an occurrence may have.
    pub(crate) fn reach(&self) -> u64 {
        self.len + self.max_edits
    }

    /// The occurrence that ends before symbol `end` and begins at `from` or later: the one with the fewest edits, and of
    /// those the one with the length that is nearest to the phrase's.
    fn ending(&self, end: u64, from: u64, recent: &Recent) -> Option<Occurrence> {
        let mut stream = self.backwards.clone();
        let mut best: Option<(u64, u64, Occurrence)> = None;
        for start in (end.saturating_sub(self.reach()).max(from)..end).rev() {
            let edits = stream.push(recent.at(start).symbol);
            if edits > self.max_edits || (self.whole_words && !begins(start, recent)) {
                continue;
            }
            let off = (end - start).abs_diff(self.len);
            if best.is_none_or(|(least, nearest, _)| (edits, off) < (least, nearest)) {
                best = Some((edits, off, Occurrence { start, end, edits }));
            }
        }
        best.map(|(_, _, occurrence)| occurrence)
    }
}

/// Whether no word goes on at this symbol.
fn begins(start: u64, recent: &Recent) -> bool {
    start == 0 || !(recent.at(start - 1).is_word() && recent.at(start).is_word())
}

/// A phrase that is being followed.
#[derive(Clone, Debug, Default)]
pub(crate) struct Follower {
    /// The best occurrence so far, while a better end may still come.
    pending: Option<Occurrence>,
    /// Symbol after the last occurrence that was told: occurrences of a phrase do not overlap.
    told: u64,
}

impl Follower {
    /// Whether an occurrence waits to be told.
    pub(crate) fn waits(&self) -> bool {
        self.pending.is_some()
    }

    /// Before the next symbol is taken, or at the end of the text: `near` says whether an occurrence may end here, `edge`
    /// whether a word may.
    pub(crate) fn settle(
        &mut self,
        target: &Target,
        recent: &Recent,
        (near, edge): (bool, bool),
    ) -> Option<Occurrence> {
        if near {
            self.consider(target, recent, edge)
        } else {
            self.tell()
        }
    }

    /// The pending occurrence is the best there is.
    pub(crate) fn tell(&mut self) -> Option<Occurrence> {
        let told = self.pending.take()?;
        self.told = told.end;
        Some(told)
    }

    fn consider(&mut self, target: &Target, recent: &Recent, edge: bool) -> Option<Occurrence> {
        let end = recent.count;
        let here = if edge || !target.whole_words {
            target.ending(end, self.told, recent)
        } else {
            None
        };
        let Some(pending) = self.pending else {
            self.pending = here;
            return None;
        };
        if let Some(here) = here {
            if here.start >= pending.end {
                let told = self.tell();
                self.pending = Some(here);
                return told;
            }
            if here.edits < pending.edits {
                self.pending = Some(here);
                return None;
            }
        }
        // Text that repeats the phrase's own parts can stay near to it for ever.
        if end - pending.end >= target.len {
            return self.tell();
        }
        None
    }
}
