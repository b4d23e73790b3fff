//! Compiled rules: what all scanners share.

use crate::PlanError;
use crate::check;
use crate::compile::Compiler;
use crate::machine::{MAX_RULES, Machine};
use crate::rule::Rule;
use crate::spec::AnalyserSpec;
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
    /// Parts whose threads may start at any byte.
    pub(crate) open: Vec<u32>,
    /// Sets of left boundaries that text can violate, each a row; the first is the empty one, of the start of a text.
    pub(crate) lefts: Vec<u8>,
    /// Per row and byte, the row behind the byte.
    pub(crate) next_left: Vec<[u8; 256]>,
    /// Per row and byte, which of `open` can begin there.
    pub(crate) begins: Vec<[u64; 256]>,
    /// Parts that are awake only behind a context word.
    pub(crate) gates: Vec<Gate>,
    /// Per context group, its gates.
    pub(crate) gates_of: Vec<Vec<u32>>,
    pub(crate) words: Words,
    pub(crate) uses: Vec<Vec<Use>>,
}

/// One automaton and the rules that it matches.
#[derive(Debug)]
pub(crate) struct Part {
    pub(crate) machine: Machine,
    /// Rule of each pattern of the machine.
    pub(crate) rules: Vec<u32>,
    /// Least of the rules' `max_bytes`.
    pub(crate) least_bound: u64,
    /// Per set of violated left boundaries, the patterns that may begin; empty where that is looked at before.
    pub(crate) lefts: Vec<u64>,
}

impl Part {
    /// All patterns of the machine.
    pub(crate) fn all(&self) -> u64 {
        u64::MAX
            .checked_shr((MAX_RULES - self.rules.len()) as u32)
            .unwrap_or(0)
    }

    /// Patterns that may begin where these left boundaries are violated.
    pub(crate) fn allowed(&self, blocked: u8) -> u64 {
        self.lefts
            .get(usize::from(blocked))
            .copied()
            .unwrap_or_else(|| self.all())
    }
}

/// A part that a context word wakes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Gate {
    pub(crate) part: u32,
    pub(crate) left: u8,
    /// Lane bytes behind a word for which the part stays awake; `u64::MAX`: always, without a word.
    pub(crate) within: u64,
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
    /// The word supports matches of the rules of a context group.
    Context { group: u16 },
}

impl Plan {
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
            + size_of_val(self.begins.as_slice())
            + size_of_val(self.next_left.as_slice())
    }
}
