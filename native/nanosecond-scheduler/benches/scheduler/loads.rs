//! What is scheduled.
use midstream_nanosecond_scheduler::{Config, Scheduler, Task};

/// Tasks held while something is measured.
pub const RESIDENT: usize = 10_000;

/// How far ahead deadlines lie, and how far apart ticks are, in nanoseconds.
#[derive(Clone, Copy)]
pub struct Load {
    pub span: u64,
    pub step: u64,
}

pub const DENSE: Load = Load {
    span: 2_000_000,
    step: 6400,
};
pub const TIMEOUTS: Load = Load {
    span: 60_000_000_000,
    step: 10_000_000,
};

/// Random numbers below the span, made in advance: 64 Ki of them, so that no branch predictor learns them.
pub struct Increments {
    table: Vec<u64>,
    at: usize,
}

impl Increments {
    pub fn new(load: Load) -> Self {
        let mut state = 0x9e37_79b9_7f4a_7c15_u64;
        let table = std::iter::repeat_with(|| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            ((u128::from(state) * u128::from(load.span)) >> 64) as u64
        });
        Self {
            table: table.take(1 << 16).collect(),
            at: 0,
        }
    }

    #[inline]
    pub fn next(&mut self) -> u64 {
        self.at = (self.at + 1) % self.table.len();
        self.table[self.at]
    }
}

/// A scheduler with an inbox that holds 10,000 tasks in one class.
pub fn resident(load: Load) -> Scheduler {
    let config = Config {
        inbox: 1024,
        ..Config::default()
    };
    let mut scheduler = Scheduler::new(&config).unwrap_or_else(|error| panic!("{error}"));
    let mut increments = Increments::new(load);
    for tag in 0..RESIDENT as u64 {
        let _ = scheduler.schedule(Task::at(increments.next()).tag(tag));
    }
    scheduler
}
