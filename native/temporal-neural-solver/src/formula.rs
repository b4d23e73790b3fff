//! Formulas as an arena: children stand before their parents, so every pass is a loop and no input can exhaust the stack.

use crate::error::{Code, Error};
use crate::interval::Interval;
use crate::limits;
use alloc::vec::Vec;
use alloc::{collections::BTreeMap, format};

/// Index of a node in its formula.
pub type Id = u16;

/// One operator of a formula. `Some(interval)` bounds a temporal operator, `None` leaves it unbounded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Node {
    /// `true`
    True,
    /// `false`
    False,
    /// Bit of the vocabulary.
    Atom(u8),
    /// `!a`
    Not(Id),
    /// `a & b`
    And(Id, Id),
    /// `a | b`
    Or(Id, Id),
    /// `a -> b`
    Implies(Id, Id),
    /// `a <-> b`
    Iff(Id, Id),
    /// `X a`: there is a next position and `a` holds there.
    Next(Id),
    /// `N a`: if there is a next position, `a` holds there.
    WeakNext(Id),
    /// `F a`: now or later.
    Finally(Option<Interval>, Id),
    /// `G a`: now and always.
    Globally(Option<Interval>, Id),
    /// `a U b`: `b` now or later, and `a` until just before.
    Until(Option<Interval>, Id, Id),
    /// `a W b`: `a U b`, or `a` for ever.
    WeakUntil(Id, Id),
    /// `a R b`: `b` up to and including the position where `a` holds, or for ever.
    Release(Option<Interval>, Id, Id),
    /// `Y a`: there was a position before and `a` held there.
    Yesterday(Id),
    /// `O a`: now or before.
    Once(Option<Interval>, Id),
    /// `H a`: now and always before.
    Historically(Option<Interval>, Id),
    /// `a S b`: `b` now or before, and `a` ever since.
    Since(Option<Interval>, Id, Id),
}

impl Node {
    /// The operands, in order.
    pub fn children(self) -> [Option<Id>; 2] {
        match self {
            Self::True | Self::False | Self::Atom(_) => [None, None],
            Self::Not(a)
            | Self::Next(a)
            | Self::WeakNext(a)
            | Self::Finally(_, a)
            | Self::Globally(_, a)
            | Self::Yesterday(a)
            | Self::Once(_, a)
            | Self::Historically(_, a) => [Some(a), None],
            Self::And(a, b)
            | Self::Or(a, b)
            | Self::Implies(a, b)
            | Self::Iff(a, b)
            | Self::Until(_, a, b)
            | Self::WeakUntil(a, b)
            | Self::Release(_, a, b)
            | Self::Since(_, a, b) => [Some(a), Some(b)],
        }
    }

    /// The interval of a bounded operator.
    pub fn interval(self) -> Option<Interval> {
        match self {
            Self::Finally(i, _)
            | Self::Globally(i, _)
            | Self::Until(i, ..)
            | Self::Release(i, ..)
            | Self::Once(i, _)
            | Self::Historically(i, _)
            | Self::Since(i, ..) => i,
            _ => None,
        }
    }

    /// Whether the operator looks at later positions.
    pub fn is_future(self) -> bool {
        matches!(
            self,
            Self::Next(_)
                | Self::WeakNext(_)
                | Self::Finally(..)
                | Self::Globally(..)
                | Self::Until(..)
                | Self::WeakUntil(..)
                | Self::Release(..)
        )
    }

    /// Whether the operator looks at earlier positions.
    pub fn is_past(self) -> bool {
        matches!(
            self,
            Self::Yesterday(_) | Self::Once(..) | Self::Historically(..) | Self::Since(..)
        )
    }
}

/// A formula over the atoms of one [`crate::Vocabulary`]. Made by [`Formula::parse`] or a [`Builder`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Formula {
    nodes: Vec<Node>,
}

impl Formula {
    /// The nodes, children before parents; the last one is the root.
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// Index of the root.
    pub fn root(&self) -> Id {
        (self.nodes.len() - 1) as Id
    }

    /// Bits of the atoms that the formula mentions.
    pub fn atoms(&self) -> u64 {
        self.nodes.iter().fold(0, |mask, node| match node {
            Node::Atom(bit) => mask | 1 << bit,
            _ => mask,
        })
    }

    /// Number of temporal operators.
    pub fn temporal_operators(&self) -> usize {
        self.nodes
            .iter()
            .filter(|n| n.is_future() || n.is_past())
            .count()
    }

    /// Whether any operator has a bound.
    pub fn is_bounded(&self) -> bool {
        self.nodes.iter().any(|n| n.interval().is_some())
    }

    /// `!self`, `self & other` and the like: copies both into one arena.
    ///
    /// # Errors
    /// [`Code::TooLarge`] if the result exceeds the limits.
    pub fn combine(formulas: &[&Self], join: fn(Id, Id) -> Node) -> Result<Self, Error> {
        let mut builder = Builder::new();
        let mut root = None;
        for formula in formulas {
            let own = builder.graft(formula)?;
            root = Some(match root {
                Some(before) => builder.push(join(before, own))?,
                None => own,
            });
        }
        builder.finish(root.unwrap_or(0))
    }

    /// The negation.
    ///
    /// # Errors
    /// [`Code::TooLarge`] if the result exceeds the limits.
    pub fn negated(&self) -> Result<Self, Error> {
        let mut builder = Builder::new();
        let root = builder.graft(self)?;
        let root = builder.push(Node::Not(root))?;
        builder.finish(root)
    }
}

/// Builds a formula node by node; equal nodes are shared.
///
/// ```
/// use midstream_temporal_neural_solver::{Atom, Builder, Node, Vocabulary};
/// let mut words = Vocabulary::new();
/// let pii = words.intern(Atom::Proposition("pii".into()))?;
/// let mut builder = Builder::new();
/// let pii = builder.push(Node::Atom(pii))?;
/// let never = builder.push(Node::Not(pii))?;
/// let root = builder.push(Node::Globally(None, never))?;
/// assert_eq!(builder.finish(root)?.text(&words), "G !pii");
/// # Ok::<(), midstream_temporal_neural_solver::Error>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Builder {
    nodes: Vec<Node>,
    index: BTreeMap<Node, Id>,
    size: Vec<u32>,
    depth: Vec<u16>,
    has_future: Vec<bool>,
}

impl Builder {
    /// An empty builder.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds `node`, or finds its equal.
    ///
    /// # Errors
    /// [`Code::BadReference`] for a child that does not exist or an atom above 63, [`Code::Interval`],
    /// [`Code::PastOverFuture`], and [`Code::TooLarge`] above the limits of size and depth.
    pub fn push(&mut self, node: Node) -> Result<Id, Error> {
        if let Some(id) = self.index.get(&node) {
            return Ok(*id);
        }
        if matches!(node, Node::Atom(bit) if usize::from(bit) >= limits::ATOMS) {
            return Err(Error::new(Code::BadReference, "Atom's bit exceeds 63", ""));
        }
        if let Some(interval) = node.interval() {
            interval.checked()?;
        }
        let (mut size, mut depth, mut future) = (1_u32, 1_u16, node.is_future());
        for child in node.children().into_iter().flatten() {
            let child = usize::from(child);
            if child >= self.nodes.len() {
                return Err(Error::new(
                    Code::BadReference,
                    "Node refers to a node that does not exist",
                    "",
                ));
            }
            size = size.saturating_add(self.size[child]);
            depth = depth.max(self.depth[child] + 1);
            future |= self.has_future[child];
        }
        if size > limits::TREE_NODES || depth > limits::DEPTH {
            let message = format!(
                "Formula exceeds {} nodes or {} levels",
                limits::TREE_NODES,
                limits::DEPTH
            );
            return Err(Error::new(
                Code::TooLarge,
                message,
                "split it into several rules",
            ));
        }
        if node.is_past() && future {
            return Err(Error::new(
                Code::PastOverFuture,
                "Past operator (Y, O, H, S) over a future one",
                "turn it round: put the past operator below the future one, as in G(a -> O b)",
            ));
        }
        let id = self.nodes.len() as Id;
        self.nodes.push(node);
        self.index.insert(node, id);
        self.size.push(size);
        self.depth.push(depth);
        self.has_future.push(future);
        Ok(id)
    }

    /// Adds `node`, whose children are named by their place in another arena.
    pub(crate) fn copy(&mut self, node: Node, place: &[Id]) -> Result<Id, Error> {
        self.push(renumber(node, |id| place[usize::from(id)]))
    }

    /// Copies another formula into this one and gives the place of its root.
    ///
    /// # Errors
    /// As [`Builder::push`].
    pub fn graft(&mut self, formula: &Formula) -> Result<Id, Error> {
        let mut place = Vec::with_capacity(formula.nodes.len());
        for node in &formula.nodes {
            let at = self.copy(*node, &place)?;
            place.push(at);
        }
        Ok(place[usize::from(formula.root())])
    }

    /// The formula below `root`; nodes that it does not use are left out.
    ///
    /// # Errors
    /// [`Code::BadReference`] if `root` does not exist.
    pub fn finish(self, root: Id) -> Result<Formula, Error> {
        let root = usize::from(root);
        if root >= self.nodes.len() {
            return Err(Error::new(Code::BadReference, "Root does not exist", ""));
        }
        let mut used = alloc::vec![false; root + 1];
        used[root] = true;
        for id in (0..=root).rev() {
            if used[id] {
                self.nodes[id]
                    .children()
                    .into_iter()
                    .flatten()
                    .for_each(|c| used[usize::from(c)] = true);
            }
        }
        let mut place = alloc::vec![0; root + 1];
        let mut nodes = Vec::new();
        for id in (0..=root).filter(|id| used[*id]) {
            place[id] = nodes.len() as Id;
            nodes.push(renumber(self.nodes[id], |child| place[usize::from(child)]));
        }
        Ok(Formula { nodes })
    }
}

fn renumber(node: Node, to: impl Fn(Id) -> Id) -> Node {
    match node {
        Node::True | Node::False | Node::Atom(_) => node,
        Node::Not(a) => Node::Not(to(a)),
        Node::And(a, b) => Node::And(to(a), to(b)),
        Node::Or(a, b) => Node::Or(to(a), to(b)),
        Node::Implies(a, b) => Node::Implies(to(a), to(b)),
        Node::Iff(a, b) => Node::Iff(to(a), to(b)),
        Node::Next(a) => Node::Next(to(a)),
        Node::WeakNext(a) => Node::WeakNext(to(a)),
        Node::Finally(i, a) => Node::Finally(i, to(a)),
        Node::Globally(i, a) => Node::Globally(i, to(a)),
        Node::Until(i, a, b) => Node::Until(i, to(a), to(b)),
        Node::WeakUntil(a, b) => Node::WeakUntil(to(a), to(b)),
        Node::Release(i, a, b) => Node::Release(i, to(a), to(b)),
        Node::Yesterday(a) => Node::Yesterday(to(a)),
        Node::Once(i, a) => Node::Once(i, to(a)),
        Node::Historically(i, a) => Node::Historically(i, to(a)),
        Node::Since(i, a, b) => Node::Since(i, to(a), to(b)),
    }
}
