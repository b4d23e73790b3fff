//! What the tests share: reading traces, random formulas, and a definition of truth that shares no code with the crate.
#![allow(dead_code, reason = "each test file uses its part")]

use midstream_temporal_neural_solver::{
    Atom, Builder, Formula, Id, Interval, Node, Position, Semantics, Unit, Vocabulary, compile,
};
use midstream_temporal_neural_solver::{Monitor, Program};
use proptest::prelude::*;
use std::sync::Arc;

/// A vocabulary with the propositions that B4 of the facts uses, bit 0 first.
pub fn words() -> Vocabulary {
    let mut words = Vocabulary::new();
    for name in ["p", "q", "r", "s"] {
        words
            .intern(Atom::Proposition(name.into()))
            .expect("four atoms fit");
    }
    words
}

pub fn formula(text: &str) -> Formula {
    Formula::parse(text, &mut words()).unwrap_or_else(|e| panic!("{text}: {e}"))
}

pub fn program(text: &str, semantics: Semantics) -> Arc<Program> {
    compile(&formula(text), &words(), semantics).unwrap_or_else(|e| panic!("{text}: {e}"))
}

/// `{p}{q,r}{}` as letters.
pub fn letters(trace: &str) -> Vec<u64> {
    let words = words();
    trace
        .split_terminator('}')
        .map(|set| {
            let names: Vec<&str> = set
                .trim_start_matches('{')
                .split(',')
                .filter(|n| !n.is_empty())
                .collect();
            words.letter(&names).expect("known names")
        })
        .collect()
}

pub fn positions(letters: &[u64]) -> Vec<Position> {
    letters
        .iter()
        .enumerate()
        .map(|(i, letter)| Position {
            time_ns: i as u64,
            letter: *letter,
        })
        .collect()
}

/// The verdicts after each position, as `?TF` and as finite-trace truth.
pub fn verdicts(monitor: &mut Monitor, letters: &[u64]) -> (String, String) {
    let mut open = String::new();
    let mut ended = String::new();
    for (i, letter) in letters.iter().enumerate() {
        let verdict = monitor.step(i as u64, *letter);
        open.push(match verdict.three_valued() {
            Some(true) => 'T',
            Some(false) => 'F',
            None => '?',
        });
        ended.push(if verdict.at_end().three_valued() == Some(true) {
            'T'
        } else {
            'F'
        });
    }
    (open, ended)
}

/// Truth at position `i` of the finished trace, straight from the definition; exponential, for short traces only.
pub fn truth(formula: &Formula, id: Id, trace: &[Position], i: usize) -> bool {
    let at = |id: Id, i: usize| truth(formula, id, trace, i);
    let end = trace.len();
    let inside = |window: Option<Interval>, i: usize, j: usize| {
        window.is_none_or(|bound| match bound.unit {
            Unit::Steps => (bound.from..=bound.to).contains(&(i.abs_diff(j) as u64)),
            Unit::Nanoseconds => {
                (bound.from..=bound.to).contains(&trace[i].time_ns.abs_diff(trace[j].time_ns))
            }
        })
    };
    let until = |window, a: &dyn Fn(usize) -> bool, b: &dyn Fn(usize) -> bool| {
        (i..end).any(|j| inside(window, i, j) && b(j) && (i..j).all(a))
    };
    let since = |window, a: &dyn Fn(usize) -> bool, b: &dyn Fn(usize) -> bool| {
        (0..=i).any(|j| inside(window, i, j) && b(j) && (j + 1..=i).all(a))
    };
    match formula.nodes()[usize::from(id)] {
        Node::True => true,
        Node::False => false,
        Node::Atom(bit) => trace[i].letter >> bit & 1 == 1,
        Node::Not(a) => !at(a, i),
        Node::And(a, b) => at(a, i) && at(b, i),
        Node::Or(a, b) => at(a, i) || at(b, i),
        Node::Implies(a, b) => !at(a, i) || at(b, i),
        Node::Iff(a, b) => at(a, i) == at(b, i),
        Node::Next(a) => i + 1 < end && at(a, i + 1),
        Node::WeakNext(a) => i + 1 == end || at(a, i + 1),
        Node::Yesterday(a) => i > 0 && at(a, i - 1),
        Node::Finally(w, a) => until(w, &|_| true, &|j| at(a, j)),
        Node::Globally(w, a) => (i..end).all(|j| !inside(w, i, j) || at(a, j)),
        Node::Until(w, a, b) => until(w, &|j| at(a, j), &|j| at(b, j)),
        Node::Release(w, a, b) => {
            (i..end).all(|j| !inside(w, i, j) || at(b, j) || (i..j).any(|k| at(a, k)))
        }
        Node::WeakUntil(a, b) => {
            until(None, &|j| at(a, j), &|j| at(b, j)) || (i..end).all(|j| at(a, j))
        }
        Node::Once(w, a) => since(w, &|_| true, &|j| at(a, j)),
        Node::Historically(w, a) => (0..=i).all(|j| !inside(w, i, j) || at(a, j)),
        Node::Since(w, a, b) => since(w, &|j| at(a, j), &|j| at(b, j)),
    }
}

/// Which operators a random formula may have.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Future,
    Past,
    Mixed,
    Timed,
}

/// Builds a formula from random bytes: every byte string is some formula, so shrinking stays easy.
pub fn grown(bytes: &[u8], kind: Kind) -> Formula {
    let mut builder = Builder::new();
    let mut stack: Vec<Id> = Vec::new();
    for byte in bytes {
        let pick = byte / 4;
        let bit = byte % 3;
        let interval = (kind == Kind::Timed && byte % 2 == 1).then(|| {
            let from = u64::from(byte / 32 % 3);
            let to = from + u64::from(byte / 8 % 5);
            if byte & 64 == 0 {
                Interval::steps(from, to)
            } else {
                Interval::nanoseconds(from, to)
            }
            .expect("small bounds")
        });
        let unary = |builder: &mut Builder, stack: &mut Vec<Id>, make: &dyn Fn(Id) -> Node| {
            if let Some(a) = stack.pop() {
                // A past operator over a future one is refused; the operand then stays.
                let new = builder.push(make(a)).unwrap_or(a);
                stack.push(new);
            }
        };
        let binary = |builder: &mut Builder, stack: &mut Vec<Id>, make: &dyn Fn(Id, Id) -> Node| {
            if stack.len() >= 2 {
                let (b, a) = (stack.pop().expect("two"), stack.pop().expect("two"));
                let new = builder.push(make(a, b)).unwrap_or(a);
                stack.push(new);
            }
        };
        let past = matches!(kind, Kind::Past)
            || (matches!(kind, Kind::Mixed | Kind::Timed) && pick & 1 == 1);
        match (pick % 20, past) {
            (0..=5, _) => stack.push(builder.push(Node::Atom(bit)).expect("atom")),
            (6, _) => unary(&mut builder, &mut stack, &Node::Not),
            (7, _) => binary(&mut builder, &mut stack, &Node::And),
            (8, _) => binary(&mut builder, &mut stack, &Node::Or),
            (9, _) => binary(&mut builder, &mut stack, &Node::Implies),
            (10, _) => binary(&mut builder, &mut stack, &Node::Iff),
            (11 | 12, true) => unary(&mut builder, &mut stack, &|a| Node::Once(interval, a)),
            (13, true) => unary(&mut builder, &mut stack, &|a| {
                Node::Historically(interval, a)
            }),
            (14, true) => unary(&mut builder, &mut stack, &Node::Yesterday),
            (_, true) => binary(&mut builder, &mut stack, &|a, b| {
                Node::Since(interval, a, b)
            }),
            (11, false) => unary(&mut builder, &mut stack, &Node::Next),
            (12, false) => unary(&mut builder, &mut stack, &Node::WeakNext),
            (13, false) => unary(&mut builder, &mut stack, &|a| Node::Finally(interval, a)),
            (14, false) => unary(&mut builder, &mut stack, &|a| Node::Globally(interval, a)),
            (15 | 16, false) => binary(&mut builder, &mut stack, &|a, b| {
                Node::Until(interval, a, b)
            }),
            (17, false) => binary(&mut builder, &mut stack, &Node::WeakUntil),
            (_, false) => binary(&mut builder, &mut stack, &|a, b| {
                Node::Release(interval, a, b)
            }),
        }
    }
    // What was left over is joined, so that long byte strings are large formulas.
    while stack.len() >= 2 {
        let (b, a) = (stack.pop().expect("two"), stack.pop().expect("two"));
        let node = if stack.len().is_multiple_of(2) {
            Node::Or(a, b)
        } else {
            Node::And(a, b)
        };
        stack.push(builder.push(node).expect("small"));
    }
    let root = stack
        .pop()
        .unwrap_or_else(|| builder.push(Node::True).expect("true"));
    builder.finish(root).expect("root exists")
}

pub fn any_formula(kind: Kind) -> impl Strategy<Value = Formula> {
    prop::collection::vec(any::<u8>(), 1..24).prop_map(move |bytes| grown(&bytes, kind))
}

/// Traces with gaps of 0 to 3 ns, so that bounds of a few nanoseconds matter.
pub fn any_trace(longest: usize) -> impl Strategy<Value = Vec<Position>> {
    prop::collection::vec((0_u64..4, 0_u64..8), 1..longest).prop_map(|steps| {
        let mut time = 0;
        steps
            .into_iter()
            .map(|(gap, letter)| {
                time += gap;
                Position {
                    time_ns: time,
                    letter,
                }
            })
            .collect()
    })
}
