//! Finds the ranks of a certificate's tail: strongly connected parts of what can still be asked, in
//! the order in which runs pass through them.

use crate::certificate::TailState;
use crate::formula::{Formula, Id};
use crate::limits;
use crate::rules::{Open, unfold};
use crate::verdict::Semantics;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;

/// Everything that can be asked after a trace, with what each step puts off.
pub(crate) struct Graph {
    states: Vec<Open>,
    edges: Vec<Vec<(usize, Vec<Id>)>>,
}

impl Graph {
    /// Closes `ends` under `letters`. `None` above the limit of states.
    pub fn new(f: &Formula, letters: &[u64], ends: Vec<Open>) -> Option<Self> {
        let mut index: BTreeMap<Open, usize> = ends.iter().cloned().zip(0..).collect();
        let mut out = Self {
            states: ends,
            edges: Vec::new(),
        };
        while out.edges.len() < out.states.len() {
            let mut edges: Vec<(usize, Vec<Id>)> = Vec::new();
            for letter in letters {
                for (open, late) in unfold(f, *letter, &out.states[out.edges.len()])? {
                    let fresh = out.states.len();
                    let to = *index.entry(open.clone()).or_insert(fresh);
                    if to == fresh {
                        out.states.push(open);
                    }
                    edges.push((to, late));
                }
            }
            if out.states.len() > limits::TAIL_STATES {
                return None;
            }
            edges.sort_unstable();
            edges.dedup();
            out.edges.push(edges);
        }
        Some(out)
    }

    /// The states with their ranks, or `None` if some run is a way to the opposite verdict.
    pub fn ranks(self, semantics: Semantics) -> Option<Vec<TailState>> {
        let part = self.parts();
        if semantics == Semantics::Finite {
            // Every continuation must leave something that the end does not grant.
            let open = self
                .states
                .iter()
                .all(|state| state.asks.iter().any(|ask| !ask.2));
            let plain = |open: Open| TailState {
                open,
                rank: 0,
                late: None,
            };
            return open.then(|| self.states.into_iter().map(plain).collect());
        }
        let mut late: BTreeMap<u32, Option<Vec<Id>>> = BTreeMap::new();
        for (from, edges) in self.edges.iter().enumerate() {
            for (_, own) in edges.iter().filter(|edge| part[edge.0] == part[from]) {
                let all = late.entry(part[from]).or_default();
                match all {
                    Some(all) => all.retain(|id| own.contains(id)),
                    None => *all = Some(own.clone()),
                }
            }
        }
        let mut out = Vec::new();
        for (at, open) in self.states.into_iter().enumerate() {
            let late = match late.get(&part[at]) {
                Some(Some(all)) => Some(*all.first()?),
                _ => None,
            };
            out.push(TailState {
                open,
                rank: part[at],
                late,
            });
        }
        Some(out)
    }

    /// Number of each state's strongly connected part; steps never lead to a higher number. At most
    /// 256 states: a matrix of reachability is simpler than Tarjan's stack, and needs no recursion.
    fn parts(&self) -> Vec<u32> {
        let n = self.states.len();
        let mut reach = alloc::vec![false; n * n];
        for (from, edges) in self.edges.iter().enumerate() {
            reach[from * n + from] = true;
            for edge in edges {
                reach[from * n + edge.0] = true;
            }
        }
        for k in 0..n {
            for i in (0..n).filter(|i| *i != k) {
                if reach[i * n + k] {
                    for j in 0..n {
                        reach[i * n + j] |= reach[k * n + j];
                    }
                }
            }
        }
        // The number of states in reach falls from part to part and is equal within one; parts that
        // reach equally many are told apart by their first state.
        let count = |i: usize| reach[i * n..][..n].iter().filter(|r| **r).count();
        let first = |i: usize| {
            (0..n)
                .find(|j| reach[i * n + j] && reach[j * n + i])
                .unwrap_or(i)
        };
        (0..n).map(|i| (count(i) * n + first(i)) as u32).collect()
    }
}
