//! The wire path: findings become edits and cuts, and text leaves when nothing can touch it any more.

use std::sync::Arc;

use crate::analysis::{Pending, Scratch, Spans};
use crate::block::{Block, Cut, saturate};
use crate::finding::{Channel, Finding, Kind, Outcome, Record, Verdict};
use crate::halves::Halves;
use crate::plan::Plan;
use crate::replacement::Pseudonyms;
use crate::time::Time;

/// Most blocks of one answer: 128 choices (the most that vendors allow) of eight blocks. A scanner takes a few
/// kilobytes, so an upstream that invents indexes is stopped here.
const MAX_BLOCKS: usize = 1024;

/// One block of an [`Enforcer`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BlockId(u32);

/// The answer has more blocks than a session takes (1,024).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooManyBlocks;

struct Choice {
    number: u32,
    cut: bool,
    /// Findings counted for actions that come with the n-th.
    counts: Vec<(u32, u32)>,
    pseudonyms: Pseudonyms,
}

/// Detection and verdicts on one answer.
pub struct Enforcer {
    plan: Arc<Plan>,
    blocks: Vec<Block>,
    choices: Vec<Choice>,
    last: usize,
    cut_count: usize,
    records: Vec<Record>,
    scratch: Scratch,
    time: Time,
}

impl Enforcer {
    /// An enforcer without blocks.
    pub fn new(plan: Arc<Plan>) -> Self {
        let time = Time::new(plan.is_timed());
        Self {
            plan,
            blocks: Vec::new(),
            choices: Vec::new(),
            last: 0,
            cut_count: 0,
            records: Vec::new(),
            scratch: Scratch::default(),
            time,
        }
    }

    /// The plan it works by.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Tells the time instead of the clock, from now on: nanoseconds since the session began, never falling. For tests
    /// and for text that is analysed after the fact.
    pub fn set_time(&mut self, now_ns: u64) {
        self.time = Time::Told(now_ns);
    }

    /// The network has delivered something: what is pushed until the next call came at this time. Without a call all text
    /// came at once.
    pub fn arrive(&mut self) {
        self.scratch.now_ns = self.time.now_ns();
    }

    /// Finds or makes a block. It keeps the channel it was made with.
    ///
    /// # Errors
    /// When there are 1,024 blocks already.
    pub fn block(
        &mut self,
        choice: u32,
        number: u32,
        channel: Channel,
    ) -> Result<BlockId, TooManyBlocks> {
        let choices = &self.choices;
        let is_it =
            |block: &Block| block.number == number && choices[block.choice].number == choice;
        let is_last = self.blocks.get(self.last).is_some_and(is_it);
        if !is_last {
            self.last = match self.blocks.iter().position(is_it) {
                Some(slot) => slot,
                None => self.add_block(choice, number, channel)?,
            };
        }
        Ok(BlockId(self.last as u32))
    }

    fn add_block(
        &mut self,
        choice: u32,
        number: u32,
        channel: Channel,
    ) -> Result<usize, TooManyBlocks> {
        if self.blocks.len() >= MAX_BLOCKS {
            return Err(TooManyBlocks);
        }
        let known = self.choices.iter().position(|known| known.number == choice);
        let choice = known.unwrap_or_else(|| {
            make_room(&mut self.choices);
            self.choices.push(Choice {
                number: choice,
                cut: false,
                counts: Vec::new(),
                pseudonyms: Pseudonyms::default(),
            });
            self.choices.len() - 1
        });
        make_room(&mut self.blocks);
        self.blocks
            .push(Block::new(&self.plan, choice, number, channel));
        Ok(self.blocks.len() - 1)
    }

    /// Takes the next text of a block. Returns whether it may leave: text of a choice that a policy has ended is not
    /// looked at and must be dropped.
    pub fn push(&mut self, id: BlockId, text: &str) -> bool {
        self.push_cut(id, text, Halves::default())
    }

    /// As [`Self::push`], of a text that may begin or end inside of a character. The half at its end is analysed when the
    /// next text comes, or as U+FFFD where that does not complete it; [`Self::total`] counts three bytes for it.
    pub fn push_cut(&mut self, id: BlockId, text: &str, halves: Halves) -> bool {
        let slot = id.0 as usize;
        let block = &mut self.blocks[slot];
        if self.choices[block.choice].cut {
            return false;
        }
        block.take(&self.plan, (text, halves), &mut self.scratch);
        self.work(slot);
        self.spread_cut(slot);
        true
    }

    /// The block is complete: everything in it gets decided.
    pub fn end_block(&mut self, id: BlockId) {
        let slot = id.0 as usize;
        self.finish(slot);
        self.spread_cut(slot);
    }

    /// All blocks of the choice are complete: everything in them gets decided.
    pub fn end_choice(&mut self, choice: u32) {
        for slot in 0..self.blocks.len() {
            if self.choices[self.blocks[slot].choice].number == choice {
                self.finish(slot);
                self.spread_cut(slot);
            }
        }
    }

    /// All blocks are complete.
    pub fn end(&mut self) {
        for slot in 0..self.blocks.len() {
            self.finish(slot);
            self.spread_cut(slot);
        }
    }

    /// Bytes of the block so far. A range of its text may begin or end inside of a character that was cut.
    pub fn total(&self, id: BlockId) -> u64 {
        self.of(id).total()
    }

    /// Text before this offset is decided and may leave (as [`Self::render`] gives it).
    pub fn decided(&self, id: BlockId) -> u64 {
        self.of(id).decided()
    }

    /// How many choices policies have ended.
    pub fn cut_count(&self) -> usize {
        self.cut_count
    }

    /// Choices that policies have ended.
    pub fn cut_choices(&self) -> impl Iterator<Item = u32> + '_ {
        self.choices
            .iter()
            .filter(|choice| choice.cut)
            .map(|choice| choice.number)
    }

    /// Whether a policy has ended the choice.
    pub fn is_cut(&self, choice: u32) -> bool {
        self.choices
            .iter()
            .any(|known| known.number == choice && known.cut)
    }

    /// The cut of the choice's first block that has one.
    pub fn choice_cut(&self, choice: u32) -> Option<Cut> {
        let of_choice = |block: &&Block| self.choices[block.choice].number == choice;
        self.blocks
            .iter()
            .filter(of_choice)
            .find_map(|block| block.cut)
    }

    /// Where the block is cut.
    pub fn cut(&self, id: BlockId) -> Option<Cut> {
        self.of(id).cut
    }

    /// Whether an edit or the cut changes the text of a range (which must be decided).
    pub fn touches(&self, id: BlockId, start: u64, end: u64) -> bool {
        self.of(id).touches(start, end)
    }

    /// Appends the text of a decided range as the client gets it. The replacement of an edit stands where the edit starts.
    pub fn render(&self, id: BlockId, start: u64, end: u64, out: &mut Vec<u8>) {
        self.of(id).render(start, end, out);
    }

    /// Whether nothing is left of the text of a decided range.
    pub fn is_empty(&self, id: BlockId, start: u64, end: u64) -> bool {
        let mut text = Vec::new();
        self.render(id, start, end, &mut text);
        text.is_empty()
    }

    /// Text before `upto` (at most what is decided) has left and is forgotten.
    pub fn release(&mut self, id: BlockId, upto: u64) {
        self.blocks[id.0 as usize].release(upto);
    }

    /// Whether records wait.
    pub fn has_records(&self) -> bool {
        !self.records.is_empty()
    }

    /// Moves the records since the last call to `out`: of each block in the order of their findings' `from`, an object of
    /// span mode when its end is known.
    pub fn take_records(&mut self, out: &mut Vec<Record>) {
        out.append(&mut self.records);
    }

    fn of(&self, id: BlockId) -> &Block {
        &self.blocks[id.0 as usize]
    }

    fn finish(&mut self, slot: usize) {
        if !self.blocks[slot].analysis.ended() {
            self.blocks[slot].finish(&self.plan, &mut self.scratch);
            self.work(slot);
        }
    }

    /// Settles what can be and acts on it.
    fn work(&mut self, slot: usize) {
        let mut scratch = std::mem::take(&mut self.scratch);
        for (rule, start, end) in scratch.closed.drain(..) {
            self.blocks[slot].close(rule, start, end);
        }
        self.blocks[slot]
            .analysis
            .settle(Spans::Swallow, &mut scratch);
        for pending in scratch.settled.drain(..) {
            // Behind a cut there is no text, hence no finding.
            if self.blocks[slot].cut.is_none() {
                self.judge(slot, &pending);
            }
        }
        self.scratch = scratch;
        self.blocks[slot].take_records(&mut self.records);
    }

    /// After a cut, all other blocks of the choice are decided as at the choice's end.
    fn spread_cut(&mut self, slot: usize) {
        let choice = self.blocks[slot].choice;
        if self.blocks[slot].cut.is_none() || self.choices[choice].cut {
            return;
        }
        self.choices[choice].cut = true;
        self.cut_count += 1;
        for other in 0..self.blocks.len() {
            if self.blocks[other].choice == choice {
                self.finish(other);
            }
        }
    }

    fn judge(&mut self, slot: usize, pending: &Pending) {
        let block = &mut self.blocks[slot];
        let choice = &mut self.choices[block.choice];
        let mut finding = narrow(pending, choice.number, block.number, block.channel);
        let (verdicts, winner) = verdicts(&self.plan, pending, choice);
        let action = winner.map(|index| &self.plan.actions()[index as usize]);
        let mut rewritten = false;
        match action {
            Some(action) if action.kind == Kind::Block => {
                let at = pending.from;
                let anchor = if pending.at_end {
                    at.saturating_sub(1)
                } else {
                    at
                };
                block.cut(Cut {
                    at,
                    anchor,
                    action: winner.unwrap_or_default(),
                });
                if pending.is_span {
                    finding.end = finding.start;
                }
                block.record(&ended(pending), false, Record { finding, verdicts });
                return;
            }
            Some(action) => {
                block.edit(pending, |matched| {
                    action.template.render(matched, &mut choice.pseudonyms)
                });
                rewritten = true;
            }
            None => {}
        }
        block.record(pending, rewritten, Record { finding, verdicts });
    }
}

/// The finding as one whose end need not be waited for.
fn ended(pending: &Pending) -> Pending {
    Pending {
        is_span: false,
        ..*pending
    }
}

/// All policies' verdicts on a finding, and the action that is done: the strictest, of equals the earliest.
fn verdicts(plan: &Plan, pending: &Pending, choice: &mut Choice) -> (Vec<Verdict>, Option<u32>) {
    let mut verdicts = Vec::new();
    let mut winner: Option<u32> = None;
    for &index in plan.actions_of(pending.rule) {
        let action = &plan.actions()[index as usize];
        if pending.score < action.min_score || choice.count(index) < action.min_count {
            continue;
        }
        let outcome = if action.monitor {
            Outcome::Monitored
        } else if action.kind == Kind::Rewrite && pending.from > pending.start {
            Outcome::TooLate
        } else {
            let held = winner.map(|held| plan.actions()[held as usize].kind);
            if held.is_none() || (held == Some(Kind::Rewrite) && action.kind == Kind::Block) {
                winner = Some(index);
            }
            Outcome::Applied
        };
        verdicts.push(Verdict {
            action: index,
            outcome,
        });
    }
    (verdicts, winner)
}

impl Choice {
    /// Counts one more finding for an action and returns how many there are.
    fn count(&mut self, action: u32) -> u32 {
        if let Some((_, count)) = self.counts.iter_mut().find(|(known, _)| *known == action) {
            *count += 1;
            return *count;
        }
        self.counts.push((action, 1));
        1
    }
}

/// A finding as callers see it. Offsets over 4 GiB (no answer has them) saturate.
pub(crate) fn narrow(pending: &Pending, choice: u32, block: u32, channel: Channel) -> Finding {
    Finding {
        rule: pending.rule,
        choice,
        block,
        channel,
        start: saturate(pending.start),
        end: saturate(pending.end),
        from: saturate(pending.from),
        score: pending.score,
    }
}

/// Room for one more, and double from then on. A `Vec` would begin with room for four, where nearly every answer has one block: 2 KB of
/// nothing in each open stream.
fn make_room<T>(list: &mut Vec<T>) {
    if list.len() == list.capacity() {
        list.reserve_exact(list.len().max(1));
    }
}
