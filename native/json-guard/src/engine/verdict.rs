//! How verdicts are made of parts, and go to those who asked.

use super::{Cause, Cell, Edge, Engine, NONE, Role, Verdict};
use crate::guard::Shared;
use crate::schema::{Check, Rule, Types};
use crate::status::Kind;

impl Engine {
    /// A cell's own assertions all hold, as far as the subset can tell.
    pub(super) fn end_own(&mut self, check: &Check, cell: usize, kind: Types) {
        let verdict = if check.deferred.meets(kind) {
            Verdict::Maybe
        } else {
            Verdict::Yes
        };
        self.end_part(cell, verdict);
    }

    /// One part of a check is decided.
    pub(super) fn end_part(&mut self, cell: usize, verdict: Verdict) {
        let state = &mut self.cells[cell];
        if state.verdict != Verdict::Open {
            return;
        }
        state.open -= 1;
        state.unknown += u32::from(verdict == Verdict::Maybe);
        if verdict == Verdict::No {
            self.settle(cell, Verdict::No);
        } else if state.open == 0 {
            let verdict = if state.unknown > 0 {
                Verdict::Maybe
            } else {
                Verdict::Yes
            };
            self.settle(cell, verdict);
        }
    }

    pub(super) fn fail(&mut self, cell: usize, kind: Kind) {
        if self.cells[cell].verdict == Verdict::Open {
            self.causes.push(Cause {
                cell: cell as u32,
                kind,
            });
            self.settle(cell, Verdict::No);
        }
    }

    pub(super) fn settle(&mut self, cell: usize, verdict: Verdict) {
        self.cells[cell].verdict = verdict;
        self.settled.push(cell as u32);
        if cell == 0 {
            self.verdict = verdict;
        }
    }

    /// Tells those who asked.
    pub(super) fn flush(&mut self, shared: &Shared) {
        while let Some(cell) = self.settled.pop() {
            let Cell {
                verdict, mut edge, ..
            } = self.cells[cell as usize];
            while edge != NONE {
                let Edge { to, role, next } = self.edges[edge as usize];
                edge = next;
                self.tell(shared, to as usize, (role, verdict));
            }
        }
        if self.alive() {
            self.causes.clear();
        }
    }

    fn tell(&mut self, shared: &Shared, cell: usize, (role, verdict): (Role, Verdict)) {
        if self.cells[cell].verdict != Verdict::Open {
            return;
        }
        let node = &shared.schema().nodes[self.cells[cell].node as usize];
        if let Rule::Check(check) = &node.rule {
            match role {
                Role::Part => self.end_part(cell, verdict),
                Role::Contains => self.count_contained(check, cell, verdict),
            }
            return;
        }
        let state = &mut self.cells[cell];
        state.open -= 1;
        state.yes += u32::from(verdict == Verdict::Yes);
        state.unknown += u32::from(verdict == Verdict::Maybe);
        self.count(&node.rule, cell);
    }

    /// Decides `anyOf`, `oneOf` or `not` if its counts do.
    pub(super) fn count(&mut self, rule: &Rule, cell: usize) {
        let Cell {
            open, yes, unknown, ..
        } = self.cells[cell];
        match rule {
            Rule::Any(_) if yes > 0 => self.settle(cell, Verdict::Yes),
            Rule::One(_) if yes > 1 => self.fail(cell, Kind::OneOf),
            Rule::Not(_) if yes > 0 => self.fail(cell, Kind::Not),
            Rule::Unless(_) if yes > 0 => self.fail(cell, Kind::Condition),
            _ if open > 0 => {}
            _ if unknown > 0 => self.settle(cell, Verdict::Maybe),
            Rule::One(_) if yes == 1 => self.settle(cell, Verdict::Yes),
            Rule::Not(_) | Rule::Unless(_) => self.settle(cell, Verdict::Yes),
            // Every alternative has failed; the last one's cause is known.
            _ => self.settle(cell, Verdict::No),
        }
    }
}
