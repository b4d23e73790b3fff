//! What happens where a word of the plan ends: a literal is a finding, a keyword begins an attempt, a context word is remembered.

use crate::attempt::{Lead, MarkList, Start, Supported, Thread, Waiting};
use crate::boundary;
use crate::engine::Engine;
use crate::ledger::{Candidate, Ledger};
use crate::machine::DEAD;
use crate::plan::{Plan, Use};

/// What stands before a word, for all who ask.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Before {
    /// Lane position and raw offset of the word.
    start: u64,
    raw: u64,
    /// Left boundaries that the word violates.
    blocked: u8,
    /// A letter or digit stands before it.
    letter: bool,
    /// A quote that no match may contain lies in it.
    barred: bool,
}

impl Engine {
    /// Words end with the last character.
    pub(crate) fn words_end(&mut self, plan: &Plan, ledger: &mut Ledger) {
        let end = self.end;
        for &word in plan.words.ended(self.attempts.words) {
            let start = end - plan.words.length(word);
            let mut known = None;
            for purpose in &plan.uses[word as usize] {
                self.site.work += 1;
                match purpose {
                    Use::Literal { rule, whole, .. } => {
                        let before = known.get_or_insert_with(|| self.before(start));
                        if self.may_begin(plan, ledger, purpose, before) {
                            self.literal_ends(plan, ledger, *rule, *whole, before);
                        }
                    }
                    Use::Keyword { rule } => {
                        let before = known.get_or_insert_with(|| self.before(start));
                        self.keyword_ends(plan, ledger, *rule, purpose, before);
                    }
                    Use::Context { .. } if self.is_letter_before(start) => {}
                    Use::Context { id } => self.context_ends(plan, *id),
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
        word: &Before,
    ) {
        let found = Waiting {
            rule,
            lane: word.start,
            raw: word.raw,
            end: self.end,
        };
        if whole {
            self.attempts.waiting.push(found);
            self.attempts.busy = true;
        } else {
            self.report_word(plan, ledger, &found);
        }
    }

    /// The right neighbour of the words that wait for it has come.
    pub(crate) fn settle_waiting(&mut self, plan: &Plan, ledger: &mut Ledger, next_is_alnum: bool) {
        if self.attempts.waiting.is_empty() {
            return;
        }
        for waiting in std::mem::take(&mut self.attempts.waiting) {
            if !next_is_alnum {
                self.report_word(plan, ledger, &waiting);
            }
        }
    }

    fn report_word(&self, plan: &Plan, ledger: &mut Ledger, word: &Waiting) {
        let rule = &plan.rules[word.rule as usize];
        let span = word.lane..word.end;
        let counts = !self.site.folded || self.site.folds.iter().any(|fold| span.contains(fold));
        if counts && rule.score >= rule.min_score {
            ledger.add(Candidate {
                rule: word.rule,
                analyser: rule.analyser,
                start: word.raw,
                end: self.site.lane.raw_end(word.end),
                score: rule.score,
            });
        }
    }

    fn keyword_ends(
        &mut self,
        plan: &Plan,
        ledger: &Ledger,
        id: u32,
        purpose: &Use,
        word: &Before,
    ) {
        let rule = &plan.rules[id as usize];
        if rule.lead.is_none() && !self.may_begin(plan, ledger, purpose, word) {
            return;
        }
        let start = word.start;
        let mut context = Supported::Later;
        if let Some(support) = &rule.context {
            let supported = self.site.is_supported(plan, support, start);
            if support.required && !supported {
                return;
            }
            context = if supported {
                Supported::Yes
            } else {
                Supported::No
            };
        }
        let first_fold = self.site.first_fold(start);
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
        if self.attempts.has_thread(part, start) || self.site.last_end - word.raw > rule.max_bytes {
            return;
        }
        let end = self.end;
        let machine = &plan.parts[part as usize].machine;
        self.attempts.add_thread(Thread {
            start: Start {
                part,
                context,
                lane: start,
                raw: word.raw,
                origin: start,
                least: end,
                first_fold,
            },
            marks: MarkList::EMPTY,
            state: machine.run(machine.start, self.site.lane.slice(start, end)),
            restricted: false,
            rules: 1,
            limit: word.raw + rule.max_bytes,
        });
    }

    /// What stands before a word that starts at a position.
    pub(crate) fn before(&self, start: u64) -> Before {
        Before {
            start,
            raw: self.site.lane.raw_start(start),
            blocked: boundary::left_of(self.site.lane.slice(start.saturating_sub(2), start)),
            letter: self.is_letter_before(start),
            barred: self
                .barriers
                .last()
                .is_some_and(|&barrier| barrier >= start),
        }
    }

    /// Whether a literal, or the keyword of a rule without lead, may begin there, given what has come of it.
    pub(crate) fn may_begin(
        &self,
        plan: &Plan,
        ledger: &Ledger,
        purpose: &Use,
        word: &Before,
    ) -> bool {
        let come = || self.site.lane.slice(word.start, self.end);
        match purpose {
            _ if word.barred => false,
            Use::Context { .. } => false,
            Use::Literal { rule, whole, exact } => {
                !(*whole && word.letter)
                    && word.raw >= ledger.covered(plan.rules[*rule as usize].analyser)
                    && exact.as_ref().is_none_or(|exact| exact.starts_with(come()))
            }
            Use::Keyword { rule } => {
                let rule = &plan.rules[*rule as usize];
                let matches = |part: u32| {
                    let machine = &plan.parts[part as usize].machine;
                    machine.run(machine.start, come()) != DEAD
                };
                let required = rule.context.filter(|support| support.required);
                word.blocked & rule.left == 0
                    && rule.lead.is_none()
                    && word.raw >= ledger.covered(rule.analyser)
                    && required
                        .is_none_or(|support| self.site.is_supported(plan, &support, word.start))
                    && rule.part.is_some_and(matches)
            }
        }
    }

    fn is_letter_before(&self, position: u64) -> bool {
        let before = self.site.lane.slice(position.saturating_sub(4), position);
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
}
