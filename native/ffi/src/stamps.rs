//! Flat ABI of native/temporal-compare, event order of whole lists: stamps are nanoseconds, read where they are.

use midstream_temporal_compare::{TemporalSequence, check_order, deltas};

use crate::compare::refused;
use crate::memory;
use crate::status::Fault;
use crate::streams::nanoseconds;
use crate::wall::wall;

/// Numbers of an order: index of the first stamp below the one before it (-1: none), least and greatest difference of
/// neighbours (0 where there are none).
pub const MS_ORDER_NUMBERS: usize = 3;

/// Differences worked out in one go, on the stack.
const CHUNK: usize = 256;
/// Most events that wait for late ones, as many as a sequence may hold.
const MOST_WAITING: usize = 1 << 20;

/// The order of stamps, in one pass.
///
/// # Safety
/// `stamps` is valid for `len` numbers of 64 bits, `out` for `out_numbers`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ms_stamps_check(
    stamps: *const u64,
    len: u32,
    out: *mut f64,
    out_numbers: u32,
) -> i32 {
    wall(|| {
        // SAFETY: the caller's duty.
        let (stamps, out) = unsafe {
            (
                memory::stamps(stamps, len)?,
                memory::numbers_out(out, out_numbers, MS_ORDER_NUMBERS)?,
            )
        };
        let seen = check_order(stamps);
        out[0] = seen.first_disorder.map_or(-1.0, |index| index as f64);
        out[1] = seen.least_delta.unwrap_or(0) as f64;
        out[2] = seen.greatest_delta.unwrap_or(0) as f64;
        Ok(0)
    })
}

/// Calls `take` with the index of the later neighbour and their difference.
fn each_delta(stamps: &[u64], mut take: impl FnMut(usize, i64)) -> Result<(), Fault> {
    let mut room = [0_i64; CHUNK];
    let mut at = 0;
    while at + 1 < stamps.len() {
        let some = &stamps[at..stamps.len().min(at + CHUNK + 1)];
        let differences = &mut room[..some.len() - 1];
        deltas(some, differences).map_err(refused)?;
        for (index, &delta) in differences.iter().enumerate() {
            take(at + index + 1, delta);
        }
        at += CHUNK;
    }
    Ok(())
}

/// Differences of neighbours, one fewer than there are stamps: their number. Exact up to 2^53.
///
/// # Safety
/// `stamps` is valid for `len` numbers of 64 bits, `out` for `out_numbers`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ms_stamps_deltas(
    stamps: *const u64,
    len: u32,
    out: *mut f64,
    out_numbers: u32,
) -> i32 {
    wall(|| {
        // SAFETY: the caller's duty.
        let stamps = unsafe { memory::stamps(stamps, len) }?;
        let count = stamps.len().saturating_sub(1);
        // SAFETY: the caller's duty.
        let out = unsafe { memory::numbers_out(out, out_numbers, count) }?;
        each_delta(stamps, |index, delta| out[index - 1] = delta as f64)?;
        Ok(memory::count(count))
    })
}

/// Indices of the stamps that lie more than `gap_ns` after the one before them, as many as fit; how many they are.
///
/// # Safety
/// `stamps` is valid for `len` numbers of 64 bits, `out` for `out_words` words.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ms_stamps_gaps(
    stamps: *const u64,
    len: u32,
    gap_ns: f64,
    out: *mut u32,
    out_words: u32,
) -> i32 {
    wall(|| {
        // SAFETY: the caller's duty.
        let (stamps, out) = unsafe {
            (
                memory::stamps(stamps, len)?,
                memory::output(out, out_words)?,
            )
        };
        let gap = i64::try_from(nanoseconds(gap_ns)?).unwrap_or(i64::MAX);
        let mut count = 0;
        each_delta(stamps, |index, delta| {
            if delta > gap {
                if let Some(place) = out.get_mut(count) {
                    // An index is below `len`, which is a word.
                    *place = u32::try_from(index).unwrap_or(u32::MAX);
                }
                count += 1;
            }
        })?;
        Ok(memory::count(count))
    })
}

/// Indices of all stamps: those in order first, by stamp, equal ones as they stand; behind them those that came more than
/// `window_ns` too late, as they stand. Returns how many are in order.
///
/// # Safety
/// `stamps` is valid for `len` numbers of 64 bits, `out` for `out_words` words, at least `len`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ms_stamps_repair(
    stamps: *const u64,
    len: u32,
    window_ns: f64,
    out: *mut u32,
    out_words: u32,
) -> i32 {
    wall(|| {
        // SAFETY: the caller's duty.
        let (stamps, out) = unsafe {
            (
                memory::stamps(stamps, len)?,
                memory::output_of(out, out_words, len as usize)?,
            )
        };
        let window = nanoseconds(window_ns)?;
        let mut sequence =
            TemporalSequence::new(window, u64::MAX, MOST_WAITING).map_err(refused)?;
        let mut late = Vec::new();
        let mut count = 0;
        let mut put = |index: u32| {
            out[count] = index;
            count += 1;
        };
        for (index, &stamp) in (0_u32..).zip(stamps) {
            if sequence.statistics().waiting == MOST_WAITING {
                // Room for the next: what waits longest can wait no longer.
                sequence
                    .pop()
                    .into_iter()
                    .for_each(|event| put(event.value));
            }
            if sequence.push(stamp, index).is_err() {
                late.push(index);
            }
            while let Some(event) = sequence.pop_ready() {
                put(event.value);
            }
        }
        while let Some(event) = sequence.pop() {
            put(event.value);
        }
        out[count..count + late.len()].copy_from_slice(&late);
        Ok(memory::count(count))
    })
}
