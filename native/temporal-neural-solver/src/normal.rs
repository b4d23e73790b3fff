//! Negation normal form: literals, past outputs, and, or, next, until, release. Constants are folded only where that
//! keeps the meaning on finite traces (`X true` stays: it fails at the last position).

use crate::error::{Code, Error};
use crate::formula::{Formula, Node};
use crate::interval::Interval;
use crate::limits;
use crate::past::Past;
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::vec::Vec;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Nnf {
    True,
    False,
    /// Atom's bit, and whether it is negated.
    Literal(u8, bool),
    /// Past output, and whether it is negated.
    Past(u8, bool),
    And(u16, u16),
    Or(u16, u16),
    /// Obligation at the next position.
    Next(u8),
    /// Operands and the obligation to go on.
    Until(u16, u16, u8),
    Release(u16, u16, u8),
    TimedUntil(u16, u16, Interval),
    TimedRelease(u16, u16, Interval),
}

/// What must hold at the next position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Obligation {
    pub node: u16,
    /// Broken by the end of the trace.
    pub strong: bool,
}

#[derive(Debug, Clone)]
pub(crate) struct Normal {
    pub nodes: Vec<Nnf>,
    pub root: u16,
    pub obligations: Vec<Obligation>,
    pub past: Past,
    /// Bits of the obligations that the end of the trace breaks.
    pub strong: u64,
    /// Bits of the obligations that an until hands on to itself: doing so for ever is no way to keep it.
    pub untils: u64,
    pub timed: bool,
    /// Atoms that are read beside the past.
    pub literals: u64,
}

/// How an operator with a bound is put into normal form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Bounds {
    /// With its window.
    Keep,
    /// As the weakest formula without a clock that it implies; only for searches for contradictions.
    Forget,
}

struct Maker<'f> {
    formula: &'f Formula,
    bounds: Bounds,
    nodes: Vec<Nnf>,
    index: BTreeMap<Nnf, u16>,
    obligations: Vec<Obligation>,
    untils: u64,
    place: Vec<[u16; 2]>,
    outputs: BTreeMap<u16, u8>,
    roots: Vec<u16>,
    past: Vec<bool>,
}

impl Normal {
    /// Normal form of `formula`.
    pub fn new(formula: &Formula, bounds: Bounds) -> Result<Self, Error> {
        Self::of(formula, bounds, false)
    }

    /// Normal form of the negation; its past is that of the formula itself.
    pub fn negated(formula: &Formula) -> Result<Self, Error> {
        Self::of(formula, Bounds::Keep, true)
    }

    fn of(formula: &Formula, bounds: Bounds, negated: bool) -> Result<Self, Error> {
        let nodes = formula.nodes();
        let past = past_only(nodes);
        let wanted = polarities(nodes, &past, negated);
        let mut maker = Maker {
            formula,
            bounds,
            nodes: Vec::new(),
            index: BTreeMap::new(),
            obligations: Vec::new(),
            untils: 0,
            place: alloc::vec![[0, 0]; nodes.len()],
            outputs: BTreeMap::new(),
            roots: Vec::new(),
            past,
        };
        for (id, wanted) in wanted.iter().enumerate() {
            for negated in [false, true] {
                if wanted[usize::from(negated)] {
                    maker.place[id][usize::from(negated)] = maker.node(id as u16, negated)?;
                }
            }
        }
        let root = maker.place[nodes.len() - 1][usize::from(negated)];
        // The first obligation is to satisfy the formula at the first position.
        maker.obligations.push(Obligation {
            node: root,
            strong: true,
        });
        if maker.obligations.len() > limits::OBLIGATIONS {
            return Err(too_many());
        }
        Ok(Self {
            strong: maker
                .obligations
                .iter()
                .enumerate()
                .fold(0, |m, (i, o)| m | u64::from(o.strong) << i),
            untils: maker.untils,
            timed: maker
                .nodes
                .iter()
                .any(|n| matches!(n, Nnf::TimedUntil(..) | Nnf::TimedRelease(..))),
            literals: maker.nodes.iter().fold(0, |mask, node| match node {
                Nnf::Literal(bit, _) => mask | 1 << bit,
                _ => mask,
            }),
            past: Past::compile(formula, &maker.roots).ok_or_else(too_much_past)?,
            nodes: maker.nodes,
            root,
            obligations: maker.obligations,
        })
    }

    /// The obligation that stands for the whole formula.
    pub fn initial(&self) -> u64 {
        1 << (self.obligations.len() - 1)
    }

    /// The obligations of `G a & G b ...` after a position that raised nothing else; 0 for other formulas.
    pub fn invariant(&self) -> u64 {
        let mut out = 0;
        // A chain of at most as many conjunctions as there are nodes; only its spine is walked.
        let mut id = self.root;
        loop {
            let (part, rest) = match self.nodes[usize::from(id)] {
                Nnf::And(a, b) if matches!(self.nodes[usize::from(a)], Nnf::Release(..)) => {
                    (a, Some(b))
                }
                Nnf::And(a, b) if matches!(self.nodes[usize::from(b)], Nnf::Release(..)) => {
                    (b, Some(a))
                }
                _ => (id, None),
            };
            match self.nodes[usize::from(part)] {
                Nnf::Release(left, _, own) if self.nodes[usize::from(left)] == Nnf::False => {
                    out |= 1 << own;
                }
                _ => return 0,
            }
            match rest {
                Some(rest) => id = rest,
                None => return out,
            }
        }
    }

    /// Whether the empty trace satisfies node `id`: what is asked of a first position fails, what is asked of every
    /// position holds.
    pub fn empty(&self) -> bool {
        let mut value = alloc::vec![false; self.nodes.len()];
        for (id, node) in self.nodes.iter().enumerate() {
            value[id] = match *node {
                Nnf::True | Nnf::Release(..) | Nnf::TimedRelease(..) => true,
                Nnf::And(a, b) => value[usize::from(a)] && value[usize::from(b)],
                Nnf::Or(a, b) => value[usize::from(a)] || value[usize::from(b)],
                Nnf::Next(o) => !self.obligations[usize::from(o)].strong,
                _ => false,
            };
        }
        value[usize::from(self.root)]
    }
}

fn too_many() -> Error {
    Error::new(
        Code::TooLarge,
        format!(
            "More than {} temporal obligations in normal form",
            limits::OBLIGATIONS - 1
        ),
        "split the rule at its conjunctions into several rules",
    )
}

fn too_much_past() -> Error {
    Error::new(
        Code::TooLarge,
        "More than 256 nodes at and below past operators",
        "split the rule at its conjunctions into several rules",
    )
}

/// Which nodes look at the past and not at the future: as much of the formula as possible is left to
/// the past's bits.
fn past_only(nodes: &[Node]) -> Vec<bool> {
    let mut looks: Vec<[bool; 2]> = Vec::with_capacity(nodes.len());
    for node in nodes {
        let mut own = [node.is_past(), node.is_future()];
        for child in node.children().into_iter().flatten() {
            let child = looks[usize::from(child)];
            own = [own[0] | child[0], own[1] | child[1]];
        }
        looks.push(own);
    }
    looks
        .into_iter()
        .map(|look| look == [true, false])
        .collect()
}

/// Which of a node and its negation the formula needs; what lies below a past operator is not asked for.
fn polarities(nodes: &[Node], past: &[bool], negated: bool) -> Vec<[bool; 2]> {
    let mut wanted = alloc::vec![[false, false]; nodes.len()];
    wanted[nodes.len() - 1][usize::from(negated)] = true;
    for id in (0..nodes.len()).rev() {
        for negated in [false, true] {
            if !wanted[id][usize::from(negated)] {
                continue;
            }
            let mut want = |child: u16, flip: bool| {
                wanted[usize::from(child)][usize::from(negated ^ flip)] = true;
            };
            match nodes[id] {
                _ if past[id] => {}
                Node::Not(a) => want(a, true),
                Node::Implies(a, b) => {
                    want(a, true);
                    want(b, false);
                }
                Node::Iff(a, b) => {
                    wanted[usize::from(a)] = [true, true];
                    wanted[usize::from(b)] = [true, true];
                }
                node => node
                    .children()
                    .into_iter()
                    .flatten()
                    .for_each(|c| want(c, false)),
            }
        }
    }
    wanted
}

impl Maker<'_> {
    fn push(&mut self, node: Nnf) -> Result<u16, Error> {
        if let Some(id) = self.index.get(&node) {
            return Ok(*id);
        }
        let id = u16::try_from(self.nodes.len()).map_err(|_| too_many())?;
        self.nodes.push(node);
        self.index.insert(node, id);
        Ok(id)
    }

    fn and(&mut self, a: u16, b: u16) -> Result<u16, Error> {
        let (a, b) = (a.min(b), a.max(b));
        match (self.nodes[usize::from(a)], self.nodes[usize::from(b)]) {
            (Nnf::True, _) => Ok(b),
            (_, Nnf::True) => Ok(a),
            (Nnf::False, _) | (_, Nnf::False) => self.push(Nnf::False),
            _ if a == b => Ok(a),
            _ => self.push(Nnf::And(a, b)),
        }
    }

    fn or(&mut self, a: u16, b: u16) -> Result<u16, Error> {
        let (a, b) = (a.min(b), a.max(b));
        match (self.nodes[usize::from(a)], self.nodes[usize::from(b)]) {
            (Nnf::False, _) => Ok(b),
            (_, Nnf::False) => Ok(a),
            (Nnf::True, _) | (_, Nnf::True) => self.push(Nnf::True),
            _ if a == b => Ok(a),
            _ => self.push(Nnf::Or(a, b)),
        }
    }

    fn oblige(&mut self, obligation: Obligation) -> Result<u8, Error> {
        if let Some(at) = self.obligations.iter().position(|o| *o == obligation) {
            return Ok(at as u8);
        }
        if self.obligations.len() >= limits::OBLIGATIONS - 1 {
            return Err(too_many());
        }
        self.obligations.push(obligation);
        Ok((self.obligations.len() - 1) as u8)
    }

    fn next(&mut self, node: u16, strong: bool) -> Result<u16, Error> {
        let obligation = self.oblige(Obligation { node, strong })?;
        self.push(Nnf::Next(obligation))
    }

    /// Until, or its dual release when `release`.
    fn until(
        &mut self,
        a: u16,
        b: u16,
        interval: Option<Interval>,
        release: bool,
    ) -> Result<u16, Error> {
        let right = self.nodes[usize::from(b)];
        if let Some(interval) = interval {
            return match (self.bounds, release) {
                (Bounds::Keep, false) => self.push(Nnf::TimedUntil(a, b, interval)),
                (Bounds::Keep, true) => self.push(Nnf::TimedRelease(a, b, interval)),
                (Bounds::Forget, false) => self.until(a, b, None, false),
                (Bounds::Forget, true) if interval.from == 0 => Ok(b),
                (Bounds::Forget, true) => self.push(Nnf::True),
            };
        }
        if matches!(right, Nnf::True | Nnf::False) {
            return Ok(b);
        }
        // Its own id is needed for the obligation to go on: it is the next to be pushed.
        let own = self.nodes.len() as u16;
        let known = self.nodes.iter().position(|node| match *node {
            Nnf::Until(x, y, _) => !release && (x, y) == (a, b),
            Nnf::Release(x, y, _) => release && (x, y) == (a, b),
            _ => false,
        });
        if let Some(known) = known {
            return Ok(known as u16);
        }
        let go_on = self.oblige(Obligation {
            node: own,
            strong: !release,
        })?;
        self.untils |= u64::from(!release) << go_on;
        self.push(if release {
            Nnf::Release(a, b, go_on)
        } else {
            Nnf::Until(a, b, go_on)
        })
    }

    fn output(&mut self, id: u16, negated: bool) -> Result<u16, Error> {
        let next = self.outputs.len();
        let output = match self.outputs.get(&id) {
            Some(output) => *output,
            None if next == 64 => return Err(too_many()),
            None => {
                self.outputs.insert(id, next as u8);
                self.roots.push(id);
                next as u8
            }
        };
        self.push(Nnf::Past(output, negated))
    }

    fn node(&mut self, id: u16, negated: bool) -> Result<u16, Error> {
        let node = self.formula.nodes()[usize::from(id)];
        let place = core::mem::take(&mut self.place);
        let same = |a: u16| place[usize::from(a)][usize::from(negated)];
        let not = |a: u16| place[usize::from(a)][usize::from(!negated)];
        let result = match node {
            _ if self.past[usize::from(id)] => self.output(id, negated),
            Node::True | Node::False => self.push(if matches!(node, Node::True) == negated {
                Nnf::False
            } else {
                Nnf::True
            }),
            Node::Atom(bit) => self.push(Nnf::Literal(bit, negated)),
            Node::Not(a) => Ok(not(a)),
            Node::And(a, b) if negated => self.or(same(a), same(b)),
            Node::Or(a, b) if negated => self.and(same(a), same(b)),
            Node::And(a, b) => self.and(same(a), same(b)),
            Node::Or(a, b) => self.or(same(a), same(b)),
            Node::Implies(a, b) if negated => self.and(not(a), same(b)),
            Node::Implies(a, b) => self.or(not(a), same(b)),
            Node::Iff(a, b) => {
                // Negated: a & !b | !a & b. `same` of a negated node is its negation.
                let (a, b) = (place[usize::from(a)], place[usize::from(b)]);
                let flip = usize::from(negated);
                self.and(a[0], b[flip]).and_then(|x| {
                    let y = self.and(a[1], b[1 - flip])?;
                    self.or(x, y)
                })
            }
            Node::Next(a) => self.next(same(a), !negated),
            Node::WeakNext(a) => self.next(same(a), negated),
            Node::Finally(i, a) | Node::Globally(i, a) => {
                let release = matches!(node, Node::Globally(..)) != negated;
                self.push(if release { Nnf::False } else { Nnf::True })
                    .and_then(|left| self.until(left, same(a), i, release))
            }
            Node::Until(i, a, b) => self.until(same(a), same(b), i, negated),
            Node::Release(i, a, b) => self.until(same(a), same(b), i, !negated),
            Node::WeakUntil(a, b) if negated => {
                // !(a W b) = !b U (!a & !b)
                self.and(same(a), same(b))
                    .and_then(|both| self.until(same(b), both, None, false))
            }
            Node::WeakUntil(a, b) => {
                // a W b = b R (a | b)
                self.or(same(a), same(b))
                    .and_then(|either| self.until(same(b), either, None, true))
            }
            // Past operators are caught by the first arm.
            Node::Yesterday(_) | Node::Once(..) | Node::Historically(..) | Node::Since(..) => {
                self.push(Nnf::False)
            }
        };
        self.place = place;
        result
    }
}
