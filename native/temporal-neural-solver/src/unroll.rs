//! Short step bounds written out with X, N and Y, so that they fit a table: `F[1,2] p` = `X(p | X p)`.

use crate::error::Error;
use crate::formula::{Builder, Formula, Id, Node};
use crate::interval::{Interval, Unit};
use crate::limits;

/// The same formula without step bounds up to [`limits::UNROLL`]; unchanged if it would grow out of bounds.
pub(crate) fn unroll(formula: &Formula) -> Formula {
    try_unroll(formula).unwrap_or_else(|_| formula.clone())
}

fn short(interval: Option<Interval>) -> Option<(u64, u64)> {
    interval
        .filter(|i| i.unit == Unit::Steps && i.to <= limits::UNROLL)
        .map(|i| (i.from, i.to))
}

fn try_unroll(formula: &Formula) -> Result<Formula, Error> {
    let mut out = Builder::new();
    let mut place: alloc::vec::Vec<Id> = alloc::vec::Vec::new();
    for node in formula.nodes() {
        let to = |id: Id| place[usize::from(id)];
        let bounds = short(node.interval());
        let id = match (*node, bounds) {
            (Node::Finally(_, a), Some((from, until))) => {
                let (yes, a) = (out.push(Node::True)?, to(a));
                existential(&mut out, (from, until), yes, a, Node::Next)?
            }
            (Node::Until(_, a, b), Some((from, until))) => {
                existential(&mut out, (from, until), to(a), to(b), Node::Next)?
            }
            (Node::Globally(_, a), Some((from, until))) => {
                let (no, a) = (out.push(Node::False)?, to(a));
                universal(&mut out, (from, until), no, a)?
            }
            (Node::Release(_, a, b), Some((from, until))) => {
                universal(&mut out, (from, until), to(a), to(b))?
            }
            (Node::Once(_, a), Some((from, until))) => {
                let (yes, a) = (out.push(Node::True)?, to(a));
                existential(&mut out, (from, until), yes, a, Node::Yesterday)?
            }
            (Node::Since(_, a, b), Some((from, until))) => {
                existential(&mut out, (from, until), to(a), to(b), Node::Yesterday)?
            }
            (Node::Historically(_, a), Some((from, until))) => {
                let yes = out.push(Node::True)?;
                let not = out.push(Node::Not(to(a)))?;
                let once = existential(&mut out, (from, until), yes, not, Node::Yesterday)?;
                out.push(Node::Not(once))?
            }
            _ => out.copy(*node, &place)?,
        };
        place.push(id);
    }
    let root = place[usize::from(formula.root())];
    out.finish(root)
}

/// `a U[from,to] b` (or S): from the far end inwards, `b` inside the window, `a` before it.
fn existential(
    out: &mut Builder,
    bounds: (u64, u64),
    a: Id,
    b: Id,
    step: fn(Id) -> Node,
) -> Result<Id, Error> {
    let mut rest = b;
    for at in (0..bounds.1).rev() {
        let next = out.push(step(rest))?;
        let hold = out.push(Node::And(a, next))?;
        rest = if at >= bounds.0 {
            out.push(Node::Or(b, hold))?
        } else {
            hold
        };
    }
    Ok(rest)
}

/// `a R[from,to] b`: the dual, with the weak next.
fn universal(out: &mut Builder, bounds: (u64, u64), a: Id, b: Id) -> Result<Id, Error> {
    let mut rest = b;
    for at in (0..bounds.1).rev() {
        let next = out.push(Node::WeakNext(rest))?;
        let free = out.push(Node::Or(a, next))?;
        rest = if at >= bounds.0 {
            out.push(Node::And(b, free))?
        } else {
            free
        };
    }
    Ok(rest)
}
