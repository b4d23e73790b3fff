//! Units of text for whoever judges it piece by piece: sentences, windows, or all of it.
//!
//! Units follow each other without gaps. Where one ends depends on the text alone; it is known as soon as the text shows it.

use crate::sentences::Sentences;

/// What ends a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cut {
    /// The end of a sentence, of [`MIN_SENTENCE`] at least; of a longer one a space.
    Sentence,
    /// Its length.
    Length,
}

/// Shortest sentence that is a unit, in UTF-16 units: numbers of list items and interjections go with what follows.
pub const MIN_SENTENCE: usize = 16;

/// Cuts one text. Memory: four bytes for each UTF-16 unit of its bound at most, and that of [`Sentences`].
#[derive(Clone, Debug)]
pub struct Units {
    cut: Cut,
    /// Longest unit, in UTF-16 units.
    limit: usize,
    sentences: Sentences,
    /// The unit under way.
    open: String,
    /// Its length in UTF-16 units.
    length: usize,
    /// Where it starts, in bytes.
    start: u64,
}

impl Units {
    /// At the start of a text. `limit`: longest unit in UTF-16 units, as JavaScript counts.
    pub fn new(cut: Cut, limit: usize) -> Self {
        Self {
            cut,
            limit: limit.max(2),
            sentences: Sentences::new(),
            open: String::new(),
            length: 0,
            start: 0,
        }
    }

    /// Takes the next text and shows the bytes of every unit that is complete: a sentence when the next one begins, any other when it is
    /// longer than the bound.
    pub fn push(&mut self, text: &str, mut show: impl FnMut(u64, u64)) {
        let length = utf16_len(text);
        if self.length + length <= self.limit {
            // The bound cuts nothing here, so it is the same to look for ends at once.
            return self.add(text, length, &mut show);
        }
        let mut encoded = [0; 4];
        for character in text.chars() {
            let text = character.encode_utf8(&mut encoded);
            self.add(text, character.len_utf16(), &mut show);
            if self.length > self.limit {
                self.take(self.longest(), &mut show);
            }
        }
    }

    /// The text is complete: the rest of it is a unit.
    pub fn finish(&mut self, mut show: impl FnMut(u64, u64)) {
        if !self.open.is_empty() {
            self.take(self.open.len(), &mut show);
        }
    }

    /// Where the unit under way starts, in bytes.
    pub fn open_from(&self) -> u64 {
        self.start
    }

    /// Bytes of its own state, heap included.
    pub fn memory_bytes(&self) -> usize {
        self.open.capacity() + self.sentences.memory_bytes()
    }

    fn add(&mut self, text: &str, length: usize, show: &mut impl FnMut(u64, u64)) {
        self.open.push_str(text);
        self.length += length;
        if self.cut == Cut::Sentence {
            let mut sentences = std::mem::take(&mut self.sentences);
            sentences.push(text, |unit, _| self.end_sentence(unit.end, show));
            self.sentences = sentences;
        }
    }

    fn end_sentence(&mut self, end: u64, show: &mut impl FnMut(u64, u64)) {
        let bytes = end.saturating_sub(self.start) as usize;
        // Counted no further than it matters.
        let chars = self.open[..bytes].chars().take(MIN_SENTENCE);
        if chars.map(char::len_utf16).sum::<usize>() >= MIN_SENTENCE {
            self.take(bytes, show);
        }
    }

    /// Bytes of the longest unit that the bound allows: of a sentence up to a space in its second half.
    fn longest(&self) -> usize {
        let (mut units, mut bytes, mut space) = (0, 0, None);
        for character in self.open.chars() {
            if character.is_whitespace() && units > self.limit / 2 {
                space = Some(bytes);
            }
            if units + character.len_utf16() > self.limit {
                break;
            }
            units += character.len_utf16();
            bytes += character.len_utf8();
        }
        space.filter(|_| self.cut == Cut::Sentence).unwrap_or(bytes)
    }

    fn take(&mut self, bytes: usize, show: &mut impl FnMut(u64, u64)) {
        let end = self.start + bytes as u64;
        show(self.start, end);
        self.open.drain(..bytes);
        self.length = utf16_len(&self.open);
        self.start = end;
    }
}

fn utf16_len(text: &str) -> usize {
    text.chars().map(char::len_utf16).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn cut(cut: Cut, limit: usize, pieces: &[&str]) -> Vec<String> {
        let text = pieces.concat();
        let mut units = Units::new(cut, limit);
        let mut ends = Vec::new();
        for piece in pieces {
            units.push(piece, |start, end| ends.push(start as usize..end as usize));
        }
        units.finish(|start, end| ends.push(start as usize..end as usize));
        ends.into_iter()
            .map(|range| text[range].to_owned())
            .collect()
    }

    #[test]
    fn sentences_go_with_the_space_before_them_and_short_ones_with_what_follows() {
        let text = "1. Wash the rice well. 2. Cook it, Dr. No. \"It is done.\" Well. And done.";
        assert_eq!(
            cut(Cut::Sentence, 1000, &[text]),
            [
                "1. Wash the rice well.",
                " 2. Cook it, Dr. No.",
                " \"It is done.\" Well.",
                " And done."
            ]
        );
    }

    #[test]
    fn a_long_unit_is_cut_at_a_space_of_its_second_half_or_at_its_bound() {
        let text = "one two three four five six";
        assert_eq!(
            cut(Cut::Sentence, 20, &[text]),
            ["one two three four", " five six"]
        );
        assert_eq!(
            cut(Cut::Length, 20, &[text]),
            ["one two three four f", "ive six"]
        );
        assert_eq!(cut(Cut::Length, 3, &["ab😀c"]), ["ab", "😀c"]);
    }

    proptest! {
        #[test]
        fn units_hold_all_of_the_text_whatever_its_pieces(
            text in "(word |Ends here\\. |😀|é|。|\n|!|xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx|\\.\"|  |```|a-b-){0,40}",
            limit in 2..80usize,
            sizes in prop::collection::vec(1..9usize, 1..5),
            is_sentence in any::<bool>(),
        ) {
            let kind = if is_sentence { Cut::Sentence } else { Cut::Length };
            let whole = cut(kind, limit, &[&text]);
            prop_assert_eq!(&whole.concat(), &text);
            prop_assert!(whole.iter().all(|unit| !unit.is_empty() && unit.encode_utf16().count() <= limit));
            let mut rest = text.as_str();
            let mut pieces = Vec::new();
            for size in sizes.iter().cycle() {
                let (piece, behind) = rest.split_at(rest.ceil_char_boundary((*size).min(rest.len())));
                pieces.push(piece);
                rest = behind;
                if rest.is_empty() {
                    break;
                }
            }
            prop_assert_eq!(cut(kind, limit, &pieces), whole);
        }
    }
}
