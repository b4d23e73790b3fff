//! Flat ABI of the wire path: network reads in, the client's bytes out. Runs once for every read.

use std::collections::VecDeque;
use std::sync::Arc;

use midstream_session::{Plan, Record};
use midstream_wire::{End, Framing, Mode, Settings, State, Wire};

use crate::memory;
use crate::objects::{self, Object};
use crate::session::{MS_FINDING_WORDS, finding_words};
use crate::status::{Fault, MS_TOO_SMALL};
use crate::wall::wall;

/// `mode_flags`: one chat-completion object instead of SSE.
pub const MS_MODE_UNARY: u32 = 1;
/// `mode_flags`: drop the usage-only chunk.
pub const MS_MODE_STRIP_USAGE: u32 = 2;
/// `mode_flags`: let frames pass that cannot be read.
pub const MS_MODE_PASS_UNKNOWN: u32 = 4;
/// `mode_flags`: emit the safe part of a frame's text at once.
pub const MS_MODE_FLOW: u32 = 8;

/// `mode_flags`: end the answer at a frame that is valid JSON but of no known shape.
pub const MS_MODE_BLOCK_UNKNOWN: u32 = 16;

/// Words of the state: flags, held bytes, frames, deltas, input, output and total tokens (`i32`, -1 unknown), trailing.
pub const MS_STATE_WORDS: usize = 8;
/// State flag: more output waits; feed with length 0 to get it.
pub const MS_STATE_MORE: u32 = 1;
/// State flag: the HTTP message is complete.
pub const MS_STATE_MESSAGE_END: u32 = 2;
/// State flag: the client's answer is complete.
pub const MS_STATE_DONE: u32 = 4;
/// State flag: a policy ended the answer.
pub const MS_STATE_BLOCKED: u32 = 8;
/// State flag: records wait.
pub const MS_STATE_RECORDS: u32 = 16;
/// State flag: the upstream failed.
pub const MS_STATE_FAILED: u32 = 64;
/// State flag: a frame with text or an end has been seen.
pub const MS_STATE_STARTED: u32 = 128;

/// Words of a record before its verdicts: a finding and the number of verdicts.
pub const MS_RECORD_WORDS: usize = MS_FINDING_WORDS + 1;
/// Words of a verdict: index into the plan's actions, outcome.
pub const MS_VERDICT_WORDS: usize = 2;

/// Room that a flow keeps once its output has left; more was for one large read.
const KEPT_BYTES: usize = 4 * 1024;

/// One answer, with what has not fitted into the caller's arrays yet.
pub(crate) struct Flow {
    wire: Wire,
    pending: Vec<u8>,
    sent: usize,
    records: VecDeque<Record>,
}

impl Flow {
    fn new(plan: Arc<Plan>, settings: Settings) -> Self {
        Self {
            wire: Wire::new(plan, settings),
            pending: Vec::new(),
            sent: 0,
            records: VecDeque::new(),
        }
    }

    /// Copies what waits to the caller, as much as has room, and the state.
    ///
    /// # Safety
    /// `out` is valid for writes of `cap` bytes.
    unsafe fn deliver(&mut self, out: *mut u8, cap: u32, state: &mut [u32]) -> Result<i32, Fault> {
        let waiting = &self.pending[self.sent..];
        let count = waiting.len().min(cap as usize);
        // SAFETY: the caller's duty; `count` is at most `cap`.
        let written = unsafe { memory::write(out, cap, &waiting[..count]) }?;
        self.sent += count;
        let more = self.sent < self.pending.len();
        if !more {
            self.pending.clear();
            self.pending.shrink_to(KEPT_BYTES);
            self.sent = 0;
        }
        self.write_state(more, state);
        Ok(written)
    }

    fn write_state(&self, more: bool, out: &mut [u32]) {
        let state: State = self.wire.state();
        let flags = [
            (more, MS_STATE_MORE),
            (state.message_end, MS_STATE_MESSAGE_END),
            (state.done, MS_STATE_DONE),
            (state.blocked, MS_STATE_BLOCKED),
            (state.records || !self.records.is_empty(), MS_STATE_RECORDS),
            (state.failed, MS_STATE_FAILED),
            (state.started, MS_STATE_STARTED),
        ];
        out[0] = flags
            .iter()
            .filter(|(set, _)| *set)
            .fold(0, |sum, (_, flag)| sum | flag);
        out[1] = state.held_bytes;
        out[2] = state.frames;
        out[3] = state.deltas;
        out[4] = token_word(state.input_tokens);
        out[5] = token_word(state.output_tokens);
        out[6] = token_word(state.total_tokens);
        out[7] = state.trailing;
    }

    /// Moves whole records to the caller's words; returns the number of words.
    fn take_records(&mut self, out: &mut [u32]) -> Result<i32, Fault> {
        let mut fresh = Vec::new();
        self.wire.take_records(&mut fresh);
        self.records.extend(fresh);
        let mut used = 0;
        while let Some(record) = self.records.front() {
            let words = record_words(record);
            let Some(place) = out.get_mut(used..used + words.len()) else {
                break;
            };
            place.copy_from_slice(&words);
            used += words.len();
            self.records.pop_front();
        }
        if used == 0 && !self.records.is_empty() {
            return Err(Fault::new(MS_TOO_SMALL, "Array has no room for one record"));
        }
        Ok(memory::count(used))
    }
}

/// Opens an answer whose head has been read. `content_length` counts only with that framing.
#[unsafe(no_mangle)]
pub extern "C" fn ms_wire_open(
    plan: u32,
    mode_flags: u32,
    framing: u32,
    choice_count: u32,
    content_length: f64,
) -> i32 {
    wall(|| {
        let settings = settings(mode_flags, framing, choice_count, content_length)?;
        objects::open(Object::Wire(Box::new(Flow::new(
            objects::plan(plan)?,
            settings,
        ))))
    })
}

/// Takes a network read whole and writes the client's bytes, as many as have room; returns their number.
///
/// # Safety
/// `input` is valid for `len` bytes, `out` for `cap` bytes, `state` for `state_words` words.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ms_wire_feed(
    wire: u32,
    input: *const u8,
    len: u32,
    out: *mut u8,
    cap: u32,
    state: *mut u32,
    state_words: u32,
) -> i32 {
    wall(|| {
        // SAFETY: the caller's duty.
        let (input, state) = unsafe {
            (
                memory::input(input, len)?,
                memory::output_of(state, state_words, MS_STATE_WORDS)?,
            )
        };
        memory::check_output(out, cap)?;
        objects::wire(wire, |flow| {
            if !input.is_empty() {
                flow.wire.feed(input, &mut flow.pending);
            }
            // SAFETY: the caller's duty.
            unsafe { flow.deliver(out, cap, state) }
        })
    })
}

/// The upstream ended; writes the bytes that end the client's answer.
///
/// # Safety
/// `out` is valid for `cap` bytes, `state` for `state_words` words.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ms_wire_end(
    wire: u32,
    reason: u32,
    out: *mut u8,
    cap: u32,
    state: *mut u32,
    state_words: u32,
) -> i32 {
    wall(|| {
        // SAFETY: the caller's duty.
        let state = unsafe { memory::output_of(state, state_words, MS_STATE_WORDS) }?;
        memory::check_output(out, cap)?;
        let reason = End::from_code(reason).ok_or(Fault::argument("End is not one of 0 to 3"))?;
        objects::wire(wire, |flow| {
            flow.wire.end(reason, &mut flow.pending);
            // SAFETY: the caller's duty.
            unsafe { flow.deliver(out, cap, state) }
        })
    })
}

/// Moves findings and verdicts to the caller, as many as have room; returns the number of words.
///
/// # Safety
/// `out` is valid for `cap_words` words.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ms_wire_records(wire: u32, out: *mut u32, cap_words: u32) -> i32 {
    wall(|| {
        // SAFETY: the caller's duty.
        let out = unsafe { memory::output(out, cap_words) }?;
        objects::wire(wire, |flow| flow.take_records(out))
    })
}

/// Closes an answer; its handle is unknown from then on.
#[unsafe(no_mangle)]
pub extern "C" fn ms_wire_close(wire: u32) -> i32 {
    wall(|| objects::close(wire, |object| matches!(object, Object::Wire(_))))
}

fn settings(
    mode_flags: u32,
    framing: u32,
    choice_count: u32,
    content_length: f64,
) -> Result<Settings, Fault> {
    const KNOWN: u32 = MS_MODE_UNARY
        | MS_MODE_STRIP_USAGE
        | MS_MODE_PASS_UNKNOWN
        | MS_MODE_FLOW
        | MS_MODE_BLOCK_UNKNOWN;
    let framing =
        Framing::from_code(framing).ok_or(Fault::argument("Framing is not one of 0 to 3"))?;
    if mode_flags & !KNOWN != 0 || choice_count == 0 {
        return Err(Fault::argument("Unknown mode flag, or no choice"));
    }
    // 2^53: beyond it an f64 skips integers.
    let countable = (0.0..9_007_199_254_740_992.0).contains(&content_length);
    if framing == Framing::ContentLength && !countable {
        return Err(Fault::argument("Content length is not a count of bytes"));
    }
    let set = |flag| mode_flags & flag != 0;
    #[allow(
        clippy::cast_sign_loss,
        reason = "saturates: -1 becomes 0, and no other framing reads it"
    )]
    let length = content_length as u64;
    Ok(Settings {
        mode: if set(MS_MODE_UNARY) {
            Mode::Unary
        } else {
            Mode::Stream
        },
        framing,
        content_length: length,
        strip_usage: set(MS_MODE_STRIP_USAGE),
        choice_count,
        pass_unknown: set(MS_MODE_PASS_UNKNOWN),
        block_unknown: set(MS_MODE_BLOCK_UNKNOWN),
        flow: set(MS_MODE_FLOW),
    })
}

fn token_word(count: i64) -> u32 {
    i32::try_from(count)
        .unwrap_or(if count < 0 { -1 } else { i32::MAX })
        .cast_unsigned()
}

fn record_words(record: &Record) -> Vec<u32> {
    let mut words = finding_words(&record.finding).to_vec();
    words.push(record.verdicts.len() as u32);
    for verdict in &record.verdicts {
        words.extend([verdict.action, verdict.outcome as u32]);
    }
    words
}
