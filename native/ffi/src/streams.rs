//! Flat ABI of native/temporal-compare, what goes on: patterns in series and in text, and events that arrive out of order.

use midstream_temporal_compare::{
    Anchor, CompareError, EditStream, PatternStream, StreamMatch, TemporalSequence,
};

use crate::compare::{Symbols, cost, refused, symbols};
use crate::memory;
use crate::objects::{self, Object};
use crate::status::{Fault, MS_BAD_UTF8, MS_FULL};
use crate::wall::wall;

/// Numbers of a match in a stream: start, end, distance.
pub const MS_MATCH_NUMBERS: usize = 3;
/// Numbers of an event: stamp, sequence number, tag, nanoseconds since the event before.
pub const MS_EVENT_NUMBERS: usize = 4;
/// Numbers of a sequence's statistics: pushed, repaired, late, gaps, waiting.
pub const MS_SEQUENCE_NUMBERS: usize = 5;

/// Above it a float does not hold every whole number.
const MAX_STAMP: f64 = 9_007_199_254_740_992.0;

/// A pattern of symbols and a stream of them.
pub(crate) enum EditMatcher {
    Bytes(EditStream<u8>),
    Points(EditStream<char>),
    Tokens(EditStream<u32>),
}

fn with_pattern<R>(
    handle: u32,
    body: impl FnOnce(&mut PatternStream) -> Result<R, Fault>,
) -> Result<R, Fault> {
    objects::with(handle, |object| match object {
        Object::Pattern(stream) => body(stream),
        _ => Err(Fault::BAD_HANDLE),
    })
}

fn with_sequence<R>(
    handle: u32,
    body: impl FnOnce(&mut TemporalSequence<u32>) -> Result<R, Fault>,
) -> Result<R, Fault> {
    objects::with(handle, |object| match object {
        Object::Sequence(sequence) => body(sequence),
        _ => Err(Fault::BAD_HANDLE),
    })
}

/// Writes a match where there is one; 1 or 0.
pub(crate) fn write_match(found: Option<StreamMatch>, out: &mut [f64]) -> i32 {
    if let Some(StreamMatch {
        start,
        end,
        distance,
    }) = found
    {
        out[..MS_MATCH_NUMBERS].copy_from_slice(&[start as f64, end as f64, distance]);
    }
    i32::from(found.is_some())
}

/// Opens a stream that looks for a pattern. `max_distance` infinity: keep the nearest stretch only.
///
/// # Safety
/// `pattern` is valid for `len` numbers.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ms_pattern_open(
    pattern: *const f64,
    len: u32,
    max_distance: f64,
    cost: u32,
) -> i32 {
    wall(|| {
        // SAFETY: the caller's duty.
        let pattern = unsafe { memory::numbers(pattern, len) }?;
        let stream = PatternStream::new(pattern, max_distance, self::cost(cost)?);
        objects::open(Object::Pattern(Box::new(stream.map_err(refused)?)))
    })
}

/// One sample; 1 where a match is complete.
///
/// # Safety
/// `out` is valid for `out_numbers` numbers.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ms_pattern_push(
    pattern: u32,
    value: f64,
    out: *mut f64,
    out_numbers: u32,
) -> i32 {
    wall(|| {
        // SAFETY: the caller's duty.
        let out = unsafe { memory::numbers_out(out, out_numbers, MS_MATCH_NUMBERS) }?;
        with_pattern(pattern, |stream| {
            let found = stream.push(value).map_err(refused)?;
            Ok(write_match(found, out))
        })
    })
}

/// Many samples; the number of matches. All samples are taken, or none.
///
/// # Safety
/// `values` is valid for `len` numbers, `out` for `out_numbers`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ms_pattern_push_all(
    pattern: u32,
    values: *const f64,
    len: u32,
    out: *mut f64,
    out_numbers: u32,
) -> i32 {
    wall(|| {
        // SAFETY: the caller's duty.
        let (values, out) = unsafe {
            (
                memory::numbers(values, len)?,
                memory::numbers_out(out, out_numbers, len as usize * MS_MATCH_NUMBERS)?,
            )
        };
        if let Some(index) = values.iter().position(|value| !value.is_finite()) {
            return Err(refused(CompareError::NotFinite {
                argument: "values",
                index,
            }));
        }
        with_pattern(pattern, |stream| {
            let mut count = 0;
            for &value in values {
                let found = stream.push(value).map_err(refused)?;
                write_match(found, &mut out[count * MS_MATCH_NUMBERS..]);
                count += usize::from(found.is_some());
            }
            Ok(memory::count(count))
        })
    })
}

/// Ends the stream; 1 where a match was still waiting. The stream then begins anew.
///
/// # Safety
/// `out` is valid for `out_numbers` numbers.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ms_pattern_finish(pattern: u32, out: *mut f64, out_numbers: u32) -> i32 {
    wall(|| {
        // SAFETY: the caller's duty.
        let out = unsafe { memory::numbers_out(out, out_numbers, MS_MATCH_NUMBERS) }?;
        with_pattern(pattern, |stream| Ok(write_match(stream.finish(), out)))
    })
}

/// The nearest stretch so far; 0 where there is none.
///
/// # Safety
/// `out` is valid for `out_numbers` numbers.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ms_pattern_best(pattern: u32, out: *mut f64, out_numbers: u32) -> i32 {
    wall(|| {
        // SAFETY: the caller's duty.
        let out = unsafe { memory::numbers_out(out, out_numbers, MS_MATCH_NUMBERS) }?;
        with_pattern(pattern, |stream| Ok(write_match(stream.best(), out)))
    })
}

/// Closes a pattern.
#[unsafe(no_mangle)]
pub extern "C" fn ms_pattern_close(pattern: u32) -> i32 {
    wall(|| objects::close(pattern, |object| matches!(object, Object::Pattern(_))))
}

/// Opens a stream that compares a pattern of symbols. Kinds as for `ms_edit`; anchor: 0 the whole stream, 1 any run of
/// symbols that ends here.
///
/// # Safety
/// `pattern` is valid for `len` bytes, or tokens.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ms_edit_open(kind: u32, pattern: *const u8, len: u32, anchor: u32) -> i32 {
    wall(|| {
        let anchor = match anchor {
            0 => Anchor::Start,
            1 => Anchor::Anywhere,
            _ => return Err(Fault::argument("Anchor is not 0 or 1")),
        };
        // SAFETY: the caller's duty.
        let matcher = match unsafe { symbols(kind, pattern, len) }? {
            // What follows ASCII text may be any text.
            Symbols::Bytes(bytes) if kind == 1 => {
                let points: Vec<char> = bytes.iter().map(|&byte| char::from(byte)).collect();
                EditStream::new(&points, anchor).map(EditMatcher::Points)
            }
            Symbols::Bytes(bytes) => EditStream::new(bytes, anchor).map(EditMatcher::Bytes),
            Symbols::Text(text) => {
                let points: Vec<char> = text.chars().collect();
                EditStream::new(&points, anchor).map(EditMatcher::Points)
            }
            Symbols::Tokens(tokens) => EditStream::new(tokens, anchor).map(EditMatcher::Tokens),
        };
        objects::open(Object::Edit(Box::new(matcher.map_err(refused)?)))
    })
}

/// More symbols, of the pattern's kind; writes the distance after each, and returns how many they are.
///
/// # Safety
/// `data` is valid for `len` bytes, or tokens; `out` for `out_words` words.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ms_edit_push(
    edit: u32,
    data: *const u8,
    len: u32,
    out: *mut u32,
    out_words: u32,
) -> i32 {
    fn push<S: midstream_temporal_compare::Symbol>(
        stream: &mut EditStream<S>,
        symbols: impl Iterator<Item = S>,
        out: &mut [u32],
    ) -> i32 {
        let mut count = 0;
        for (symbol, place) in symbols.zip(out) {
            *place = u32::try_from(stream.push(symbol)).unwrap_or(u32::MAX);
            count += 1;
        }
        count
    }
    wall(|| {
        // SAFETY: the caller's duty.
        let out = unsafe { memory::output_of(out, out_words, len as usize) }?;
        objects::with(edit, |object| match object {
            Object::Edit(matcher) => match &mut **matcher {
                EditMatcher::Bytes(stream) => {
                    // SAFETY: the caller's duty.
                    let bytes = unsafe { memory::input(data, len) }?;
                    Ok(push(stream, bytes.iter().copied(), out))
                }
                EditMatcher::Points(stream) => {
                    // SAFETY: the caller's duty.
                    let bytes = unsafe { memory::input(data, len) }?;
                    let text = std::str::from_utf8(bytes);
                    let text = text.map_err(|_| Fault::new(MS_BAD_UTF8, "Text is not UTF-8"))?;
                    Ok(push(stream, text.chars(), out))
                }
                EditMatcher::Tokens(stream) => {
                    // SAFETY: the caller's duty; the alignment is checked there.
                    let tokens = unsafe { memory::words(data.cast(), len) }?;
                    Ok(push(stream, tokens.iter().copied(), out))
                }
            },
            _ => Err(Fault::BAD_HANDLE),
        })
    })
}

/// Forgets the stream, not the pattern.
#[unsafe(no_mangle)]
pub extern "C" fn ms_edit_reset(edit: u32) -> i32 {
    wall(|| {
        objects::with(edit, |object| {
            let Object::Edit(matcher) = object else {
                return Err(Fault::BAD_HANDLE);
            };
            match &mut **matcher {
                EditMatcher::Bytes(stream) => stream.reset(),
                EditMatcher::Points(stream) => stream.reset(),
                EditMatcher::Tokens(stream) => stream.reset(),
            }
            Ok(0)
        })
    })
}

/// Closes an edit stream.
#[unsafe(no_mangle)]
pub extern "C" fn ms_edit_close(edit: u32) -> i32 {
    wall(|| objects::close(edit, |object| matches!(object, Object::Edit(_))))
}

/// A whole number of nanoseconds that a float holds exactly.
pub(crate) fn nanoseconds(value: f64) -> Result<u64, Fault> {
    if !(0.0..=MAX_STAMP).contains(&value) || value.fract() != 0.0 {
        return Err(Fault::argument(
            "Nanoseconds are not a whole number from 0 to 2^53; count from a later epoch",
        ));
    }
    #[expect(clippy::cast_sign_loss, reason = "not below 0, as just checked")]
    let nanoseconds = value as u64;
    Ok(nanoseconds)
}

/// Opens a sequence of events. `gap_ns` infinity: no distance counts as a gap.
#[unsafe(no_mangle)]
pub extern "C" fn ms_sequence_open(window_ns: f64, gap_ns: f64, capacity: u32) -> i32 {
    wall(|| {
        let window = nanoseconds(window_ns)?;
        let gap = if gap_ns == f64::INFINITY {
            u64::MAX
        } else {
            nanoseconds(gap_ns)?
        };
        let sequence = TemporalSequence::new(window, gap, capacity as usize).map_err(refused)?;
        objects::open(Object::Sequence(Box::new(sequence)))
    })
}

/// Takes an event: 0, and its sequence number; 1 where it is too late. `MS_FULL` where as many wait as may.
///
/// # Safety
/// `out` is valid for `out_numbers` numbers.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ms_sequence_push(
    sequence: u32,
    stamp_ns: f64,
    tag: u32,
    out: *mut f64,
    out_numbers: u32,
) -> i32 {
    wall(|| {
        // SAFETY: the caller's duty.
        let out = unsafe { memory::numbers_out(out, out_numbers, 1) }?;
        let stamp = nanoseconds(stamp_ns)?;
        with_sequence(sequence, |sequence| match sequence.push(stamp, tag) {
            Ok(number) => {
                out[0] = number as f64;
                Ok(0)
            }
            Err(CompareError::Late { .. }) => Ok(1),
            Err(CompareError::TooLarge { .. }) => Err(Fault::new(
                MS_FULL,
                "As many events wait as may; take some first",
            )),
            Err(error) => Err(refused(error)),
        })
    })
}

/// Hands out events in order, as many as fit: those that nothing can come before any more, or (`all` not 0) every one.
///
/// # Safety
/// `out` is valid for `out_numbers` numbers.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ms_sequence_take(
    sequence: u32,
    all: u32,
    out: *mut f64,
    out_numbers: u32,
) -> i32 {
    wall(|| {
        // SAFETY: the caller's duty.
        let out = unsafe { memory::numbers_out(out, out_numbers, MS_EVENT_NUMBERS) }?;
        with_sequence(sequence, |sequence| {
            let mut count = 0;
            for place in out.chunks_exact_mut(MS_EVENT_NUMBERS) {
                let event = if all == 0 {
                    sequence.pop_ready()
                } else {
                    sequence.pop()
                };
                let Some(event) = event else {
                    break;
                };
                let numbers = [
                    event.stamp,
                    event.sequence,
                    u64::from(event.value),
                    event.delta,
                ];
                place.copy_from_slice(&numbers.map(|number| number as f64));
                count += 1;
            }
            Ok(count)
        })
    })
}

/// What a sequence has seen.
///
/// # Safety
/// `out` is valid for `out_numbers` numbers.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ms_sequence_statistics(
    sequence: u32,
    out: *mut f64,
    out_numbers: u32,
) -> i32 {
    wall(|| {
        // SAFETY: the caller's duty.
        let out = unsafe { memory::numbers_out(out, out_numbers, MS_SEQUENCE_NUMBERS) }?;
        with_sequence(sequence, |sequence| {
            let seen = sequence.statistics();
            let numbers = [
                seen.pushed,
                seen.repaired,
                seen.late,
                seen.gaps,
                seen.waiting as u64,
            ];
            out[..MS_SEQUENCE_NUMBERS].copy_from_slice(&numbers.map(|number| number as f64));
            Ok(0)
        })
    })
}

/// Closes a sequence.
#[unsafe(no_mangle)]
pub extern "C" fn ms_sequence_close(sequence: u32) -> i32 {
    wall(|| objects::close(sequence, |object| matches!(object, Object::Sequence(_))))
}
