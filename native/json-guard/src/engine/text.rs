//! Strings while they arrive.

use super::Engine;
use crate::guard::Shared;
use crate::schema::{Check, Search, Types};
use crate::status::Kind;

/// The part of a sorted list's range that goes on with `text` at byte `at`. All of the range agrees on the bytes before. An
/// empty `text` stands for a character that is not known yet.
pub(super) fn narrow<'l>(
    (mut low, mut high): (u32, u32),
    mut at: usize,
    (text, list): (&[u8], impl Fn(usize) -> &'l [u8]),
) -> Option<(u32, u32)> {
    if text.is_empty() {
        let longer = high > low && list(high as usize - 1).len() > at;
        return longer.then_some((low, high));
    }
    if high - low == 1 {
        let rest = list(low as usize).get(at..).unwrap_or_default();
        return rest.starts_with(text).then_some((low, high));
    }
    for &byte in text {
        let range = |from: u32, holds: &dyn Fn(Option<&u8>) -> bool| {
            from + partition((high - from) as usize, |index| {
                holds(list(from as usize + index).get(at))
            }) as u32
        };
        let start = range(low, &|found| found < Some(&byte));
        (low, high) = (start, range(start, &|found| found <= Some(&byte)));
        at += 1;
        if low == high {
            return None;
        }
    }
    Some((low, high))
}

/// How many bytes of `text` some of the list's range agrees with.
fn agreed<'l>(
    range: (u32, u32),
    at: usize,
    (text, list): (&[u8], impl Fn(usize) -> &'l [u8]),
) -> usize {
    let range = range.0 as usize..range.1 as usize;
    let common = |value: &[u8]| {
        let rest = value.get(at..).unwrap_or_default();
        rest.iter().zip(text).take_while(|(a, b)| a == b).count()
    };
    // The neighbours of where `text` would be sorted in agree with it for longest.
    let place = range.start
        + partition(range.len(), |index| {
            list(range.start + index).get(at..).unwrap_or_default() < text
        });
    let neighbours = [place.checked_sub(1), Some(place)]
        .into_iter()
        .flatten()
        .filter(|index| range.contains(index));
    neighbours
        .map(|index| common(list(index)))
        .max()
        .unwrap_or(0)
}

/// First index for which `below` does not hold; it holds for none behind one for which it does not.
fn partition(length: usize, below: impl Fn(usize) -> bool) -> usize {
    let (mut low, mut high) = (0, length);
    while low < high {
        let middle = low + (high - low) / 2;
        if below(middle) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    low
}

/// Index of the byte that starts character `index` of `text`, counted from 0; the length if there are no more.
fn nth_start(text: &[u8], index: u64) -> usize {
    let index = usize::try_from(index).unwrap_or(usize::MAX);
    let starts = text
        .iter()
        .enumerate()
        .filter(|(_, byte)| **byte & 0xC0 != 0x80);
    starts.map(|(at, _)| at).nth(index).unwrap_or(text.len())
}

/// Characters that start in `text`.
fn starts(text: &[u8]) -> u64 {
    text.iter().filter(|&&byte| byte & 0xC0 != 0x80).count() as u64
}

impl Engine {
    /// Whether any cell reads the text of the string or number that is open.
    pub fn reads(&self) -> bool {
        self.places.last().is_some_and(|place| place.reads)
    }

    pub(super) fn begin_text(&mut self, check: &Check, cell: usize, shared: &Shared) {
        let Some(pattern) = check.string.as_ref().and_then(|rule| rule.pattern) else {
            return;
        };
        let search = shared.schema().patterns[pattern as usize].start();
        self.cells[cell].search = search;
        if search == Search::Lost {
            self.fail(cell, Kind::Pattern);
        }
    }

    /// Decoded text of the string that is open.
    ///
    /// # Errors
    /// The index of the byte that no value of the schema has there.
    pub fn string_text(&mut self, shared: &Shared, mut text: &[u8]) -> Result<(), usize> {
        let whole = text.len();
        while !text.is_empty() {
            // Cells may only fail in the order of the bytes, or the first byte would not be known.
            let safe = self.safe_text(shared, text).max(1);
            let (now, rest) = text.split_at(safe.min(text.len()));
            if !self.apply_text(shared, (now, starts(now))) {
                return Err(whole - rest.len() - 1);
            }
            text = rest;
        }
        Ok(())
    }

    /// How many bytes of `text` no cell fails at.
    fn safe_text(&self, shared: &Shared, text: &[u8]) -> usize {
        let Some(place) = self.places.last() else {
            return text.len();
        };
        let mut safe = text.len();
        for cell in self.top_cells() {
            let Some(check) = self.open_check(cell, shared.schema()) else {
                continue;
            };
            let text = &text[..safe];
            let state = &self.cells[cell];
            if let Some(rule) = &check.string {
                let room = rule.max.saturating_sub(place.chars);
                if text.len() as u64 > room {
                    safe = nth_start(text, room).min(safe);
                }
                if let Some(pattern) = rule.pattern {
                    let pattern = &shared.schema().patterns[pattern as usize];
                    safe = pattern
                        .lost_at(state.search, text)
                        .unwrap_or(safe)
                        .min(safe);
                }
            }
            if let Some(values) = &check.values {
                let agreed = agreed(
                    (state.low, state.high),
                    place.bytes,
                    (text, |index| &*values.strings[index]),
                );
                safe = agreed.min(safe);
            }
        }
        safe
    }

    /// An escape starts, whose character is not known yet.
    pub fn string_escape(&mut self, shared: &Shared) -> bool {
        self.apply_text(shared, (&[], 1))
    }

    /// The character of an escape.
    pub fn string_escaped(&mut self, shared: &Shared, text: &[u8]) -> bool {
        self.apply_text(shared, (text, 0))
    }

    /// Decoded text, and how many characters start in it.
    pub(super) fn apply_text(&mut self, shared: &Shared, (text, chars): (&[u8], u64)) -> bool {
        let place = self.top();
        if !place.reads {
            return true;
        }
        let at = place.bytes;
        place.bytes += text.len();
        place.chars += chars;
        let (chars, digests) = (place.chars, place.digests);
        if digests {
            self.text.extend_from_slice(text);
        }
        for cell in self.top_cells() {
            let Some(check) = self.open_check(cell, shared.schema()) else {
                continue;
            };
            if let Some(rule) = &check.string {
                if chars > rule.max {
                    self.fail(cell, Kind::MaxLength);
                    continue;
                }
                if let Some(pattern) = rule.pattern {
                    let search = shared.schema().patterns[pattern as usize]
                        .step(self.cells[cell].search, text);
                    self.cells[cell].search = search;
                    if search == Search::Lost {
                        self.fail(cell, Kind::Pattern);
                        continue;
                    }
                }
            }
            if let Some(values) = &check.values {
                let state = &mut self.cells[cell];
                let range = narrow(
                    (state.low, state.high),
                    at,
                    (text, |index| &*values.strings[index]),
                );
                match range {
                    Some((low, high)) => (state.low, state.high) = (low, high),
                    None => self.fail(cell, Kind::Enum),
                }
            }
        }
        self.flush(shared);
        self.alive()
    }

    pub fn end_string(&mut self, shared: &Shared) -> bool {
        let (bytes, chars) = (self.top().bytes, self.top().chars);
        for cell in self.top_cells() {
            let Some(check) = self.open_check(cell, shared.schema()) else {
                continue;
            };
            if check.string.is_none() && check.values.is_none() {
                continue;
            }
            let state = &self.cells[cell];
            let rule = check.string.as_ref();
            let pattern = rule.and_then(|rule| rule.pattern);
            if rule.is_some_and(|rule| chars < rule.min) {
                self.fail(cell, Kind::MinLength);
            } else if pattern.is_some_and(|pattern| {
                !shared.schema().patterns[pattern as usize].ends(state.search)
            }) {
                self.fail(cell, Kind::Pattern);
            } else if check
                .values
                .as_ref()
                .is_some_and(|values| values.strings[state.low as usize].len() != bytes)
            {
                self.fail(cell, Kind::Enum);
            } else {
                self.end_own(check, cell, Types::STRING);
            }
        }
        self.flush(shared);
        self.alive()
    }
}
