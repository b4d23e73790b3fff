//! The one place that names the crates that detect; everything else in this crate sees these names.

pub(crate) use midstream_repetition::{Detector as LoopDetector, Loop};
pub(crate) use midstream_scan::{Event, Plan as ScanPlan, Scanner, TextKind};
