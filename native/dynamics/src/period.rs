//! Rhythm: a period in the lengths of sentences and lines.

/// Longest period, in segments.
const LONGEST: usize = 16;
/// Segments with fewer words say nothing: headings, list markers, "Yes."
const FEWEST_WORDS: u32 = 4;
/// Matches that are needed at least, whatever the period.
const FEWEST_MATCHES: u32 = 16;
/// What a mismatch costs, in matches (facts: a leaky run outlives a changed sentence; bench of native/repetition).
const MISS: u32 = 4;
/// How much more is asked of a rhythm of one length: lists of like entries are no rarity.
const EVEN: u32 = 3;

#[derive(Clone, Copy, Debug, Default)]
struct Run {
    matches: u32,
    hits: u32,
    misses: u32,
    start: u64,
}

#[derive(Debug)]
pub(crate) struct Rhythm {
    repeats: u32,
    /// Words of the last segments, newest first; 0 = says nothing.
    lengths: [u16; LONGEST],
    starts: [u64; LONGEST],
    /// By period, less one.
    runs: [Run; LONGEST],
    reported: Option<usize>,
}

impl Rhythm {
    pub fn new(repeats: u32) -> Self {
        Self {
            repeats,
            lengths: [0; LONGEST],
            starts: [0; LONGEST],
            runs: [Run::default(); LONGEST],
            reported: None,
        }
    }

    /// Takes a segment of so many words and other characters. Where the rhythm began and its share of matches.
    pub fn push(
        &mut self,
        words: u32,
        others: u32,
        is_table_row: bool,
        start: u64,
    ) -> Option<(u64, f32)> {
        // Tables, data and markup are periodic by nature.
        let is_prose = words >= FEWEST_WORDS && 2 * others <= words && !is_table_row;
        let length = if is_prose {
            words.min(u16::MAX.into()) as u16
        } else {
            0
        };
        for period in 0..LONGEST {
            let (before, from) = (self.lengths[period], self.starts[period]);
            self.runs[period].step(length, before, from);
        }
        self.lengths.rotate_right(1);
        self.starts.rotate_right(1);
        (self.lengths[0], self.starts[0]) = (length, start);
        if let Some(period) = self.reported {
            if self.runs[period].matches == 0 {
                self.reported = None;
                self.runs = [Run::default(); LONGEST];
            }
            return None;
        }
        let found = (0..LONGEST).find(|&period| self.is_confirmed(period))?;
        self.reported = Some(found);
        let run = self.runs[found];
        Some((run.start, run.hits as f32 / (run.hits + run.misses) as f32))
    }

    fn is_confirmed(&self, period: usize) -> bool {
        let matches = self.runs[period].matches;
        if matches < FEWEST_MATCHES {
            return false;
        }
        let lengths = &self.lengths[..=period];
        let telling = lengths.iter().filter(|length| **length > 0);
        let count = telling.clone().count() as u32;
        let is_even = telling.clone().min() == telling.max();
        let needed = (self.repeats * count).max(FEWEST_MATCHES);
        matches >= if is_even { EVEN * needed } else { needed }
    }

    /// Matches of the best period and that period, in segments.
    pub fn best(&self) -> (u32, u32) {
        let best = (0..LONGEST).max_by_key(|&period| (self.runs[period].matches, LONGEST - period));
        best.map_or((0, 0), |period| {
            (self.runs[period].matches, period as u32 + 1)
        })
    }
}

impl Run {
    fn step(&mut self, length: u16, before: u16, from: u64) {
        if length == 0 && before == 0 {
            return;
        }
        if length == before {
            if self.matches == 0 {
                *self = Self {
                    start: from,
                    ..Self::default()
                };
            }
            // The upper end lets a long rhythm end.
            self.matches = (self.matches + 1).min(1_000);
            self.hits += 1;
        } else {
            self.matches = self.matches.saturating_sub(MISS);
            self.misses += 1;
        }
    }
}
