//! Nondeterministic automaton of a formula: obligation sets, transitions per letter class, and which sets still have
//! a continuation. Acceptance is on transitions: a run that postpones the same until for ever is rejected (Couvreur 1999).

use crate::expand::{Conjunction, Expander, Full, Tableau};
use crate::limits;
use crate::normal::Normal;
use crate::past::Past;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;

/// Letters of a formula with few atoms, and what the past says before and after each.
pub(crate) struct Letters {
    /// Bits of the vocabulary; column bit `i` is `bits[i]`.
    pub bits: Vec<u8>,
    /// Whether a column can occur: comparisons on one signal depend on each other.
    pub feasible: Vec<bool>,
    /// Per past state and column: the past's outputs there, and the past state after it.
    pub steps: Vec<Vec<(u64, u16)>>,
}

impl Letters {
    pub fn new(atoms: u64, patterns: &[(u64, Vec<u64>)], past: &Past) -> Result<Self, Full> {
        let bits: Vec<u8> = (0..64).filter(|bit| atoms >> bit & 1 == 1).collect();
        if bits.len() > limits::TABLE_ATOMS || past.is_timed() || past.words() > 64 {
            return Err(Full);
        }
        let mut out = Self {
            bits,
            feasible: Vec::new(),
            steps: Vec::new(),
        };
        out.feasible = (0..out.columns())
            .map(|column| {
                let letter = out.letter(column);
                patterns
                    .iter()
                    .all(|(mask, allowed)| allowed.contains(&(letter & mask)))
            })
            .collect();
        out.explore(past)?;
        Ok(out)
    }

    pub fn columns(&self) -> usize {
        1 << self.bits.len()
    }

    pub fn letter(&self, column: usize) -> u64 {
        self.bits.iter().enumerate().fold(0, |letter, (i, bit)| {
            letter | ((column >> i & 1) as u64) << bit
        })
    }

    /// Finds all states of the past: they depend on the letters alone.
    fn explore(&mut self, past: &Past) -> Result<(), Full> {
        let mut memory = past.memory();
        let mut states = alloc::vec![memory.words.clone()];
        let mut index: BTreeMap<Vec<u64>, u16> = BTreeMap::from([(memory.words.clone(), 0)]);
        let mut at = 0;
        while at < states.len() {
            let mut row = Vec::with_capacity(self.columns());
            for column in 0..self.columns() {
                let letter = self.letter(column);
                memory.words.clone_from(&states[at]);
                past.step(&mut memory, letter, (0, 0));
                let next = index
                    .get(&memory.words)
                    .copied()
                    .unwrap_or(states.len() as u16);
                if usize::from(next) == states.len() {
                    if states.len() * self.columns() >= limits::TABLE_CELLS
                        || states.len() == limits::STATES
                    {
                        return Err(Full);
                    }
                    index.insert(memory.words.clone(), next);
                    states.push(memory.words.clone());
                }
                row.push((memory.outputs, next));
            }
            self.steps.push(row);
            at += 1;
        }
        Ok(())
    }
}

/// What every obligation becomes under one class of letters.
type Row = (Vec<u32>, Vec<Conjunction>);

/// The automaton of one normal form.
pub(crate) struct Automaton {
    normal: Normal,
    rows: Vec<Row>,
    /// Class of each past state and column.
    pub classes: Vec<Vec<u16>>,
    /// The obligation sets.
    pub sets: Vec<u64>,
    index: BTreeMap<u64, u16>,
    /// Per set and class: the sets after it, and the untils that the step postpones.
    pub next: Vec<Vec<Vec<(u16, u64)>>>,
    /// Per past state and set: whether an infinite continuation exists, and whether a finite one does.
    pub lives: Vec<Vec<[bool; 2]>>,
    scratch: Expander,
}

impl Automaton {
    pub fn new(normal: Normal, letters: &Letters, work: &mut usize) -> Result<Self, Full> {
        let scratch = Expander::new(&normal, limits::SEARCH_POOL);
        let mut out = Self {
            normal,
            rows: Vec::new(),
            classes: Vec::new(),
            sets: Vec::new(),
            index: BTreeMap::new(),
            next: Vec::new(),
            lives: Vec::new(),
            scratch,
        };
        out.classify(letters, work)?;
        out.explore(work)?;
        out.judge(letters, work)?;
        Ok(out)
    }

    pub fn accepts(&self, set: u16) -> bool {
        self.sets[usize::from(set)] & self.normal.strong == 0
    }

    /// Groups the letters by what they do to the obligations.
    fn classify(&mut self, letters: &Letters, work: &mut usize) -> Result<(), Full> {
        let mut known: BTreeMap<Row, u16> = BTreeMap::new();
        let mut seen: BTreeMap<(usize, u64), u16> = BTreeMap::new();
        for row in &letters.steps {
            let mut classes = Vec::with_capacity(row.len());
            for (column, (outputs, _)) in row.iter().enumerate() {
                let class = if let Some(class) = seen.get(&(column, *outputs)) {
                    *class
                } else {
                    spend(work, self.normal.nodes.len())?;
                    let row = self.row(letters.letter(column), *outputs)?;
                    let fresh = known.len() as u16;
                    let class = *known.entry(row.clone()).or_insert(fresh);
                    if class == fresh {
                        self.rows.push(row);
                    }
                    seen.insert((column, *outputs), class);
                    class
                };
                classes.push(class);
            }
            self.classes.push(classes);
        }
        Ok(())
    }

    fn row(&mut self, letter: u64, outputs: u64) -> Result<Row, Full> {
        self.scratch.clear();
        let mut setting = Tableau {
            untils: self.normal.untils,
        };
        self.scratch
            .expand(&self.normal, letter, outputs, &mut setting)?;
        let mut row: Row = (alloc::vec![0], Vec::new());
        for obligation in &self.normal.obligations {
            let mut items = self
                .scratch
                .get(self.scratch.node(obligation.node))
                .to_vec();
            items.sort_unstable();
            row.1.append(&mut items);
            row.0.push(row.1.len() as u32);
        }
        Ok(row)
    }

    fn intern(&mut self, set: u64) -> Result<u16, Full> {
        if let Some(id) = self.index.get(&set) {
            return Ok(*id);
        }
        if self.sets.len() == limits::STATES {
            return Err(Full);
        }
        let id = self.sets.len() as u16;
        self.index.insert(set, id);
        self.sets.push(set);
        Ok(id)
    }

    fn explore(&mut self, work: &mut usize) -> Result<(), Full> {
        self.intern(self.normal.initial())?;
        while self.next.len() < self.sets.len() {
            let set = self.sets[self.next.len()];
            let mut all = Vec::with_capacity(self.rows.len());
            for class in 0..self.rows.len() {
                let found = self.follow(set, class, work)?;
                let mut targets = Vec::with_capacity(found.len());
                for conjunction in found {
                    targets.push((self.intern(conjunction.next)?, conjunction.extra));
                }
                all.push(targets);
            }
            self.next.push(all);
        }
        Ok(())
    }

    fn follow(
        &mut self,
        mut set: u64,
        class: usize,
        work: &mut usize,
    ) -> Result<Vec<Conjunction>, Full> {
        let (offsets, items) = &self.rows[class];
        let scratch = &mut self.scratch;
        scratch.clear();
        let mut all = scratch.one(Conjunction::default())?;
        while set != 0 {
            let at = set.trailing_zeros() as usize;
            set &= set - 1;
            let own = scratch.load(&items[offsets[at] as usize..offsets[at + 1] as usize])?;
            all = scratch.and(all, own)?;
            spend(work, 1 + (all.1 - all.0) as usize)?;
        }
        Ok(scratch.get(all).to_vec())
    }

    /// Emerson and Lei 1986: shrink to the states that can for every until reach a step that does not postpone it.
    fn judge(&mut self, letters: &Letters, work: &mut usize) -> Result<(), Full> {
        let (pasts, sets) = (letters.steps.len(), self.sets.len());
        let edges = self.edges(letters, work)?;
        let mut finite: Vec<bool> = (0..pasts * sets)
            .map(|at| self.accepts((at % sets) as u16))
            .collect();
        reach(&mut finite, &edges, work)?;
        let mut infinite = alloc::vec![true; pasts * sets];
        loop {
            let before = infinite.iter().filter(|alive| **alive).count();
            for until in rounds(self.normal.untils) {
                let inside: Vec<_> = edges
                    .iter()
                    .filter(|e| infinite[e.0 as usize] && infinite[e.1 as usize])
                    .copied()
                    .collect();
                let mut target = alloc::vec![false; pasts * sets];
                for (from, _, _) in inside.iter().filter(|e| e.2 & until == 0) {
                    target[*from as usize] = true;
                }
                reach(&mut target, &inside, work)?;
                infinite = target;
            }
            if infinite.iter().filter(|alive| **alive).count() == before {
                break;
            }
        }
        self.lives = (0..pasts)
            .map(|p| {
                (0..sets)
                    .map(|s| [infinite[p * sets + s], finite[p * sets + s]])
                    .collect()
            })
            .collect();
        Ok(())
    }

    fn edges(&self, letters: &Letters, work: &mut usize) -> Result<Vec<(u32, u32, u64)>, Full> {
        let sets = self.sets.len();
        let mut edges = Vec::new();
        for (past, row) in letters.steps.iter().enumerate() {
            let mut kinds: Vec<(u16, u16)> = (row.iter().enumerate())
                .filter(|(column, _)| letters.feasible[*column])
                .map(|(column, step)| (self.classes[past][column], step.1))
                .collect();
            kinds.sort_unstable();
            kinds.dedup();
            for set in 0..sets {
                for (class, after) in &kinds {
                    for (target, postponed) in &self.next[set][usize::from(*class)] {
                        let to = usize::from(*after) * sets + usize::from(*target);
                        edges.push(((past * sets + set) as u32, to as u32, *postponed));
                    }
                }
                spend(work, kinds.len())?;
            }
        }
        edges.sort_unstable();
        edges.dedup();
        spend(work, edges.len())?;
        Ok(edges)
    }
}

/// One round per until; a formula without any still needs a round that asks for a step at all.
fn rounds(untils: u64) -> impl Iterator<Item = u64> {
    let any = (untils == 0).then_some(0);
    any.into_iter().chain(
        (0..64)
            .map(move |bit| untils & 1 << bit)
            .filter(|until| *until != 0),
    )
}

/// Grows `marked` backwards along `edges`.
fn reach(marked: &mut [bool], edges: &[(u32, u32, u64)], work: &mut usize) -> Result<(), Full> {
    let mut grown = true;
    while grown {
        grown = false;
        // Backwards: successors mostly have larger numbers, so few rounds are needed.
        for (from, to, _) in edges.iter().rev() {
            if marked[*to as usize] && !marked[*from as usize] {
                marked[*from as usize] = true;
                grown = true;
            }
        }
        spend(work, 1 + edges.len() / 8)?;
    }
    Ok(())
}

/// Takes `amount` from the budget.
pub(crate) fn spend(work: &mut usize, amount: usize) -> Result<(), Full> {
    *work = work.checked_sub(amount).ok_or(Full)?;
    Ok(())
}
