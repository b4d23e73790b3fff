//! Flat ABI of the parts path: text of a block in, findings out. Runs once for every delta.

use midstream_session::{Channel, Detector, Finding};

use crate::memory;
use crate::objects::{self, Object};
use crate::status::{Fault, MS_BAD_UTF8};
use crate::wall::wall;

/// Words that `ms_session_push` and `ms_session_end` write.
pub const MS_PUSH_WORDS: usize = 2;
/// Words of a finding: rule, choice, block, channel, start, end, from, score (the bits of an `f32`).
pub const MS_FINDING_WORDS: usize = 8;

/// Opens a session on a plan. The session keeps the plan alive.
#[unsafe(no_mangle)]
pub extern "C" fn ms_session_open(plan: u32) -> i32 {
    wall(|| {
        objects::open(Object::Session(Box::new(Detector::new(objects::plan(
            plan,
        )?))))
    })
}

/// Takes the next text of a block.
///
/// # Safety
/// `text` is valid for `len` bytes, `out` for `out_words` words.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ms_session_push(
    session: u32,
    choice: u32,
    block: u32,
    channel: u32,
    text: *const u8,
    len: u32,
    out: *mut u32,
    out_words: u32,
) -> i32 {
    wall(|| {
        // SAFETY: the caller's duty.
        let (text, out) = unsafe {
            (
                memory::input(text, len)?,
                memory::output_of(out, out_words, MS_PUSH_WORDS)?,
            )
        };
        let channel =
            Channel::from_code(channel).ok_or(Fault::argument("Channel is not one of 0 to 3"))?;
        if std::str::from_utf8(text).is_err() {
            return Err(Fault::new(MS_BAD_UTF8, "Text is not UTF-8"));
        }
        objects::session(session, |detector| {
            let safe = detector.push(choice, block, channel, text);
            report(detector, safe, out);
            Ok(0)
        })
    })
}

/// The block's text is complete.
///
/// # Safety
/// `out` is valid for `out_words` words.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ms_session_end(
    session: u32,
    choice: u32,
    block: u32,
    out: *mut u32,
    out_words: u32,
) -> i32 {
    wall(|| {
        // SAFETY: the caller's duty.
        let out = unsafe { memory::output_of(out, out_words, MS_PUSH_WORDS) }?;
        objects::session(session, |detector| {
            let total = detector.end(choice, block);
            report(detector, total, out);
            Ok(0)
        })
    })
}

/// Moves findings to the caller, as many as have room; returns their number.
///
/// # Safety
/// `out` is valid for `cap_words` words.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ms_session_findings(session: u32, out: *mut u32, cap_words: u32) -> i32 {
    wall(|| {
        // SAFETY: the caller's duty.
        let out = unsafe { memory::output_of(out, cap_words, MS_FINDING_WORDS) }?;
        let room = out.len() / MS_FINDING_WORDS;
        objects::session(session, |detector| {
            let mut count = 0;
            let places = out.chunks_exact_mut(MS_FINDING_WORDS);
            for (finding, words) in detector.take_some(room).zip(places) {
                words.copy_from_slice(&finding_words(&finding));
                count += 1;
            }
            Ok(count)
        })
    })
}

/// Closes a session; its handle is unknown from then on.
#[unsafe(no_mangle)]
pub extern "C" fn ms_session_close(session: u32) -> i32 {
    wall(|| objects::close(session, |object| matches!(object, Object::Session(_))))
}

fn report(detector: &Detector, offset: u64, out: &mut [u32]) {
    out[0] = u32::try_from(offset).unwrap_or(u32::MAX);
    out[1] = u32::try_from(detector.waiting()).unwrap_or(u32::MAX);
}

pub(crate) fn finding_words(finding: &Finding) -> [u32; MS_FINDING_WORDS] {
    [
        finding.rule,
        finding.choice,
        finding.block,
        finding.channel as u32,
        finding.start,
        finding.end,
        finding.from,
        finding.score.to_bits(),
    ]
}
