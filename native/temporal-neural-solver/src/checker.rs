//! Checks certificates by the rules of the operators alone: a defect in tableau, table or
//! progression cannot make it agree. Must stay below 150 lines.

use crate::certificate::{Certificate, Tail, TailState};
use crate::error::{Code, Error};
use crate::formula::{Formula, Id, Node};
use crate::limits;
use crate::rules::{Open, When, along, beyond, suffix_suffices, unfold, ways, window};
use crate::verdict::Semantics;
use crate::vocabulary::Vocabulary;
use alloc::vec::Vec;

/// Whether node `id` has `value` at every position of `range`, if all that is `known` is true.
pub(crate) fn follows(
    c: &Certificate,
    f: &Formula,
    (id, value): (Id, bool),
    mut range: core::ops::RangeInclusive<usize>,
    known: &impl Fn(Id, bool, usize) -> bool,
) -> bool {
    let (node, last) = (f.nodes()[usize::from(id)], c.trace.len() - 1);
    let ways = ways(f, id, value);
    range.all(|i| match node {
        Node::True | Node::False => (node == Node::True) == value,
        Node::Atom(bit) => (c.trace[i].letter >> bit & 1 == 1) == value,
        _ if ways.is_empty() => window(c, node, value, i, known),
        _ => ways.iter().any(|way| {
            way.iter().all(|(a, v, when)| match when {
                When::Here => known(*a, *v, i),
                When::Next if i < last => known(*a, *v, i + 1),
                When::Next => c.finished && *v == beyond(node),
                When::Before if i > 0 => known(*a, *v, i - 1),
                When::Before => *v == beyond(node),
            })
        }),
    })
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
    let cells = c
        .claims
        .iter()
        .map(|claim| 1 + u64::from(claim.to.saturating_sub(claim.from)));
    if n > limits::CERTIFICATE_POSITIONS || cells.sum::<u64>() > limits::CERTIFICATE_CLAIMS {
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
    let mut rows: Vec<[Vec<bool>; 2]> = alloc::vec![[Vec::new(), Vec::new()]; nodes];
    for claim in &c.claims {
        let (from, to) = (claim.from as usize, claim.to as usize);
        if usize::from(claim.node) >= nodes || from > to || to >= n {
            return refuse("Claim outside the formula or the trace");
        }
        let row = &mut rows[usize::from(claim.node)][usize::from(claim.value)];
        row.resize(n, false);
        row[from..=to].fill(true);
    }
    let known = |id: Id, v: bool, i: usize| {
        rows[usize::from(id)][usize::from(v)]
            .get(i)
            .copied()
            .unwrap_or(false)
    };
    for claim in &c.claims {
        let range = claim.from as usize..=claim.to as usize;
        if !follows(c, f, (claim.node, claim.value), range, &known) {
            return refuse("Claim does not follow from the others");
        }
    }
    if known(f.root(), c.verdict, 0) {
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
