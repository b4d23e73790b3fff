//! Frames that wait until all their text is decided, and how they leave.

use std::collections::VecDeque;

use midstream_session::Enforcer;

use crate::chunk::Form;
use crate::json::Span;
use crate::patch::{Patches, Piece};
use crate::synth::Template;

/// Most bytes of frames that wait. Beyond it the answer ends with an error: a gateway that grows is worse.
pub(crate) const MAX_QUEUED_BYTES: u64 = 1 << 20;

/// A frame that waits. Offsets are bytes of the payload stream.
#[derive(Debug)]
pub(crate) struct Frame {
    pub start: u64,
    pub end: u64,
    pub pieces: usize,
    pub refs: usize,
    /// It is nothing but one more text of a block, so text may move from it into the next such frame.
    pub flows: bool,
    /// It has left, with the text that could; what is left waits for the next frame.
    pub has_left: bool,
    /// Its text is not what it came with: some has left, or came from the frame before.
    pub moved: bool,
    /// Strings to blank.
    pub echoes: Vec<Span>,
    /// Choices that a policy ends behind this frame, with the action.
    pub cuts: Vec<(u32, u32)>,
}

/// A choice of a frame. Spans are from the frame's start.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ChoiceRef {
    pub choice: u32,
    /// A `finish_reason` that is not null.
    pub finish: Option<Span>,
    /// Log-probabilities that are not null.
    pub logprobs: Option<Span>,
    pub fate: Fate,
}

/// What becomes of a choice in a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It leaves.
    Live,
    /// A policy ends it in this frame: what comes before leaves, its finish reason does not.
    Cut,
    /// A policy has ended it before.
    Dropped,
}

/// The waiting frames, oldest first.
#[derive(Debug, Default)]
pub(crate) struct Queue {
    frames: VecDeque<Frame>,
    pieces: VecDeque<Piece>,
    refs: VecDeque<ChoiceRef>,
    patches: Patches,
    held: u64,
}

impl Queue {
    pub fn is_empty(&self) -> bool {
        self.frames.is_empty()
    }

    /// Bytes of text that wait.
    pub fn held(&self) -> u64 {
        self.held
    }

    /// Where the oldest frame starts.
    pub fn front(&self) -> Option<u64> {
        self.frames.front().map(|frame| frame.start)
    }

    /// Adds a frame without its parts, which [`Self::add_piece`] and [`Self::add_ref`] add to it.
    pub fn push(&mut self, start: u64, end: u64) -> &mut Frame {
        self.frames.push_back(Frame {
            start,
            end,
            pieces: 0,
            refs: 0,
            flows: false,
            has_left: false,
            moved: false,
            echoes: Vec::new(),
            cuts: Vec::new(),
        });
        self.frames.back_mut().expect("just pushed")
    }

    /// Adds a text to the youngest frame.
    pub fn add_piece(&mut self, piece: Piece) {
        if let Some(frame) = self.frames.back_mut() {
            frame.pieces += 1;
            frame.flows &= piece.start < piece.end;
            self.held += held(&piece);
            self.pieces.push_back(piece);
        }
    }

    /// Adds a choice to the youngest frame.
    pub fn add_ref(&mut self, choice: ChoiceRef) {
        if let Some(frame) = self.frames.back_mut() {
            frame.refs += 1;
            self.refs.push_back(choice);
        }
    }

    /// Drops the youngest frame.
    pub fn discard_youngest(&mut self) {
        if let Some(frame) = self.frames.pop_back() {
            for piece in self.pieces.drain(self.pieces.len() - frame.pieces..) {
                self.held -= held(&piece);
            }
            self.refs.truncate(self.refs.len() - frame.refs);
        }
    }

    /// Drops everything.
    pub fn clear(&mut self) {
        self.frames.clear();
        self.pieces.clear();
        self.refs.clear();
        self.held = 0;
    }

    /// A policy has ended `choice`: finds the frame with the cut and drops what comes behind. Where the frame has left
    /// already (loops are seen late), the youngest frame loses the choice.
    pub fn cut(&mut self, choice: u32, enforcer: &Enforcer) {
        let Some(fallback) = enforcer.choice_cut(choice) else {
            return;
        };
        let hit = self.find_cut(choice, enforcer);
        let (frame, piece, action) =
            hit.unwrap_or((self.frames.len().saturating_sub(1), None, fallback.action));
        let (mut first_piece, mut first_ref) = (0, 0);
        for (i, waiting) in self.frames.iter_mut().enumerate() {
            let pieces = first_piece..first_piece + waiting.pieces;
            let refs = first_ref..first_ref + waiting.refs;
            (first_piece, first_ref) = (pieces.end, refs.end);
            if i < frame {
                continue;
            }
            for at in pieces.filter(|&at| piece.is_none_or(|piece| at > piece)) {
                let behind = &mut self.pieces[at];
                if behind.choice == choice {
                    self.held -= held(behind);
                    behind.block = None;
                }
            }
            let fate = if i == frame && piece.is_some() {
                Fate::Cut
            } else {
                Fate::Dropped
            };
            for at in refs {
                if self.refs[at].choice == choice {
                    self.refs[at].fate = fate;
                }
            }
            if i == frame {
                waiting.cuts.push((choice, action));
            }
        }
    }

    /// Frame and piece that hold the cut.
    fn find_cut(&self, choice: u32, enforcer: &Enforcer) -> Option<(usize, Option<usize>, u32)> {
        let mut first = 0;
        for (i, frame) in self.frames.iter().enumerate() {
            for at in first..first + frame.pieces {
                let piece = &self.pieces[at];
                if piece.choice != choice {
                    continue;
                }
                let cut = piece.block.and_then(|block| enforcer.cut(block));
                if let Some(cut) = cut.filter(|cut| cut.anchor < piece.end) {
                    return Some((i, Some(at), cut.action));
                }
            }
            first += frame.pieces;
        }
        None
    }

    /// Whether all text of the oldest frame is decided.
    pub fn is_ready(&self, enforcer: &Enforcer) -> bool {
        let Some(frame) = self.frames.front() else {
            return false;
        };
        let decided = |piece: &Piece| {
            piece
                .block
                .is_none_or(|block| enforcer.decided(block) >= piece.end)
        };
        self.pieces.range(..frame.pieces).all(decided)
    }

    /// Writes the oldest frame. `buffer` begins at offset `base` of the payload stream.
    pub fn emit(
        &mut self,
        enforcer: &mut Enforcer,
        template: &Template,
        buffer: (&[u8], u64),
        out: &mut Vec<u8>,
    ) {
        let Some(frame) = self.frames.pop_front() else {
            return;
        };
        let (bytes, base) = buffer;
        let bytes = &bytes[(frame.start - base) as usize..(frame.end - base) as usize];
        if self.leaves(&frame) {
            self.patch(&frame, enforcer, bytes);
            if self.patches.is_empty() {
                out.extend_from_slice(bytes);
            } else {
                self.patches.apply(bytes, out);
            }
        }
        for piece in self.pieces.drain(..frame.pieces) {
            if let Some(block) = piece.block {
                enforcer.release(block, piece.end);
            }
            self.held -= held(&piece);
        }
        self.refs.drain(..frame.refs);
        for (choice, action) in frame.cuts {
            template.blocked(
                choice,
                &enforcer.plan().actions()[action as usize].message,
                out,
            );
        }
    }

    /// Lets the oldest frames leave with the text that may, where they flow. What one keeps back moves on into the next frame
    /// of its block, or leaves in a copy of the frame where there is none.
    pub fn flow(&mut self, enforcer: &mut Enforcer, buffer: (&[u8], u64), out: &mut Vec<u8>) {
        self.leave(enforcer, buffer, out);
        while self.carry() {
            self.leave(enforcer, buffer, out);
        }
    }

    fn leave(&mut self, enforcer: &mut Enforcer, buffer: (&[u8], u64), out: &mut Vec<u8>) {
        let Some(frame) = self.frames.front_mut().filter(|frame| frame.flows) else {
            return;
        };
        let Some((piece, block)) = self.pieces.front_mut().and_then(|p| Some((*p, p.block?)))
        else {
            return;
        };
        let upto = enforcer.decided(block).clamp(piece.start, piece.end);
        if frame.has_left && enforcer.is_empty(block, piece.start, upto) {
            return;
        }
        let (bytes, base) = buffer;
        let bytes = &bytes[(frame.start - base) as usize..(frame.end - base) as usize];
        self.patches.clear();
        self.patches
            .rendered(&Piece { end: upto, ..piece }, enforcer, bytes);
        for choice in self
            .refs
            .range(..frame.refs)
            .filter(|r| r.choice == piece.choice)
        {
            if let Some(span) = choice.logprobs {
                self.patches.fixed(span, b"null");
            }
        }
        for &span in &frame.echoes {
            self.patches.fixed(span, b"\"\"");
        }
        self.patches.apply(bytes, out);
        frame.has_left = true;
        frame.moved |= upto > piece.start;
        enforcer.release(block, upto);
        self.held -= upto - piece.start;
        self.pieces[0].start = upto;
    }

    /// Moves what the oldest frame has kept back into the one behind it. Returns whether there was anything to move.
    pub fn carry(&mut self) -> bool {
        let (Some(first), Some(next)) = (self.frames.front(), self.frames.get(1)) else {
            return false;
        };
        if !(first.has_left && next.flows) {
            return false;
        }
        let (from, to) = (self.pieces[0], self.pieces[first.pieces]);
        let is_same = to.block.is_some() && from.block == to.block;
        if !is_same || from.form == Form::Raw || to.form == Form::Raw {
            return false;
        }
        self.refs.drain(..first.refs);
        self.frames.pop_front();
        self.pieces.pop_front();
        self.pieces[0].start = from.start;
        self.frames[0].moved = true;
        true
    }

    /// A frame of nothing but dropped choices does not leave.
    fn leaves(&self, frame: &Frame) -> bool {
        frame.refs == 0
            || self
                .refs
                .range(..frame.refs)
                .any(|r| r.fate != Fate::Dropped)
    }

    fn patch(&mut self, frame: &Frame, enforcer: &Enforcer, bytes: &[u8]) {
        let Self {
            pieces,
            refs,
            patches,
            ..
        } = self;
        patches.clear();
        for piece in pieces.range(..frame.pieces) {
            let touched = piece
                .block
                .is_none_or(|b| enforcer.touches(b, piece.start, piece.end));
            if !touched && !frame.moved {
                continue;
            }
            patches.rendered(piece, enforcer, bytes);
            for choice in refs
                .range_mut(..frame.refs)
                .filter(|r| r.choice == piece.choice)
            {
                if let Some(span) = choice.logprobs.take() {
                    patches.fixed(span, b"null");
                }
            }
        }
        for choice in refs.range(..frame.refs).filter(|r| r.fate != Fate::Live) {
            if let Some(span) = choice.finish {
                patches.fixed(span, b"null");
            }
            if let Some(span) = choice.logprobs {
                patches.fixed(span, b"null");
            }
        }
        for &span in &frame.echoes {
            patches.fixed(span, b"\"\"");
        }
    }
}

fn held(piece: &Piece) -> u64 {
    if piece.block.is_some() {
        piece.end - piece.start
    } else {
        0
    }
}
