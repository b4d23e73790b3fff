//! Every word of a plan in one Aho-Corasick automaton over the case-folded lane.
//!
//! It tells where words end, and which beginnings of words the text ends with (what must be held back). What a word is for, it does
//! not know.

use std::collections::VecDeque;
use std::ops::Range;

/// Most bytes of the transition table, 64 MB: some 300 000 bytes of words.
const MAX_TABLE_BYTES: usize = 64 << 20;

/// The table would exceed its limit: so many bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TooManyWords(pub(crate) usize);

/// State before any word has begun.
pub(crate) const ROOT: u32 = 0;

#[derive(Clone, Debug)]
enum Table {
    Small(Vec<u16>),
    Large(Vec<u32>),
}

/// The automaton. Words are numbered in the order given.
#[derive(Clone, Debug)]
pub(crate) struct Words {
    /// Upper-case ASCII letters have the class of the lower-case ones.
    classes: Box<[u8; 256]>,
    stride: usize,
    table: Table,
    /// States from here on end a word.
    first_output: u32,
    /// Per state from `first_output`: its part of `outputs`, the longest word first.
    output_of: Vec<Range<u32>>,
    outputs: Vec<u32>,
    depth: Vec<u16>,
    /// Per state, its part of `holders`: words that it is a proper beginning of.
    holders_of: Vec<Range<u32>>,
    holders: Vec<u32>,
    /// Per state, the longest one among it and its suffixes that has holders; `ROOT` for none.
    holding: Vec<u32>,
    /// Per state, the depth of that.
    held: Vec<u16>,
    /// Per state, its longest proper suffix that is a state.
    fail: Vec<u32>,
    lengths: Vec<u16>,
}

/// A small automaton, for loops over many bytes.
#[derive(Clone, Copy)]
pub(crate) struct SmallWords<'a> {
    classes: &'a [u8; 256],
    stride: usize,
    table: &'a [u16],
    /// States from here on end a word.
    pub(crate) first_output: u32,
}

impl SmallWords<'_> {
    /// The state after a byte of a class.
    #[inline]
    pub(crate) fn step_class(&self, state: u32, class: usize) -> u32 {
        u32::from(self.table[state as usize * self.stride + class])
    }

    #[inline]
    pub(crate) fn step(&self, state: u32, byte: u8) -> u32 {
        let class = usize::from(self.classes[usize::from(byte)]);
        u32::from(self.table[state as usize * self.stride + class])
    }

    #[inline]
    pub(crate) fn ends_word(&self, state: u32) -> bool {
        state >= self.first_output
    }
}

struct Trie {
    classes: Box<[u8; 256]>,
    stride: usize,
    next: Vec<u32>,
    depth: Vec<u16>,
    ends: Vec<Vec<u32>>,
    holders: Vec<Vec<u32>>,
}

impl Words {
    /// Builds the automaton of words in lower case; `holds` says of each whether its beginnings must be held back.
    pub(crate) fn build(words: &[Vec<u8>], holds: &[bool]) -> Result<Self, TooManyWords> {
        let mut trie = Trie::new(words)?;
        for (id, word) in words.iter().enumerate() {
            trie.add(id as u32, word, holds[id])?;
        }
        let (order, fail) = trie.link();
        Ok(Self::number(
            trie,
            &order,
            &fail,
            words.iter().map(|word| word.len() as u16).collect(),
        ))
    }

    /// Numbers the states so that those that end a word come last.
    fn number(mut trie: Trie, order: &[u32], fail: &[u32], lengths: Vec<u16>) -> Self {
        let count = order.len();
        // Breadth first, so a state's suffix is complete before the state.
        for &state in order.iter().skip(1) {
            let inherited = trie.ends[fail[state as usize] as usize].clone();
            trie.ends[state as usize].extend(inherited);
        }
        let mut numbered: Vec<u32> = order.to_vec();
        numbered.sort_by_key(|&state| !trie.ends[state as usize].is_empty());
        let mut renamed = vec![ROOT; count];
        for (to, &from) in numbered.iter().enumerate() {
            renamed[from as usize] = to as u32;
        }
        let mut words = Self {
            first_output: trie.ends.iter().filter(|ends| ends.is_empty()).count() as u32,
            table: Table::Small(Vec::new()),
            output_of: Vec::new(),
            outputs: Vec::new(),
            depth: numbered
                .iter()
                .map(|&state| trie.depth[state as usize])
                .collect(),
            holders_of: Vec::with_capacity(count),
            holders: Vec::new(),
            holding: vec![ROOT; count],
            held: Vec::new(),
            fail: numbered
                .iter()
                .map(|&state| renamed[fail[state as usize] as usize])
                .collect(),
            lengths,
            classes: trie.classes,
            stride: trie.stride,
        };
        let mut table = Vec::with_capacity(trie.next.len());
        for &state in &numbered {
            let row = &trie.next[state as usize * trie.stride..][..trie.stride];
            table.extend(row.iter().map(|&to| renamed[to as usize]));
            words
                .holders_of
                .push(append(&mut words.holders, &trie.holders[state as usize]));
            if !trie.ends[state as usize].is_empty() {
                words
                    .output_of
                    .push(append(&mut words.outputs, &trie.ends[state as usize]));
            }
        }
        for &from in order {
            let state = renamed[from as usize] as usize;
            let own = !trie.holders[from as usize].is_empty();
            words.holding[state] = if own {
                state as u32
            } else {
                words.holding[words.fail[state] as usize]
            };
        }
        let depth = |&state: &u32| words.depth[state as usize];
        words.held = words.holding.iter().map(depth).collect();
        words.table = if u16::try_from(count).is_ok() {
            Table::Small(table.iter().map(|&state| state as u16).collect())
        } else {
            Table::Large(table)
        };
        words
    }

    #[inline]
    pub(crate) fn step(&self, state: u32, byte: u8) -> u32 {
        self.step_class(state, self.classes[usize::from(byte)])
    }

    /// The state after a byte of a class.
    #[inline]
    pub(crate) fn step_class(&self, state: u32, class: u8) -> u32 {
        let at = state as usize * self.stride + usize::from(class);
        match &self.table {
            Table::Small(table) => u32::from(table[at]),
            Table::Large(table) => table[at],
        }
    }

    #[inline]
    pub(crate) fn ends_word(&self, state: u32) -> bool {
        state >= self.first_output
    }

    /// What tells a byte from others.
    pub(crate) fn class(&self, byte: u8) -> u8 {
        self.classes[usize::from(byte)]
    }

    /// The automaton with its table at hand, if its states have two bytes.
    pub(crate) fn small(&self) -> Option<SmallWords<'_>> {
        match &self.table {
            Table::Small(table) => Some(SmallWords {
                classes: &self.classes,
                stride: self.stride,
                table,
                first_output: self.first_output,
            }),
            Table::Large(_) => None,
        }
    }

    /// Number of a state among those that end a word.
    pub(crate) fn output(&self, state: u32) -> Option<usize> {
        state.checked_sub(self.first_output).map(|at| at as usize)
    }

    /// Words that end here, the longest first.
    pub(crate) fn ended(&self, state: u32) -> &[u32] {
        match self.output(state) {
            Some(at) => slice(&self.outputs, &self.output_of[at]),
            None => &[],
        }
    }

    /// [`Words::ended`] of every state that ends a word, in their order.
    pub(crate) fn all_ended(&self) -> impl Iterator<Item = &[u32]> {
        self.output_of.iter().map(|part| slice(&self.outputs, part))
    }

    /// Beginnings of words that the text ends with, the longest first: their length and the words.
    pub(crate) fn begun(&self, state: u32) -> impl Iterator<Item = (u64, &[u32])> {
        let mut state = self.holding[state as usize];
        std::iter::from_fn(move || {
            let at = state as usize;
            if state == ROOT {
                return None;
            }
            state = self.holding[self.fail[at] as usize];
            Some((
                u64::from(self.depth[at]),
                slice(&self.holders, &self.holders_of[at]),
            ))
        })
    }

    /// Bytes of the longest beginning of a held word that the text ends with; 0 for none.
    #[inline]
    pub(crate) fn held(&self, state: u32) -> u64 {
        u64::from(self.held[state as usize])
    }

    /// Bytes of a word.
    pub(crate) fn length(&self, word: u32) -> u64 {
        u64::from(self.lengths[word as usize])
    }

    /// Bytes of the longest word.
    pub(crate) fn longest(&self) -> u64 {
        self.lengths.iter().copied().max().map_or(0, u64::from)
    }

    pub(crate) fn memory_bytes(&self) -> usize {
        let table = match &self.table {
            Table::Small(table) => table.len() * 2,
            Table::Large(table) => table.len() * 4,
        };
        table
            + (self.outputs.len() + self.holders.len() + self.holding.len() + self.fail.len()) * 4
            + (self.output_of.len() + self.holders_of.len()) * size_of::<Range<u32>>()
            + self.depth.len() * 2
    }
}

fn append(all: &mut Vec<u32>, part: &[u32]) -> Range<u32> {
    let start = all.len() as u32;
    all.extend_from_slice(part);
    start..all.len() as u32
}

fn slice<'a>(all: &'a [u32], part: &Range<u32>) -> &'a [u32] {
    &all[part.start as usize..part.end as usize]
}

impl Trie {
    fn new(words: &[Vec<u8>]) -> Result<Self, TooManyWords> {
        let mut used = [false; 256];
        words
            .iter()
            .flatten()
            .for_each(|&byte| used[usize::from(byte)] = true);
        let mut classes = Box::new([0_u8; 256]);
        let mut stride = 1_usize;
        for byte in 0..=u8::MAX {
            if used[usize::from(byte)] {
                // 255 bytes at most, as 0xFF never occurs in UTF-8.
                classes[usize::from(byte)] = stride as u8;
                stride += 1;
            }
        }
        for upper in b'A'..=b'Z' {
            classes[usize::from(upper)] = classes[usize::from(upper.to_ascii_lowercase())];
        }
        let mut trie = Self {
            classes,
            stride,
            next: Vec::new(),
            depth: Vec::new(),
            ends: Vec::new(),
            holders: Vec::new(),
        };
        trie.state(0)?;
        Ok(trie)
    }

    fn state(&mut self, depth: u16) -> Result<u32, TooManyWords> {
        let bytes = (self.next.len() + self.stride) * 4;
        if bytes > MAX_TABLE_BYTES {
            return Err(TooManyWords(bytes));
        }
        self.next.resize(self.next.len() + self.stride, ROOT);
        self.depth.push(depth);
        self.ends.push(Vec::new());
        self.holders.push(Vec::new());
        Ok(self.depth.len() as u32 - 1)
    }

    fn add(&mut self, id: u32, word: &[u8], hold: bool) -> Result<(), TooManyWords> {
        let mut state = ROOT;
        for (length, &byte) in word.iter().enumerate() {
            if hold && length > 0 {
                self.holders[state as usize].push(id);
            }
            let at = state as usize * self.stride + usize::from(self.classes[usize::from(byte)]);
            if self.next[at] == ROOT {
                self.next[at] = self.state(length as u16 + 1)?;
            }
            state = self.next[at];
        }
        self.ends[state as usize].push(id);
        Ok(())
    }

    /// Completes the transitions; returns the states breadth first, and each state's longest proper suffix.
    fn link(&mut self) -> (Vec<u32>, Vec<u32>) {
        let mut fail = vec![ROOT; self.depth.len()];
        let mut order = Vec::with_capacity(self.depth.len());
        let mut queue = VecDeque::from([ROOT]);
        while let Some(state) = queue.pop_front() {
            order.push(state);
            for class in 0..self.stride {
                let at = state as usize * self.stride + class;
                let below = self.next[fail[state as usize] as usize * self.stride + class];
                let child = self.next[at];
                // The root is nobody's child, so it stands for "no child".
                if child == ROOT {
                    self.next[at] = if state == ROOT { ROOT } else { below };
                } else {
                    fail[child as usize] = if state == ROOT { ROOT } else { below };
                    queue.push_back(child);
                }
            }
        }
        (order, fail)
    }
}

#[cfg(test)]
mod tests {
    use super::{ROOT, Words};

    fn words(list: &[&str]) -> Words {
        let list: Vec<Vec<u8>> = list.iter().map(|word| word.as_bytes().to_vec()).collect();
        Words::build(&list, &vec![true; list.len()]).unwrap()
    }

    #[test]
    fn every_occurrence_of_every_word_is_told_the_longest_first() {
        let words = words(&["he", "she", "hers", "his", "e"]);
        let mut state = ROOT;
        let mut found = Vec::new();
        for (at, byte) in b"usHErs".iter().enumerate() {
            state = words.step(state, *byte);
            found.extend(words.ended(state).iter().map(|&id| (at, id)));
        }
        assert_eq!(found, [(3, 1), (3, 0), (3, 4), (5, 2)]);
    }

    #[test]
    fn held_beginnings_are_all_that_the_text_ends_with() {
        let words = words(&["abcab", "cabx", "bz"]);
        let held = |text: &str| {
            let state = text
                .bytes()
                .fold(ROOT, |state, byte| words.step(state, byte));
            words
                .begun(state)
                .map(|(depth, ids)| (depth, ids.to_vec()))
                .collect::<Vec<_>>()
        };
        assert_eq!(held("abca"), [(4, vec![0]), (2, vec![1]), (1, vec![0])]);
        assert_eq!(held("abcab"), [(3, vec![1]), (2, vec![0]), (1, vec![2])]);
        assert_eq!(held("q"), []);
    }

    #[test]
    fn a_list_that_is_too_long_is_refused() {
        let long: Vec<Vec<u8>> = (0..60_000_u32)
            .map(|n| format!("{n:08}abcdefghijklmnopqrstuvwxyz0123456789{n:08}").into_bytes())
            .collect();
        assert!(Words::build(&long, &vec![false; long.len()]).is_err());
    }
}
