//! The C ABI of the native core. The only `cdylib` of the workspace and the only home of `unsafe`.
//!
//! Two halves. The flat ABI (`ms_*`, written by hand, documented in `midstream.h`) carries what runs per delta or per
//! read: numbers and arrays of the caller, no struct by value, no callback, no 64-bit argument. The typed ABI
//! (`typed`, by uniffi) carries what runs once per plan; its TypeScript is generated.
//!
//! Every export catches panics. Every handle may be used from any thread; calls on one handle follow one another.
//!
//! Knows nothing of JavaScript, and decides nothing.

mod buffers;
mod cache;
mod compare;
mod detect;
mod guard;
mod handles;
mod memory;
mod objects;
mod pattern_bank;
mod rules;
mod scheduler;
mod selftest;
mod series;
mod session;
mod stamps;
mod status;
mod streams;
mod typed;
mod wall;
mod wire;

pub use buffers::*;
pub use cache::*;
pub use compare::*;
pub use detect::*;
pub use guard::*;
pub use pattern_bank::*;
pub use rules::*;
pub use scheduler::*;
pub use selftest::*;
pub use series::*;
pub use session::*;
pub use stamps::*;
pub use status::*;
pub use streams::*;
pub use typed::*;
pub use wire::*;

uniffi::setup_scaffolding!("midstream");

/// The ABI's number. The first call of every loader: it also keeps panic messages off stderr from then on.
#[unsafe(no_mangle)]
pub extern "C" fn ms_abi_version() -> u32 {
    wall::quiet_panics();
    MS_ABI_VERSION
}

/// Copies the text of this thread's last error and forgets it; returns its length in bytes. Cut at a character where
/// `cap` is short.
///
/// # Safety
/// `out` is valid for `cap` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ms_last_error(out: *mut u8, cap: u32) -> i32 {
    // No wall: it would overwrite what is asked for, and nothing here panics.
    // SAFETY: the caller's duty.
    unsafe { wall::read_last_error(out, cap) }.unwrap_or_else(|fault| fault.status)
}
