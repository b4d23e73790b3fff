//! Past operators: one remembered word per operator, constant time and memory (Havelund and Rosu 2002).
//!
//! A word's 64 bits are 64 independent streams; a single stream uses all-zeros and all-ones.

use crate::formula::{Formula, Node};
use crate::interval::{Interval, Unit};
use crate::limits;
use alloc::boxed::Box;
use alloc::vec::Vec;

/// One operator; operands are places among the values. Four bytes, and places are bytes, so that the
/// loop over the steps is short and needs no check of bounds.
#[derive(Debug, Clone, Copy)]
enum Step {
    True,
    False,
    Atom(u8),
    Not(u8),
    And(u8, u8),
    Or(u8, u8),
    Implies(u8, u8),
    Iff(u8, u8),
    /// Operands, then the place among the remembered words.
    Yesterday(u8, u8),
    Once(u8, u8),
    Historically(u8, u8),
    Since(u8, u8, u8),
    /// Operands, then which bounded operator.
    Timed(u8, u8, u8),
}

/// Most steps, and therefore values: a place is one byte.
const VALUES: usize = 256;

/// The past subformulas of one formula, compiled; shared by all its monitors.
#[derive(Debug, Clone, Default)]
pub(crate) struct Past {
    steps: Vec<Step>,
    outputs: Vec<u8>,
    start: Vec<u64>,
    /// Window of each bounded operator, and whether it is the dual of O.
    timed: Vec<(Interval, bool)>,
}

/// What one stream remembers of its past.
#[derive(Debug, Clone)]
pub(crate) struct Memory {
    pub words: Vec<u64>,
    pub moments: Vec<Moments>,
    values: Box<[u64; VALUES]>,
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
        (self.words.len() + VALUES) * size_of::<u64>() + self.moments.len() * size_of::<Moments>()
    }
}

impl Past {
    /// Compiles the cones below `roots`; output `i` is `roots[i]`. `None` if they are too many for one
    /// program.
    pub fn compile(formula: &Formula, roots: &[u16]) -> Option<Self> {
        let nodes = formula.nodes();
        let mut wanted = alloc::vec![false; nodes.len()];
        for root in roots {
            wanted[usize::from(*root)] = true;
        }
        for id in (0..nodes.len()).rev() {
            let children = nodes[id].children().into_iter().flatten();
            for child in children.filter(|_| wanted[id]).collect::<Vec<_>>() {
                wanted[usize::from(child)] = true;
            }
        }
        let mut out = Self::default();
        let mut place = alloc::vec![0_u8; nodes.len()];
        for id in (0..nodes.len()).filter(|id| wanted[*id]) {
            let step = out.step(nodes[id], &place)?;
            place[id] = out.emit(step)?;
        }
        out.outputs = roots.iter().map(|root| place[usize::from(*root)]).collect();
        Some(out)
    }

    fn emit(&mut self, step: Step) -> Option<u8> {
        let place = u8::try_from(self.steps.len()).ok()?;
        self.steps.push(step);
        Some(place)
    }

    /// A remembered word. There are never more words than steps.
    fn word(&mut self, start: u64) -> u8 {
        self.start.push(start);
        (self.start.len() - 1) as u8
    }

    fn queue(&mut self, window: Interval, dual: bool) -> u8 {
        self.timed.push((window, dual));
        (self.timed.len() - 1) as u8
    }

    fn step(&mut self, node: Node, place: &[u8]) -> Option<Step> {
        let to = |id: u16| place[usize::from(id)];
        Some(match node {
            Node::True => Step::True,
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
            Node::Once(Some(window), a) => {
                Step::Timed(self.emit(Step::True)?, to(a), self.queue(window, false))
            }
            Node::Historically(Some(window), a) => {
                let yes = self.emit(Step::True)?;
                Step::Timed(yes, self.emit(Step::Not(to(a)))?, self.queue(window, true))
            }
            Node::Since(Some(window), a, b) => Step::Timed(to(a), to(b), self.queue(window, false)),
            // A future operator below a past one does not get past the builder.
            _ => Step::False,
        })
    }

    pub fn memory(&self) -> Memory {
        Memory {
            words: self.start.clone(),
            moments: alloc::vec![Moments::new(); self.timed.len()],
            values: Box::new([0; VALUES]),
        }
    }

    pub fn is_timed(&self) -> bool {
        !self.timed.is_empty()
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
        let values: &mut [u64; VALUES] = values;
        for (at, step) in (0_u8..=u8::MAX).zip(&self.steps) {
            let v = |i: u8| values[usize::from(i)];
            let value = match *step {
                Step::True => !0,
                Step::False => 0,
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
                Step::Timed(a, b, queue) => {
                    let (window, dual) = self.timed[usize::from(queue)];
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
            values[usize::from(at)] = value;
        }
        complete
    }
}
