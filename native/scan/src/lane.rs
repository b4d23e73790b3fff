//! The last bytes of a lane, and what raw bytes they stand for.

use crate::normalise::Char;

/// Bytes of the first allocation: most texts that come in small pushes are longer, and growing there step by step costs more.
const FIRST_BYTES: usize = 256;

/// Neighbouring lane bytes whose raw offsets are computed alike.
#[derive(Clone, Copy, Debug)]
struct Run {
    /// First byte in the lane.
    lane: u64,
    /// Its raw offset.
    raw: u64,
    /// 0: every byte stands for itself. Else the run is one character that stands for this many raw bytes.
    folded: u32,
}

/// A window over the end of a lane. Positions count from the start of the lane.
#[derive(Clone, Debug)]
pub(crate) struct Lane {
    bytes: Vec<u8>,
    /// Lane position of `bytes[0]`.
    base: u64,
    runs: Vec<Run>,
    /// Raw offset that continues the last run; `u64::MAX` where the next character begins a new run.
    next_raw: u64,
}

impl Lane {
    pub(crate) fn new() -> Self {
        Self {
            bytes: Vec::new(),
            base: 0,
            runs: Vec::new(),
            next_raw: u64::MAX,
        }
    }

    /// Position after the last byte.
    #[inline]
    pub(crate) fn end(&self) -> u64 {
        self.base + self.bytes.len() as u64
    }

    pub(crate) fn base(&self) -> u64 {
        self.base
    }

    pub(crate) fn len(&self) -> usize {
        self.bytes.len()
    }

    pub(crate) fn append_ascii(&mut self, bytes: &[u8], raw: u64) {
        if raw != self.next_raw {
            self.runs.push(Run {
                lane: self.end(),
                raw,
                folded: 0,
            });
        }
        self.next_raw = raw + bytes.len() as u64;
        if self.bytes.capacity() == 0 {
            self.bytes.reserve(FIRST_BYTES);
        }
        self.bytes.extend_from_slice(bytes);
    }

    /// Takes back the last bytes of [`Lane::append_ascii`].
    pub(crate) fn take_back(&mut self, count: usize) {
        self.bytes.truncate(self.bytes.len() - count);
        self.next_raw -= count as u64;
    }

    pub(crate) fn append(&mut self, c: &Char) {
        let length = c.end - c.start;
        let folded = if length == u64::from(c.len) {
            0
        } else {
            length as u32
        };
        if folded != 0 || c.start != self.next_raw {
            self.runs.push(Run {
                lane: self.end(),
                raw: c.start,
                folded,
            });
        }
        self.next_raw = if folded == 0 { c.end } else { u64::MAX };
        self.bytes.extend_from_slice(c.bytes());
    }

    /// Bytes from one position to another, as far as the window still has them.
    pub(crate) fn slice(&self, from: u64, to: u64) -> &[u8] {
        let from = from.saturating_sub(self.base) as usize;
        let to = (to.saturating_sub(self.base) as usize).min(self.bytes.len());
        self.bytes.get(from..to).unwrap_or(&[])
    }

    pub(crate) fn get(&self, at: u64) -> Option<u8> {
        self.bytes.get(at.checked_sub(self.base)? as usize).copied()
    }

    /// Raw offset of the byte at a position; at the end, of what will come next.
    pub(crate) fn raw_start(&self, at: u64) -> u64 {
        let Some(run) = self.run_of(at) else { return 0 };
        if run.folded == 0 {
            run.raw + (at - run.lane)
        } else {
            run.raw
        }
    }

    /// Raw offset after the character that ends at a position.
    pub(crate) fn raw_end(&self, at: u64) -> u64 {
        let Some(run) = at.checked_sub(1).and_then(|last| self.run_of(last)) else {
            return 0;
        };
        run.raw
            + if run.folded == 0 {
                at - run.lane
            } else {
                u64::from(run.folded)
            }
    }

    fn run_of(&self, at: u64) -> Option<&Run> {
        let after = self.runs.partition_point(|run| run.lane <= at);
        self.runs[..after].last()
    }

    /// First position in the window whose raw offset is not before `raw`.
    pub(crate) fn position_of(&self, raw: u64) -> u64 {
        let after = self.runs.partition_point(|run| run.raw <= raw);
        let Some(run) = self.runs[..after].last() else {
            return self.base;
        };
        let end = self.runs.get(after).map_or(self.end(), |next| next.lane);
        let at = match (raw - run.raw, run.folded) {
            (0, _) => run.lane,
            (_, 1..) => end,
            (distance, 0) => run.lane + distance,
        };
        at.clamp(self.base, end.max(self.base))
    }

    /// Forgets what lies before a position.
    pub(crate) fn forget_before(&mut self, position: u64) {
        let count = (position.saturating_sub(self.base) as usize).min(self.bytes.len());
        self.bytes.copy_within(count.., 0);
        self.bytes.truncate(self.bytes.len() - count);
        self.base += count as u64;
        let covering = self.runs.partition_point(|run| run.lane <= self.base);
        self.runs.drain(..covering.saturating_sub(1));
    }

    /// Forgets what lies behind a position.
    pub(crate) fn forget_from(&mut self, position: u64) {
        self.bytes
            .truncate(position.saturating_sub(self.base) as usize);
        self.runs
            .truncate(self.runs.partition_point(|run| run.lane < position));
        self.next_raw = u64::MAX;
    }

    pub(crate) fn memory_bytes(&self) -> usize {
        self.bytes.capacity() + self.runs.capacity() * size_of::<Run>()
    }
}

#[cfg(test)]
mod tests {
    use super::Lane;
    use crate::normalise::Char;

    /// `a`, a full-width `b` (3 raw bytes), a dropped zero-width space (3), `é` (2), `c`.
    fn sample() -> Lane {
        let mut lane = Lane::new();
        lane.append_ascii(b"a", 0);
        lane.append(&Char::ascii(b'b', 1, 4));
        lane.append(&Char::new('é', 7, 9));
        lane.append_ascii(b"c", 9);
        lane
    }

    #[test]
    fn starts_and_ends_are_those_of_the_raw_characters() {
        let lane = sample();
        assert_eq!(
            [0, 1, 2, 4, 5].map(|at| lane.raw_start(at)),
            [0, 1, 7, 9, 10]
        );
        assert_eq!([1, 2, 4, 5].map(|at| lane.raw_end(at)), [1, 4, 9, 10]);
        assert_eq!(
            [0, 1, 2, 4, 7, 9, 10].map(|raw| lane.position_of(raw)),
            [0, 1, 2, 2, 2, 4, 5]
        );
    }

    #[test]
    fn forgetting_the_front_changes_no_offset() {
        for cut in 0..=5 {
            let mut lane = sample();
            lane.forget_before(cut);
            for at in cut..5 {
                assert_eq!(lane.raw_start(at), sample().raw_start(at));
                assert_eq!(lane.get(at), sample().get(at));
            }
            for at in cut + 1..=5 {
                assert_eq!(lane.raw_end(at), sample().raw_end(at));
            }
        }
    }
}
