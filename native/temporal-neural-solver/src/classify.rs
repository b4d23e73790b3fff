//! What to expect of a formula, said when it is compiled and not after a month of silence.

use crate::error::Error;
use crate::formula::{Builder, Formula, Id, Node};
use crate::interval::{Interval, Unit};
use crate::monitor::Engine;
use crate::normal::{Nnf, Normal};
use crate::verdict::{Semantics, Verdict};
use crate::vocabulary::Vocabulary;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// Which final verdicts a monitor can reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// No trace violates the formula.
    AlwaysTrue,
    /// No trace satisfies the formula.
    AlwaysFalse,
    /// Violations are found; satisfaction never becomes certain while the stream lasts.
    Safety,
    /// Satisfaction is found; violation never becomes certain while the stream lasts.
    CoSafety,
    /// Both are found.
    Both,
    /// Neither is ever found: only the end of the stream decides.
    Never,
    /// Not computed: the formula is progressed and has unbounded parts of both kinds.
    Unclear,
}

/// How the monitor works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// A table with so many states, and so many if presumably true and false are not told apart (LTL3).
    Table {
        /// States of the table.
        states: usize,
        /// States of the minimal three-valued monitor.
        ltl3_states: usize,
    },
    /// Progression with fixed limits.
    Progression,
}

/// What compiling found out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Which final verdicts can be reached from the start.
    pub class: Class,
    /// Whether the stream can get into a state from which no final verdict can be reached any more.
    pub can_lose_verdict: bool,
    /// How the monitor works.
    pub method: Method,
    /// What to tell the rule's author; empty if all is well.
    pub warning: Option<Warning>,
}

/// A warning with the forms that would work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// What is wrong.
    pub message: String,
    /// The same rule with time bounds, if that would help.
    pub bounded: Option<String>,
    /// What else can be done.
    pub remedy: String,
}

/// The bound that proposals use; the rule's author knows the right one.
const PROPOSED: Interval = Interval {
    unit: Unit::Nanoseconds,
    from: 0,
    to: 30_000_000_000,
};

pub(crate) fn report(
    formula: &Formula,
    words: &Vocabulary,
    semantics: Semantics,
    engine: &Engine,
) -> Report {
    let (class, can_lose_verdict, method) = match engine {
        Engine::Table(table) => {
            let reachable = table.reachable();
            let class = match (table.verdicts[0], reachable[0]) {
                (Verdict::True, _) => Class::AlwaysTrue,
                (Verdict::False, _) => Class::AlwaysFalse,
                (_, [true, true]) => Class::Both,
                (_, [true, false]) => Class::Safety,
                (_, [false, true]) => Class::CoSafety,
                (_, [false, false]) => Class::Never,
            };
            let lost = reachable.contains(&[false, false]);
            let method = Method::Table {
                states: table.states(),
                ltl3_states: table.ltl3_states,
            };
            (class, lost, method)
        }
        Engine::Progress(normal) => {
            let class = syntactic(normal);
            (class, class == Class::Unclear, Method::Progression)
        }
    };
    let warning = warning(formula, words, semantics, class, can_lose_verdict);
    Report {
        class,
        can_lose_verdict,
        method,
        warning,
    }
}

/// Without unbounded until, only finitely many positions can satisfy; without unbounded release, violate.
fn syntactic(normal: &Normal) -> Class {
    let has = |pick: fn(&Nnf) -> bool| normal.nodes.iter().any(pick);
    match (
        has(|n| matches!(n, Nnf::Until(..))),
        has(|n| matches!(n, Nnf::Release(..))),
    ) {
        _ if matches!(normal.nodes[usize::from(normal.root)], Nnf::True) => Class::AlwaysTrue,
        _ if matches!(normal.nodes[usize::from(normal.root)], Nnf::False) => Class::AlwaysFalse,
        (false, false) => Class::Both,
        (false, true) => Class::Safety,
        (true, false) => Class::CoSafety,
        (true, true) => Class::Unclear,
    }
}

fn warning(
    formula: &Formula,
    words: &Vocabulary,
    semantics: Semantics,
    class: Class,
    lost: bool,
) -> Option<Warning> {
    let stream = semantics == Semantics::Stream;
    let relevant = match class {
        Class::AlwaysTrue | Class::AlwaysFalse | Class::Never => true,
        Class::Unclear | Class::Safety | Class::CoSafety | Class::Both => lost && stream,
    };
    if !relevant {
        return None;
    }
    let text = formula.text(words);
    let bounded = bounded(formula)
        .ok()
        .filter(|f| f != formula)
        .map(|f| f.text(words));
    let proposal = |remedy: &str| match &bounded {
        Some(bounded) => format!("write {bounded} with the bound that fits, or {remedy}"),
        None => remedy.to_string(),
    };
    let (message, remedy) = match class {
        Class::AlwaysTrue => (
            format!("{text} holds on every trace"),
            "remove the rule or look for a slip".into(),
        ),
        Class::AlwaysFalse => (
            format!("{text} holds on no trace"),
            "look for a contradiction in it".into(),
        ),
        Class::Never => (
            format!("{text} can never get a verdict on a stream: no finite part decides it"),
            proposal("judge it when the stream ends (finish)"),
        ),
        Class::Unclear | Class::Safety | Class::CoSafety | Class::Both => (
            format!("{text} can get into a state from which a stream never gives a verdict"),
            proposal("judge it when the stream ends (finish)"),
        ),
    };
    let bounded = if matches!(class, Class::AlwaysTrue | Class::AlwaysFalse) {
        None
    } else {
        bounded
    };
    Some(Warning {
        message,
        bounded,
        remedy,
    })
}

/// The formula with every unbounded eventuality bounded: F and U where they must happen, G and R where they must fail.
fn bounded(formula: &Formula) -> Result<Formula, Error> {
    let nodes = formula.nodes();
    let mut out = Builder::new();
    let mut place: Vec<[Id; 2]> = Vec::with_capacity(nodes.len());
    // Each node twice: as it stands, and below an odd number of negations.
    for node in nodes {
        let mut own = [0, 0];
        for (negated, slot) in own.iter_mut().enumerate() {
            let same = |id: Id| place[usize::from(id)][negated];
            let flip = |id: Id| place[usize::from(id)][1 - negated];
            let bound = |interval: Option<Interval>, eventual: bool| {
                if eventual && interval.is_none() {
                    Some(PROPOSED)
                } else {
                    interval
                }
            };
            let new = match *node {
                Node::Not(a) => Node::Not(flip(a)),
                Node::Implies(a, b) => Node::Implies(flip(a), same(b)),
                Node::Finally(i, a) => Node::Finally(bound(i, negated == 0), same(a)),
                Node::Until(i, a, b) => Node::Until(bound(i, negated == 0), same(a), same(b)),
                Node::Globally(i, a) => Node::Globally(bound(i, negated == 1), same(a)),
                Node::Release(i, a, b) => Node::Release(bound(i, negated == 1), same(a), same(b)),
                other => {
                    let flat: Vec<Id> = place.iter().map(|pair| pair[negated]).collect();
                    *slot = out.copy(other, &flat)?;
                    continue;
                }
            };
            *slot = out.push(new)?;
        }
        place.push(own);
    }
    let root = place[usize::from(formula.root())][0];
    out.finish(root)
}
