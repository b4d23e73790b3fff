//! Proofs of final verdicts as plain data: the trace, and for the positions that matter which part of the formula holds
//! or fails there. The claims of a violation are the trace of its obligations; the atoms among the claims of a
//! satisfaction are its witnesses.

use crate::checker::{check, follows};
use crate::error::{Code, Error};
use crate::formula::{Formula, Id, Node};
use crate::limits;
use crate::rules::{Beliefs, OPEN, Open, When, along, chain, ways};
use crate::semantics::Position;
use crate::tail::Graph;
use crate::verdict::Semantics;
use crate::vocabulary::Vocabulary;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

/// One position of a certificate's trace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// Nanoseconds since the first position of the trace.
    pub time_ns: u64,
    /// The formula's atoms that hold; written as hexadecimal text, since JSON numbers end at 2^53.
    #[serde(with = "hexadecimal")]
    pub letter: u64,
}

/// Node `node` has `value` at the positions `from..=to` of the trace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    /// Index in [`Formula::nodes`].
    pub node: Id,
    /// First position.
    pub from: u32,
    /// Last position.
    pub to: u32,
    /// Whether the node holds there.
    pub value: bool,
}

/// One state of what could still happen; see [`Tail`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TailState {
    /// What the opposite verdict still asks.
    pub open: Open,
    /// Never rises along a run.
    pub rank: u32,
    /// The eventuality that runs which stay at this rank put off for ever.
    pub late: Option<Id>,
}

/// Proof that the open part of a trace has no way to the opposite verdict, for verdicts that are certain before the
/// trace tells why: `F p & G !p` fails at once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tail {
    /// Everything that can be asked, closed under all letters.
    pub states: Vec<TailState>,
}

/// A verdict that can be checked without the monitor. See [`check`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Certificate {
    /// The formula's text.
    pub formula: String,
    /// What the bits of the letters mean.
    pub atoms: Vec<String>,
    /// Satisfied or violated.
    pub verdict: bool,
    /// Which continuations the verdict is about.
    pub semantics: Semantics,
    /// Whether the trace ended after its last position.
    pub finished: bool,
    /// Positions before the trace, which do not matter for it.
    pub skipped: u64,
    /// What the clock has reached, on the trace's scale.
    pub until_ns: u64,
    /// The shortest part of the stream that decides.
    pub trace: Vec<Step>,
    /// Why the verdict holds; the root's claim first.
    pub claims: Vec<Claim>,
    /// Instead of claims, where the trace alone does not tell.
    pub tail: Option<Tail>,
}

mod hexadecimal {
    use alloc::{format, string::String};
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
    pub fn serialize<S: Serializer>(letter: &u64, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&format!("{letter:x}"))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
        let text = String::deserialize(deserializer)?;
        u64::from_str_radix(&text, 16).map_err(D::Error::custom)
    }
}

/// How a recorded trace stands when a certificate is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ending {
    /// Which continuations count.
    pub semantics: Semantics,
    /// Whether the stream has ended.
    pub finished: bool,
    /// What the clock has reached.
    pub now_ns: u64,
    /// Positions of the stream before the trace.
    pub skipped: u64,
}

impl Certificate {
    /// Proves the verdict of `trace`. The trace must be the shortest that decides: one position more and the claims are
    /// no longer about the first moment.
    ///
    /// # Errors
    /// [`Code::Trace`] if the trace is too long or does not decide; [`Code::Budget`] if the proof would be too large.
    pub fn make(
        formula: &Formula,
        words: &Vocabulary,
        trace: &[Position],
        ending: Ending,
    ) -> Result<Self, Error> {
        if trace.len() > limits::certificate_positions(formula.is_bounded())
            || trace.len() * formula.nodes().len() > limits::CERTIFICATE_CELLS
        {
            return Err(Error::new(
                Code::Budget,
                "Trace is too long for a certificate",
                "record less",
            ));
        }
        let start = trace.first().map_or(0, |p| p.time_ns);
        let atoms = formula.atoms();
        let steps = trace.iter().map(|p| Step {
            time_ns: p.time_ns.saturating_sub(start),
            letter: p.letter & atoms,
        });
        let mut out = Self {
            formula: formula.text(words),
            atoms: words.names(),
            verdict: false,
            semantics: ending.semantics,
            finished: ending.finished,
            skipped: ending.skipped,
            until_ns: 0,
            trace: steps.collect(),
            claims: Vec::new(),
            tail: None,
        };
        let last = out.trace.last().map_or(0, |step| step.time_ns);
        out.until_ns = ending.now_ns.saturating_sub(start).max(last);
        let table = if trace.is_empty() {
            Beliefs::none(formula.nodes().len())
        } else {
            out.evaluate(formula)
        };
        let root = table.of(formula.root()).first().copied().unwrap_or(OPEN);
        if root == OPEN {
            out.argue(formula, words)?;
        } else {
            out.verdict = root == HOLDS;
            out.claim(formula, &table);
        }
        Ok(out)
    }

    /// As [`check`].
    ///
    /// # Errors
    /// As [`check`].
    pub fn check(&self, formula: &Formula, words: &Vocabulary) -> Result<(), Error> {
        check(formula, words, self)
    }

    /// As JSON.
    pub fn to_json(&self) -> String {
        // Plain data with text keys: there is nothing in it that JSON cannot say.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// From JSON.
    ///
    /// # Errors
    /// [`Code::Certificate`] if the text is not a certificate.
    pub fn from_json(text: &str) -> Result<Self, Error> {
        serde_json::from_str(text).map_err(|error| {
            let message = format!(
                "Not a certificate: line {}, column {}",
                error.line(),
                error.column()
            );
            Error::new(Code::Certificate, message, "")
        })
    }

    /// The positions whose atoms the proof rests on: the witnesses of a satisfaction, the evidence of a violation.
    pub fn positions(&self, formula: &Formula) -> Vec<u32> {
        let atoms = self.claims.iter().filter(|claim| {
            matches!(
                formula.nodes().get(usize::from(claim.node)),
                Some(Node::Atom(_))
            )
        });
        let mut all: Vec<u32> = atoms.flat_map(|claim| claim.from..=claim.to).collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    /// Three-valued truth of every node at every position, as far as the trace tells.
    fn evaluate(&self, f: &Formula) -> Beliefs {
        let n = self.trace.len();
        let mut table = Beliefs::none(f.nodes().len());
        for (id, node) in f.nodes().iter().enumerate() {
            let id = id as Id;
            let mut own = alloc::vec![OPEN; n];
            let done = self.quick(*node, &table, &mut own);
            *table.row(id) = own;
            if done {
                continue;
            }
            let rules = [false, true].map(|value| ways(f, id, value));
            for step in 0..n {
                let i = if node.is_past() { step } else { n - 1 - step };
                let has =
                    |v: bool| follows(self, (*node, v), (i, i), &rules[usize::from(v)], &table);
                let value = if has(true) {
                    HOLDS
                } else if has(false) {
                    FAILS
                } else {
                    OPEN
                };
                table.row(id)[i] = value;
            }
        }
        table
    }

    /// The common operators without a walk through their rules.
    fn quick(&self, node: Node, table: &Beliefs, own: &mut [u8]) -> bool {
        let at = |a: Id| table.of(a);
        let not = |v: u8| if v == OPEN { OPEN } else { 1 - v };
        // Kleene's or: below "holds", open (2) wins over fails (0).
        let or = |a: u8, b: u8| {
            if a == HOLDS || b == HOLDS {
                HOLDS
            } else {
                a.max(b)
            }
        };
        let end = if self.finished { FAILS } else { OPEN };
        match node {
            Node::Atom(bit) => {
                own.iter_mut()
                    .zip(&self.trace)
                    .for_each(|(o, step)| *o = (step.letter >> bit & 1) as u8);
            }
            Node::Not(a) => own.iter_mut().zip(at(a)).for_each(|(o, a)| *o = not(*a)),
            Node::Or(a, b) => {
                (own.iter_mut().zip(at(a)).zip(at(b))).for_each(|((o, a), b)| *o = or(*a, *b));
            }
            Node::And(a, b) => {
                (own.iter_mut().zip(at(a)).zip(at(b)))
                    .for_each(|((o, a), b)| *o = not(or(not(*a), not(*b))));
            }
            Node::Implies(a, b) => {
                (own.iter_mut().zip(at(a)).zip(at(b))).for_each(|((o, a), b)| *o = or(not(*a), *b));
            }
            Node::Finally(None, a) => {
                let mut rest = end;
                for (o, a) in own.iter_mut().zip(at(a)).rev() {
                    rest = or(*a, rest);
                    *o = rest;
                }
            }
            Node::Globally(None, a) => {
                let mut rest = end;
                for (o, a) in own.iter_mut().zip(at(a)).rev() {
                    rest = or(not(*a), rest);
                    *o = not(rest);
                }
            }
            _ => return false,
        }
        true
    }

    /// Collects what the root's value rests on, from parents to children.
    fn claim(&mut self, f: &Formula, table: &Beliefs) {
        let length = self.trace.len();
        let mut wanted = Wanted {
            rows: alloc::vec![Vec::new(); f.nodes().len()],
            length,
        };
        wanted.add(f.root(), 0, 0);
        for id in (0..=f.root()).rev() {
            if wanted.rows[usize::from(id)].is_empty() {
                continue;
            }
            let node = f.nodes()[usize::from(id)];
            let rules = [ways(f, id, false), ways(f, id, true)];
            let mut done = 0;
            for step in 0..length {
                let i = if node.is_past() {
                    length - 1 - step
                } else {
                    step
                };
                if !wanted.rows[usize::from(id)][i] {
                    continue;
                }
                let value = table.of(id)[i] == HOLDS;
                match node {
                    Node::Finally(None, _) | Node::Globally(None, _) if i < done => {}
                    Node::Finally(None, below) | Node::Globally(None, below) => {
                        // The operand's position that decides, and the way there; or all of them.
                        let decides = matches!(node, Node::Finally(..));
                        let place = (i..length).find(|j| table.says(below, decides, *j));
                        let (from, to) = match place.filter(|_| value == decides) {
                            Some(j) => (j, j),
                            None => (i, length - 1),
                        };
                        wanted.add(below, from, to);
                        wanted.add(id, i, to);
                        done = to + 1;
                    }
                    _ if node.interval().is_some() => {
                        self.window(node, value, i, table, &mut wanted);
                    }
                    _ => self.way(&rules[usize::from(value)], i, table, &mut wanted),
                }
            }
            self.ranges(id, &wanted.rows[usize::from(id)], table.of(id));
        }
    }

    /// Asks for the operands of the first way that the table supports.
    fn way(&self, ways: &[Vec<(Id, bool, When)>], i: usize, table: &Beliefs, wanted: &mut Wanted) {
        let n = self.trace.len();
        let place = |when: When| match when {
            When::Here => Some(i),
            When::Next => Some(i + 1).filter(|j| *j < n),
            When::Before => i.checked_sub(1),
        };
        let supported = |way: &&Vec<(Id, bool, When)>| {
            way.iter()
                .all(|(a, v, when)| place(*when).is_none_or(|j| table.says(*a, *v, j)))
        };
        // A way that leads out of the trace is only taken if none stays inside.
        let inside = |way: &&Vec<(Id, bool, When)>| way.iter().all(|ask| place(ask.2).is_some());
        let way = ways
            .iter()
            .filter(supported)
            .find(inside)
            .or_else(|| ways.iter().find(supported));
        for (a, _, when) in way.into_iter().flatten() {
            if let Some(j) = place(*when) {
                wanted.add(*a, j, j);
            }
        }
    }

    /// Asks for the operands of a bounded operator along its window, as the checker walks it.
    fn window(&self, node: Node, value: bool, i: usize, table: &Beliefs, wanted: &mut Wanted) {
        let Some((chain, window)) = chain(node).and_then(|c| c.window.map(|w| (c, w))) else {
            return;
        };
        let positive = value != chain.negated;
        let mut j = i;
        loop {
            let apart = self.trace[i].time_ns.abs_diff(self.trace[j].time_ns);
            let steps = window.unit == crate::interval::Unit::Steps;
            let distance = if steps { i.abs_diff(j) as u64 } else { apart };
            if distance > window.to {
                return;
            }
            if window.contains(distance) {
                let right = chain
                    .right
                    .iter()
                    .filter(|(id, v)| table.says(*id, *v == positive, j));
                let all = right.clone().count() == chain.right.len();
                if !positive || all {
                    right.for_each(|(id, _)| wanted.add(*id, j, j));
                }
                if positive && all {
                    return;
                }
            }
            if let Some((id, v)) = chain.left {
                let good = table.says(id, v == positive, j);
                if good {
                    wanted.add(id, j, j);
                }
                if good != positive {
                    return;
                }
            }
            if j == if chain.back { 0 } else { self.trace.len() - 1 } {
                return;
            }
            j = if chain.back { j - 1 } else { j + 1 };
        }
    }

    /// Runs of wanted positions with one value become one claim each.
    fn ranges(&mut self, node: Id, wanted: &[bool], values: &[u8]) {
        let mut i = 0;
        while i < wanted.len() {
            let from = i;
            while i < wanted.len() && wanted[i] && values[i] == values[from] {
                i += 1;
            }
            if i > from {
                let value = values[from] == HOLDS;
                self.claims.push(Claim {
                    node,
                    from: from as u32,
                    to: (i - 1) as u32,
                    value,
                });
            } else {
                i += 1;
            }
        }
    }

    /// Proves the verdict by what can still happen.
    fn argue(&mut self, f: &Formula, words: &Vocabulary) -> Result<(), Error> {
        let undecided = || Error::new(Code::Trace, "The trace does not decide the formula", "");
        let letters = words
            .feasible(f.atoms(), limits::TABLE_ATOMS)
            .ok_or_else(undecided)?;
        for verdict in [false, true] {
            let ends = along(f, !verdict, self.trace.iter().map(|step| step.letter));
            let Some(graph) = ends.and_then(|ends| Graph::new(f, &letters, ends)) else {
                continue;
            };
            if let Some(states) = graph.ranks(self.semantics) {
                self.verdict = verdict;
                self.tail = Some(Tail { states });
                return Ok(());
            }
        }
        Err(undecided())
    }
}

/// Values of [`Certificate::evaluate`]; the first two are `bool as u8`.
const FAILS: u8 = 0;
const HOLDS: u8 = 1;

/// Places whose values a proof needs.
struct Wanted {
    rows: Vec<Vec<bool>>,
    length: usize,
}

impl Wanted {
    fn add(&mut self, id: Id, from: usize, to: usize) {
        let row = &mut self.rows[usize::from(id)];
        row.resize(self.length, false);
        row[from..=to].fill(true);
    }
}
