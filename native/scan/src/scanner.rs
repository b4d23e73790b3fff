//! The state of one block of text.

use regex_automata::dfa::{Automaton, StartError, dense};
use regex_automata::util::start;

use crate::plan::{ANCHORED, Compiled};
use crate::spec::Boundary;
use crate::verify::{self, Candidate, Check};
use crate::{Event, Finding, Plan};

/// What the text of a block is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextKind {
    /// Text for people.
    Plain,
    /// JSON (a tool call's arguments): escapes inside strings are decoded before matching.
    Json,
}

/// The state of one block of text.
pub struct Scanner {
    text: Vec<u8>,
    done: bool,
}

impl Scanner {
    /// A scanner at the start of a block.
    pub fn new(_plan: &Plan, _kind: TextKind) -> Self {
        Self {
            text: Vec::new(),
            done: false,
        }
    }

    /// Takes the next bytes of the block, cut anywhere.
    pub fn push(&mut self, _plan: &Plan, bytes: &[u8], _events: &mut Vec<Event>) {
        self.text.extend_from_slice(bytes);
    }

    /// The block is complete: everything is decided.
    pub fn finish(&mut self, plan: &Plan, events: &mut Vec<Event>) {
        self.done = true;
        let mut found: Vec<(u32, Finding)> = Vec::new();
        for compiled in &plan.compiled {
            scan(compiled, &self.text, |finding| {
                found.push((plan.rules()[finding.rule as usize].analyser, finding));
            });
        }
        found.sort_by(|(_, a), (_, b)| {
            (a.start, b.score, b.end, a.rule)
                .partial_cmp(&(b.start, a.score, a.end, b.rule))
                .unwrap()
        });
        let mut covered = std::collections::HashMap::new();
        for (analyser, finding) in found {
            let until = covered.entry(analyser).or_insert(0);
            if finding.start >= *until {
                *until = finding.end;
                events.push(Event::Found(finding));
            }
        }
    }

    /// Raw offset before which nothing can become part of a finding any more.
    pub fn safe(&self) -> u64 {
        if self.done { self.text.len() as u64 } else { 0 }
    }
}

fn scan(compiled: &Compiled, text: &[u8], mut found: impl FnMut(Finding)) {
    let starts: Vec<usize> = match &compiled.lead {
        None => (0..text.len()).collect(),
        Some(lead) => keyword_ends(compiled, text)
            .filter_map(|at| ends(lead, &text[at..]).last().map(|n| at + n))
            .collect(),
    };
    for start in starts {
        if blocked_left(compiled.rule.left, &text[..start]) {
            continue;
        }
        for length in ends(&compiled.pattern, &text[start..]).into_iter().rev() {
            if length == 0 || length > compiled.rule.max_bytes as usize {
                continue;
            }
            if blocks(compiled.rule.right, text.get(start + length).copied()) {
                continue;
            }
            if let Some((length, score)) = judge(compiled, text, start, start + length) {
                let end = (start + length) as u64;
                found(Finding {
                    rule: compiled.index,
                    start: start as u64,
                    end,
                    score,
                });
                break;
            }
            if compiled.rule.ends == crate::spec::Ends::Longest {
                break;
            }
        }
    }
}

fn keyword_ends<'a>(compiled: &'a Compiled, text: &'a [u8]) -> impl Iterator<Item = usize> + 'a {
    (0..text.len()).flat_map(move |at| {
        compiled.rule.keywords.iter().filter_map(move |word| {
            let end = at + word.len();
            text.get(at..end)?
                .eq_ignore_ascii_case(word.as_bytes())
                .then_some(end)
        })
    })
}

fn ends(dfa: &dense::DFA<Vec<u32>>, text: &[u8]) -> Vec<usize> {
    let config = start::Config::new().anchored(ANCHORED);
    let Ok(mut state) = Ok::<_, StartError>(dfa.start_state(&config).expect("no look-around"))
    else {
        return Vec::new();
    };
    let mut ends = Vec::new();
    for (at, &byte) in text.iter().enumerate() {
        state = dfa.next_state(state, byte);
        if dfa.is_match_state(state) {
            ends.push(at);
        }
        if dfa.is_dead_state(state) {
            return ends;
        }
    }
    if dfa.is_match_state(dfa.next_eoi_state(state)) {
        ends.push(text.len());
    }
    ends
}

fn blocks(boundary: Boundary, byte: Option<u8>) -> bool {
    byte.is_some_and(|b| match boundary {
        Boundary::Any => false,
        Boundary::Word => b.is_ascii_alphanumeric() || b == b'_',
        Boundary::Alnum => b.is_ascii_alphanumeric(),
        Boundary::Digit | Boundary::Number => b.is_ascii_digit(),
        Boundary::Email => b.is_ascii_alphanumeric() || b"._%+-".contains(&b) || b > 0x7F,
        Boundary::Token => b.is_ascii_alphanumeric() || b"_-+/=".contains(&b),
    })
}

fn blocked_left(boundary: Boundary, before: &[u8]) -> bool {
    if blocks(boundary, before.last().copied()) {
        return true;
    }
    let [.., digit, separator] = before else {
        return false;
    };
    boundary == Boundary::Number && digit.is_ascii_digit() && b" -./,_".contains(separator)
}

fn judge(compiled: &Compiled, text: &[u8], start: usize, end: usize) -> Option<(usize, f32)> {
    let rule = &compiled.rule;
    let matched = &text[start..end];
    let lower = matched.to_ascii_lowercase();
    if rule.stop.iter().any(|stop| {
        lower
            .windows(stop.len())
            .any(|w| w.eq_ignore_ascii_case(stop.as_bytes()))
    }) {
        return None;
    }
    if entropy(matched) < rule.min_entropy {
        return None;
    }
    let context = rule.context.as_ref().is_some_and(|context| {
        let from = start.saturating_sub(context.within as usize + 64);
        let before = String::from_utf8_lossy(&text[from..start]).to_lowercase();
        context
            .words
            .iter()
            .any(|word| before.contains(&word.to_lowercase()))
    });
    if !context && rule.context.as_ref().is_some_and(|c| c.required) {
        return None;
    }
    let candidate = Candidate {
        text: matched,
        before: &text[start.saturating_sub(64)..start],
        next: text.get(end).copied(),
        context,
    };
    let (mut length, mut score) = (matched.len(), rule.score);
    for name in &rule.verify {
        match verify::find(name)?(&candidate) {
            Check::Reject => return None,
            Check::Accept => {}
            Check::Score(value) => score = value,
            Check::Head { len, score: value } => (length, score) = (len, value),
        }
    }
    if context {
        score += rule.context.as_ref().map_or(0.0, |c| c.boost);
    }
    let score = score.min(1.0);
    (score >= compiled.min_score).then_some((length, score))
}

fn entropy(bytes: &[u8]) -> f32 {
    let mut counts = [0_u32; 256];
    for &byte in bytes {
        counts[byte as usize] += 1;
    }
    let total = bytes.len() as f32;
    counts
        .iter()
        .filter(|&&n| n > 0)
        .map(|&n| -(n as f32 / total) * (n as f32 / total).log2())
        .sum()
}
