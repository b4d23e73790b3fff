//! The definition: truth of a formula on a finished trace, computed from its end. Slow, plain, and what everything
//! else is compared with.

use crate::formula::{Formula, Node};
use crate::interval::{Interval, Unit};
use alloc::vec::Vec;

/// One position of a trace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Position {
    /// Nanoseconds since any fixed moment; not before the position in front.
    pub time_ns: u64,
    /// The atoms that hold.
    pub letter: u64,
}

/// Whether the finished trace satisfies `formula` (`LTLf` and pointwise MTL, from its first position). The empty trace
/// satisfies nothing.
///
/// O(nodes times positions), and times positions again for bounded operators.
pub fn holds(formula: &Formula, trace: &[Position]) -> bool {
    let mut rows: Vec<Vec<bool>> = Vec::with_capacity(formula.nodes().len());
    for node in formula.nodes() {
        let row = row(*node, &rows, trace);
        rows.push(row);
    }
    rows.last()
        .and_then(|row| row.first())
        .copied()
        .unwrap_or(false)
}

fn row(node: Node, rows: &[Vec<bool>], trace: &[Position]) -> Vec<bool> {
    let n = trace.len();
    let at = |id: u16| &rows[usize::from(id)];
    let each = |value: &dyn Fn(usize) -> bool| (0..n).map(value).collect::<Vec<bool>>();
    match node {
        Node::True => each(&|_| true),
        Node::False => each(&|_| false),
        Node::Atom(bit) => each(&|i| trace[i].letter >> bit & 1 == 1),
        Node::Not(a) => each(&|i| !at(a)[i]),
        Node::And(a, b) => each(&|i| at(a)[i] && at(b)[i]),
        Node::Or(a, b) => each(&|i| at(a)[i] || at(b)[i]),
        Node::Implies(a, b) => each(&|i| !at(a)[i] || at(b)[i]),
        Node::Iff(a, b) => each(&|i| at(a)[i] == at(b)[i]),
        Node::Next(a) => each(&|i| i + 1 < n && at(a)[i + 1]),
        Node::WeakNext(a) => each(&|i| i + 1 >= n || at(a)[i + 1]),
        Node::Yesterday(a) => each(&|i| i > 0 && at(a)[i - 1]),
        Node::Finally(window, a) => until(trace, window, &|_| true, &|i| at(a)[i], false),
        Node::Globally(window, a) => not(until(trace, window, &|_| true, &|i| !at(a)[i], false)),
        Node::Until(window, a, b) => until(trace, window, &|i| at(a)[i], &|i| at(b)[i], false),
        Node::Release(window, a, b) => {
            not(until(trace, window, &|i| !at(a)[i], &|i| !at(b)[i], false))
        }
        Node::WeakUntil(a, b) => not(until(
            trace,
            None,
            &|i| !at(b)[i],
            &|i| !at(a)[i] && !at(b)[i],
            false,
        )),
        Node::Once(window, a) => until(trace, window, &|_| true, &|i| at(a)[i], true),
        Node::Historically(window, a) => not(until(trace, window, &|_| true, &|i| !at(a)[i], true)),
        Node::Since(window, a, b) => until(trace, window, &|i| at(a)[i], &|i| at(b)[i], true),
    }
}

fn not(row: Vec<bool>) -> Vec<bool> {
    row.into_iter().map(|value| !value).collect()
}

/// Until, or since when `back`: the same walk with the trace turned round.
fn until(
    trace: &[Position],
    window: Option<Interval>,
    a: &dyn Fn(usize) -> bool,
    b: &dyn Fn(usize) -> bool,
    back: bool,
) -> Vec<bool> {
    let n = trace.len();
    let place = |i: usize| if back { n - 1 - i } else { i };
    let mut out = alloc::vec![false; n];
    for i in (0..n).rev() {
        let from = place(i);
        out[from] = match window {
            None => b(from) || (a(from) && i + 1 < n && out[place(i + 1)]),
            Some(window) => {
                let mut found = false;
                for j in i..n {
                    let to = place(j);
                    let distance = match window.unit {
                        Unit::Steps => (j - i) as u64,
                        Unit::Nanoseconds => trace[to].time_ns.abs_diff(trace[from].time_ns),
                    };
                    if window.contains(distance) && b(to) {
                        found = true;
                        break;
                    }
                    if distance > window.to || !a(to) {
                        break;
                    }
                }
                found
            }
        };
    }
    out
}
