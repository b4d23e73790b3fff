//! The caller's memory. All that this crate assumes of a pointer is said here.

use crate::status::{Fault, MS_TOO_SMALL};

/// Longest input or output of one call: what an `i32` result can count.
const MAX_LENGTH: u32 = i32::MAX as u32;

/// The caller's bytes.
///
/// # Safety
/// `data` is valid for reads of `len` bytes until the call returns, and nobody writes to them meanwhile.
pub(crate) unsafe fn input<'a>(data: *const u8, len: u32) -> Result<&'a [u8], Fault> {
    if len == 0 {
        return Ok(&[]);
    }
    if data.is_null() || len > MAX_LENGTH {
        return Err(Fault::argument(
            "Input is null with a length, or longer than 2^31 - 1 bytes",
        ));
    }
    // SAFETY: not null; the rest is the caller's duty.
    Ok(unsafe { std::slice::from_raw_parts(data, len as usize) })
}

/// The caller's numbers.
///
/// # Safety
/// `data` is valid for reads of `len` numbers until the call returns, and nobody writes to them meanwhile.
pub(crate) unsafe fn numbers<'a>(data: *const f64, len: u32) -> Result<&'a [f64], Fault> {
    if len == 0 {
        return Ok(&[]);
    }
    if data.is_null() || !data.is_aligned() || len > MAX_LENGTH / 8 {
        return Err(Fault::argument(
            "Numbers are null, not aligned to 8 bytes, or too many",
        ));
    }
    // SAFETY: not null, aligned; the rest is the caller's duty.
    Ok(unsafe { std::slice::from_raw_parts(data, len as usize) })
}

/// The caller's stamps.
///
/// # Safety
/// `data` is valid for reads of `len` numbers of 64 bits until the call returns, and nobody writes to them meanwhile.
pub(crate) unsafe fn stamps<'a>(data: *const u64, len: u32) -> Result<&'a [u64], Fault> {
    if len == 0 {
        return Ok(&[]);
    }
    if data.is_null() || !data.is_aligned() || len > MAX_LENGTH / 8 {
        return Err(Fault::argument(
            "Stamps are null, not aligned to 8 bytes, or too many",
        ));
    }
    // SAFETY: not null, aligned; the rest is the caller's duty.
    Ok(unsafe { std::slice::from_raw_parts(data, len as usize) })
}

/// The caller's words.
///
/// # Safety
/// `data` is valid for reads of `len` words until the call returns, and nobody writes to them meanwhile.
pub(crate) unsafe fn words<'a>(data: *const u32, len: u32) -> Result<&'a [u32], Fault> {
    if len == 0 {
        return Ok(&[]);
    }
    if data.is_null() || !data.is_aligned() || len > MAX_LENGTH / 4 {
        return Err(Fault::argument(
            "Words are null, not aligned to 4 bytes, or too many",
        ));
    }
    // SAFETY: not null, aligned; the rest is the caller's duty.
    Ok(unsafe { std::slice::from_raw_parts(data, len as usize) })
}

/// The caller's array of at least `least` numbers, to be written.
///
/// # Safety
/// `data` is valid for reads and writes of `count` numbers until the call returns, and overlaps no other argument.
pub(crate) unsafe fn numbers_out<'a>(
    data: *mut f64,
    count: u32,
    least: usize,
) -> Result<&'a mut [f64], Fault> {
    if data.is_null() || !data.is_aligned() || count > MAX_LENGTH / 8 {
        return Err(Fault::argument(
            "Numbers are null, not aligned to 8 bytes, or too many",
        ));
    }
    if (count as usize) < least {
        return Err(Fault::new(MS_TOO_SMALL, "Array has too few numbers"));
    }
    // SAFETY: not null, aligned; the rest is the caller's duty.
    Ok(unsafe { std::slice::from_raw_parts_mut(data, count as usize) })
}

/// The caller's array of words, to be written.
///
/// # Safety
/// `words` is valid for reads and writes of `count` words until the call returns, and overlaps no other argument.
pub(crate) unsafe fn output<'a>(words: *mut u32, count: u32) -> Result<&'a mut [u32], Fault> {
    if count == 0 {
        return Ok(&mut []);
    }
    if words.is_null() || !words.is_aligned() || count > MAX_LENGTH / 4 {
        return Err(Fault::argument(
            "Array is null, not aligned to 4 bytes, or too long",
        ));
    }
    // SAFETY: not null, aligned; the rest is the caller's duty.
    Ok(unsafe { std::slice::from_raw_parts_mut(words, count as usize) })
}

/// The caller's array of at least `least` words.
///
/// # Safety
/// As [`output`].
pub(crate) unsafe fn output_of<'a>(
    words: *mut u32,
    count: u32,
    least: usize,
) -> Result<&'a mut [u32], Fault> {
    // SAFETY: the caller's duty.
    let words = unsafe { output(words, count) }?;
    if words.len() < least {
        return Err(Fault::new(MS_TOO_SMALL, "Array has too few words"));
    }
    Ok(words)
}

/// Checks a place for output bytes.
pub(crate) fn check_output(out: *mut u8, cap: u32) -> Result<(), Fault> {
    if cap > MAX_LENGTH || (out.is_null() && cap > 0) {
        return Err(Fault::argument(
            "Output is null with a length, or longer than 2^31 - 1 bytes",
        ));
    }
    Ok(())
}

/// Copies `bytes` to the caller; returns their number.
///
/// # Safety
/// `out` is valid for writes of `cap` bytes.
pub(crate) unsafe fn write(out: *mut u8, cap: u32, bytes: &[u8]) -> Result<i32, Fault> {
    check_output(out, cap)?;
    if bytes.len() > cap as usize {
        return Err(Fault::new(MS_TOO_SMALL, "Output has too few bytes"));
    }
    if !bytes.is_empty() {
        // SAFETY: not null as `cap` is not 0; long enough as just checked. `bytes` is the library's own memory.
        unsafe { std::ptr::copy_nonoverlapping(bytes.as_ptr(), out, bytes.len()) };
    }
    Ok(count(bytes.len()))
}

/// A number of bytes or words as an export's result; what comes from [`input`] or [`output`] always fits.
pub(crate) fn count(length: usize) -> i32 {
    i32::try_from(length).unwrap_or(i32::MAX)
}
