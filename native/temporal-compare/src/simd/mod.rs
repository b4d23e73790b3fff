//! The room of the vector kernels: the only place of this crate with `unsafe`.
//!
//! Two reasons, both bounded: intrinsics are `unsafe` to call where the compiler does not know the processor
//! (`x86`), and so is entering a function compiled for a processor ([`dispatch`]). The kernels themselves
//! (`strip`, `lanes`) are safe code over [`lanes::Lanes`].
#![allow(unsafe_code, reason = "see the module's head")]
#![allow(
    clippy::inline_always,
    reason = "a kernel that is not inlined is compiled without the features of its entry"
)]

mod batch;
mod columns;
mod dispatch;
mod lanes;
mod meet;
mod stamps;
mod strip;
mod task;
#[cfg(target_arch = "x86_64")]
mod x86;

pub(crate) use batch::BatchBuffers;
pub(crate) use columns::{LANES, Row, column};
pub(crate) use dispatch::Shape;
pub use dispatch::{Isa, Vectored};
pub(crate) use meet::{can_meet, meet};
pub(crate) use stamps::{Extremes, deltas, extremes};
pub(crate) use task::{Buffers, Group, Layout, Task};
