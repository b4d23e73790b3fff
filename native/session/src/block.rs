//! One block on the wire path: the text that has not left, its edits and its cut.

use std::collections::VecDeque;

use crate::analysis::{Analysis, Pending, Scratch};
use crate::finding::{Channel, Record};
use crate::halves::{Halves, Joint};
use crate::json_text::{JsonCursor, escape_into, unescape};
use crate::plan::Plan;

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

/// A record that waits for its object's end, or behind one that does.
#[derive(Debug)]
struct Waiting {
    rule: u32,
    start: u64,
    /// `u64::MAX` while the object is open; 0 for what is no object.
    until: u64,
    rewritten: bool,
    record: Record,
}

pub(crate) struct Block {
    /// Index of the choice.
    pub choice: usize,
    pub number: u32,
    pub channel: Channel,
    pub analysis: Analysis,
    pub cut: Option<Cut>,
    joint: Joint,
    /// Text from `raw_base` on.
    raw: Vec<u8>,
    raw_base: u64,
    edits: VecDeque<Edit>,
    waiting: VecDeque<Waiting>,
    cursor: JsonCursor,
    cursor_at: u64,
}

impl Block {
    pub fn new(plan: &Plan, choice: usize, number: u32, channel: Channel) -> Self {
        Self {
            choice,
            number,
            channel,
            analysis: Analysis::new(plan, channel),
            cut: None,
            joint: Joint::default(),
            raw: Vec::new(),
            raw_base: 0,
            edits: VecDeque::new(),
            waiting: VecDeque::new(),
            cursor: JsonCursor::default(),
            cursor_at: 0,
        }
    }

    /// Analyses the next text and keeps it until it is released.
    pub fn take(&mut self, plan: &Plan, (text, halves): (&str, Halves), scratch: &mut Scratch) {
        let (first, rest) = self.joint.join(text, halves);
        if let Some(first) = first {
            self.add(plan, first.encode_utf8(&mut [0; 4]), scratch);
        }
        self.add(plan, rest, scratch);
    }

    /// The text is complete: everything gets decided.
    pub fn finish(&mut self, plan: &Plan, scratch: &mut Scratch) {
        if let Some(lost) = self.joint.end() {
            self.add(plan, lost, scratch);
        }
        self.analysis.end(plan, scratch);
    }

    fn add(&mut self, plan: &Plan, text: &str, scratch: &mut Scratch) {
        self.raw.extend_from_slice(text.as_bytes());
        self.analysis.push(plan, text.as_bytes(), scratch);
    }

    /// Bytes so far, an open half with what the text before the cut has of it.
    pub fn total(&self) -> u64 {
        self.analysis.total() + self.joint.open_bytes()
    }

    /// Text before this offset is decided.
    pub fn decided(&self) -> u64 {
        if self.analysis.ended() {
            self.total()
        } else {
            self.analysis.safe()
        }
    }

    /// Whether an edit or the cut changes the text of a range.
    pub fn touches(&self, start: u64, end: u64) -> bool {
        self.cut.is_some_and(|cut| cut.at < end)
            || self
                .edits
                .iter()
                .any(|edit| edit.start < end && edit.reach() > start)
    }

    /// Appends the text of a range as the client gets it.
    pub fn render(&self, start: u64, end: u64, out: &mut Vec<u8>) {
        let end = self.cut.map_or(end, |cut| end.min(cut.at));
        let mut at = start;
        for edit in &self.edits {
            if edit.start >= end {
                break;
            }
            if edit.reach() <= at {
                continue;
            }
            if edit.start >= start {
                out.extend_from_slice(self.text(at, edit.start));
                out.extend_from_slice(edit.text.as_bytes());
            }
            at = edit.reach().min(end);
        }
        if at < end {
            out.extend_from_slice(self.text(at, end));
        }
    }

    /// Text before `upto` has left.
    pub fn release(&mut self, upto: u64) {
        let count = upto
            .saturating_sub(self.raw_base)
            .min(self.raw.len() as u64) as usize;
        if self.channel == Channel::ToolInput {
            self.move_cursor(self.raw_base + count as u64);
        }
        if count == self.raw.len() {
            self.raw.clear();
        } else {
            self.raw.drain(..count);
        }
        self.raw_base += count as u64;
        while self
            .edits
            .front()
            .is_some_and(|edit| edit.reach() <= self.raw_base)
        {
            self.edits.pop_front();
        }
    }

    /// Replaces a finding's text by what `make` makes of it, or joins it with the edit that it overlaps.
    pub fn edit(&mut self, pending: &Pending, make: impl FnOnce(&str) -> String) {
        let is_open = pending.is_open();
        let end = if is_open { pending.start } else { pending.end };
        let last = self
            .edits
            .back_mut()
            .filter(|last| last.reach() > pending.start);
        if let Some(last) = last {
            last.end = last.end.max(end);
            last.open += u32::from(is_open);
            return;
        }
        let in_json = self.channel == Channel::ToolInput;
        if in_json {
            self.move_cursor(pending.start);
        }
        let raw = String::from_utf8_lossy(self.text(pending.start, end));
        let text = if in_json {
            in_json_text(self.cursor, &raw, make)
        } else {
            make(&raw)
        };
        drop(raw);
        let (start, open) = (pending.start, u32::from(is_open));
        self.edits.push_back(Edit {
            start,
            end,
            open,
            text,
        });
    }

    /// Takes a judged finding's record. Those of long objects wait until nothing before their end can change any more, and
    /// later ones behind them, so that the order does not depend on how the text came.
    pub fn record(&mut self, pending: &Pending, rewritten: bool, record: Record) {
        let until = if pending.is_span { pending.end } else { 0 };
        let (rule, start) = (pending.rule, pending.start);
        self.waiting.push_back(Waiting {
            rule,
            start,
            until,
            rewritten,
            record,
        });
    }

    /// An object that was judged while it was open has ended.
    pub fn close(&mut self, rule: u32, start: u64, end: u64) {
        let is_it = |w: &&mut Waiting| w.until == u64::MAX && w.rule == rule && w.start == start;
        let Some(object) = self.waiting.iter_mut().find(is_it) else {
            return;
        };
        object.until = end;
        object.record.finding.end = saturate(end);
        if object.rewritten {
            let edit = self
                .edits
                .iter_mut()
                .find(|e| e.open > 0 && e.start <= start);
            if let Some(edit) = edit {
                edit.open -= 1;
                edit.end = edit.end.max(end);
            }
        }
    }

    /// Moves the records that need not wait.
    pub fn take_records(&mut self, out: &mut Vec<Record>) {
        let limit = if self.analysis.ended() {
            u64::MAX
        } else {
            self.analysis.safe()
        };
        while self.waiting.front().is_some_and(|w| w.until <= limit) {
            out.extend(self.waiting.pop_front().map(|w| w.record));
        }
    }

    /// A policy ends the choice here. Objects that reach behind the cut have no end, whether or not it has been read.
    pub fn cut(&mut self, cut: Cut) {
        for object in self.waiting.iter_mut().filter(|w| w.until > cut.at) {
            object.until = 0;
            object.record.finding.end = object.record.finding.start;
        }
        self.cut = Some(cut);
        self.analysis.abandon();
    }

    /// Kept text; what has left already is missing.
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

pub(crate) fn saturate(offset: u64) -> u32 {
    u32::try_from(offset).unwrap_or(u32::MAX)
}
