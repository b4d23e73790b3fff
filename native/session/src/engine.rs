//! The one place that names the crates that detect; everything else in this crate sees these names.

pub(crate) use midstream_repetition::{Detector as LoopDetector, Loop};
pub(crate) use stub::{Event, Plan as ScanPlan, Scanner, TextKind};

/// Stands in for the scanner until its first commit: finds nothing.
mod stub {
    #![allow(dead_code, clippy::all, clippy::pedantic, missing_docs)]
    use crate::error::PlanError;
    use midstream_scan::spec::AnalyserSpec;
    #[derive(Debug)]
    pub struct Plan;
    impl Plan {
        pub fn compile(_: &[AnalyserSpec]) -> Result<Self, PlanError> {
            Ok(Self)
        }
        pub fn memory_bytes(&self) -> usize {
            0
        }
    }
    #[derive(Clone, Copy, Debug)]
    pub enum TextKind {
        Plain,
        Json,
    }
    #[derive(Clone, Copy, Debug)]
    pub struct Finding {
        pub rule: u32,
        pub start: u64,
        pub end: u64,
        pub score: f32,
    }
    #[derive(Clone, Copy, Debug)]
    pub enum Event {
        Found(Finding),
        Opened { rule: u32, start: u64, score: f32 },
        Closed(Finding),
    }
    #[derive(Debug)]
    pub struct Scanner(u64);
    impl Scanner {
        pub fn new(_: &Plan, _: TextKind) -> Self {
            Self(0)
        }
        pub fn push(&mut self, _: &Plan, text: &[u8], _: &mut Vec<Event>) {
            self.0 += text.len() as u64;
        }
        pub fn finish(&mut self, _: &Plan, _: &mut Vec<Event>) {}
        pub fn safe(&self) -> u64 {
            self.0
        }
    }
}
