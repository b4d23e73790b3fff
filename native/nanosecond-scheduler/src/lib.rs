#![doc = include_str!("../README.md")]
#![deny(unsafe_code)]
#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

pub mod clock;
mod config;
mod dropped;
mod handle;
mod inbox;
mod late;
mod rank;
mod run;
mod scheduler;
mod slab;
mod statistics;
mod task;
mod tick;
mod wheel;

pub use config::{Config, ConfigError, Full, Overload};
pub use handle::{Handle, MAX_CAPACITY};
pub use inbox::Submitter;
pub use scheduler::Scheduler;
pub use statistics::{Histogram, Statistics};
pub use task::{CLASSES, Class, Dropped, Due, Task};
pub use tick::Ticked;
