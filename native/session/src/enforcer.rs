//! The wire path: findings become edits and cuts, and text leaves when nothing can touch it any more.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::analysis::{Analysis, Pending, Scratch, Spans};
use crate::finding::{Channel, Finding, Kind, Outcome, Record, Verdict};
use crate::json_text::{JsonCursor, escape_into, unescape};
use crate::plan::Plan;
use crate::replacement::Pseudonyms;

/// Most blocks of one answer: 128 choices (the most that vendors allow) of eight blocks. A scanner takes a few
/// kilobytes, so an upstream that invents indexes is stopped here.
const MAX_BLOCKS: usize = 1024;

/// One block of an [`Enforcer`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BlockId(u32);

/// The answer has more blocks than a session takes (1,024).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooManyBlocks;

/// Where a policy ends a choice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cut {
    /// Text of the block before this byte still leaves.
    pub at: u64,
    /// The frame that holds this byte is the last one.
    pub anchor: u64,
    /// Index into [`Plan::actions`]; its message goes to the client.
    pub action: u32,
}

#[derive(Debug)]
struct Edit {
    start: u64,
    end: u64,
    /// Objects in this edit whose end is not known.
    open: u32,
    text: String,
}

impl Edit {
    fn reach(&self) -> u64 {
        if self.open > 0 { u64::MAX } else { self.end }
    }
}

/// A settled object whose end is not known.
#[derive(Debug)]
struct OpenObject {
    rule: u32,
    start: u64,
    rewritten: bool,
    record: Record,
}

struct Block {
    choice: usize,
    number: u32,
    channel: Channel,
    analysis: Analysis,
    /// Text from `raw_base` on: what has not been released.
    raw: Vec<u8>,
    raw_base: u64,
    edits: VecDeque<Edit>,
    open: Vec<OpenObject>,
    cut: Option<Cut>,
    cursor: JsonCursor,
    cursor_at: u64,
}

#[derive(Debug)]
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
}

impl Enforcer {
    /// An enforcer without blocks.
    pub fn new(plan: Arc<Plan>) -> Self {
        Self {
            plan,
            blocks: Vec::new(),
            choices: Vec::new(),
            last: 0,
            cut_count: 0,
            records: Vec::new(),
            scratch: Scratch::default(),
        }
    }

    /// The plan it works by.
    pub fn plan(&self) -> &Plan {
        &self.plan
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
        let is_it = |block: &Block, choices: &[Choice]| {
            block.number == number && choices[block.choice].number == choice
        };
        if self
            .blocks
            .get(self.last)
            .is_some_and(|block| is_it(block, &self.choices))
        {
            return Ok(BlockId(self.last as u32));
        }
        let known = self
            .blocks
            .iter()
            .position(|block| is_it(block, &self.choices));
        self.last = match known {
            Some(slot) => slot,
            None => self.add_block(choice, number, channel)?,
        };
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
            self.choices.push(Choice {
                number: choice,
                cut: false,
                counts: Vec::new(),
                pseudonyms: Pseudonyms::default(),
            });
            self.choices.len() - 1
        });
        self.blocks.push(Block {
            choice,
            number,
            channel,
            analysis: Analysis::new(&self.plan, channel),
            raw: Vec::new(),
            raw_base: 0,
            edits: VecDeque::new(),
            open: Vec::new(),
            cut: None,
            cursor: JsonCursor::default(),
            cursor_at: 0,
        });
        Ok(self.blocks.len() - 1)
    }

    /// Takes the next text of a block. Returns whether it may leave: text of a choice that a policy has ended is not
    /// looked at and must be dropped.
    pub fn push(&mut self, id: BlockId, text: &str) -> bool {
        let slot = id.0 as usize;
        let block = &mut self.blocks[slot];
        if self.choices[block.choice].cut {
            return false;
        }
        block.raw.extend_from_slice(text.as_bytes());
        block
            .analysis
            .push(&self.plan, text.as_bytes(), &mut self.scratch);
        self.work(slot);
        self.spread_cut(slot);
        true
    }

    /// All blocks of the choice are complete: everything in them gets decided.
    pub fn end_choice(&mut self, choice: u32) {
        for slot in 0..self.blocks.len() {
            if self.choices[self.blocks[slot].choice].number == choice {
                self.end_block(slot);
                self.spread_cut(slot);
            }
        }
    }

    /// All blocks are complete.
    pub fn end(&mut self) {
        for slot in 0..self.blocks.len() {
            self.end_block(slot);
            self.spread_cut(slot);
        }
    }

    /// Bytes of the block so far.
    pub fn total(&self, id: BlockId) -> u64 {
        self.blocks[id.0 as usize].analysis.total()
    }

    /// Text before this offset is decided and may leave (as [`Self::render`] gives it).
    pub fn decided(&self, id: BlockId) -> u64 {
        self.blocks[id.0 as usize].analysis.safe()
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

    /// The cut of the choice's first block that has one.
    pub fn choice_cut(&self, choice: u32) -> Option<Cut> {
        let of_choice = |block: &&Block| self.choices[block.choice].number == choice;
        self.blocks
            .iter()
            .filter(of_choice)
            .find_map(|block| block.cut)
    }

    /// Whether a policy has ended the choice.
    pub fn is_cut(&self, choice: u32) -> bool {
        self.choices
            .iter()
            .any(|known| known.number == choice && known.cut)
    }

    /// Where the block is cut.
    pub fn cut(&self, id: BlockId) -> Option<Cut> {
        self.blocks[id.0 as usize].cut
    }

    /// Whether an edit or the cut changes the text of a range (which must be decided).
    pub fn touches(&self, id: BlockId, start: u64, end: u64) -> bool {
        let block = &self.blocks[id.0 as usize];
        block.cut.is_some_and(|cut| cut.at < end)
            || block
                .edits
                .iter()
                .any(|edit| edit.start < end && edit.reach() > start)
    }

    /// Appends the text of a decided range as the client gets it. The replacement of an edit stands where the edit starts.
    pub fn render(&self, id: BlockId, start: u64, end: u64, out: &mut Vec<u8>) {
        let block = &self.blocks[id.0 as usize];
        let end = block.cut.map_or(end, |cut| end.min(cut.at));
        let mut at = start;
        for edit in &block.edits {
            if edit.start >= end {
                break;
            }
            if edit.reach() <= at {
                continue;
            }
            if edit.start >= start {
                out.extend_from_slice(block.text(at, edit.start));
                out.extend_from_slice(edit.text.as_bytes());
            }
            at = edit.reach().min(end);
        }
        if at < end {
            out.extend_from_slice(block.text(at, end));
        }
    }

    /// Whether nothing is left of the text of a decided range.
    pub fn is_empty(&self, id: BlockId, start: u64, end: u64) -> bool {
        let mut text = Vec::new();
        self.render(id, start, end, &mut text);
        text.is_empty()
    }

    /// Text before `upto` (at most what is decided) has left and is forgotten.
    pub fn release(&mut self, id: BlockId, upto: u64) {
        let block = &mut self.blocks[id.0 as usize];
        let count = upto
            .saturating_sub(block.raw_base)
            .min(block.raw.len() as u64) as usize;
        if block.channel == Channel::ToolInput {
            block.move_cursor(block.raw_base + count as u64);
        }
        if count == block.raw.len() {
            block.raw.clear();
        } else {
            block.raw.drain(..count);
        }
        block.raw_base += count as u64;
        while block
            .edits
            .front()
            .is_some_and(|edit| edit.reach() <= block.raw_base)
        {
            block.edits.pop_front();
        }
    }

    /// Whether records wait.
    pub fn has_records(&self) -> bool {
        !self.records.is_empty()
    }

    /// Moves the records since the last call to `out`, of each block in the order of their findings' `from` (an object of
    /// span mode when its end is known).
    pub fn take_records(&mut self, out: &mut Vec<Record>) {
        out.append(&mut self.records);
    }

    fn end_block(&mut self, slot: usize) {
        if !self.blocks[slot].analysis.ended() {
            self.blocks[slot]
                .analysis
                .end(&self.plan, &mut self.scratch);
            self.work(slot);
        }
    }

    /// Settles what can be and acts on it.
    fn work(&mut self, slot: usize) {
        let mut scratch = std::mem::take(&mut self.scratch);
        for (rule, start, end) in scratch.closed.drain(..) {
            self.close(slot, rule, start, end);
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
                self.end_block(other);
            }
        }
    }

    fn judge(&mut self, slot: usize, pending: &Pending) {
        let plan = Arc::clone(&self.plan);
        let block = &self.blocks[slot];
        let choice = &mut self.choices[block.choice];
        let mut finding = narrow(pending, choice.number, block.number, block.channel);
        let mut verdicts = Vec::new();
        let mut best: Option<u32> = None;
        for &index in plan.actions_of(pending.rule) {
            let action = &plan.actions()[index as usize];
            if pending.score < action.min_score || choice.count(index) < action.min_count {
                continue;
            }
            let outcome = if action.monitor {
                Outcome::Monitored
            } else if action.kind == Kind::Rewrite && pending.is_loop {
                Outcome::TooLate
            } else {
                let stricter = |held: u32| {
                    action.kind == Kind::Block
                        && plan.actions()[held as usize].kind == Kind::Rewrite
                };
                best = best.filter(|&held| !stricter(held)).or(Some(index));
                Outcome::Applied
            };
            verdicts.push(Verdict {
                action: index,
                outcome,
            });
        }
        let kind = best.map(|index| plan.actions()[index as usize].kind);
        match (kind, best) {
            (Some(Kind::Block), Some(action)) => self.cut_block(slot, pending, action),
            (Some(Kind::Rewrite), Some(action)) => self.edit(slot, pending, action),
            _ => {}
        }
        if pending.is_open() && kind != Some(Kind::Block) {
            let rewritten = kind == Some(Kind::Rewrite);
            let record = Record { finding, verdicts };
            let (rule, start) = (pending.rule, pending.start);
            self.blocks[slot].open.push(OpenObject {
                rule,
                start,
                rewritten,
                record,
            });
        } else {
            if pending.is_span && kind == Some(Kind::Block) {
                finding.end = finding.start;
            }
            self.records.push(Record { finding, verdicts });
        }
    }

    fn cut_block(&mut self, slot: usize, pending: &Pending, action: u32) {
        let block = &mut self.blocks[slot];
        let anchor = if pending.is_loop {
            pending.from.saturating_sub(1)
        } else {
            pending.from
        };
        block.cut = Some(Cut {
            at: pending.from,
            anchor,
            action,
        });
        block.analysis.abandon();
        // Their ends will never be read; the rest of the order is that of their starts.
        self.records
            .extend(block.open.drain(..).map(|open| open.record));
    }

    fn edit(&mut self, slot: usize, pending: &Pending, action: u32) {
        let open = u32::from(pending.is_open());
        let end = if pending.is_open() {
            pending.start
        } else {
            pending.end
        };
        let block = &mut self.blocks[slot];
        if let Some(last) = block
            .edits
            .back_mut()
            .filter(|last| last.reach() > pending.start)
        {
            last.end = last.end.max(end);
            last.open += open;
            return;
        }
        let in_json = block.channel == Channel::ToolInput;
        if in_json {
            block.move_cursor(pending.start);
        }
        let raw = String::from_utf8_lossy(block.text(pending.start, end));
        let template = &self.plan.actions()[action as usize].template;
        let names = &mut self.choices[block.choice].pseudonyms;
        let text = if in_json {
            in_json_text(block.cursor, &raw, |matched| {
                template.render(matched, names)
            })
        } else {
            template.render(&raw, names)
        };
        drop(raw);
        block.edits.push_back(Edit {
            start: pending.start,
            end,
            open,
            text,
        });
    }

    fn close(&mut self, slot: usize, rule: u32, start: u64, end: u64) {
        let block = &mut self.blocks[slot];
        let Some(at) = block
            .open
            .iter()
            .position(|o| o.rule == rule && o.start == start)
        else {
            return;
        };
        let mut object = block.open.remove(at);
        if object.rewritten {
            let edit = block
                .edits
                .iter_mut()
                .find(|e| e.open > 0 && e.start <= start);
            if let Some(edit) = edit {
                edit.open -= 1;
                edit.end = edit.end.max(end);
            }
        }
        object.record.finding.end = saturate(end);
        self.records.push(object.record);
    }
}

impl Block {
    /// Retained text; what has left already is missing.
    fn text(&self, start: u64, end: u64) -> &[u8] {
        let index = |at: u64| (at.saturating_sub(self.raw_base) as usize).min(self.raw.len());
        let (start, end) = (index(start), index(end));
        &self.raw[start..end.max(start)]
    }

    fn move_cursor(&mut self, to: u64) {
        if to > self.cursor_at {
            let mut cursor = self.cursor;
            cursor.advance(self.text(self.cursor_at, to));
            self.cursor = cursor;
            self.cursor_at = to;
        }
    }
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

/// A replacement that leaves JSON text JSON: escaped inside a string, in quotes outside of one.
fn in_json_text(cursor: JsonCursor, raw: &str, make: impl FnOnce(&str) -> String) -> String {
    let mut text = String::new();
    if cursor.in_string() {
        escape_into(&make(&unescape(raw)), &mut text);
    } else {
        text.push('"');
        escape_into(&make(raw), &mut text);
        text.push('"');
    }
    text
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

fn saturate(offset: u64) -> u32 {
    u32::try_from(offset).unwrap_or(u32::MAX)
}
