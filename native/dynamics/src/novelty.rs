//! How much of the text is new: which groups of four words occurred among the last 2,048, and a test of whether they go on doing so.

/// Words that are remembered.
const WINDOW: usize = 2_048;
/// Slots of the table: at most half of them are taken.
const SLOTS: usize = 4_096;
/// Words in a group.
const GROUP: usize = 4;
/// Groups that the signal looks back on.
const RECENT: u32 = 128;

/// A set of groups, exact over the window: a group is found by hash and believed by its words. Open addressing with the
/// keyed hashes of words, so nobody outside can make probes long; what leaves the window leaves the table, so that the
/// answer is the same for every key.
#[derive(Debug)]
struct Groups {
    words: Box<[u32; WINDOW]>,
    /// Place of a group's first word in `words`, plus one; 0 = free.
    slots: Box<[u16; SLOTS]>,
    count: u64,
}

impl Groups {
    fn new() -> Self {
        Self {
            words: Box::new([0; WINDOW]),
            slots: Box::new([0; SLOTS]),
            count: 0,
        }
    }

    /// Takes a word. Whether the group that it completes is an old one; none at the beginning.
    fn push(&mut self, word: u32) -> Option<bool> {
        let place = self.count as usize % WINDOW;
        if self.count >= WINDOW as u64 {
            self.forget(place);
        }
        self.words[place] = word;
        self.count += 1;
        if self.count < GROUP as u64 {
            return None;
        }
        let start = (place + WINDOW + 1 - GROUP) % WINDOW;
        let group = self.group(start);
        let mut slot = home(group);
        loop {
            match self.slots[slot] {
                0 => break,
                taken if self.group(usize::from(taken) - 1) == group => break,
                _ => slot = (slot + 1) % SLOTS,
            }
        }
        let is_old = self.slots[slot] != 0;
        self.slots[slot] = start as u16 + 1;
        Some(is_old)
    }

    fn group(&self, start: usize) -> [u32; GROUP] {
        core::array::from_fn(|i| self.words[(start + i) % WINDOW])
    }

    /// Takes the group that begins here out of the table, if it has not been seen again since.
    fn forget(&mut self, start: usize) {
        let mut slot = home(self.group(start));
        while self.slots[slot] != start as u16 + 1 {
            if self.slots[slot] == 0 {
                return;
            }
            slot = (slot + 1) % SLOTS;
        }
        // Moves back what had to step over the slot (Knuth 6.4, algorithm R).
        let mut next = slot;
        loop {
            next = (next + 1) % SLOTS;
            let taken = self.slots[next];
            if taken == 0 {
                break;
            }
            let wanted = home(self.group(usize::from(taken) - 1));
            if (next + SLOTS - wanted) % SLOTS >= (next + SLOTS - slot) % SLOTS {
                self.slots[slot] = taken;
                slot = next;
            }
        }
        self.slots[slot] = 0;
    }
}

fn home(group: [u32; GROUP]) -> usize {
    let pair = |i: usize| u64::from(group[i]) << 32 | u64::from(group[i + 1]);
    let mixed = pair(0).wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(31) ^ pair(2);
    (mixed.wrapping_mul(0xBF58_476D_1CE4_E5B9) >> 52) as usize
}

/// Repetition in pieces: a cumulative sum (Page, Biometrika 41 (1954) 100) of old groups beyond the share that is allowed.
#[derive(Debug)]
pub(crate) struct Novelty {
    groups: Groups,
    /// The last groups, one bit each: 1 = old.
    recent: u128,
    share: f64,
    limit: f64,
    sum: f64,
    /// Where the sum left 0, and what has come since.
    start: u64,
    old: u32,
    all: u32,
    is_reported: bool,
}

impl Novelty {
    pub fn new(share: f64, limit: u32) -> Self {
        Self {
            groups: Groups::new(),
            recent: 0,
            share,
            limit: f64::from(limit),
            sum: 0.0,
            start: 0,
            old: 0,
            all: 0,
            is_reported: false,
        }
    }

    /// `at`: where the word's segment begins.
    pub fn push(&mut self, word: u32, at: u64) {
        let Some(is_old) = self.groups.push(word) else {
            return;
        };
        self.recent = self.recent << 1 | u128::from(is_old);
        if self.sum <= 0.0 {
            (self.start, self.old, self.all) = (at, 0, 0);
        }
        self.old += u32::from(is_old);
        self.all += 1;
        // The upper end lets go of a long stretch within as many words as it took to report it.
        self.sum =
            (self.sum + f64::from(u8::from(is_old)) - self.share).clamp(0.0, 2.0 * self.limit);
        if self.sum <= 0.0 {
            self.is_reported = false;
        }
    }

    /// At a segment's end: where the stretch began and its share of old groups.
    pub fn take(&mut self) -> Option<(u64, f32)> {
        if self.is_reported || self.sum < self.limit {
            return None;
        }
        self.is_reported = true;
        Some((self.start, self.old as f32 / self.all as f32))
    }

    /// Share of new groups among the last 128; 1 at the beginning.
    pub fn share(&self) -> f32 {
        let count = (self.groups.count.saturating_sub(GROUP as u64 - 1)).clamp(1, RECENT.into());
        1.0 - self.recent.count_ones() as f32 / count as f32
    }

    pub fn memory_bytes() -> usize {
        WINDOW * size_of::<u32>() + SLOTS * size_of::<u16>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::VecDeque;

    #[test]
    fn a_group_is_old_exactly_if_it_is_among_those_of_the_window() {
        let mut groups = Groups::new();
        let mut window: VecDeque<u32> = VecDeque::new();
        let mut state = 1_u64;
        for step in 0..30_000_u32 {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            // Few words in one part, many in the other: both full and empty tables.
            let bound = if step / 5_000 % 2 == 0 { 6 } else { 3_000 };
            let word = (state >> 33) as u32 % bound;
            if window.len() == WINDOW {
                window.pop_front();
            }
            window.push_back(word);
            let found = groups.push(word);
            if step % 7 == 0 && window.len() >= GROUP {
                let all = window.make_contiguous();
                let (before, last) = (&all[..all.len() - 1], &all[all.len() - GROUP..]);
                let is_old = before.windows(GROUP).any(|group| group == last);
                assert_eq!(found, Some(is_old), "step {step}");
            }
        }
        let taken = groups.slots.iter().filter(|slot| **slot != 0).count();
        assert!(taken < WINDOW);
    }
}
