//! Flat ABI of native/temporal-compare: several patterns over one series that goes on.

use midstream_temporal_compare::{CompareError, PatternBank, StreamMatch};

use crate::compare::{cost, refused};
use crate::memory;
use crate::objects::{self, Object};
use crate::status::Fault;
use crate::streams::{MS_MATCH_NUMBERS, write_match};
use crate::wall::wall;

/// Numbers of a match of a bank: index of the pattern, start, end, distance.
pub const MS_BANK_MATCH_NUMBERS: usize = 1 + MS_MATCH_NUMBERS;

/// Most patterns of a bank: what all of them can find at one sample fits the caller's array then.
const MAX_PATTERNS: usize = 4096;

fn with_bank<R>(
    handle: u32,
    body: impl FnOnce(&mut PatternBank) -> Result<R, Fault>,
) -> Result<R, Fault> {
    objects::with(handle, |object| match object {
        Object::PatternBank(bank) => body(bank),
        _ => Err(Fault::BAD_HANDLE),
    })
}

/// Writes matches one after the other.
struct Matches<'a> {
    out: &'a mut [f64],
    count: usize,
}

impl Matches<'_> {
    /// `samples`: most at which each of the bank's patterns may find something.
    ///
    /// # Safety
    /// `out` is valid for `out_numbers` numbers.
    unsafe fn new(
        bank: &PatternBank,
        samples: usize,
        out: *mut f64,
        out_numbers: u32,
    ) -> Result<Self, Fault> {
        let least = (samples * MS_BANK_MATCH_NUMBERS).saturating_mul(bank.patterns());
        // SAFETY: the caller's duty.
        let out = unsafe { memory::numbers_out(out, out_numbers, least) }?;
        Ok(Self { out, count: 0 })
    }

    fn add(&mut self, pattern: usize, found: StreamMatch) {
        let place = &mut self.out[self.count * MS_BANK_MATCH_NUMBERS..];
        place[0] = pattern as f64;
        write_match(Some(found), &mut place[1..]);
        self.count += 1;
    }
}

/// Opens a bank of `count` patterns, `lengths` long, one after the other in `samples`; `most`: the largest distance that is
/// reported of each, infinity: keep its nearest stretch only.
///
/// # Safety
/// `samples` is valid for `len` numbers, `lengths` for `count` words, `most` for `count` numbers.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ms_pattern_bank_open(
    samples: *const f64,
    len: u32,
    lengths: *const u32,
    most: *const f64,
    count: u32,
    cost: u32,
) -> i32 {
    wall(|| {
        // SAFETY: the caller's duty.
        let (mut samples, lengths, most) = unsafe {
            (
                memory::numbers(samples, len)?,
                memory::words(lengths, count)?,
                memory::numbers(most, count)?,
            )
        };
        if lengths.len() > MAX_PATTERNS {
            return Err(Fault::argument("More than 4,096 patterns"));
        }
        let uneven = || Fault::argument("Lengths do not add up to the number of samples");
        let mut patterns = Vec::with_capacity(lengths.len());
        for (&length, &most) in lengths.iter().zip(most) {
            let cut = samples.split_at_checked(length as usize);
            let (pattern, rest) = cut.ok_or_else(uneven)?;
            patterns.push((pattern, most));
            samples = rest;
        }
        if !samples.is_empty() {
            return Err(uneven());
        }
        let bank = PatternBank::new(&patterns, self::cost(cost)?).map_err(refused)?;
        objects::open(Object::PatternBank(Box::new(bank)))
    })
}

/// Samples; the number of matches. All samples are taken, or none.
///
/// # Safety
/// `values` is valid for `len` numbers, `out` for `out_numbers`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ms_pattern_bank_push(
    bank: u32,
    values: *const f64,
    len: u32,
    out: *mut f64,
    out_numbers: u32,
) -> i32 {
    wall(|| {
        // SAFETY: the caller's duty.
        let values = unsafe { memory::numbers(values, len) }?;
        if let Some(index) = values.iter().position(|value| !value.is_finite()) {
            return Err(refused(CompareError::NotFinite {
                argument: "values",
                index,
            }));
        }
        with_bank(bank, |bank| {
            // SAFETY: the caller's duty.
            let mut matches = unsafe { Matches::new(bank, values.len(), out, out_numbers) }?;
            for &value in values {
                bank.push(value, |pattern, found| matches.add(pattern, found))
                    .map_err(refused)?;
            }
            Ok(memory::count(matches.count))
        })
    })
}

/// Ends the stream, which then begins anew; the number of matches that were still waiting, at most one of each pattern.
///
/// # Safety
/// `out` is valid for `out_numbers` numbers.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ms_pattern_bank_finish(bank: u32, out: *mut f64, out_numbers: u32) -> i32 {
    wall(|| {
        with_bank(bank, |bank| {
            // SAFETY: the caller's duty.
            let mut matches = unsafe { Matches::new(bank, 1, out, out_numbers) }?;
            bank.finish(|pattern, found| matches.add(pattern, found));
            Ok(memory::count(matches.count))
        })
    })
}

/// The nearest stretch to one pattern so far; 0 where there is none, or no such pattern.
///
/// # Safety
/// `out` is valid for `out_numbers` numbers.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ms_pattern_bank_best(
    bank: u32,
    pattern: u32,
    out: *mut f64,
    out_numbers: u32,
) -> i32 {
    wall(|| {
        // SAFETY: the caller's duty.
        let out = unsafe { memory::numbers_out(out, out_numbers, MS_MATCH_NUMBERS) }?;
        with_bank(bank, |bank| {
            Ok(write_match(bank.best(pattern as usize), out))
        })
    })
}

/// Closes a bank.
#[unsafe(no_mangle)]
pub extern "C" fn ms_pattern_bank_close(bank: u32) -> i32 {
    wall(|| objects::close(bank, |object| matches!(object, Object::PatternBank(_))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::status::{MS_BAD_ARGUMENT, MS_BAD_HANDLE, MS_TOO_SMALL};
    use crate::streams::ms_pattern_close;

    fn open(samples: &[f64], lengths: &[u32], most: &[f64]) -> i32 {
        // SAFETY: lengths are those of the slices.
        unsafe {
            ms_pattern_bank_open(
                samples.as_ptr(),
                samples.len() as u32,
                lengths.as_ptr(),
                most.as_ptr(),
                lengths.len() as u32,
                0,
            )
        }
    }

    fn push(bank: u32, values: &[f64], out: &mut [f64]) -> i32 {
        // SAFETY: lengths are those of the slices.
        unsafe {
            ms_pattern_bank_push(
                bank,
                values.as_ptr(),
                values.len() as u32,
                out.as_mut_ptr(),
                out.len() as u32,
            )
        }
    }

    #[test]
    fn patterns_whose_lengths_do_not_add_up_are_refused() {
        for lengths in [[2, 2], [1, 1], [3, u32::MAX]] {
            assert_eq!(open(&[1.0, 2.0, 3.0], &lengths, &[1.0; 2]), MS_BAD_ARGUMENT);
        }
        assert_eq!(open(&[1.0], &[], &[]), MS_BAD_ARGUMENT);
        let (ones, lengths) = (vec![1.0; 4097], vec![1; 4097]);
        assert_eq!(open(&ones, &lengths, &ones), MS_BAD_ARGUMENT);
    }

    #[test]
    fn an_array_that_could_be_too_small_takes_no_sample() {
        let bank = open(&[1.0, 2.0, 5.0], &[2, 1], &[0.5; 2]).cast_unsigned();
        let mut out = [0.0; 2 * 3 * MS_BANK_MATCH_NUMBERS];
        assert_eq!(push(bank, &[1.0, 2.0, 9.0], &mut out[1..]), MS_TOO_SMALL);
        assert_eq!(push(bank, &[1.0, 2.0, f64::NAN], &mut out), MS_BAD_ARGUMENT);
        assert_eq!(push(bank, &[1.0, 2.0, 9.0], &mut out), 1);
        assert_eq!(out[..MS_BANK_MATCH_NUMBERS], [0.0, 0.0, 2.0, 0.0]);
        assert_eq!(ms_pattern_close(bank), MS_BAD_HANDLE);
        assert_eq!(ms_pattern_bank_close(bank), 0);
        assert_eq!(push(bank, &[1.0], &mut out), MS_BAD_HANDLE);
    }
}
