//! What kind of text repeats: tables, lists, code and data repeat by nature, prose does not.

use crate::lane::Code;
use crate::ring::Ring;

/// Codes of a line's beginning that decide what kind of line it is.
pub(crate) const HEAD: usize = 24;

/// Fewer letters for each number make a numbered loop one that counts.
const LETTERS_PER_NUMBER: u32 = 10;

/// One code character in so many makes a text code. Prose has one in hundreds, C-like code one in eight.
const CODE_SHARE: u32 = 20;

/// One code in so many that misses three times in a row makes a template.
const SLOT_SHARE: u32 = 20;

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
    /// The very same piece of code or markup, outside of a fence.
    const CODE: Self = Self {
        repeats: 4,
        chars: 4,
    };
    /// Tables, fenced code, JSON, CSV, YAML, base64. 8 x 48 characters are still below the 400 in which a loop of a
    /// short period has to be found.
    const DATA: Self = Self {
        repeats: 8,
        chars: 8,
    };
    /// Such text with a number or a word that varies: that is what lists, tables and generated code are.
    const FORM: Self = Self {
        repeats: 24,
        chars: 24,
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
    /// Codes of one period, and of what repeats.
    pub(crate) period: u32,
    pub(crate) run: u32,
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
    Markup,
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
    /// Characters that stand in code and markup rather than in sentences.
    code: u32,
    fences: u32,
    lines: u32,
    /// List entries and tags.
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
    let window = seen.period.max(seen.run.min(64)).min(ring.reach());
    let tally = tally(ring, window, current);
    let solid = tally.letters + tally.numbers + tally.symbols;
    if solid == 0 || (tally.letters + tally.numbers) * 10 < solid {
        return Bar::SYMBOLS;
    }
    let wordy = tally.letters * 2 >= solid;
    if seen.numbered && !wordy {
        return Bar::SYMBOLS;
    }
    // "Chapter 1, Chapter 2" and "24 / 2 = 12 remainder 0" count; a numbered loop has a sentence for each number.
    let counts = seen.numbered && tally.letters < LETTERS_PER_NUMBER * tally.numbers;
    // A loop that runs through fences is a loop of the text around them.
    let fenced = in_fence && tally.fences == 0;
    let mostly = |kind: u32| kind * 2 > tally.lines;
    let unbroken = tally.spaces == 0 && tally.wide == 0;
    let code = tally.code * CODE_SHARE >= solid;
    let csv = tally.tight >= 2 * tally.lines.max(1);
    let template = seen.noisy && is_template(ring, seen.period, seen.run);
    let data = template || csv || mostly(tally.tables) || mostly(tally.data);
    let list = mostly(tally.lists);
    if (seen.numbered || seen.noisy) && (data || code || list) {
        return Bar::FORM;
    }
    if fenced || !wordy || counts || unbroken || data {
        return Bar::DATA;
    }
    if code {
        return Bar::CODE;
    }
    if list {
        return Bar::SAME_ENTRY;
    }
    Bar::PROSE
}

/// Whether the misses of a noisy run are no noise: they fill a slot of a template, again and again, or they are most of
/// what is not blank. A substituted character misses twice in its place, not three times. O(period).
pub(crate) fn is_template(ring: &Ring, period: u32, run: u32) -> bool {
    let miss = |back: u32| {
        let (newer, older) = (ring.back(back), ring.back(back + period));
        newer != older && !newer.both_numbers(older)
    };
    let comparable = run.min(ring.reach().saturating_sub(period));
    let (mut solid, mut misses, mut slots) = (0, 0, 0);
    for back in 0..comparable {
        solid += u32::from(!ring.back(back).is_space());
        let differs = miss(back);
        misses += u32::from(differs);
        let thrice = differs
            && back + 2 * period < comparable
            && miss(back + period)
            && miss(back + 2 * period);
        slots += u32::from(thrice);
    }
    let compared_thrice = comparable.saturating_sub(2 * period);
    misses * 5 > solid || slots * SLOT_SHARE > compared_thrice
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
        if back > 0 {
            tally.joint(code, ring.back(back - 1));
        }
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
                Some(
                    '=' | ';' | '{' | '}' | '[' | ']' | '<' | '>' | '_' | '/' | '\\' | '|' | '&'
                    | '$' | '@' | '%' | '^' | '+' | '~',
                ) => {
                    self.symbols += 1;
                    self.code += 1;
                }
                _ => self.symbols += 1,
            }
        }
        self.wide += u32::from(!code.is_number() && code.0 > 0x7F);
    }

    /// Punctuation with no space after it.
    fn joint(&mut self, code: Code, next: Code) {
        let solid = !next.is_space();
        let joins = next.is_number() || next.char().is_some_and(char::is_alphabetic);
        match code.char() {
            Some(',' | ';' | '\t' | '|') => self.tight += u32::from(solid),
            Some('.' | ':') => self.code += u32::from(joins),
            _ => {}
        }
    }

    /// Blank lines do not count.
    fn line(&mut self, kind: Option<LineKind>) {
        let Some(kind) = kind else { return };
        self.lines += 1;
        match kind {
            LineKind::List | LineKind::Markup => self.lists += 1,
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
        '<' if matches!(at(1), '/' | '!') || at(1).is_ascii_alphabetic() => LineKind::Markup,
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
