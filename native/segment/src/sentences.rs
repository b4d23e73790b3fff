//! Sentences, list items, headings and code fences, as they come.

use crate::abbreviations::is_abbreviation;

/// Longest unit: a longer one is cut at a space, so that no text makes a stream grow.
pub const MAX_UNIT_BYTES: usize = 2048;

/// What a unit is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A sentence, list item, heading or table row.
    Prose,
    /// Text in a code fence, with its fences.
    Code,
}

/// One unit's place. Spaces around it belong to nobody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unit {
    /// UTF-8 bytes from the start of the text.
    pub start: u64,
    /// Byte after its last.
    pub end: u64,
    /// What it is.
    pub kind: Kind,
}

/// What stands between the last character and the next.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
enum Gap {
    #[default]
    None,
    Space,
    Line,
    Blank,
}

/// Splits one text. Memory: [`MAX_UNIT_BYTES`] and the state.
#[derive(Clone, Debug, Default)]
pub struct Sentences {
    /// The unit under way, from its first character, with what space follows it so far.
    unit: String,
    /// Its place.
    start: u64,
    /// Bytes of it without that space.
    end: usize,
    /// Bytes taken so far.
    taken: u64,
    gap: Gap,
    /// The text before the gap ends with this, and closing marks.
    stop: Option<char>,
    /// The fence character that opened the code, and how many of them stand at the start of the line so far.
    fence: Option<char>,
    ticks: u32,
    tick: char,
    /// Nothing but spaces stands in the line so far (or only ticks, where some are counted).
    at_line_start: bool,
    /// The closing fence has been read; the code ends with the line.
    closing: bool,
}

impl Sentences {
    /// At the start of a text.
    pub fn new() -> Self {
        Self {
            at_line_start: true,
            ..Self::default()
        }
    }

    /// Starts another text; keeps its buffer.
    pub fn begin(&mut self) {
        let unit = std::mem::take(&mut self.unit);
        *self = Self {
            unit,
            ..Self::new()
        };
        self.unit.clear();
    }

    /// Takes the next text and shows every unit that is complete.
    pub fn push(&mut self, text: &str, mut show: impl FnMut(Unit, &str)) {
        let mut rest = text;
        while !rest.is_empty() {
            let (run, behind) = rest.split_at(self.plain_run(rest.as_bytes()));
            if !run.is_empty() {
                self.take_run(run);
            }
            let mut characters = behind.chars();
            if let Some(character) = characters.next() {
                self.take(character, &mut show);
            }
            rest = characters.as_str();
        }
    }

    /// The text is complete.
    pub fn finish(&mut self, mut show: impl FnMut(Unit, &str)) {
        self.emit(self.end, &mut show);
    }

    /// The unit under way: its place so far and its text.
    pub fn open(&self) -> (u64, &str) {
        (self.start, &self.unit[..self.end])
    }

    /// Bytes of its own state, heap included.
    pub fn memory_bytes(&self) -> usize {
        size_of::<Self>() + self.unit.capacity()
    }

    /// How many of the next bytes end nothing and are no more than text inside of a sentence, whatever follows.
    fn plain_run(&self, bytes: &[u8]) -> usize {
        let is_inside = !self.unit.is_empty()
            && !self.at_line_start
            && self.fence.is_none()
            && self.stop.is_none()
            && self.gap <= Gap::Space;
        if !is_inside {
            return 0;
        }
        let room = MAX_UNIT_BYTES.saturating_sub(self.unit.len());
        plain(&bytes[..bytes.len().min(room)])
    }

    /// [`Self::take`] for each character of a [`Self::plain_run`].
    fn take_run(&mut self, run: &str) {
        let text = run.trim_end_matches(' ').len();
        if text > 0 {
            self.end = self.unit.len() + text;
        }
        self.gap = if text == run.len() {
            Gap::None
        } else {
            Gap::Space
        };
        self.unit.push_str(run);
        self.taken += run.len() as u64;
    }

    fn take(&mut self, character: char, show: &mut impl FnMut(Unit, &str)) {
        if self.unit.len() >= MAX_UNIT_BYTES {
            self.cut(show);
        }
        let ticks = self.count_ticks(character);
        if self.fence.is_some() {
            self.take_code(character, ticks, show);
        } else if ticks == 3 {
            self.open_fence(character, show);
        } else if character.is_whitespace() {
            self.take_space(character);
        } else {
            self.take_prose(character, show);
        }
        self.taken += character.len_utf8() as u64;
        if character == '\n' {
            self.at_line_start = true;
            self.ticks = 0;
        }
    }

    /// How many fence characters stand at the start of the line, this one included; 0 where it is none.
    fn count_ticks(&mut self, character: char) -> u32 {
        let is_fence =
            matches!(character, '`' | '~') && self.fence.is_none_or(|open| open == character);
        if self.at_line_start && is_fence && (self.ticks == 0 || self.tick == character) {
            self.tick = character;
            self.ticks += 1;
            return self.ticks;
        }
        if !character.is_whitespace() || self.ticks > 0 {
            self.at_line_start = false;
        }
        0
    }

    fn take_code(&mut self, character: char, ticks: u32, show: &mut impl FnMut(Unit, &str)) {
        if ticks == 3 && self.unit.contains('\n') {
            self.closing = true;
        }
        if self.closing && character == '\n' {
            self.emit(self.end, show);
            return;
        }
        self.append(character);
        if !character.is_whitespace() {
            self.end = self.unit.len();
        }
    }

    /// Two of its three characters stand at the unit's end already.
    fn open_fence(&mut self, character: char, show: &mut impl FnMut(Unit, &str)) {
        let before = self.unit.len() - 2;
        let prose = self.unit[..before].trim_end().len();
        if prose > 0 {
            let start = self.start + before as u64;
            self.emit(prose, show);
            self.start = start;
            self.unit.push(character);
            self.unit.push(character);
        }
        self.fence = Some(character);
        self.unit.push(character);
        self.end = self.unit.len();
        self.gap = Gap::None;
    }

    fn take_space(&mut self, character: char) {
        if self.unit.is_empty() {
            return;
        }
        self.gap = match (self.gap, character) {
            (Gap::Line | Gap::Blank, '\n') => Gap::Blank,
            (gap, '\n') => gap.max(Gap::Line),
            (gap, _) => gap.max(Gap::Space),
        };
        self.unit.push(character);
    }

    fn take_prose(&mut self, character: char, show: &mut impl FnMut(Unit, &str)) {
        if self.ends_before(character) {
            self.emit(self.end, show);
        }
        self.append(character);
        self.end = self.unit.len();
        self.gap = Gap::None;
        if is_stop(character) {
            self.stop = Some(character);
        } else if !is_closing(character) {
            self.stop = None;
        }
    }

    fn append(&mut self, character: char) {
        if self.unit.is_empty() {
            self.start = self.taken;
        }
        self.unit.push(character);
    }

    /// Whether the unit ends where its text does, now that this character comes next.
    fn ends_before(&self, next: char) -> bool {
        match (self.gap, self.stop) {
            (Gap::Blank, _) => true,
            // A line that is broken in the middle of a sentence goes on with a small letter.
            (Gap::Line, stop) => stop.is_some() || !next.is_lowercase(),
            (Gap::Space, Some('.')) => !next.is_lowercase() && !self.ends_with_abbreviation(),
            (Gap::Space, Some(stop)) => is_wide(stop) || !next.is_lowercase(),
            (Gap::None, Some(stop)) => is_wide(stop) && !is_closing(next) && !is_stop(next),
            (_, None) => false,
        }
    }

    fn ends_with_abbreviation(&self) -> bool {
        let text = &self.unit[..self.end];
        // With closing marks behind the full stop it ends a sentence that was quoted.
        let Some(text) = text.strip_suffix('.') else {
            return false;
        };
        let word = last_word(text);
        // "1. Take two eggs": the number of a list item.
        let is_number = word.len() == text.len() && word.chars().all(|c| c.is_ascii_digit());
        is_number || is_abbreviation(word)
    }

    /// Ends a unit that is too long, at its last space if there is one.
    fn cut(&mut self, show: &mut impl FnMut(Unit, &str)) {
        let space = self.unit[..self.end]
            .rfind(char::is_whitespace)
            .unwrap_or(0);
        let at = if space > MAX_UNIT_BYTES / 2 {
            space
        } else {
            self.end
        };
        let rest = self.unit[at..].trim_start().to_owned();
        let start = self.start + (self.unit.len() - rest.len()) as u64;
        let (fence, closing) = (self.fence, self.closing);
        let (end, gap) = (self.end, self.gap);
        let kept = self.unit.len() - rest.len();
        self.emit(self.unit[..at].trim_end().len(), show);
        (self.fence, self.closing) = (fence, closing);
        if !rest.is_empty() {
            self.unit = rest;
            self.start = start;
            self.end = end.saturating_sub(kept);
            self.gap = gap;
        }
    }

    /// Shows the unit up to `end` and begins anew.
    fn emit(&mut self, end: usize, show: &mut impl FnMut(Unit, &str)) {
        if end > 0 {
            let unit = Unit {
                start: self.start,
                end: self.start + end as u64,
                kind: if self.fence.is_some() {
                    Kind::Code
                } else {
                    Kind::Prose
                },
            };
            show(unit, &self.unit[..end]);
        }
        self.unit.clear();
        self.end = 0;
        self.gap = Gap::None;
        self.stop = None;
        self.fence = None;
        self.closing = false;
    }
}

/// What stands behind the last space.
fn last_word(text: &str) -> &str {
    let bytes = text.as_bytes();
    let end = bytes
        .iter()
        .rposition(|byte| !(0x21..0x80).contains(byte))
        .map_or(0, |at| at + 1);
    match end.checked_sub(1).map(|at| bytes[at]) {
        None => text,
        Some(b' ') => &text[end..],
        // A character that may be a space, or no space at all.
        Some(_) => text.rsplit(char::is_whitespace).next().unwrap_or_default(),
    }
}

/// Bytes of ASCII before the first one that ends sentences or lines.
fn plain(bytes: &[u8]) -> usize {
    let ends = |byte: u8| {
        u8::from(byte.wrapping_sub(b' ') >= 0x60)
            | u8::from(byte == b'.')
            | u8::from(byte == b'!')
            | u8::from(byte == b'?')
    };
    // Without a way out of the inner loop the compiler looks at a chunk at once.
    let whole = |chunk: &&[u8; 16]| chunk.iter().fold(0, |any, &byte| any | ends(byte)) == 0;
    let (chunks, _) = bytes.as_chunks();
    let at = 16 * chunks.iter().take_while(whole).count();
    at + bytes[at..]
        .iter()
        .take_while(|byte| ends(**byte) == 0)
        .count()
}

const fn is_stop(character: char) -> bool {
    matches!(character, '.' | '!' | '?' | '…') || is_wide(character)
}

/// Full stops of scripts without spaces.
const fn is_wide(character: char) -> bool {
    matches!(character, '。' | '！' | '？' | '．')
}

const fn is_closing(character: char) -> bool {
    matches!(
        character,
        '"' | '\'' | ')' | ']' | '}' | '»' | '”' | '’' | '*' | '_' | '」' | '』' | '）'
    )
}

#[cfg(test)]
mod tests;
