//! The last bytes of a lane, and what raw bytes they stand for.

use crate::normalise::Char;

/// Bytes of the first allocation: most texts that come in small pushes are longer, and growing there step by step costs more.
const FIRST_BYTES: usize = 256;

/// What a run weighs in [`Lane::load`], in bytes of text: a quarter of its memory.
const RUN_LOAD: usize = size_of::<Run>() / 4;

/// Neighbouring characters of a lane whose raw offsets are computed alike.
#[derive(Clone, Copy, Debug)]
struct Run {
    /// Raw offset of the first.
    raw: u64,
    /// Its place in the window; before the window if a part of the run was forgotten.
    place: i32,
    /// 0: every byte stands for itself. Else every character stands for this many raw bytes.
    width: u8,
    /// Bytes of each character, where `width` is not 0.
    len: u8,
}

impl Run {
    /// Raw offset of the character that has the byte at a place.
    fn start(&self, place: i32) -> u64 {
        let distance = i64::from(place - self.place);
        self.raw.wrapping_add_signed(match self.width {
            0 => distance,
            width => distance / i64::from(self.len) * i64::from(width),
        })
    }

    /// Raw offset behind it.
    fn end(&self, place: i32) -> u64 {
        self.start(place) + u64::from(self.width).max(1)
    }

    /// Lets the run begin at its last character that begins at a place or before.
    fn advance(&mut self, place: i32) {
        let step = i32::from(self.len.max(1));
        let by = (place - self.place) / step * step;
        self.raw = self.start(self.place + by);
        self.place += by;
    }
}

/// Neighbouring characters of a lane whose raw offsets are computed alike.
pub(crate) struct Piece<'a> {
    pub(crate) bytes: &'a [u8],
    /// Lane position and raw offset of the first.
    pub(crate) at: u64,
    pub(crate) raw: u64,
    /// 0: every byte stands for itself. Else every character stands for this many raw bytes.
    pub(crate) width: u8,
}

impl Piece<'_> {
    /// Raw bytes that a character of it stands for.
    pub(crate) fn raw_bytes(&self, c: char) -> u64 {
        match self.width {
            0 => c.len_utf8() as u64,
            width => u64::from(width),
        }
    }
}

/// A window over the end of a lane. Positions count from the start of the lane.
#[derive(Clone, Debug)]
pub(crate) struct Lane {
    bytes: Vec<u8>,
    /// Lane position of `bytes[0]`.
    base: u64,
    runs: Vec<Run>,
    /// Raw offset that continues the last run if its bytes stand for themselves; else `u64::MAX`.
    next_raw: u64,
    /// The same if they do not.
    next_folded: u64,
}

impl Lane {
    pub(crate) fn new() -> Self {
        Self {
            bytes: Vec::new(),
            base: 0,
            runs: Vec::new(),
            next_raw: u64::MAX,
            next_folded: u64::MAX,
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

    /// What the window takes, in bytes of text.
    #[inline]
    pub(crate) fn load(&self) -> usize {
        self.bytes.len() + RUN_LOAD * self.runs.len()
    }

    #[inline]
    pub(crate) fn append_ascii(&mut self, bytes: &[u8], raw: u64) {
        if raw != self.next_raw {
            self.begin_run(raw, 0, 1);
        }
        self.next_raw = raw + bytes.len() as u64;
        if self.bytes.capacity() == 0 {
            self.bytes.reserve(FIRST_BYTES);
        }
        self.bytes.extend_from_slice(bytes);
    }

    #[cold]
    fn begin_run(&mut self, raw: u64, width: u8, len: u8) {
        let place = place_of(self.bytes.len());
        self.runs.push(Run {
            raw,
            place,
            width,
            len,
        });
        (self.next_raw, self.next_folded) = (u64::MAX, u64::MAX);
    }

    /// Takes back the last bytes of [`Lane::append_ascii`].
    pub(crate) fn take_back(&mut self, count: usize) {
        self.bytes.truncate(self.bytes.len() - count);
        self.next_raw -= count as u64;
    }

    pub(crate) fn append(&mut self, c: &Char) {
        // A character stands for twelve bytes at most: two escapes of JSON.
        let width = (c.end - c.start) as u8;
        if width == c.len {
            if c.start != self.next_raw {
                self.begin_run(c.start, 0, 1);
            }
            self.next_raw = c.end;
        } else {
            let last = self.runs.last();
            let same = last.is_some_and(|run| run.width == width && run.len == c.len);
            if c.start != self.next_folded || !same {
                self.begin_run(c.start, width, c.len);
            }
            self.next_folded = c.end;
        }
        match c.bytes() {
            [byte] => self.bytes.push(*byte),
            bytes => self.bytes.extend_from_slice(bytes),
        }
    }

    /// Bytes from one position to another, as far as the window still has them.
    pub(crate) fn slice(&self, from: u64, to: u64) -> &[u8] {
        let from = from.saturating_sub(self.base) as usize;
        let to = (to.saturating_sub(self.base) as usize).min(self.bytes.len());
        self.bytes.get(from..to).unwrap_or(&[])
    }

    /// The text from one position of the window to another.
    pub(crate) fn pieces(&self, from: u64, to: u64) -> impl Iterator<Item = Piece<'_>> {
        let index = |at: u64| (at.saturating_sub(self.base) as usize).min(self.bytes.len());
        let (mut from, to) = (index(from), index(to));
        let mut next = self.runs.partition_point(|run| run.place <= place_of(from));
        std::iter::from_fn(move || {
            let run = self.runs.get(next.checked_sub(1)?)?;
            let after = self
                .runs
                .get(next)
                .map_or(to, |run| to.min(index_of(run.place)));
            let bytes = self.bytes.get(from..after)?;
            let piece = Piece {
                bytes,
                at: self.base + from as u64,
                raw: run.start(place_of(from)),
                width: run.width,
            };
            (from, next) = (after, next + 1);
            (!bytes.is_empty()).then_some(piece)
        })
    }

    pub(crate) fn get(&self, at: u64) -> Option<u8> {
        self.bytes.get(at.checked_sub(self.base)? as usize).copied()
    }

    fn place(&self, at: u64) -> i32 {
        at.wrapping_sub(self.base) as i32
    }

    /// Raw offset of the byte at a position; at the end, of what will come next.
    pub(crate) fn raw_start(&self, at: u64) -> u64 {
        let place = self.place(at);
        self.run_of(place).map_or(0, |run| run.start(place))
    }

    /// Raw offset after the character that ends at a position.
    pub(crate) fn raw_end(&self, at: u64) -> u64 {
        let place = self.place(at) - 1;
        self.run_of(place).map_or(0, |run| run.end(place))
    }

    /// Raw offsets of the start and the end of a character of one byte; fast near the end of the lane.
    pub(crate) fn raw_of(&self, at: u64) -> (u64, u64) {
        let place = self.place(at);
        let run = self.runs.iter().rev().find(|run| run.place <= place);
        run.map_or((0, 0), |run| (run.start(place), run.end(place)))
    }

    fn run_of(&self, place: i32) -> Option<&Run> {
        let after = self.runs.partition_point(|run| run.place <= place);
        self.runs.get(after.saturating_sub(1))
    }

    /// First position in the window whose raw offset is not before `raw`.
    pub(crate) fn position_of(&self, raw: u64) -> u64 {
        let after = self.runs.partition_point(|run| run.raw <= raw);
        let Some(run) = self.runs[..after].last() else {
            return self.base;
        };
        let end = self.runs.get(after).map_or(self.end(), |next| {
            self.base.wrapping_add_signed(i64::from(next.place))
        });
        let distance = raw - run.raw;
        let bytes = match run.width {
            0 => distance,
            width => distance
                .div_ceil(u64::from(width))
                .saturating_mul(u64::from(run.len)),
        };
        let from = self.base.wrapping_add_signed(i64::from(run.place));
        from.saturating_add(bytes)
            .clamp(self.base, end.max(self.base))
    }

    /// Forgets what lies before a position.
    pub(crate) fn forget_before(&mut self, position: u64) {
        let count = (position.saturating_sub(self.base) as usize).min(self.bytes.len());
        self.bytes.copy_within(count.., 0);
        self.bytes.truncate(self.bytes.len() - count);
        self.base += count as u64;
        let count = place_of(count);
        let covering = self.runs.partition_point(|run| run.place <= count);
        self.runs.drain(..covering.saturating_sub(1));
        if let Some(first) = self.runs.first_mut().filter(|run| run.place < count) {
            first.advance(count);
        }
        for run in &mut self.runs {
            run.place -= count;
        }
        give_back(&mut self.bytes, FIRST_BYTES);
        give_back(&mut self.runs, 4);
    }

    /// Forgets what lies behind a position.
    pub(crate) fn forget_from(&mut self, position: u64) {
        let place = self.place(position);
        self.bytes
            .truncate(position.saturating_sub(self.base) as usize);
        self.runs
            .truncate(self.runs.partition_point(|run| run.place < place));
        (self.next_raw, self.next_folded) = (u64::MAX, u64::MAX);
    }

    pub(crate) fn memory_bytes(&self) -> usize {
        self.bytes.capacity() + self.runs.capacity() * size_of::<Run>()
    }
}

/// A window is far smaller than 2 GB.
fn place_of(index: usize) -> i32 {
    index.cast_signed() as i32
}

fn index_of(place: i32) -> usize {
    usize::try_from(place).unwrap_or(0)
}

/// Gives memory back that a list took when it was four times as long; `least` items are kept room for.
pub(crate) fn give_back<T>(list: &mut Vec<T>, least: usize) {
    if list.capacity() > least.max(4 * list.len()) {
        list.shrink_to(least.max(2 * list.len()));
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
    fn pieces_are_the_text_with_its_raw_offsets() {
        for (cut, from, to) in [(0, 0, 5), (0, 1, 4), (1, 1, 5), (2, 2, 2), (2, 4, 5)] {
            let mut lane = sample();
            lane.forget_before(cut);
            let mut at = from;
            for piece in lane.pieces(from, to) {
                assert_eq!((piece.at, piece.raw), (at, sample().raw_start(at)));
                assert_eq!(piece.bytes, lane.slice(at, at + piece.bytes.len() as u64));
                at += piece.bytes.len() as u64;
                let last = std::str::from_utf8(piece.bytes).unwrap().chars().last();
                let start = at - last.map_or(0, |c| c.len_utf8() as u64);
                let width = last.map_or(0, |c| piece.raw_bytes(c));
                assert_eq!(sample().raw_start(start) + width, sample().raw_end(at));
            }
            assert_eq!(at, to);
        }
        for at in [0, 1, 4] {
            let lane = sample();
            assert_eq!(lane.raw_of(at), (lane.raw_start(at), lane.raw_end(at + 1)));
        }
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

    #[test]
    fn characters_that_are_folded_alike_share_a_run() {
        let mut lane = Lane::new();
        for at in 0..600 {
            lane.append(&Char::ascii(b'a', 3 * at, 3 * at + 3));
        }
        lane.append_ascii(b"bc", 1800);
        assert_eq!(lane.runs.len(), 2);
        for cut in [0, 7, 599, 600, 601] {
            lane.forget_before(cut);
            let expected = |at: u64| if at < 600 { 3 * at } else { 1200 + at };
            for at in cut..=602 {
                assert_eq!(lane.raw_start(at), expected(at), "{at} after {cut}");
            }
            for at in cut + 1..=602 {
                let end = if at <= 600 { 3 * at } else { 1200 + at };
                assert_eq!(lane.raw_end(at), end, "{at} after {cut}");
            }
            assert_eq!(lane.position_of(1799), 600.max(cut));
        }
    }
}
