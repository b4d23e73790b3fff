//! Past operators: what each one remembers, in constant time and memory (Havelund and Rosu 2002).
//!
//! Where bits alone are remembered, and few enough, a position is a handful of look-ups (`lookup.rs`). The steps here
//! are for the rest: windows, and very large formulas. A value is a word of all zeros or all ones.

use crate::formula::{Formula, Node};
use crate::interval::{Interval, Unit};
use crate::limits;
use crate::lookup::Lookup;
use alloc::boxed::Box;
use alloc::vec::Vec;

/// One operator; operands are places among the values. Four bytes, and places are bytes, so that the
/// loop over the steps is short and needs no check of bounds.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Step {
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

/// A truth value: of one bit for tables, of a word for steps.
pub(crate) trait Value:
    Copy
    + core::ops::Not<Output = Self>
    + core::ops::BitAnd<Output = Self>
    + core::ops::BitOr<Output = Self>
    + core::ops::BitXor<Output = Self>
{
    const YES: Self;
}

impl Value for bool {
    const YES: Self = true;
}

impl Value for u64 {
    const YES: Self = !0;
}

impl Step {
    /// Its value, given those before it; what it remembers is brought up to date. Atoms and windows are the
    /// caller's: false here.
    #[inline]
    pub fn value<V: Value>(self, v: impl Fn(u8) -> V, words: &mut [V]) -> V {
        let (new, word) = match self {
            Self::True => return V::YES,
            Self::False | Self::Atom(_) | Self::Timed(..) => return !V::YES,
            Self::Not(a) => return !v(a),
            Self::And(a, b) => return v(a) & v(b),
            Self::Or(a, b) => return v(a) | v(b),
            Self::Implies(a, b) => return !v(a) | v(b),
            Self::Iff(a, b) => return !(v(a) ^ v(b)),
            Self::Yesterday(a, word) => {
                return core::mem::replace(&mut words[usize::from(word)], v(a));
            }
            Self::Once(a, word) => (v(a) | words[usize::from(word)], word),
            Self::Historically(a, word) => (v(a) & words[usize::from(word)], word),
            Self::Since(a, b, word) => (v(b) | (v(a) & words[usize::from(word)]), word),
        };
        words[usize::from(word)] = new;
        new
    }
}

/// The places that a step reads, and its remembered word.
pub(crate) fn operands(step: Step) -> ([Option<u8>; 2], Option<u8>) {
    match step {
        Step::True | Step::False | Step::Atom(_) => ([None, None], None),
        Step::Not(a) => ([Some(a), None], None),
        Step::And(a, b) | Step::Or(a, b) | Step::Implies(a, b) | Step::Iff(a, b) => {
            ([Some(a), Some(b)], None)
        }
        Step::Yesterday(a, word) | Step::Once(a, word) | Step::Historically(a, word) => {
            ([Some(a), None], Some(word))
        }
        Step::Since(a, b, word) => ([Some(a), Some(b)], Some(word)),
        Step::Timed(a, b, _) => ([Some(a), Some(b)], None),
    }
}

/// The value of a step that has only one.
pub(crate) fn constant(step: Step) -> Option<bool> {
    match step {
        Step::True => Some(true),
        Step::False => Some(false),
        _ => None,
    }
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
    lookup: Option<Lookup>,
}

/// What one stream remembers of its past.
#[derive(Debug, Clone)]
pub(crate) struct Memory {
    /// The bits of the look-ups, or a word of each step that remembers something.
    pub words: Vec<u64>,
    pub moments: Vec<Moments>,
    /// Of the steps.
    values: Option<Box<[u64; VALUES]>>,
    /// The outputs at the last position, as bits.
    pub outputs: u64,
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
        let values = self.values.as_ref().map_or(0, |values| values.len());
        (self.words.len() + values) * size_of::<u64>() + self.moments.len() * size_of::<Moments>()
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
            let step = out.translate(nodes[id], &place)?;
            place[id] = out.emit(step)?;
        }
        out.outputs = roots.iter().map(|root| place[usize::from(*root)]).collect();
        out.lookup = Lookup::new(&out.steps, &out.outputs, &out.start);
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

    fn translate(&mut self, node: Node, place: &[u8]) -> Option<Step> {
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
        let (words, values) = match &self.lookup {
            Some(lookup) => (alloc::vec![lookup.start], None),
            None => (self.start.clone(), Some(Box::new([0; VALUES]))),
        };
        Memory {
            words,
            moments: alloc::vec![Moments::new(); self.timed.len()],
            values,
            outputs: 0,
        }
    }

    pub fn is_timed(&self) -> bool {
        !self.timed.is_empty()
    }

    /// Number of operators that remember a bit.
    pub fn words(&self) -> usize {
        self.start.len()
    }

    /// One position: its letter, its time and its index. `false` if a queue of moments is full: what it says from then
    /// on would be wrong.
    #[inline]
    pub fn step(&self, memory: &mut Memory, letter: u64, clock: (u64, u64)) -> bool {
        if let (Some(lookup), [word]) = (&self.lookup, &mut memory.words[..]) {
            (*word, memory.outputs) = lookup.step(*word, letter);
            return true;
        }
        self.walk(memory, letter, clock)
    }

    fn walk(&self, memory: &mut Memory, letter: u64, clock: (u64, u64)) -> bool {
        let mut complete = true;
        let Some(values) = &mut memory.values else {
            return false;
        };
        for (at, step) in (0_u8..=u8::MAX).zip(&self.steps) {
            let v = |i: u8| values[usize::from(i)];
            let value = match *step {
                Step::Atom(bit) => 0_u64.wrapping_sub(letter >> bit & 1),
                Step::Timed(a, b, queue) => {
                    let (window, dual) = self.timed[usize::from(queue)];
                    let now = if window.unit == Unit::Steps {
                        clock.1
                    } else {
                        clock.0
                    };
                    let queue = &mut memory.moments[usize::from(queue)];
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
                step => step.value(v, &mut memory.words),
            };
            values[usize::from(at)] = value;
        }
        memory.outputs = (self.outputs.iter().enumerate()).fold(0, |bits, (i, at)| {
            bits | (values[usize::from(*at)] & 1) << i
        });
        complete
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vocabulary::Vocabulary;
    use alloc::format;
    use alloc::string::{String, ToString};

    struct Random(u64);

    impl Random {
        fn below(&mut self, limit: u64) -> u64 {
            self.0 = (self.0)
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (self.0 >> 33) % limit
        }

        /// A formula of past operators over the first `atoms` atoms.
        fn formula(&mut self, depth: u32, atoms: u64) -> String {
            if depth == 0 || self.below(16) == 0 {
                return match self.below(12) {
                    0 => "true".to_string(),
                    1 => "false".to_string(),
                    _ => format!("a{}", self.below(atoms)),
                };
            }
            let (a, b) = (
                self.formula(depth - 1, atoms),
                self.formula(depth - 1, atoms),
            );
            match self.below(9) {
                0 => format!("!({a})"),
                1 => format!("(({a}) & ({b}))"),
                2 => format!("(({a}) | ({b}))"),
                3 => format!("(({a}) -> ({b}))"),
                4 => format!("(({a}) <-> ({b}))"),
                5 => format!("Y({a})"),
                6 => format!("O({a})"),
                7 => format!("H({a})"),
                _ => format!("(({a}) S ({b}))"),
            }
        }
    }

    #[test]
    fn look_ups_say_what_the_steps_say() {
        let mut random = Random(7);
        let (mut looked, mut walked, mut most) = (0, 0, 0);
        for round in 0..600 {
            let atoms = [3, 8, 20, 64][round % 4];
            let depth = 1 + random.below(10) as u32;
            let text = random.formula(depth, atoms);
            let mut words = Vocabulary::new();
            let Ok(formula) = Formula::parse(&text, &mut words) else {
                continue;
            };
            let last = formula.nodes().len() as u16 - 1;
            let roots = [last, random.below(u64::from(last) + 1) as u16];
            let Some(past) = Past::compile(&formula, &roots) else {
                continue;
            };
            let Some(lookup) = &past.lookup else {
                walked += 1;
                continue;
            };
            (looked, most) = (looked + 1, most.max(lookup.groups()));
            let plain = Past {
                lookup: None,
                ..past.clone()
            };
            let (mut fast, mut slow) = (past.memory(), plain.memory());
            for at in 0..200 {
                let letter = random.below(1 << 31) << 33 | random.below(1 << 31);
                past.step(&mut fast, letter, (at, at));
                plain.step(&mut slow, letter, (at, at));
                assert_eq!(fast.outputs, slow.outputs, "{text} at {at}");
            }
        }
        // All of both kinds, and of more than one group.
        assert!(
            looked > 300 && walked > 5 && most > 4,
            "{looked} {walked} {most}"
        );
    }
}
