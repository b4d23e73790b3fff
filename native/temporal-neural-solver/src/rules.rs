//! The operators' meaning, one rule each: what a value of a node asks of its operands here and of
//! itself one position on or back. Certificates are chains of these rules.

use crate::certificate::Certificate;
use crate::formula::{Formula, Id, Node};
use crate::interval::{Interval, Unit};
use alloc::vec;
use alloc::vec::Vec;
use core::ops::RangeInclusive;
use serde::{Deserialize, Serialize};

/// Where a rule asks for a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum When {
    Here,
    Next,
    Before,
}

/// Node, value, place.
pub(crate) type Ask = (Id, bool, When);

/// `left U right` in a window, or its negation, forwards or backwards: F, G, U, W, R, O, H, S. Operands come with the
/// value that counts as true; all of `right` must hold together.
pub(crate) struct Chain {
    pub window: Option<Interval>,
    pub left: Option<(Id, bool)>,
    pub right: Vec<(Id, bool)>,
    pub negated: bool,
    pub back: bool,
}

pub(crate) fn chain(node: Node) -> Option<Chain> {
    let (window, left, right, negated) = match node {
        Node::Finally(w, a) | Node::Once(w, a) => (w, None, vec![(a, true)], false),
        Node::Globally(w, a) | Node::Historically(w, a) => (w, None, vec![(a, false)], true),
        Node::Until(w, a, b) | Node::Since(w, a, b) => (w, Some((a, true)), vec![(b, true)], false),
        Node::Release(w, a, b) => (w, Some((a, false)), vec![(b, false)], true),
        Node::WeakUntil(a, b) => (None, Some((b, false)), vec![(a, false), (b, false)], true),
        _ => return None,
    };
    Some(Chain {
        window,
        left,
        right,
        negated,
        back: node.is_past(),
    })
}

/// The ways in which node `id` can have `value`; everything in one way is needed. Bounded operators have none: their
/// windows are walked.
pub(crate) fn ways(f: &Formula, id: Id, value: bool) -> Vec<Vec<Ask>> {
    let here = |pair: (Id, bool), flip: bool| (pair.0, pair.1 != flip, When::Here);
    let node = f.nodes()[usize::from(id)];
    if let Some(chain) = chain(node) {
        let on = (
            id,
            value,
            if chain.back { When::Before } else { When::Next },
        );
        let holds = value != chain.negated;
        if chain.window.is_some() {
            return Vec::new();
        }
        if holds {
            let hold = chain
                .left
                .map(|left| here(left, false))
                .into_iter()
                .chain([on])
                .collect();
            return vec![
                chain
                    .right
                    .iter()
                    .map(|right| here(*right, false))
                    .collect(),
                hold,
            ];
        }
        let fails = chain.right.iter().map(|right| here(*right, true));
        let broken = chain.left.map(|left| here(left, true));
        return fails
            .flat_map(|r| broken.into_iter().chain([on]).map(move |b| vec![r, b]))
            .collect();
    }
    match node {
        Node::Not(a) => vec![vec![(a, !value, When::Here)]],
        Node::And(a, b) | Node::Or(a, b) => {
            let both = [(a, value, When::Here), (b, value, When::Here)];
            let all = matches!(node, Node::And(..)) == value;
            if all {
                vec![both.to_vec()]
            } else {
                both.map(|ask| vec![ask]).to_vec()
            }
        }
        Node::Implies(a, b) if value => {
            vec![vec![(a, false, When::Here)], vec![(b, true, When::Here)]]
        }
        Node::Implies(a, b) => vec![vec![(a, true, When::Here), (b, false, When::Here)]],
        Node::Iff(a, b) => [true, false]
            .map(|v| vec![(a, v, When::Here), (b, v == value, When::Here)])
            .to_vec(),
        Node::Next(a) | Node::WeakNext(a) => vec![vec![(a, value, When::Next)]],
        Node::Yesterday(a) => vec![vec![(a, value, When::Before)]],
        _ => Vec::new(),
    }
}

/// What a node makes of the position after the last one, or before the first one.
pub(crate) fn beyond(node: Node) -> bool {
    match node {
        Node::WeakNext(_) => true,
        _ => chain(node).is_some_and(|chain| chain.negated),
    }
}

/// Values of nodes at positions; [`OPEN`] where there is none.
pub(crate) struct Beliefs(Vec<Vec<u8>>);

/// Neither false (0) nor true (1).
pub(crate) const OPEN: u8 = 2;

impl Beliefs {
    pub fn none(nodes: usize) -> Self {
        Self(vec![Vec::new(); nodes])
    }

    #[inline]
    pub fn says(&self, id: Id, value: bool, at: usize) -> bool {
        self.0[usize::from(id)].get(at) == Some(&u8::from(value))
    }

    /// Two claims about one place cannot both be believed: the later one is.
    pub fn add(&mut self, id: Id, value: bool, at: RangeInclusive<usize>, length: usize) {
        let row = &mut self.0[usize::from(id)];
        row.resize(length, OPEN);
        row[at].fill(u8::from(value));
    }

    pub fn row(&mut self, id: Id) -> &mut Vec<u8> {
        &mut self.0[usize::from(id)]
    }

    pub fn of(&self, id: Id) -> &[u8] {
        &self.0[usize::from(id)]
    }
}

/// A bounded operator at position `i`: walks its window.
pub(crate) fn window(
    c: &Certificate,
    node: Node,
    value: bool,
    i: usize,
    believed: &Beliefs,
) -> bool {
    let Some((chain, window)) = chain(node).and_then(|c| c.window.map(|w| (c, w))) else {
        return false;
    };
    let (wanted, steps) = (value != chain.negated, window.unit == Unit::Steps);
    let mut j = i;
    loop {
        let apart = c.trace[i].time_ns.abs_diff(c.trace[j].time_ns);
        let distance = if steps { i.abs_diff(j) as u64 } else { apart };
        if distance > window.to {
            return !wanted;
        }
        let hit = |(id, v): &(Id, bool)| believed.says(*id, *v == wanted, j);
        let right = if wanted {
            chain.right.iter().all(hit)
        } else {
            chain.right.iter().any(hit)
        };
        if window.contains(distance) && right == wanted {
            return right;
        }
        if chain
            .left
            .is_some_and(|(id, v)| believed.says(id, v == wanted, j) != wanted)
        {
            return !wanted;
        }
        if j == if chain.back { 0 } else { c.trace.len() - 1 } {
            let late = !steps && c.until_ns - c.trace[i].time_ns > window.to;
            return !wanted && (chain.back || c.finished || late);
        }
        j = if chain.back { j - 1 } else { j + 1 };
    }
}

/// What is asked of the rest of a trace: node, value, and whether the end of the trace grants it;
/// and the nodes without future that held one position earlier, if there was one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Open {
    /// Node, value, and whether the end of the trace grants it.
    pub asks: Vec<(Id, bool, bool)>,
    /// Nodes without future that held at the position before; `None` at the first one.
    pub before: Option<Vec<Id>>,
}

/// Alternatives after one letter, each with the eventualities that it puts off.
pub(crate) type Unfolded = Vec<(Open, Vec<Id>)>;

/// Alternatives that one unfolding may try.
const BUDGET: usize = 4096;

/// The alternatives after all `letters`, from nothing but the wish that the root has `value`.
pub(crate) fn along(
    f: &Formula,
    value: bool,
    letters: impl Iterator<Item = u64>,
) -> Option<Vec<Open>> {
    let mut all = vec![Open {
        asks: vec![(f.root(), value, false)],
        before: None,
    }];
    for letter in letters {
        let mut next = Vec::new();
        for open in &all {
            next.extend(unfold(f, letter, open)?.into_iter().map(|(open, _)| open));
        }
        next.sort_unstable();
        next.dedup();
        if next.len() > BUDGET {
            return None;
        }
        all = next;
    }
    Some(all)
}

/// `None` for bounded operators and above the budget.
pub(crate) fn unfold(f: &Formula, letter: u64, open: &Open) -> Option<Unfolded> {
    let now = present(f, letter, open.before.as_deref())?;
    let first: Vec<(Id, bool)> = open.asks.iter().map(|ask| (ask.0, ask.1)).collect();
    let held: Vec<Id> = (0..now.len())
        .filter(|id| now[*id] == Some(true))
        .map(|id| id as Id)
        .collect();
    let mut work = vec![(first, Vec::new(), Vec::new())];
    let mut out = Vec::new();
    let mut spent = 0;
    while let Some((mut todo, mut rest, mut late)) = work.pop() {
        spent += 1;
        if spent > BUDGET {
            return None;
        }
        let Some((id, value)) = todo.pop() else {
            late.sort_unstable();
            late.dedup();
            rest.sort_unstable();
            rest.dedup();
            out.push((
                Open {
                    asks: rest,
                    before: Some(held.clone()),
                },
                late,
            ));
            continue;
        };
        if let Some(held) = now[usize::from(id)] {
            if held == value {
                work.push((todo, rest, late));
            }
            continue;
        }
        let granted = beyond(f.nodes()[usize::from(id)]) == value;
        for way in ways(f, id, value) {
            let (mut todo, mut rest, mut late) = (todo.clone(), rest.clone(), late.clone());
            for (a, v, when) in way {
                match when {
                    When::Here => todo.push((a, v)),
                    _ => rest.push((a, v, granted)),
                }
                if when == When::Next && a == id && !granted {
                    late.push(id);
                }
            }
            work.push((todo, rest, late));
        }
    }
    out.sort_unstable();
    out.dedup();
    Some(out)
}

/// Truth of the nodes without future at one position; `None` inside for the others, and outside if
/// there is a bounded operator.
fn present(f: &Formula, letter: u64, before: Option<&[Id]>) -> Option<Vec<Option<bool>>> {
    let mut now: Vec<Option<bool>> = Vec::with_capacity(f.nodes().len());
    for (id, node) in f.nodes().iter().enumerate() {
        if node.interval().is_some() {
            return None;
        }
        let open = |child: Id| now[usize::from(child)].is_none();
        let value = match node {
            Node::True => Some(true),
            Node::False => Some(false),
            Node::Atom(bit) => Some(letter >> bit & 1 == 1),
            _ if node.is_future() || node.children().into_iter().flatten().any(open) => None,
            _ => Some(ways(f, id as Id, true).iter().any(|way| {
                way.iter().all(|(a, v, when)| match (when, before) {
                    (When::Here, _) => now[usize::from(*a)] == Some(*v),
                    (_, Some(before)) => before.contains(a) == *v,
                    (_, None) => beyond(*node) == *v,
                })
            })),
        };
        now.push(value);
    }
    Some(now)
}

/// `G a & G b ...` without past: what violates it from some position on violates it from the first.
pub(crate) fn suffix_suffices(f: &Formula) -> bool {
    let mut work = vec![f.root()];
    while let Some(id) = work.pop() {
        match f.nodes()[usize::from(id)] {
            Node::And(a, b) => work.extend([a, b]),
            Node::Globally(None, _) => {}
            _ => return false,
        }
    }
    f.nodes().iter().all(|node| !node.is_past())
}
