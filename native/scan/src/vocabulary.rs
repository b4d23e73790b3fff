//! What happens where a word of the plan ends: a literal is a finding, a keyword begins an attempt, a context word is remembered.

use crate::attempt::{Lead, MarkList, NEVER, Supported, Thread, Waiting};
use crate::boundary;
use crate::engine::Engine;
use crate::ledger::{Candidate, Ledger};
use crate::machine::DEAD;
use crate::plan::{Plan, Use};
use crate::rule::{Rule, Support};

impl Engine {
    /// Words end with the last character.
    pub(crate) fn words_end(&mut self, plan: &Plan, ledger: &mut Ledger) {
        let end = self.lane.end();
        for &word in plan.words.ended(self.attempts.words) {
            let start = end - plan.words.length(word);
            for purpose in &plan.uses[word as usize] {
                self.work += 1;
                match purpose {
                    Use::Literal { rule, whole, .. } => {
                        if self.may_begin(plan, ledger, purpose, start) {
                            self.literal_ends(plan, ledger, *rule, *whole, start);
                        }
                    }
                    Use::Keyword { rule } => self.keyword_ends(plan, ledger, *rule, purpose, start),
                    Use::Context { group } => self.context_ends(plan, *group, start),
                }
            }
        }
    }

    fn literal_ends(
        &mut self,
        plan: &Plan,
        ledger: &mut Ledger,
        rule: u32,
        whole: bool,
        start: u64,
    ) {
        let raw = self.lane.raw_start(start);
        let found = Waiting {
            rule,
            lane: start,
            raw,
            end: self.lane.end(),
        };
        if whole {
            self.attempts.waiting.push(found);
        } else {
            self.report_word(plan, ledger, &found);
        }
    }

    /// The right neighbour of the words that wait for it has come.
    pub(crate) fn settle_waiting(&mut self, plan: &Plan, ledger: &mut Ledger, next_is_alnum: bool) {
        for waiting in std::mem::take(&mut self.attempts.waiting) {
            if !next_is_alnum {
                self.report_word(plan, ledger, &waiting);
            }
        }
    }

    fn report_word(&self, plan: &Plan, ledger: &mut Ledger, word: &Waiting) {
        let rule = &plan.rules[word.rule as usize];
        let holds = |folds: &Vec<u64>| {
            folds
                .iter()
                .any(|fold| (word.lane..word.end).contains(fold))
        };
        if self.folds.as_ref().is_none_or(holds) && rule.score >= rule.min_score {
            ledger.add(Candidate {
                rule: word.rule,
                analyser: rule.analyser,
                start: word.raw,
                end: self.lane.raw_end(word.end),
                score: rule.score,
            });
        }
    }

    fn keyword_ends(&mut self, plan: &Plan, ledger: &Ledger, id: u32, purpose: &Use, start: u64) {
        let rule = &plan.rules[id as usize];
        let mut context = Supported::Later;
        if let Some(support) = &rule.context {
            let supported = self.is_supported(support, start);
            if support.required && !supported {
                return;
            }
            context = if supported {
                Supported::Yes
            } else {
                Supported::No
            };
        }
        let folds = self.folds.as_deref().unwrap_or_default();
        let first_fold = folds
            .iter()
            .copied()
            .find(|&fold| fold >= start)
            .unwrap_or(NEVER);
        if let Some(part) = rule.lead {
            let state = plan.parts[part as usize].machine.start;
            self.attempts.add_lead(Lead {
                part,
                rule: id,
                state,
                context,
                origin: start,
                first_fold,
            });
            return;
        }
        let Some(part) = rule.part else { return };
        let end = self.lane.end();
        let raw = self.lane.raw_start(start);
        let machine = &plan.parts[part as usize].machine;
        let state = machine.run(machine.start, self.lane.slice(start, end));
        if !self.may_begin(plan, ledger, purpose, start)
            || self.attempts.has_thread(part, start)
            || self.attempts.last_end - raw > rule.max_bytes
        {
            return;
        }
        self.attempts.add_thread(Thread {
            part,
            marks: MarkList::EMPTY,
            state,
            context,
            lane: start,
            raw,
            origin: start,
            least: end,
            limit: raw + rule.max_bytes,
            first_fold,
        });
    }

    fn context_ends(&mut self, plan: &Plan, group: u16, start: u64) {
        if self.is_letter_before(start) {
            return;
        }
        let end = self.lane.end();
        self.log.push((end, group));
        for &gate in &plan.gates_of[usize::from(group)] {
            let until = end + plan.gates[gate as usize].within;
            match self
                .attempts
                .awake
                .iter_mut()
                .find(|(awake, _)| *awake == gate)
            {
                Some(entry) => entry.1 = until,
                None => self.attempts.awake.push((gate, until)),
            }
        }
    }

    /// Whether a literal, or the keyword of a rule without lead, may begin at a position, given what has come of it.
    pub(crate) fn may_begin(
        &self,
        plan: &Plan,
        ledger: &Ledger,
        purpose: &Use,
        start: u64,
    ) -> bool {
        if self
            .barriers
            .last()
            .is_some_and(|&barrier| barrier >= start)
        {
            return false;
        }
        let covered = |rule: &Rule| self.lane.raw_start(start) < ledger.covered(rule.analyser);
        let come = self.lane.slice(start, self.lane.end());
        match purpose {
            Use::Context { .. } => false,
            Use::Literal { rule, whole, exact } => {
                !covered(&plan.rules[*rule as usize])
                    && !(*whole && self.is_letter_before(start))
                    && exact.as_ref().is_none_or(|exact| exact.starts_with(come))
            }
            Use::Keyword { rule } => {
                let rule = &plan.rules[*rule as usize];
                let before = self.lane.slice(start.saturating_sub(2), start);
                let matches = |part: u32| {
                    let machine = &plan.parts[part as usize].machine;
                    machine.run(machine.start, come) != DEAD
                };
                let required = rule.context.filter(|support| support.required);
                rule.lead.is_none()
                    && !covered(rule)
                    && boundary::left_of(before) & rule.left == 0
                    && required.is_none_or(|support| self.is_supported(&support, start))
                    && rule.part.is_some_and(matches)
            }
        }
    }

    fn is_letter_before(&self, position: u64) -> bool {
        let before = self.lane.slice(position.saturating_sub(4), position);
        match before.last() {
            None => false,
            Some(byte) if byte.is_ascii() => byte.is_ascii_alphanumeric(),
            Some(_) => {
                let lead = before
                    .iter()
                    .rposition(|byte| byte & 0xC0 != 0x80)
                    .unwrap_or(0);
                let last = std::str::from_utf8(&before[lead..]).ok();
                last.and_then(|text| text.chars().next())
                    .is_some_and(char::is_alphanumeric)
            }
        }
    }

    /// Whether a context word ends within reach before a position.
    pub(crate) fn is_supported(&self, support: &Support, origin: u64) -> bool {
        let reach = origin.saturating_sub(support.within);
        let near = self.log.iter().rev().take_while(|(end, _)| *end >= reach);
        near.into_iter()
            .any(|&(end, group)| end <= origin && group == support.group)
    }
}
