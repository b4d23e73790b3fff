//! Literal values that stand nowhere but in the prompt, found in any chunking, in any case, and with invisible characters between.

use crate::words::is_invisible;

/// What a canary in a prompt begins with, where an operator or `policy/canary` put one; letters, digits and hyphens follow.
pub(crate) const MARK: &str = "midstream-canary-";
/// Shortest rest of such a canary.
const MIN_REST: usize = 8;
/// Longest.
const MAX_REST: usize = 64;

/// Canaries of one answer, normalised.
#[derive(Debug, Default)]
pub(crate) struct Canaries {
    all: Vec<Canary>,
    longest: usize,
}

#[derive(Debug)]
struct Canary {
    text: Vec<char>,
    /// Longest proper border of each prefix (Knuth, Morris, Pratt, 1977).
    borders: Vec<u16>,
}

fn normalised(text: &str) -> impl Iterator<Item = char> {
    text.chars()
        .filter(|character| !is_invisible(*character))
        .flat_map(char::to_lowercase)
}

impl Canary {
    fn new(text: &str) -> Self {
        let text: Vec<char> = normalised(text).collect();
        let mut borders = vec![0_u16; text.len()];
        let mut length = 0;
        for at in 1..text.len() {
            while length > 0 && text[length] != text[at] {
                length = borders[length - 1] as usize;
            }
            length += usize::from(text[length] == text[at]);
            borders[at] = length as u16;
        }
        Self { text, borders }
    }

    fn step(&self, state: u16, character: char) -> u16 {
        let mut length = state as usize;
        if length == self.text.len() {
            length = self.borders[length - 1] as usize;
        }
        while length > 0 && self.text[length] != character {
            length = self.borders[length - 1] as usize;
        }
        (length + usize::from(self.text[length] == character)) as u16
    }
}

impl Canaries {
    /// The configured ones, and those that a prompt marks itself.
    pub(crate) fn new(configured: &[String], prompt: &[&str]) -> Self {
        let mut all: Vec<Canary> = configured.iter().map(|text| Canary::new(text)).collect();
        for text in prompt {
            for (at, _) in text.match_indices(MARK).take(8) {
                let rest = text[at + MARK.len()..]
                    .bytes()
                    .take_while(u8::is_ascii_alphanumeric)
                    .count();
                if (MIN_REST..=MAX_REST).contains(&rest) {
                    all.push(Canary::new(&text[at..at + MARK.len() + rest]));
                }
            }
        }
        let longest = all
            .iter()
            .map(|canary| canary.text.len())
            .max()
            .unwrap_or(0);
        Self { all, longest }
    }
}

/// Where one text stands in all canaries.
#[derive(Debug)]
pub(crate) struct CanaryWatch {
    states: Box<[u16]>,
    /// Start of each of the last normalised characters, a ring.
    starts: Box<[u64]>,
    count: usize,
}

impl CanaryWatch {
    pub(crate) fn new(canaries: &Canaries) -> Self {
        Self {
            states: vec![0; canaries.all.len()].into(),
            starts: vec![0; canaries.longest].into(),
            count: 0,
        }
    }

    /// There is nothing to look for.
    pub(crate) fn is_idle(&self) -> bool {
        self.states.is_empty()
    }

    /// Takes the character at byte `at`; shows the first byte of each canary that ends with it.
    pub(crate) fn take(
        &mut self,
        canaries: &Canaries,
        character: char,
        at: u64,
        mut show: impl FnMut(u64),
    ) {
        if self.states.is_empty() || is_invisible(character) {
            return;
        }
        for lower in character.to_lowercase() {
            let length = self.starts.len();
            self.starts[self.count % length] = at;
            self.count += 1;
            for (at, canary) in canaries.all.iter().enumerate() {
                self.states[at] = canary.step(self.states[at], lower);
                if self.states[at] as usize == canary.text.len() {
                    show(self.back(canary.text.len()));
                }
            }
        }
    }

    /// First byte of the longest canary that is under way and not complete.
    pub(crate) fn hold_from(&self, canaries: &Canaries) -> Option<u64> {
        let under_way = self
            .states
            .iter()
            .zip(&canaries.all)
            .map(|(state, canary)| {
                let length = *state as usize;
                if length == canary.text.len() {
                    canary.borders[length - 1] as usize
                } else {
                    length
                }
            });
        under_way
            .max()
            .filter(|length| *length > 0)
            .map(|length| self.back(length))
    }

    fn back(&self, length: usize) -> u64 {
        self.starts[(self.count - length) % self.starts.len()]
    }

    pub(crate) fn memory_bytes(&self) -> usize {
        self.states.len() * size_of::<u16>() + self.starts.len() * size_of::<u64>()
    }
}
