//! What kind of text repeats: tables, lists, code and data repeat by nature, prose does not.

use crate::lane::Code;
use crate::ring::Ring;

/// Codes of a line's beginning that decide what kind of line it is.
pub(crate) const HEAD: usize = 24;

/// How much more than the settings say must repeat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Bar {
    pub(crate) repeats: u32,
    pub(crate) chars: u32,
}

impl Bar {
    /// Prose: as the settings say.
    pub(crate) const PROSE: Self = Self {
        repeats: 1,
        chars: 1,
    };
    /// The very same list entry again and again.
    const SAME_ENTRY: Self = Self {
        repeats: 2,
        chars: 2,
    };
    /// Tables, lists, code, JSON, CSV, YAML, base64. 8 x 48 characters are still below the 400 in which a loop of a
    /// short period has to be found.
    const DATA: Self = Self {
        repeats: 8,
        chars: 8,
    };
    /// Dividers, borders, drawings, indentation, counting. Dividers of 750 characters are normal (data/loops).
    const SYMBOLS: Self = Self {
        repeats: 8,
        chars: 40,
    };
}

/// What is known of the loop that is judged.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Evidence {
    /// Codes of one period.
    pub(crate) period: u32,
    /// Whether numbers change from copy to copy.
    pub(crate) numbered: bool,
    /// Whether other characters do.
    pub(crate) noisy: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum LineKind {
    #[default]
    Plain,
    List,
    Table,
    Data,
}

/// Counts over one window of text.
#[derive(Debug, Default)]
struct Tally {
    letters: u32,
    numbers: u32,
    symbols: u32,
    spaces: u32,
    wide: u32,
    /// Separators with no space after them, as in CSV.
    tight: u32,
    fences: u32,
    lines: u32,
    lists: u32,
    tables: u32,
    data: u32,
}

/// Non-blank lines in one period of a loop whose newest code is the ring's.
pub(crate) fn lines_in_period(ring: &Ring, period: u32) -> u32 {
    let (mut lines, mut feeds, mut blank, mut newest_blank) = (0, 0, true, true);
    for back in 0..period.min(ring.reach()) {
        let code = ring.back(back);
        if code == Code::of(b'\n') {
            newest_blank = if feeds == 0 { blank } else { newest_blank };
            lines += u32::from(!blank);
            feeds += 1;
            blank = true;
        } else if !code.is_space() {
            blank = false;
        }
    }
    // The window's oldest part continues its newest: one line, counted already if the newest part has text.
    lines + u32::from(feeds > 0 && !blank && newest_blank)
}

/// How high the bar is for a loop that is seen now. O(period).
pub(crate) fn bar(ring: &Ring, current: LineKind, in_fence: bool, seen: Evidence) -> Bar {
    let window = seen.period.max(64).min(ring.reach());
    let tally = tally(ring, window, current);
    let solid = tally.letters + tally.numbers + tally.symbols;
    if solid == 0 || (tally.letters + tally.numbers) * 10 < solid {
        return Bar::SYMBOLS;
    }
    let wordy = tally.letters * 2 >= solid;
    if seen.numbered && !wordy {
        return Bar::SYMBOLS;
    }
    // A loop that runs through fences is a loop of the text around them.
    let fenced = in_fence && tally.fences == 0;
    let mostly = |kind: u32| kind * 2 > tally.lines;
    let unbroken = tally.spaces == 0 && tally.wide == 0;
    let csv = tally.tight >= 2 * tally.lines.max(1);
    if fenced || !wordy || unbroken || csv || mostly(tally.tables) || mostly(tally.data) {
        return Bar::DATA;
    }
    if mostly(tally.lists) {
        return if seen.numbered || seen.noisy {
            Bar::DATA
        } else {
            Bar::SAME_ENTRY
        };
    }
    Bar::PROSE
}

fn tally(ring: &Ring, window: u32, current: LineKind) -> Tally {
    let mut tally = Tally::default();
    let mut backticks = 0;
    for back in (0..window).rev() {
        let code = ring.back(back);
        tally.count(code);
        backticks = if code == Code::of(b'`') {
            backticks + 1
        } else {
            0
        };
        tally.fences += u32::from(backticks == 3);
        let tight = matches!(code.char(), Some(',' | ';' | '\t' | '|'));
        tally.tight += u32::from(tight && back > 0 && !ring.back(back - 1).is_space());
        if code == Code::of(b'\n') && back > 0 {
            tally.line(line_kind(ring, back));
        }
    }
    if tally.lines == 0 {
        tally.line(Some(current));
    }
    tally
}

impl Tally {
    fn count(&mut self, code: Code) {
        if code.is_number() {
            self.numbers += 1;
        } else if code.is_space() {
            self.spaces += 1;
        } else {
            match code.char() {
                Some(character) if character.is_alphabetic() => self.letters += 1,
                // Pictographs are content, though no words.
                Some('\u{1F000}'..) => self.numbers += 1,
                _ => self.symbols += 1,
            }
        }
        self.wide += u32::from(!code.is_number() && code.0 > 0x7F);
    }

    /// Blank lines do not count.
    fn line(&mut self, kind: Option<LineKind>) {
        let Some(kind) = kind else { return };
        self.lines += 1;
        match kind {
            LineKind::List => self.lists += 1,
            LineKind::Table => self.tables += 1,
            LineKind::Data => self.data += 1,
            LineKind::Plain => {}
        }
    }
}

/// Kind of the line after the line feed that stands `feed` before the newest code.
fn line_kind(ring: &Ring, feed: u32) -> Option<LineKind> {
    let mut head = [Code::default(); HEAD];
    let mut len = 0;
    for back in (0..feed).rev() {
        let code = ring.back(back);
        if code == Code::of(b'\n') || len == HEAD {
            break;
        }
        if len > 0 || !code.is_space() {
            head[len] = code;
            len += 1;
        }
    }
    (len > 0).then(|| kind_of(&head[..len]))
}

/// Kind of a line by its first codes, leading spaces left out.
pub(crate) fn kind_of(head: &[Code]) -> LineKind {
    let at = |index: usize| head.get(index).and_then(|code| code.char()).unwrap_or('\0');
    let number = head.first().is_some_and(|code| code.is_number());
    match at(0) {
        '-' | '*' | '+' | '•' | '–' | '—' if at(1) == ' ' => LineKind::List,
        '|' => LineKind::Table,
        '+' if matches!(at(1), '-' | '=') => LineKind::Table,
        '{' | '}' | '[' | ']' => LineKind::Data,
        '"' if head.windows(2).any(|pair| is_pair(pair, "\":")) => LineKind::Data,
        _ if number && matches!(at(1), '.' | ')') && at(2) == ' ' => LineKind::List,
        letter if letter.is_alphabetic() && matches!(at(1), '.' | ')') && at(2) == ' ' => {
            LineKind::List
        }
        letter if letter.is_ascii_lowercase() => yaml_kind(head),
        _ => LineKind::Plain,
    }
}

fn is_pair(pair: &[Code], text: &str) -> bool {
    pair.iter()
        .zip(text.bytes())
        .all(|(code, byte)| *code == Code::of(byte))
}

/// `key: value` with a key of one lower-case word.
fn yaml_kind(head: &[Code]) -> LineKind {
    let is_key = |code: &Code| {
        code.is_number() || matches!(code.char(), Some('a'..='z' | 'A'..='Z' | '_' | '-' | '.'))
    };
    let key = head.iter().take_while(|code| is_key(code)).count();
    let colon = head.get(key) == Some(&Code::of(b':'));
    let after = head.get(key + 1);
    if colon && after.is_none_or(|code| code.is_space()) {
        LineKind::Data
    } else {
        LineKind::Plain
    }
}
