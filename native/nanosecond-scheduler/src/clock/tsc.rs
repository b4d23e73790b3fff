//! The time-stamp counter of x86-64: the crate's only `unsafe`.
#![allow(unsafe_code)]
use core::arch::x86_64::{__cpuid, _rdtsc};

use super::Counter;

/// The counter of the core that asks.
#[derive(Clone, Copy, Debug)]
pub struct Tsc(());

impl Tsc {
    /// The counter, if it runs at one rate in all power states: CPUID leaf `0x8000_0007`, EDX bit 8, "invariant TSC" (Intel
    /// SDM volume 3B, 19.17.1; AMD APM volume 2, 13.2.4). Counters of different cores agree then on one socket; between
    /// sockets and after a virtual machine has moved only the comparison with the operating system's clock helps.
    pub fn new() -> Option<Self> {
        const POWER_MANAGEMENT: u32 = 0x8000_0007;
        const INVARIANT: u32 = 1 << 8;
        let highest = __cpuid(0x8000_0000).eax;
        (highest >= POWER_MANAGEMENT && __cpuid(POWER_MANAGEMENT).edx & INVARIANT != 0)
            .then_some(Self(()))
    }
}

impl Counter for Tsc {
    /// Not ordered with the instructions around it: off by some nanoseconds, which `rdtscp` would cost too.
    #[inline]
    fn read(&self) -> u64 {
        // SAFETY: `rdtsc` touches no memory and has no operand, and a value of this type exists only on a processor with the
        // invariant counter, which implies the instruction. A kernel that forbids it to user space (CR4.TSD) ends the
        // process by a signal; it is no undefined behaviour.
        unsafe { _rdtsc() }
    }
}
