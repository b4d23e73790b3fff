//! The wall between panics and the caller's process, and the text of a thread's last error.
//!
//! Must not let a panic's own message through: it may quote the text that was analysed.

use std::cell::RefCell;
use std::fmt::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook};
use std::sync::Once;

use crate::memory;
use crate::status::{Fault, MS_PANIC};

/// Bytes of an error's text that are kept; a place in the source and a sentence fit.
const MAX_ERROR: usize = 256;

thread_local! {
    static LAST_ERROR: RefCell<String> = const { RefCell::new(String::new()) };
    /// Where the last panic of this thread began, as the hook saw it.
    static PANICKED_AT: RefCell<String> = const { RefCell::new(String::new()) };
}

static HOOK: Once = Once::new();

/// Keeps panics off stderr (their messages may quote a prompt) and remembers where they began.
///
/// A cdylib has a standard library of its own, so this concerns no other code in the process.
pub(crate) fn quiet_panics() {
    HOOK.call_once(|| {
        set_hook(Box::new(|info| {
            PANICKED_AT.with_borrow_mut(|place| {
                place.clear();
                if let Some(location) = info.location() {
                    // Writing to a String cannot fail.
                    let _ = write!(place, "{}:{}", location.file(), location.line());
                }
            });
        }));
    });
}

/// Runs the body of an export: a fault or a panic becomes a status, and the thread's last error says more.
pub(crate) fn wall(body: impl FnOnce() -> Result<i32, Fault>) -> i32 {
    match catch_unwind(AssertUnwindSafe(body)) {
        Ok(Ok(value)) => value,
        Ok(Err(fault)) => refuse(fault),
        Err(payload) => {
            // A payload may panic when dropped; leaking it is the lesser evil.
            std::mem::forget(payload);
            note_panic();
            MS_PANIC
        }
    }
}

#[cold]
fn refuse(fault: Fault) -> i32 {
    // A fault without words has said them itself.
    if !fault.message.is_empty() {
        set_last_error(fault.message);
    }
    fault.status
}

/// A refusal of an argument in the words of the crate that refused it, which never hold a caller's text.
#[cold]
pub(crate) fn refusal(error: &dyn std::fmt::Display) -> Fault {
    set_last_error(&error.to_string());
    Fault::argument("")
}

#[cold]
fn note_panic() {
    let place = PANICKED_AT.with_borrow_mut(std::mem::take);
    if place.is_empty() {
        set_last_error("Panic");
    } else {
        set_last_error(&format!("Panic at {place}"));
    }
}

fn set_last_error(text: &str) {
    let end = text.floor_char_boundary(MAX_ERROR);
    LAST_ERROR.with_borrow_mut(|last| {
        last.clear();
        last.push_str(&text[..end]);
    });
}

/// Text of the last error of this thread, for `ms_last_error`; after a panic in a typed function, where it began.
/// Reading it forgets it, so that nobody takes an old error for the reason of a new one.
///
/// # Safety
/// `out` is valid for `cap` bytes.
pub(crate) unsafe fn read_last_error(out: *mut u8, cap: u32) -> Result<i32, Fault> {
    if PANICKED_AT.with_borrow(|place| !place.is_empty()) {
        note_panic();
    }
    LAST_ERROR.with_borrow_mut(|last| {
        let count = last.floor_char_boundary(cap as usize);
        // SAFETY: the caller's duty; `count` is at most `cap`.
        let written = unsafe { memory::write(out, cap, &last.as_bytes()[..count]) };
        last.clear();
        written
    })
}
