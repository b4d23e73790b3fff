//! Past operators: one remembered word per operator, constant time and memory (Havelund and Rosu 2002).
//!
//! A word's 64 bits are 64 independent streams; a single stream uses all-zeros and all-ones.

use crate::formula::{Formula, Node};
use crate::interval::{Interval, Unit};
use crate::limits;
use alloc::vec::Vec;

#[derive(Debug, Clone, Copy)]
enum Step {
    Constant(u64),
    Atom(u8),
    Not(u16),
    And(u16, u16),
    Or(u16, u16),
    Implies(u16, u16),
    Iff(u16, u16),
    Yesterday(u16, u16),
    Once(u16, u16),
    Historically(u16, u16),
    Since(u16, u16, u16),
    /// Operands, window, whether it is the dual of O, and which queue of moments.
    Timed(u16, u16, bool, Interval, u16),
}

/// The past subformulas of one formula, compiled; shared by all its monitors.
#[derive(Debug, Clone, Default)]
pub(crate) struct Past {
    steps: Vec<Step>,
    outputs: Vec<u16>,
    start: Vec<u64>,
    timed: usize,
}

/// What one stream remembers of its past.
#[derive(Debug, Clone)]
pub(crate) struct Memory {
    pub words: Vec<u64>,
    pub moments: Vec<Moments>,
    values: Vec<u64>,
}

/// Stamps at which the right operand of a bounded S held and the left one has ever since, oldest first.
#[derive(Debug, Clone)]
pub(crate) struct Moments {
    ring: [u64; limits::MOMENTS],
    first: usize,
    count: usize,
}

impl Moments {
    const fn new() -> Self {
        Self {
            ring: [0; limits::MOMENTS],
            first: 0,
            count: 0,
        }
    }

    fn at(&self, index: usize) -> u64 {
        self.ring[(self.first + index) % limits::MOMENTS]
    }

    /// Adds `now`; `false` if the queue is full.
    fn push(&mut self, now: u64, window: Interval) -> bool {
        if self.count > 0 && self.at(self.count - 1) == now {
            return true;
        }
        if window.from == 0 {
            // Any younger moment serves longer, so one is enough.
            self.count = 0;
        }
        if self.count == limits::MOMENTS {
            return false;
        }
        self.ring[(self.first + self.count) % limits::MOMENTS] = now;
        self.count += 1;
        true
    }

    /// Whether a moment lies in the window; moments that never will again are dropped.
    fn holds(&mut self, now: u64, window: Interval) -> bool {
        while self.count > 0 && now - self.at(0) > window.to {
            self.first = (self.first + 1) % limits::MOMENTS;
            self.count -= 1;
        }
        // Of several moments that are old enough, the youngest serves longest.
        while self.count > 1 && now - self.at(1) >= window.from {
            self.first = (self.first + 1) % limits::MOMENTS;
            self.count -= 1;
        }
        self.count > 0 && now - self.at(0) >= window.from
    }
}

impl Memory {
    /// Bytes on the heap.
    pub fn bytes(&self) -> usize {
        (self.words.len() + self.values.len()) * size_of::<u64>()
            + self.moments.len() * size_of::<Moments>()
    }
}

impl Past {
    /// Compiles the cones below `roots` (ids of past operators); output `i` is `roots[i]`.
    pub fn compile(formula: &Formula, roots: &[u16]) -> Self {
        let nodes = formula.nodes();
        let mut wanted = alloc::vec![false; nodes.len()];
        for root in roots {
            wanted[usize::from(*root)] = true;
        }
        for id in (0..nodes.len()).rev() {
            if wanted[id] {
                nodes[id]
                    .children()
                    .into_iter()
                    .flatten()
                    .for_each(|c| wanted[usize::from(c)] = true);
            }
        }
        let mut out = Self::default();
        let mut place = alloc::vec![0_u16; nodes.len()];
        for id in (0..nodes.len()).filter(|id| wanted[*id]) {
            let step = out.step(nodes[id], &place);
            place[id] = out.emit(step);
        }
        out.outputs = roots.iter().map(|root| place[usize::from(*root)]).collect();
        out
    }

    fn emit(&mut self, step: Step) -> u16 {
        self.steps.push(step);
        (self.steps.len() - 1) as u16
    }

    fn word(&mut self, start: u64) -> u16 {
        self.start.push(start);
        (self.start.len() - 1) as u16
    }

    fn queue(&mut self) -> u16 {
        self.timed += 1;
        (self.timed - 1) as u16
    }

    fn step(&mut self, node: Node, place: &[u16]) -> Step {
        let to = |id: u16| place[usize::from(id)];
        match node {
            Node::True => Step::Constant(!0),
            Node::Atom(bit) => Step::Atom(bit),
            Node::Not(a) => Step::Not(to(a)),
            Node::And(a, b) => Step::And(to(a), to(b)),
            Node::Or(a, b) => Step::Or(to(a), to(b)),
            Node::Implies(a, b) => Step::Implies(to(a), to(b)),
            Node::Iff(a, b) => Step::Iff(to(a), to(b)),
            Node::Yesterday(a) => Step::Yesterday(to(a), self.word(0)),
            Node::Once(None, a) => Step::Once(to(a), self.word(0)),
            Node::Historically(None, a) => Step::Historically(to(a), self.word(!0)),
            Node::Since(None, a, b) => Step::Since(to(a), to(b), self.word(0)),
            Node::Once(Some(i), a) => {
                let yes = self.emit(Step::Constant(!0));
                Step::Timed(yes, to(a), false, i, self.queue())
            }
            Node::Historically(Some(i), a) => {
                let yes = self.emit(Step::Constant(!0));
                let not = self.emit(Step::Not(to(a)));
                Step::Timed(yes, not, true, i, self.queue())
            }
            Node::Since(Some(i), a, b) => Step::Timed(to(a), to(b), false, i, self.queue()),
            // A future operator below a past one does not get past the builder.
            _ => Step::Constant(0),
        }
    }

    pub fn memory(&self) -> Memory {
        Memory {
            words: self.start.clone(),
            moments: alloc::vec![Moments::new(); self.timed],
            values: alloc::vec![0; self.steps.len()],
        }
    }

    pub fn is_timed(&self) -> bool {
        self.timed > 0
    }

    /// Number of remembered words.
    pub fn words(&self) -> usize {
        self.start.len()
    }

    /// The outputs as bits, for a memory that holds one stream.
    pub fn bits(&self, memory: &Memory) -> u64 {
        (self.outputs.iter().enumerate()).fold(0, |bits, (i, at)| {
            bits | (memory.values[usize::from(*at)] & 1) << i
        })
    }

    /// One position; `atom(i)` gives the word of atom `i`, `clock` the time and the index of the position.
    /// `false` if a queue of moments is full: what it says from then on would be wrong.
    #[inline]
    pub fn step_with(
        &self,
        memory: &mut Memory,
        atom: impl Fn(u8) -> u64,
        clock: (u64, u64),
    ) -> bool {
        let mut complete = true;
        let Memory {
            words,
            moments,
            values,
        } = memory;
        let values = &mut values[..self.steps.len()];
        for (at, step) in self.steps.iter().enumerate() {
            let v = |i: u16| values[usize::from(i)];
            let value = match *step {
                Step::Constant(word) => word,
                Step::Atom(bit) => atom(bit),
                Step::Not(a) => !v(a),
                Step::And(a, b) => v(a) & v(b),
                Step::Or(a, b) => v(a) | v(b),
                Step::Implies(a, b) => !v(a) | v(b),
                Step::Iff(a, b) => !(v(a) ^ v(b)),
                Step::Yesterday(a, word) => core::mem::replace(&mut words[usize::from(word)], v(a)),
                Step::Once(a, word) => {
                    let new = v(a) | words[usize::from(word)];
                    words[usize::from(word)] = new;
                    new
                }
                Step::Historically(a, word) => {
                    let new = v(a) & words[usize::from(word)];
                    words[usize::from(word)] = new;
                    new
                }
                Step::Since(a, b, word) => {
                    let new = v(b) | (v(a) & words[usize::from(word)]);
                    words[usize::from(word)] = new;
                    new
                }
                Step::Timed(a, b, dual, window, queue) => {
                    let now = if window.unit == Unit::Steps {
                        clock.1
                    } else {
                        clock.0
                    };
                    let queue = &mut moments[usize::from(queue)];
                    if v(a) == 0 {
                        queue.count = 0;
                    }
                    if v(b) != 0 {
                        // Moments that can no longer count make room first.
                        queue.holds(now, window);
                        complete &= queue.push(now, window);
                    }
                    if queue.holds(now, window) == dual {
                        0
                    } else {
                        !0
                    }
                }
            };
            values[at] = value;
        }
        complete
    }
}
