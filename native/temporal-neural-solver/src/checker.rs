//! Checks certificates by the rules of the operators alone: a defect in tableau, table or
//! progression cannot make it agree. Must stay below 150 lines.

use crate::certificate::{Certificate, Tail, TailState};
use crate::error::{Code, Error};
use crate::formula::{Formula, Node};
use crate::limits;
use crate::rules::{
    Ask, Beliefs, Open, When, along, beyond, suffix_suffices, unfold, ways, window,
};
use crate::verdict::Semantics;
use crate::vocabulary::Vocabulary;
use alloc::vec::Vec;

/// Whether node `id` has `value` at every position of `from..=to` by one of its `ways`, if all that
/// `believed` says is true.
pub(crate) fn follows(
    c: &Certificate,
    (node, value): (Node, bool),
    (from, to): (usize, usize),
    ways: &[Vec<Ask>],
    believed: &Beliefs,
) -> bool {
    let last = c.trace.len() - 1;
    let stretch = |(a, v, when): &Ask, from: usize| {
        let holds = |i: &usize| match when {
            When::Here => believed.says(*a, *v, *i),
            When::Next if *i < last => believed.says(*a, *v, i + 1),
            When::Next => c.finished && *v == beyond(node),
            When::Before if *i > 0 => believed.says(*a, *v, i - 1),
            When::Before => *v == beyond(node),
        };
        (from..=to).take_while(holds).count()
    };
    match node {
        Node::True | Node::False => (node == Node::True) == value,
        Node::Atom(bit) => c.trace[from..=to]
            .iter()
            .all(|p| (p.letter >> bit & 1 == 1) == value),
        _ if ways.is_empty() => (from..=to).all(|i| window(c, node, value, i, believed)),
        _ => {
            let mut i = from;
            while i <= to {
                let along = |way: &Vec<Ask>| way.iter().map(|ask| stretch(ask, i)).min();
                match ways.iter().filter_map(along).max() {
                    None | Some(0) => return false,
                    Some(count) => i += count,
                }
            }
            true
        }
    }
}

/// Accepts `c` if it proves its verdict for `f` on every trace that begins with its positions.
///
/// # Errors
/// [`Code::Certificate`] with the reason; [`Code::Budget`] if it is too large to be checked.
pub fn check(f: &Formula, words: &Vocabulary, c: &Certificate) -> Result<(), Error> {
    let refuse = |why: &str| Err(Error::new(Code::Certificate, why, "do not rely on it"));
    let (n, nodes) = (c.trace.len(), f.nodes().len());
    if c.formula != f.text(words) || c.atoms != words.names() {
        return refuse("Certificate is about another formula");
    }
    let ordered = c.trace.windows(2).all(|w| w[0].time_ns <= w[1].time_ns);
    if !ordered || c.trace.last().is_some_and(|p| p.time_ns > c.until_ns) {
        return refuse("Time runs backwards");
    }
    if n > limits::certificate_positions(f.is_bounded())
        || n * (nodes + c.claims.len()) > limits::CERTIFICATE_CELLS
    {
        return Err(Error::new(
            Code::Budget,
            "Certificate is too large",
            "record less",
        ));
    }
    if c.skipped > 0 && (c.verdict || !suffix_suffices(f)) {
        return refuse("A later part of the trace does not decide this formula");
    }
    if let Some(tail) = &c.tail {
        let proven = !c.finished && tail_holds(f, words, c, tail).unwrap_or(false);
        return if proven {
            Ok(())
        } else {
            refuse("The open part may still have a way")
        };
    }
    let mut believed = Beliefs::none(nodes);
    for claim in &c.claims {
        let (from, to) = (claim.from as usize, claim.to as usize);
        if usize::from(claim.node) >= nodes || from > to || to >= n {
            return refuse("Claim outside the formula or the trace");
        }
        believed.add(claim.node, claim.value, from..=to, n);
    }
    // Nothing is believed that is not claimed, and each claim rests on operands or on positions
    // nearer to the end (the beginning, for the past): so there is no circle.
    for claim in &c.claims {
        let (range, ways) = (
            (claim.from as usize, claim.to as usize),
            ways(f, claim.node, claim.value),
        );
        let node = f.nodes()[usize::from(claim.node)];
        if !follows(c, (node, claim.value), range, &ways, &believed) {
            return refuse("Claim does not follow from the others");
        }
    }
    if believed.says(f.root(), c.verdict, 0) {
        Ok(())
    } else {
        refuse("The verdict is not claimed")
    }
}

/// Whether all ways to the opposite verdict end in `tail`, and no run through `tail` is a way:
/// ranks never rise, and within one rank one eventuality is put off for ever.
fn tail_holds(f: &Formula, words: &Vocabulary, c: &Certificate, tail: &Tail) -> Option<bool> {
    let letters = words.feasible(f.atoms(), limits::TABLE_ATOMS)?;
    let find = |open: &Open| tail.states.iter().find(|state| state.open == *open);
    let ends = along(
        f,
        !c.verdict,
        c.trace.iter().map(|position| position.letter),
    )?;
    let stream = c.semantics == Semantics::Stream;
    let open = |s: &TailState| stream || s.open.asks.iter().any(|ask| !ask.2);
    if !ends.iter().all(|end| find(end).is_some()) || !tail.states.iter().all(open) {
        return Some(false);
    }
    for state in &tail.states {
        for letter in &letters {
            for (next, late) in unfold(f, *letter, &state.open)? {
                let Some(to) = find(&next) else {
                    return Some(false);
                };
                let stuck = state
                    .late
                    .is_some_and(|id| to.late == Some(id) && late.contains(&id));
                if stream && to.rank >= state.rank && !(to.rank == state.rank && stuck) {
                    return Some(false);
                }
            }
        }
    }
    Some(true)
}
