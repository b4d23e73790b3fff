//! The pace at which text arrives: a histogram of gaps, for their median.

/// Buckets: four in each power of two of nanoseconds.
const BUCKETS: usize = 256;
/// Pieces that must have come before a gap can be called long.
const FEWEST: u32 = 8;
/// What comes sooner after the last piece came with it: a network read brings several, and whoever looks at each of them finds
/// microseconds between. The shortest stall that can be asked for is a hundred times as long.
const TOGETHER_NS: u64 = 1_000_000;

#[derive(Debug)]
pub(crate) struct Arrivals {
    counts: [u32; BUCKETS],
    count: u32,
    pieces: u32,
    last_ns: Option<u64>,
    limit_ns: u64,
    factor: f64,
}

impl Arrivals {
    pub fn new(limit_ms: u32, factor: u32) -> Self {
        Self {
            counts: [0; BUCKETS],
            count: 0,
            pieces: 0,
            last_ns: None,
            limit_ns: u64::from(limit_ms) * 1_000_000,
            factor: factor.into(),
        }
    }

    /// Text arrives now. The share of the gap that is above the stream's pace, if it was a stall.
    pub fn push(&mut self, now_ns: u64) -> Option<f32> {
        let last = self.last_ns.replace(now_ns)?;
        let gap = now_ns.saturating_sub(last);
        let is_known = self.pieces >= FEWEST;
        self.pieces = self.pieces.saturating_add(1);
        if gap < TOGETHER_NS {
            return None;
        }
        let stall = (gap >= self.limit_ns && is_known)
            .then(|| self.median_ns() / gap as f64)
            .filter(|share| share * self.factor <= 1.0);
        // A stall is no part of the pace.
        if stall.is_none() {
            self.counts[bucket(gap)] = self.counts[bucket(gap)].saturating_add(1);
            self.count = self.count.saturating_add(1);
        }
        stall.map(|share| (1.0 - share).clamp(0.0, 1.0) as f32)
    }

    /// Median gap in nanoseconds, to a quarter of an octave, from above; 0 before there is one.
    pub fn median_ns(&self) -> f64 {
        let half = self.count.div_ceil(2);
        let mut sum = 0_u32;
        for (i, count) in self.counts.iter().enumerate() {
            sum = sum.saturating_add(*count);
            if sum >= half && half > 0 {
                return (1_u64 << (i / 4)) as f64 * (5 + i % 4) as f64 / 4.0;
            }
        }
        0.0
    }
}

/// The octave and its quarter.
fn bucket(gap_ns: u64) -> usize {
    let gap = gap_ns.max(1);
    let octave = gap.ilog2();
    let quarter = (u128::from(gap) << 2 >> octave) as usize & 3;
    4 * octave as usize + quarter
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_right_to_a_quarter_of_an_octave() {
        let mut arrivals = Arrivals::new(1_000, 5);
        let mut now = 0;
        for gap in [10, 20, 30, 40, 50, 60, 70_u64] {
            arrivals.push(now);
            now += gap * 1_000_000;
        }
        arrivals.push(now);
        let median = arrivals.median_ns() / 40e6;
        assert!((1.0..=1.25).contains(&median), "{median}");
    }

    #[test]
    fn a_gap_is_a_stall_only_if_it_is_long_and_unlike_the_pace() {
        let stall = |pace_ms: u64, before: u64, gap_ms: u64| {
            let mut arrivals = Arrivals::new(1_000, 10);
            for i in 0..=before {
                assert_eq!(arrivals.push(i * pace_ms * 1_000_000), None);
            }
            arrivals.push((before * pace_ms + gap_ms) * 1_000_000)
        };
        assert!(stall(20, 30, 2_000).is_some_and(|score| score > 0.95));
        assert_eq!(stall(20, 30, 999), None);
        assert_eq!(stall(400, 30, 2_000), None);
        assert_eq!(stall(20, 7, 2_000), None);
    }

    #[test]
    fn pieces_of_one_read_are_one_arrival() {
        let mut arrivals = Arrivals::new(1_000, 10);
        let read = |arrivals: &mut Arrivals, at_ms: u64| {
            let seen = arrivals.push(at_ms * 1_000_000);
            for micros in 1..20 {
                assert_eq!(arrivals.push(at_ms * 1_000_000 + micros * 30_000), None);
            }
            seen
        };
        for i in 0..30 {
            assert_eq!(read(&mut arrivals, i * 500), None);
        }
        let median = arrivals.median_ns() / 500e6;
        assert!((0.99..=1.25).contains(&median), "{median}");
        assert_eq!(read(&mut arrivals, 29 * 500 + 4_000), None);
        assert!(read(&mut arrivals, 29 * 500 + 14_000).is_some());
    }

    #[test]
    fn a_stream_that_came_all_at_once_can_stall_too() {
        let mut arrivals = Arrivals::new(1_000, 10);
        for i in 0..9 {
            assert_eq!(arrivals.push(i * 10_000), None);
        }
        assert_eq!(arrivals.push(2_000_000_000), Some(1.0));
    }

    #[test]
    fn a_clock_that_falls_back_is_no_gap() {
        let mut arrivals = Arrivals::new(100, 2);
        for now in [5_000_000_000, 1, u64::MAX, 0, 7] {
            assert_eq!(arrivals.push(now), None);
        }
    }
}
