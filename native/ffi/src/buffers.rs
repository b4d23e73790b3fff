//! Pointer-only twins of uniffi's buffer functions, which pass structs by value: `bun:ffi` cannot.
//!
//! A buffer is three words of 64 bits in the caller's memory, as uniffi lays it out in its own call arrays: capacity,
//! length, address. The caller hands the words to a typed function (which takes the buffer over) or back to here, once.

use uniffi::{FfiBufferElement, FfiSerialize, RustBuffer};

use crate::memory;
use crate::status::{Fault, MS_BAD_UTF8};
use crate::wall::wall;

/// Words of 64 bits that a buffer takes.
pub const MS_BUFFER_WORDS: usize = 3;

/// A new buffer of `size` zero bytes.
///
/// # Safety
/// `buffer` is valid for [`MS_BUFFER_WORDS`] words of 64 bits.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ms_buffer_alloc(size: u32, buffer: *mut u64) -> i32 {
    wall(|| {
        let words = check(buffer)?;
        if size > i32::MAX as u32 {
            return Err(Fault::argument("Buffer is longer than 2^31 - 1 bytes"));
        }
        // SAFETY: the caller's duty.
        unsafe { put(words, RustBuffer::new_with_size(u64::from(size))) };
        Ok(0)
    })
}

/// A new buffer with a copy of the caller's bytes.
///
/// # Safety
/// `bytes` is valid for `len` bytes, `buffer` for [`MS_BUFFER_WORDS`] words of 64 bits.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ms_buffer_from_bytes(bytes: *const u8, len: u32, buffer: *mut u64) -> i32 {
    wall(|| {
        let words = check(buffer)?;
        // SAFETY: the caller's duty.
        let bytes = unsafe { memory::input(bytes, len) }?;
        // SAFETY: the caller's duty.
        unsafe { put(words, RustBuffer::from_vec(bytes.to_vec())) };
        Ok(0)
    })
}

/// As [`ms_buffer_from_bytes`], for text: uniffi takes a string's bytes unchecked, so they are checked here.
///
/// # Safety
/// As [`ms_buffer_from_bytes`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ms_buffer_from_text(text: *const u8, len: u32, buffer: *mut u64) -> i32 {
    wall(|| {
        let words = check(buffer)?;
        // SAFETY: the caller's duty.
        let text = unsafe { memory::input(text, len) }?;
        if std::str::from_utf8(text).is_err() {
            return Err(Fault::new(MS_BAD_UTF8, "Text is not UTF-8"));
        }
        // SAFETY: the caller's duty.
        unsafe { put(words, RustBuffer::from_vec(text.to_vec())) };
        Ok(0)
    })
}

/// Makes room for `additional` bytes behind those that are there.
///
/// # Safety
/// `buffer` holds a living buffer; nobody else holds it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ms_buffer_reserve(buffer: *mut u64, additional: u32) -> i32 {
    wall(|| {
        let words = check(buffer)?;
        // SAFETY: the caller's duty.
        let mut bytes = unsafe { take(words) }?;
        bytes.reserve(additional as usize);
        // SAFETY: the caller's duty.
        unsafe { put(words, RustBuffer::from_vec(bytes)) };
        Ok(0)
    })
}

/// Copies a buffer's bytes to the caller and frees it; returns their number. Too small an array leaves it as it was.
///
/// # Safety
/// `buffer` holds a living buffer; nobody else holds it. `out` is valid for `cap` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ms_buffer_take(buffer: *mut u64, out: *mut u8, cap: u32) -> i32 {
    wall(|| {
        let words = check(buffer)?;
        // SAFETY: the caller's duty.
        let bytes = unsafe { take(words) }?;
        // SAFETY: the caller's duty.
        let written = unsafe { memory::write(out, cap, &bytes) };
        if written.is_err() {
            // SAFETY: the caller's duty.
            unsafe { put(words, RustBuffer::from_vec(bytes)) };
        }
        written
    })
}

/// Frees a buffer. The words are zeroed, so that a second free of the same words does nothing.
///
/// # Safety
/// `buffer` holds a living buffer or zeroes; nobody else holds it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ms_buffer_free(buffer: *mut u64) -> i32 {
    wall(|| {
        let words = check(buffer)?;
        // SAFETY: the caller's duty.
        drop(unsafe { take(words) }?);
        Ok(0)
    })
}

fn check(buffer: *mut u64) -> Result<*mut u64, Fault> {
    if buffer.is_null() || !buffer.is_aligned() {
        return Err(Fault::argument("Buffer is null or not aligned to 8 bytes"));
    }
    Ok(buffer)
}

/// # Safety
/// `words` is valid for [`MS_BUFFER_WORDS`] words.
unsafe fn put(words: *mut u64, buffer: RustBuffer) {
    // SAFETY: the caller's duty; an element is 8 bytes, as a word is.
    let elements = unsafe {
        std::slice::from_raw_parts_mut(words.cast::<FfiBufferElement>(), MS_BUFFER_WORDS)
    };
    RustBuffer::put(elements, buffer);
}

/// Takes the buffer out and leaves zeroes.
///
/// # Safety
/// `words` holds a living buffer or zeroes; nobody else holds it.
unsafe fn take(words: *mut u64) -> Result<Vec<u8>, Fault> {
    // SAFETY: the caller's duty.
    let raw = unsafe { std::slice::from_raw_parts_mut(words, MS_BUFFER_WORDS) };
    let [capacity, length, address] = [raw[0], raw[1], raw[2]];
    if length > capacity || (address == 0 && capacity != 0) {
        return Err(Fault::argument("Words are not a buffer"));
    }
    let elements = [
        FfiBufferElement { u64: capacity },
        FfiBufferElement { u64: length },
        FfiBufferElement { u64: address },
    ];
    raw.fill(0);
    Ok(RustBuffer::get(&elements).destroy_into_vec())
}

const _: () = assert!(size_of::<FfiBufferElement>() == size_of::<u64>());
const _: () = assert!(<RustBuffer as FfiSerialize>::SIZE == MS_BUFFER_WORDS);
