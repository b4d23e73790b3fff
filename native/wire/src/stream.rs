//! A streamed answer: SSE events of chat-completion chunks.

use midstream_session::{Channel, Enforcer};

use crate::chunk::{Chunk, Usage};
use crate::json::Bad;
use crate::lines::{Lines, join};
use crate::patch::Piece;
use crate::queue::{ChoiceRef, Fate, MAX_QUEUED_BYTES, Queue};
use crate::settings::{Mode, Settings, State};
use crate::sse::Framer;
use crate::synth::{self, Fault, Template};
use crate::text::{decode, halves_of};

/// A read is worked on in slices of this size, so that the buffer's growth does not depend on the caller's read size.
const SLICE_BYTES: usize = 64 * 1024;
/// A buffer that grew beyond this is given back when it is empty; ordinary answers stay far below.
const KEEP_BYTES: usize = 16 * 1024;
/// Most choices of an answer.
const MAX_CHOICES: usize = 1024;

/// What all parts of one answer's way share.
pub(crate) struct Context {
    pub settings: Settings,
    pub state: State,
    pub enforcer: Enforcer,
    pub enforces: bool,
}

impl Context {
    pub fn count(&mut self, usage: Usage) {
        let count = |value| i64::try_from(value).unwrap_or(i64::MAX);
        self.state.input_tokens = count(usage.input);
        self.state.output_tokens = count(usage.output);
        self.state.total_tokens = count(usage.total);
    }
}

#[derive(Debug)]
struct Choice {
    number: u32,
    finished: bool,
    blocked: bool,
}

#[derive(Default)]
pub(crate) struct Stream {
    /// Payload bytes from offset `base` on: waiting frames, then the event that is being read.
    buffer: Vec<u8>,
    base: u64,
    /// Where the event that is being read starts.
    framed: u64,
    framer: Framer,
    chunk: Chunk,
    joined: Vec<u8>,
    text: String,
    queue: Queue,
    choices: Vec<Choice>,
    known_cuts: usize,
    template: Template,
    /// Blocks whose first text has come: choice, block. Kept where text flows only.
    open: Vec<(u32, u32)>,
    begun: bool,
}

impl Stream {
    /// Takes payload bytes.
    pub fn feed(&mut self, ctx: &mut Context, payload: &[u8], out: &mut Vec<u8>) {
        for slice in payload.chunks(SLICE_BYTES) {
            if ctx.state.done {
                break;
            }
            self.buffer.extend_from_slice(slice);
            self.read(ctx, out);
            self.compact();
        }
        self.show(ctx);
    }

    /// The payload is complete (`fault`: why it is not). Ends the answer.
    pub fn finish(&mut self, ctx: &mut Context, fault: Option<Fault>, out: &mut Vec<u8>) {
        let mut fault = fault;
        if !ctx.state.done && !self.read_tail(ctx, out) {
            fault = fault.or(Some(Fault::Cut));
        }
        if !ctx.state.done {
            self.settle(ctx, out);
        }
        if !ctx.state.done {
            match fault {
                None if self.all_ended(0) => {
                    out.extend_from_slice(synth::DONE);
                    ctx.state.done = true;
                }
                fault => Self::stop(ctx, fault.unwrap_or(Fault::Cut), out),
            }
        }
        self.show(ctx);
    }

    /// The payload cannot be read on: what was held is decided and leaves, then an error.
    pub fn fail(&mut self, ctx: &mut Context, fault: Fault, out: &mut Vec<u8>) {
        self.settle(ctx, out);
        if !ctx.state.done {
            Self::stop(ctx, fault, out);
        }
        self.show(ctx);
    }

    fn stop(ctx: &mut Context, fault: Fault, out: &mut Vec<u8>) {
        synth::error_frame(fault, out);
        ctx.state.failed = true;
        ctx.state.done = true;
    }

    fn show(&mut self, ctx: &mut Context) {
        if ctx.state.done {
            self.queue.clear();
            self.buffer = Vec::new();
            self.base = self.framed;
        }
        ctx.state.held_bytes = u32::try_from(self.queue.held()).unwrap_or(u32::MAX);
    }

    fn unread(&self) -> &[u8] {
        &self.buffer[(self.framed - self.base) as usize..]
    }

    fn read(&mut self, ctx: &mut Context, out: &mut Vec<u8>) {
        while !ctx.state.done {
            let unread = &self.buffer[(self.framed - self.base) as usize..];
            match self.framer.next(unread) {
                Ok(Some(length)) => self.event(ctx, length, out),
                Ok(None) => break,
                Err(_) => self.fail(ctx, Fault::Unreadable, out),
            }
        }
    }

    /// An event that lacks its blank line at the end of the payload counts if it is whole. Returns whether nothing was cut off.
    fn read_tail(&mut self, ctx: &mut Context, out: &mut Vec<u8>) -> bool {
        if self.unread().is_empty() {
            return true;
        }
        if !self.buffer.ends_with(b"\n") && !self.buffer.ends_with(b"\r") {
            self.buffer.push(b'\n');
        }
        for _ in 0..2 {
            self.buffer.push(b'\n');
            let unread = &self.buffer[(self.framed - self.base) as usize..];
            match self.framer.next(unread) {
                Ok(None) => {}
                Err(_) => return false,
                Ok(Some(_)) if !self.framer.has_fields => return true,
                Ok(Some(length)) => {
                    let payload = join(&self.framer.data, unread, &mut self.joined);
                    let whole = is_done(payload)
                        || self.chunk.read(payload, Mode::Stream) != Err(Bad::Json);
                    if whole {
                        self.event(ctx, length, out);
                    }
                    return whole;
                }
            }
        }
        false
    }

    /// Works on the event of `length` bytes at `framed`.
    fn event(&mut self, ctx: &mut Context, length: usize, out: &mut Vec<u8>) {
        let start = self.framed;
        self.framed += length as u64;
        let at = (start - self.base) as usize;
        let bytes = &self.buffer[at..at + length];
        let payload = join(&self.framer.data, bytes, &mut self.joined);
        if payload.trim_ascii().is_empty() {
            self.framer.advance();
            self.queue.push(start, self.framed);
            return self.flush(ctx, out);
        }
        ctx.state.frames = ctx.state.frames.saturating_add(1);
        let named_error = self.framer.is_error;
        if is_done(payload) {
            self.framer.advance();
            return self.upstream_done(ctx, start, out);
        }
        if let Err(bad) = self.chunk.read(payload, Mode::Stream) {
            self.framer.advance();
            if bad == Bad::Refused {
                return self.fail(ctx, Fault::Unreadable, out);
            }
            if named_error {
                self.settle(ctx, out);
                self.queue.push(start, self.framed);
                return self.upstream_error(ctx, out);
            }
            if ctx.settings.pass_unknown {
                self.queue.push(start, self.framed);
                return self.flush(ctx, out);
            }
            return self.fail(ctx, Fault::Unreadable, out);
        }
        if let Some(usage) = self.chunk.usage {
            ctx.count(usage);
        }
        if !self.chunk.choices.is_empty() {
            self.template.learn(payload, &self.chunk.envelope);
        }
        let is_error = named_error || self.chunk.has_error;
        let usage_only = self.chunk.choices.is_empty() && self.chunk.usage.is_some();
        if usage_only && ctx.settings.strip_usage && !is_error {
            self.begun = true;
            return self.framer.advance();
        }
        let is_unknown = !self.chunk.has_choices && self.chunk.usage.is_none() && !is_error;
        if is_unknown && ctx.settings.block_unknown {
            self.framer.advance();
            return self.fail(ctx, Fault::Unreadable, out);
        }
        if is_error {
            // Held text leaves first, and nothing follows.
            self.settle(ctx, out);
        }
        if ctx.state.done {
            return self.framer.advance();
        }
        let read = self.enqueue(ctx, start);
        self.framer.advance();
        if read.is_err() {
            // Its texts have not all been looked at.
            self.queue.discard_youngest();
            return self.fail(ctx, Fault::Unreadable, out);
        }
        if is_error {
            return self.upstream_error(ctx, out);
        }
        if ctx.settings.flow {
            // Before cuts are looked for: the frame that brings the cut is the one that ends the choice.
            self.queue.carry();
        }
        self.cut(ctx);
        self.flush(ctx, out);
    }

    /// Analyses the frame's texts and queues it.
    fn enqueue(&mut self, ctx: &mut Context, start: u64) -> Result<(), TooMany> {
        let Self {
            buffer,
            framer,
            chunk,
            joined,
            text,
            queue,
            choices,
            ..
        } = self;
        let at = (start - self.base) as usize;
        let bytes = &buffer[at..at + (self.framed - start) as usize];
        let lines = Lines(&framer.data);
        let payload = match lines.0 {
            [line] => line.of(bytes),
            _ => joined.as_slice(),
        };
        let flows = ctx.settings.flow && is_plain(chunk, &mut self.open, &mut self.begun);
        let frame = queue.push(start, self.framed);
        frame.flows = flows;
        if ctx.enforces {
            frame
                .echoes
                .extend(chunk.echoes.iter().map(|&(_, span)| lines.place(span)));
        }
        for value in &chunk.choices {
            let slot = known(choices, value.index)?;
            choices[slot].finished |= value.finish.is_some();
        }
        let mut carries_text = false;
        for value in &chunk.texts {
            let choice = chunk.choices[value.slot].index;
            carries_text = true;
            text.clear();
            let raw = value.span.of(payload);
            let said = decode(raw, value.form, text);
            let mut piece = Piece {
                block: None,
                choice,
                start: 0,
                end: 0,
                span: lines.place(value.span),
                form: value.form,
            };
            if !ctx.enforcer.is_cut(choice) {
                let block = ctx
                    .enforcer
                    .block(choice, value.block, value.channel)
                    .map_err(|_| TooMany)?;
                piece.start = ctx.enforcer.total(block);
                let halves = halves_of(raw, value.form);
                ctx.enforcer.push_cut(block, said, halves);
                piece.end = ctx.enforcer.total(block);
                piece.block = Some(block);
            }
            queue.add_piece(piece);
        }
        let mut ends = false;
        for value in &chunk.choices {
            let slot = known(choices, value.index)?;
            let blocked = choices[slot].blocked;
            queue.add_ref(ChoiceRef {
                choice: value.index,
                finish: value.finish.map(|span| lines.place(span)),
                logprobs: value.logprobs.map(|span| lines.place(span)),
                fate: if blocked { Fate::Dropped } else { Fate::Live },
            });
            if value.finish.is_some() {
                ends = true;
                ctx.enforcer.end_choice(value.index);
            }
        }
        ctx.state.deltas = ctx.state.deltas.saturating_add(u32::from(carries_text));
        ctx.state.started |= carries_text || ends;
        Ok(())
    }

    /// Marks in the queue what policies have ended since the last call.
    fn cut(&mut self, ctx: &mut Context) {
        if ctx.enforcer.cut_count() == self.known_cuts {
            return;
        }
        self.known_cuts = ctx.enforcer.cut_count();
        for number in ctx.enforcer.cut_choices() {
            let Some(choice) = self
                .choices
                .iter_mut()
                .find(|choice| choice.number == number)
            else {
                continue;
            };
            if choice.blocked {
                continue;
            }
            choice.blocked = true;
            if self.queue.is_empty() {
                // Seen at the end of the text, when its frames had left: only the end is missing.
                self.queue.push(self.framed, self.framed);
            }
            self.queue.cut(number, &ctx.enforcer);
        }
    }

    /// Lets decided frames leave.
    fn flush(&mut self, ctx: &mut Context, out: &mut Vec<u8>) {
        while self.queue.is_ready(&ctx.enforcer) {
            let buffer = (self.buffer.as_slice(), self.base);
            self.queue
                .emit(&mut ctx.enforcer, &self.template, buffer, out);
        }
        if let Some(front) = self.queue.front() {
            if ctx.settings.flow {
                self.queue
                    .flow(&mut ctx.enforcer, (&self.buffer, self.base), out);
            }
            if self.framed - front > MAX_QUEUED_BYTES {
                self.queue.clear();
                Self::stop(ctx, Fault::Overheld, out);
            }
        } else if !ctx.state.done
            && self.known_cuts > 0
            && self.all_ended(ctx.settings.choice_count as usize)
        {
            out.extend_from_slice(synth::DONE);
            ctx.state.done = true;
            ctx.state.blocked = true;
        }
    }

    /// Decides and releases everything that is held.
    fn settle(&mut self, ctx: &mut Context, out: &mut Vec<u8>) {
        ctx.enforcer.end();
        self.cut(ctx);
        self.flush(ctx, out);
    }

    /// Whether at least one choice, and at least `wanted`, have appeared, and all have ended.
    fn all_ended(&self, wanted: usize) -> bool {
        !self.choices.is_empty()
            && self.choices.len() >= wanted
            && self
                .choices
                .iter()
                .all(|choice| choice.finished || choice.blocked)
    }

    fn upstream_done(&mut self, ctx: &mut Context, start: u64, out: &mut Vec<u8>) {
        self.settle(ctx, out);
        if ctx.state.done {
            return;
        }
        if !self.all_ended(0) {
            return Self::stop(ctx, Fault::Cut, out);
        }
        let at = (start - self.base) as usize;
        out.extend_from_slice(&self.buffer[at..at + (self.framed - start) as usize]);
        ctx.state.done = true;
    }

    /// The youngest frame is the upstream's error, and the answer's last.
    fn upstream_error(&mut self, ctx: &mut Context, out: &mut Vec<u8>) {
        if ctx.state.done {
            return self.queue.clear();
        }
        ctx.state.failed = true;
        ctx.state.done = true;
        self.settle(ctx, out);
    }

    /// Forgets bytes that have left.
    fn compact(&mut self) {
        let front = self.queue.front().unwrap_or(self.framed);
        let gone = (front - self.base) as usize;
        if gone == self.buffer.len() {
            self.buffer.clear();
            if self.buffer.capacity() > KEEP_BYTES {
                self.buffer = Vec::new();
            }
        } else if gone * 2 >= self.buffer.len() {
            self.buffer.drain(..gone);
        } else {
            return;
        }
        self.base = front;
    }
}

/// More choices or blocks than an answer may have.
struct TooMany;

fn known(choices: &mut Vec<Choice>, number: u32) -> Result<usize, TooMany> {
    if let Some(slot) = choices.iter().position(|choice| choice.number == number) {
        return Ok(slot);
    }
    if choices.len() >= MAX_CHOICES {
        return Err(TooMany);
    }
    choices.push(Choice {
        number,
        finished: false,
        blocked: false,
    });
    Ok(choices.len() - 1)
}

/// Whether a frame is nothing but one more text of a block: then text may move between it and the next such frame.
fn is_plain(chunk: &Chunk, open: &mut Vec<(u32, u32)>, begun: &mut bool) -> bool {
    let mut plain = std::mem::replace(begun, *begun || chunk.has_choices || chunk.usage.is_some());
    plain &= chunk.texts.len() == 1 && chunk.usage.is_none() && !chunk.has_error;
    let texts = chunk
        .texts
        .iter()
        .filter(|text| text.channel != Channel::Refusal);
    let blocks = texts
        .map(|text| (text.slot, text.block))
        .chain(chunk.tools.iter().copied());
    for (slot, block) in blocks {
        let block = (chunk.choices[slot].index, block);
        if !open.contains(&block) {
            open.push(block);
            plain = false;
        }
    }
    for choice in chunk
        .choices
        .iter()
        .filter(|choice| choice.finish.is_some())
    {
        open.retain(|(number, _)| *number != choice.index);
        plain = false;
    }
    plain
}

fn is_done(payload: &[u8]) -> bool {
    payload.trim_ascii() == b"[DONE]"
}
