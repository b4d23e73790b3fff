//! The one place that names the scanner's crate; `watch` names the other detectors'.

pub(crate) use midstream_scan::{Event, Plan as ScanPlan, Scanner, TextKind};
