//! Compiled rules: what all scanners share.

use crate::PlanError;
use crate::boundary;
use crate::check;
use crate::compile::Compiler;
use crate::machine::{MAX_RULES, Machine};
use crate::rule::Rule;
use crate::spec::AnalyserSpec;
use crate::wake::ContextWord;
use crate::wide::Wide;
use crate::words::Words;

/// Name of one compiled rule; findings refer to it by its index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleInfo {
    /// Index of the analyser among those given to [`Plan::compile`].
    pub analyser: u32,
    /// The rule's id.
    pub id: String,
    /// The rule's redaction label.
    pub tag: String,
}

/// Compiled rules; immutable, shared by all scanners.
#[derive(Debug)]
pub struct Plan {
    pub(crate) infos: Vec<RuleInfo>,
    pub(crate) analysers: usize,
    pub(crate) rules: Vec<Rule>,
    pub(crate) parts: Vec<Part>,
    /// Parts whose attempts may start at any byte.
    pub(crate) open: Vec<Open>,
    /// What rows of `cells` stand for: bits of [`crate::boundary::left`]; the first is that of the start of a text.
    pub(crate) lefts: Vec<u32>,
    /// Per left neighbourhood and byte, what a byte does there.
    pub(crate) cells: Box<[[Cell; 256]; 256]>,
    /// The loops over plain text may be used: the first open part does not sleep, and there are not too many words.
    pub(crate) plain: bool,
    /// Per byte, its class in the automaton of words and in that of the first open part.
    pub(crate) classes: Box<[[u8; 2]; 256]>,
    /// Per character of two bytes, what the loop over text of other scripts knows of it.
    pub(crate) wide: Box<[Wide; 1 << 11]>,
    /// What context words are for.
    pub(crate) contexts: Vec<ContextWord>,
    pub(crate) words: Words,
    /// Per state of the words that ends one: bytes of the word if it is the only one and means nothing behind a letter or digit;
    /// else 0.
    pub(crate) inner: Vec<u16>,
    pub(crate) uses: Vec<Vec<Use>>,
}

/// A part whose attempts may start at any byte.
#[derive(Debug)]
pub(crate) struct Open {
    pub(crate) part: u32,
    /// Each of its rules may match only behind a context word.
    pub(crate) sleeps: bool,
    /// If so, its patterns by what they begin with: a flag of [`Cell`] and a mask each.
    pub(crate) kinds: [(u32, u64); 3],
    /// Per left neighbourhood, the state that a first byte leads to.
    pub(crate) entries: Vec<[u16; 256]>,
}

/// What a byte does behind a left neighbourhood, in one word, because that is looked up for every byte of a text.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Cell(u32);

impl Cell {
    /// Attempts of an open part other than the first may start, of one that does not sleep.
    pub(crate) const OTHERS: u32 = 1 << 24;
    /// Rules that sleep and begin with a digit or sign only may start, if a context word has woken them.
    pub(crate) const SIGNS: u32 = 1 << 25;
    /// The same of rules that begin with capital letters too, but not with small ones.
    pub(crate) const CAPITALS: u32 = 1 << 26;
    /// The same of rules that may begin with any letter. Three kinds, because most words of prose then pass by what is awake.
    pub(crate) const LETTERS: u32 = 1 << 27;

    pub(crate) fn new(entry: u16, behind: u8, flags: u32) -> Self {
        Self(u32::from(entry) | u32::from(behind) << 16 | flags)
    }

    /// Not zero if something of what was asked for may start.
    #[inline]
    pub(crate) fn flags(self, asked: u32) -> u32 {
        self.0 & asked
    }

    /// Not zero if something of what was asked for may start; `mask` may ask for the bits of a state too, of that which an attempt
    /// begins with and of `state`.
    #[inline]
    pub(crate) fn flags_with(self, state: u16, mask: u32) -> u32 {
        (self.0 | u32::from(state)) & mask
    }

    /// State of the first open part.
    #[inline]
    pub(crate) fn entry(self) -> u16 {
        self.0 as u16
    }

    /// The neighbourhood behind the byte.
    #[inline]
    pub(crate) fn behind(self) -> u8 {
        (self.0 >> 16) as u8
    }

    #[inline]
    pub(crate) fn begins_others(self) -> bool {
        self.0 & Self::OTHERS != 0
    }
}

/// One automaton and the rules that it matches.
#[derive(Debug)]
pub(crate) struct Part {
    pub(crate) machine: Machine,
    /// Rule of each pattern of the machine.
    pub(crate) rules: Vec<u32>,
    /// Least of the rules' `max_bytes`.
    pub(crate) least_bound: u64,
    /// Per set of patterns that [`Machine::alive_set`] numbers, the greatest `max_bytes` in it.
    pub(crate) bounds: Vec<u64>,
    /// Per set of right boundaries that a byte violates, the patterns that may end before it.
    pub(crate) rights: Vec<u64>,
    /// Some rule fails closed at its bound.
    pub(crate) finds_at_bound: bool,
}

impl Part {
    /// All patterns of the machine.
    pub(crate) fn all(&self) -> u64 {
        u64::MAX
            .checked_shr((MAX_RULES - self.rules.len()) as u32)
            .unwrap_or(0)
    }

    /// Patterns that may end before a byte that violates these right boundaries.
    pub(crate) fn may_end(&self, state: u16, blocked: u8) -> u64 {
        self.machine.accepted(state) & self.rights[usize::from(blocked & boundary::ALL)]
    }

    /// Greatest `max_bytes` of the patterns that a state can still match.
    pub(crate) fn bound(&self, state: u16) -> u64 {
        self.bounds[self.machine.alive_set(state)]
    }
}

/// What a word of the plan is for.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Use {
    /// The word is a finding.
    Literal {
        rule: u32,
        whole: bool,
        /// The normalised word where case counts.
        exact: Option<Vec<u8>>,
    },
    /// The word begins a match, or its lead.
    Keyword { rule: u32 },
    /// The word supports matches of the rules of some context groups; the place in [`Plan::contexts`].
    Context { id: u16 },
}

impl Plan {
    /// Bytes of the only word that ends in a state of the words, if it means nothing behind a letter or digit; else 0.
    pub(crate) fn inner(&self, state: u32) -> u16 {
        let output = self.words.output(state);
        output.map_or(0, |output| self.inner[output])
    }

    /// Compiles the rules of all analysers. Takes time linear in the size of the automata; the largest rules decide.
    ///
    /// # Errors
    /// [`PlanError`] names the first rule and field at fault, and the remedy.
    pub fn compile(analysers: &[AnalyserSpec]) -> Result<Self, PlanError> {
        for spec in analysers {
            check::analyser(spec)?;
        }
        let mut compiler = Compiler::default();
        for (index, spec) in analysers.iter().enumerate() {
            for rule in &spec.rules {
                compiler.pattern(index as u32, spec, rule)?;
            }
            for rule in &spec.literals {
                compiler.literal(index as u32, spec, rule)?;
            }
        }
        compiler.finish(analysers)
    }

    /// The rules: patterns, then literals, of the first analyser, then of the second, ...
    pub fn rules(&self) -> &[RuleInfo] {
        &self.infos
    }

    /// Bytes of the compiled automata.
    pub fn memory_bytes(&self) -> usize {
        let parts: usize = self
            .parts
            .iter()
            .map(|part| part.machine.memory_bytes())
            .sum();
        parts
            + self.words.memory_bytes()
            + size_of_val(self.cells.as_slice())
            + size_of_val(self.wide.as_slice())
            + size_of_val(self.inner.as_slice())
            + self
                .open
                .iter()
                .map(|open| size_of_val(open.entries.as_slice()))
                .sum::<usize>()
    }
}
