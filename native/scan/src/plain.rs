//! The fast way over ASCII text in which at most one group of attempts is under way: prose, and the inside of long tokens.
//!
//! Takes exactly the bytes that need no more than a step of each automaton; [`crate::engine`] takes all others, one by one.

use crate::attempt::NEVER;
use crate::engine::Engine;
use crate::ledger::Ledger;
use crate::machine::{DEAD, is_accepting};
use crate::plan::Plan;
use crate::tracks::Track;

impl Engine {
    /// Takes ASCII bytes from raw offset `raw` on while they are plain; returns how many. The lane has them already.
    pub(crate) fn plain(&mut self, plan: &Plan, ledger: &Ledger, bytes: &[u8], raw: u64) -> usize {
        let attempts = &mut self.attempts;
        if attempts.busy || !attempts.threads.is_empty() || raw < ledger.furthest() {
            return 0;
        }
        let Some((track, others)) = attempts.tracks.split_first_mut() else {
            return 0;
        };
        let Some((mut state, first)) = track.single() else {
            return 0;
        };
        let (Some(words), true) = (plan.words.small(), others.iter().all(Track::is_empty)) else {
            return 0;
        };
        if is_accepting(state) {
            return 0;
        }
        let part = &plan.parts[plan.open[0].part as usize];
        let machine = &part.machine;
        let asleep = attempts.awake.is_empty();
        // Place in `bytes` at which the attempts reach the bound of a rule.
        let end_of = |first: u64| match first {
            NEVER => usize::MAX,
            _ => (first + part.least_bound).saturating_sub(raw) as usize,
        };
        let mut bound = end_of(first);
        let mut begun = None;
        let mut word = attempts.words;
        let mut left = attempts.left;
        let mut taken = 0;
        for (at, &byte) in bytes.iter().enumerate() {
            let cell = plan.cells[usize::from(left)][usize::from(byte)];
            let next_word = words.step(word, byte);
            let mut next = machine.step_class(state, machine.class(byte));
            let entry = cell.entry();
            let stop = cell.begins_others() || (cell.begins_gates() && !asleep);
            if stop || words.ends_word(next_word) || at >= bound {
                break;
            }
            if entry != DEAD {
                if next != DEAD {
                    break;
                }
                (next, begun) = (entry, Some(at));
                bound = at.saturating_add(part.least_bound as usize);
            }
            (state, word, left) = (next, next_word, cell.behind());
            taken = at + 1;
            if is_accepting(next) {
                break;
            }
            if next == DEAD {
                bound = usize::MAX;
            }
        }
        (attempts.words, attempts.left) = (word, left);
        match begun {
            Some(at) if state != DEAD => {
                track.restart(state, self.end + at as u64, raw + at as u64);
            }
            _ => track.set_single(state),
        }
        if taken > 0 {
            self.end += taken as u64;
            self.site.last_end = raw + taken as u64;
        }
        taken
    }
}
