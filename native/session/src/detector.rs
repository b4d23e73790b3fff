//! The parts path: findings only. What happens to the text is decided elsewhere.

use std::sync::Arc;

use crate::analysis::{Analysis, Scratch, Spans};
use crate::enforcer::narrow;
use crate::finding::{Channel, Finding};
use crate::plan::Plan;
use crate::time::Time;

struct Block {
    choice: u32,
    number: u32,
    channel: Channel,
    analysis: Analysis,
}

/// Detection on one answer. Every block is a text of its own.
pub struct Detector {
    plan: Arc<Plan>,
    blocks: Vec<Block>,
    last: usize,
    findings: Vec<Finding>,
    scratch: Scratch,
    time: Time,
}

impl Detector {
    /// A detector without blocks.
    pub fn new(plan: Arc<Plan>) -> Self {
        let time = Time::new(plan.is_timed());
        Self {
            plan,
            blocks: Vec::new(),
            last: 0,
            findings: Vec::new(),
            scratch: Scratch::default(),
            time,
        }
    }

    /// Tells the time instead of the clock, from now on: nanoseconds since the session began, never falling. For tests
    /// and for text that is analysed after the fact.
    pub fn set_time(&mut self, now_ns: u64) {
        self.time = Time::Told(now_ns);
    }

    /// Takes the next text of a block and returns the offset up to which no byte can become part of a finding any more.
    /// An object of span mode holds its text back until its end. A block keeps the channel of its first push.
    pub fn push(&mut self, choice: u32, block: u32, channel: Channel, text: &[u8]) -> u64 {
        let slot = self.find(choice, block).unwrap_or_else(|| {
            let analysis = Analysis::new(&self.plan, channel);
            self.blocks.push(Block {
                choice,
                number: block,
                channel,
                analysis,
            });
            self.blocks.len() - 1
        });
        self.last = slot;
        self.scratch.now_ns = self.time.now_ns();
        self.blocks[slot]
            .analysis
            .push(&self.plan, text, &mut self.scratch);
        self.report(slot);
        let analysis = &self.blocks[slot].analysis;
        analysis
            .safe()
            .min(analysis.first_open().unwrap_or(u64::MAX))
    }

    /// The block's text is complete. Returns its length; an unknown block has none.
    pub fn end(&mut self, choice: u32, block: u32) -> u64 {
        let Some(slot) = self.find(choice, block) else {
            return 0;
        };
        self.scratch.now_ns = self.time.now_ns();
        self.blocks[slot]
            .analysis
            .end(&self.plan, &mut self.scratch);
        self.report(slot);
        self.blocks[slot].analysis.total()
    }

    /// Findings that wait.
    pub fn waiting(&self) -> usize {
        self.findings.len()
    }

    /// Moves the findings since the last call to `out`: of each block in the order of their `from`.
    pub fn take_findings(&mut self, out: &mut Vec<Finding>) {
        out.append(&mut self.findings);
    }

    /// The first `count` findings that wait, at most, leaving the others.
    pub fn take_some(&mut self, count: usize) -> impl Iterator<Item = Finding> + '_ {
        let count = count.min(self.findings.len());
        self.findings.drain(..count)
    }

    fn find(&self, choice: u32, number: u32) -> Option<usize> {
        let is_it = |block: &Block| block.choice == choice && block.number == number;
        if self.blocks.get(self.last).is_some_and(is_it) {
            return Some(self.last);
        }
        self.blocks.iter().position(is_it)
    }

    fn report(&mut self, slot: usize) {
        let block = &mut self.blocks[slot];
        block.analysis.settle(Spans::Hold, &mut self.scratch);
        self.scratch.closed.clear();
        for p in self.scratch.settled.drain(..) {
            self.findings
                .push(narrow(&p, block.choice, block.number, block.channel));
        }
    }
}
