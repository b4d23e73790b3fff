//! `pattern` and `patternProperties` as automata over the decoded text's UTF-8.

use regex_automata::Anchored;
use regex_automata::dfa::{Automaton, StartKind, dense};
use regex_automata::nfa::thompson;
use regex_automata::util::primitives::StateID;
use regex_automata::util::start;
use regex_syntax::hir::Look;

/// Largest automaton, in bytes, of one pattern: `^[\p{L} ]{1,40}$` fits, and building stays below some 50 ms.
const MAX_BYTES: usize = 1 << 20;

/// A search for one pattern that goes on byte by byte. Linear time, no memory but a state.
#[derive(Debug)]
pub(crate) struct Pattern {
    dfa: dense::DFA<Vec<u32>>,
    start: StateID,
    pub source: String,
}

/// Where a search stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Search {
    At(StateID),
    /// Found; more text changes nothing.
    Found,
    /// No text can make it match any more.
    Lost,
}

impl Pattern {
    /// `None` where the pattern is beyond this module: look-around, back references, `\b`, a class that ECMA-262 and
    /// `regex-syntax` may read differently, an automaton over the limit.
    pub fn compile(source: &str) -> Option<Self> {
        let pattern = translate(source)?;
        let hir = regex_syntax::ParserBuilder::new()
            .nest_limit(64)
            .build()
            .parse(&pattern)
            .ok()?;
        let anchored = hir.properties().look_set_prefix().contains(Look::Start);
        let (kind, anchored) = if anchored {
            (StartKind::Anchored, Anchored::Yes)
        } else {
            (StartKind::Unanchored, Anchored::No)
        };
        let config = dense::Config::new()
            .start_kind(kind)
            .dfa_size_limit(Some(MAX_BYTES))
            .determinize_size_limit(Some(2 * MAX_BYTES));
        let nfa = thompson::Config::new().nfa_size_limit(Some(MAX_BYTES));
        let dfa = dense::Builder::new()
            .configure(config)
            .thompson(nfa)
            .build(&pattern)
            .ok()?;
        let start = dfa
            .start_state(&start::Config::new().anchored(anchored))
            .ok()?;
        Some(Self {
            dfa,
            start,
            source: source.to_owned(),
        })
    }

    pub fn start(&self) -> Search {
        self.settle(self.start)
    }

    /// Goes over decoded text.
    pub fn step(&self, search: Search, text: &[u8]) -> Search {
        let Search::At(mut state) = search else {
            return search;
        };
        for &byte in text {
            state = self.dfa.next_state(state, byte);
            if self.dfa.is_special_state(state) {
                let settled = self.settle(state);
                if !matches!(settled, Search::At(_)) {
                    return settled;
                }
            }
        }
        Search::At(state)
    }

    /// Index of the byte of `text` at which the search is lost.
    pub fn lost_at(&self, search: Search, text: &[u8]) -> Option<usize> {
        let Search::At(mut state) = search else {
            return None;
        };
        for (at, &byte) in text.iter().enumerate() {
            state = self.dfa.next_state(state, byte);
            if self.dfa.is_special_state(state) {
                match self.settle(state) {
                    Search::Lost => return Some(at),
                    Search::Found => return None,
                    Search::At(_) => {}
                }
            }
        }
        None
    }

    /// Whether the text that ends here matches.
    pub fn ends(&self, search: Search) -> bool {
        match search {
            Search::At(state) => self.dfa.is_match_state(self.dfa.next_eoi_state(state)),
            Search::Found => true,
            Search::Lost => false,
        }
    }

    fn settle(&self, state: StateID) -> Search {
        if self.dfa.is_match_state(state) {
            Search::Found
        } else if self.dfa.is_dead_state(state) || self.dfa.is_quit_state(state) {
            // Quit states come from Unicode word boundaries only, which `translate` refuses.
            Search::Lost
        } else {
            Search::At(state)
        }
    }
}

/// ECMA-262 white space and line terminators, for a class. The byte order mark is one of them.
/// Ends in a range, as the other sets do, so that a `-` behind it stays a `-`.
const SPACE: &str = r"\t\n\x0B\x0C\r\x20\u{A0}\u{FEFF}\u{1680}\u{2028}\u{2029}\u{202F}\u{205F}\u{3000}\u{2000}-\u{200A}";
const WORD: &str = "_A-Za-z0-9";
const DIGIT: &str = "0-9";

/// Rewrites what ECMA-262 and `regex-syntax` read differently; `None` where that is not plain.
fn translate(source: &str) -> Option<String> {
    let mut out = String::with_capacity(source.len() + 16);
    let mut chars = source.chars().peekable();
    let mut in_class = false;
    while let Some(char) = chars.next() {
        match char {
            '\\' => escape(chars.next()?, in_class, &mut out)?,
            '[' if in_class => out.push_str(r"\["),
            '[' => {
                in_class = true;
                out.push('[');
                if chars.next_if_eq(&'^').is_some() {
                    out.push('^');
                }
                // `[]` is empty in ECMA-262 and a literal `]` here.
                if chars.peek() == Some(&']') {
                    return None;
                }
            }
            ']' if in_class => {
                in_class = false;
                out.push(']');
            }
            // Set operations of `regex-syntax`.
            '&' | '~' | '-' if in_class && chars.peek() == Some(&char) => return None,
            '.' if !in_class => out.push_str(r"[^\n\r\u{2028}\u{2029}]"),
            '(' if chars.peek() == Some(&'?') && !in_class => {
                chars.next();
                if chars.next()? != ':' {
                    return None;
                }
                out.push_str("(?:");
            }
            _ => out.push(char),
        }
    }
    Some(out)
}

fn escape(char: char, in_class: bool, out: &mut String) -> Option<()> {
    let set = match char {
        // `[!-\d]` has no range in ECMA-262 and would get one.
        'd' | 'w' | 's' if in_class && out.ends_with('-') => return None,
        'd' => DIGIT,
        'w' => WORD,
        's' => SPACE,
        'D' | 'W' | 'S' if !in_class => {
            let set = match char {
                'D' => DIGIT,
                'W' => WORD,
                _ => SPACE,
            };
            out.extend(["[^", set, "]"]);
            return Some(());
        }
        't' | 'n' | 'r' | 'v' | 'f' | 'x' | 'u' | 'p' | 'P' => {
            out.extend(['\\', char]);
            return Some(());
        }
        // Escaped punctuation stands for itself in both.
        _ if char.is_ascii_punctuation() => {
            out.extend(['\\', char]);
            return Some(());
        }
        _ => return None,
    };
    if in_class {
        out.push_str(set);
    } else {
        out.extend(["[", set, "]"]);
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, text: &str) -> bool {
        let pattern = Pattern::compile(pattern).expect(pattern);
        pattern.ends(pattern.step(pattern.start(), text.as_bytes()))
    }

    #[test]
    fn patterns_search_and_anchors_bind() {
        for (pattern, text, expected) in [
            ("b", "abc", true),
            ("^b", "abc", false),
            ("^a$", "a", true),
            ("^a$", "ab", false),
            ("^a$", "a\n", false),
            (r"^\d{3}-\d{4}$", "555-0123", true),
            (r"^\d+$", "٣", false),
            (r"^[\w.]+$", "a_b.c", true),
            ("^$", "", true),
            ("", "anything", true),
            (r"^\S+$", "a b", false),
            ("^.$", "\r", false),
            ("^.$", "é", true),
            (r"^[^\s]*$", "\u{feff}", false),
            ("^(?:a|b)c$", "bc", true),
            (r"^\u00e9$", "é", true),
            (r"^[a[]$", "[", true),
            (r"^[\w-.]+$", "a-b.", true),
        ] {
            assert_eq!(matches(pattern, text), expected, "{pattern} on {text:?}");
        }
    }

    #[test]
    fn a_lost_search_is_known_before_the_end() {
        let pattern = Pattern::compile("^ab").unwrap();
        assert_eq!(pattern.step(pattern.start(), b"x"), Search::Lost);
        assert_eq!(pattern.step(pattern.start(), b"abx"), Search::Found);
    }

    #[test]
    fn patterns_outside_the_subset_are_refused() {
        for pattern in [
            r"(?=a)",
            r"(a)\1",
            r"\bword\b",
            "[a&&b]",
            "[]",
            r"[\D]",
            r"[!-\d]",
            "(?i)a",
            "(",
            r"^\p{L}{1,5000}$",
        ] {
            assert!(Pattern::compile(pattern).is_none(), "{pattern}");
        }
    }
}
