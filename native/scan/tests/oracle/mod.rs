//! The slow oracle: findings of a whole text by brute force.
//!
//! Written apart from the scanner: every start, every end, every rule, with the `regex` crate and whole-text strings. Knows
//! only the characters that the tests use.

mod lane;

use std::cmp::Reverse;

use midstream_scan::spec::{AnalyserSpec, Boundary, Ends, LiteralRule, PatternRule};
use midstream_scan::verify::{self, Candidate, Check};
use regex::bytes::{Regex, RegexBuilder};

pub use lane::Lane;

/// One finding: rule (as the plan counts them), start, end, score.
pub type Found = (u32, u64, u64, f32);

struct Match {
    analyser: usize,
    rule: u32,
    start: u64,
    end: u64,
    score: f32,
    span: bool,
}

/// What one start of a rule has behind it: the keyword's position, and the least end.
struct Origin {
    keyword: usize,
    least: usize,
}

pub struct Oracle {
    analysers: Vec<AnalyserSpec>,
    /// Per pattern rule: whole-match expression, lead.
    compiled: Vec<Vec<(Regex, Option<Regex>)>>,
}

impl Oracle {
    pub fn new(analysers: &[AnalyserSpec]) -> Self {
        let whole = |pattern: &str| expression(&format!(r"\A(?:{pattern})\z"));
        let lead = |pattern: &str| expression(&format!(r"\A(?:{pattern})"));
        let compile = |rule: &PatternRule| (whole(&rule.pattern), rule.lead.as_deref().map(lead));
        Self {
            analysers: analysers.to_vec(),
            compiled: analysers
                .iter()
                .map(|spec| spec.rules.iter().map(compile).collect())
                .collect(),
        }
    }

    pub fn scan(&self, text: &[u8], json: bool) -> Vec<Found> {
        let normal = Lane::normal(text, json);
        let skeleton = normal.skeleton();
        let mut matches = self.matches(&normal, false);
        matches.extend(self.matches(&skeleton, true));
        matches.sort_by(|a, b| {
            (a.start, a.analyser)
                .cmp(&(b.start, b.analyser))
                .then(b.score.total_cmp(&a.score))
                .then((Reverse(a.end), a.rule).cmp(&(Reverse(b.end), b.rule)))
        });
        let mut covered = vec![0; self.analysers.len()];
        let mut found = Vec::new();
        for candidate in matches {
            if candidate.start < covered[candidate.analyser] {
                continue;
            }
            let rule = self.pattern_rule(candidate.analyser, candidate.rule);
            let end = match rule.filter(|_| candidate.span) {
                Some(rule) => span_end(rule, &normal, candidate.start, candidate.end),
                None => candidate.end,
            };
            covered[candidate.analyser] = end;
            found.push((candidate.rule, candidate.start, end, candidate.score));
        }
        found
    }

    fn first_rule(&self, analyser: usize) -> usize {
        self.analysers[..analyser]
            .iter()
            .map(|spec| spec.rules.len() + spec.literals.len())
            .sum()
    }

    fn pattern_rule(&self, analyser: usize, rule: u32) -> Option<&PatternRule> {
        self.analysers[analyser]
            .rules
            .get(rule as usize - self.first_rule(analyser))
    }

    fn matches(&self, lane: &Lane, only_folded: bool) -> Vec<Match> {
        let mut matches = Vec::new();
        for (analyser, spec) in self.analysers.iter().enumerate() {
            let first = self.first_rule(analyser);
            let mut add = |rule: usize, origin: usize, from: usize, to: usize, score: f32, span| {
                let folded = lane.chars[origin..to].iter().any(|c| c.folded);
                if (folded || !only_folded) && score >= spec.min_score {
                    let (start, end) = (lane.chars[from].start, lane.chars[to - 1].end);
                    matches.push(Match {
                        analyser,
                        rule: (first + rule) as u32,
                        start,
                        end,
                        score,
                        span,
                    });
                }
            };
            for (index, rule) in spec.rules.iter().enumerate() {
                for start in 0..lane.chars.len() {
                    let compiled = &self.compiled[analyser][index];
                    if let Some((origin, end, score)) =
                        best(rule, compiled, lane, start, spec.min_score)
                    {
                        add(index, origin, start, end, score, rule.span.is_some());
                    }
                }
            }
            for (index, rule) in spec.literals.iter().enumerate() {
                for (start, end) in literals(rule, lane) {
                    add(
                        spec.rules.len() + index,
                        start,
                        start,
                        end,
                        rule.score,
                        false,
                    );
                }
            }
        }
        matches
    }
}

fn expression(pattern: &str) -> Regex {
    RegexBuilder::new(pattern)
        .unicode(!pattern.is_ascii())
        .build()
        .unwrap()
}

fn literals(rule: &LiteralRule, lane: &Lane) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    for start in 0..lane.chars.len() {
        for word in &rule.words {
            let end = start + word.chars().count();
            let Some(text) = lane.text(start, end) else {
                continue;
            };
            let same = if rule.case_sensitive {
                text == *word
            } else {
                lower(&text) == lower(word)
            };
            let alone =
                !rule.whole_word || !(lane.is_letter(start.wrapping_sub(1)) || lane.is_letter(end));
            if same && alone && !lane.has_barrier(start, end) {
                found.push((start, end));
            }
        }
    }
    found
}

/// Origin, end and score of the rule's match from one start.
fn best(
    rule: &PatternRule,
    (whole, lead): &(Regex, Option<Regex>),
    lane: &Lane,
    start: usize,
    min_score: f32,
) -> Option<(usize, usize, f32)> {
    if blocked_left(rule.left, lane.bytes(0, start)) {
        return None;
    }
    let origin = origin(rule, lead.as_ref(), lane, start)?;
    let context = has_context(rule, lane, origin.keyword);
    let required = rule
        .context
        .as_ref()
        .is_some_and(|context| context.required);
    if required && !context {
        return None;
    }
    let mut ends: Vec<usize> = (start + 1..=lane.chars.len())
        .take_while(|&end| !lane.has_barrier(start, end))
        .filter(|&end| end >= origin.least)
        .filter(|&end| {
            lane.chars[end - 1].end - lane.chars[start].start <= u64::from(rule.max_bytes)
        })
        .filter(|&end| {
            !blocks(
                rule.right,
                lane.bytes(end, lane.chars.len()).first().copied(),
            )
        })
        .filter(|&end| whole.is_match(lane.bytes(start, end)))
        .collect();
    if rule.span.is_none() {
        ends.reverse();
        ends.truncate(if rule.ends == Ends::Longest { 1 } else { 64 });
    }
    ends.into_iter().find_map(|end| {
        let (end, score) = judge(rule, lane, start, end, context)?;
        (score >= min_score).then_some((origin.keyword, end, score))
    })
}

fn origin(rule: &PatternRule, lead: Option<&Regex>, lane: &Lane, start: usize) -> Option<Origin> {
    if rule.keywords.is_empty() {
        return Some(Origin {
            keyword: start,
            least: start,
        });
    }
    let at = |position: usize| {
        rule.keywords.iter().filter_map(move |keyword| {
            let end = position + keyword.chars().count();
            (lower(&lane.text(position, end)?) == lower(keyword)).then_some(end)
        })
    };
    let Some(lead) = lead else {
        let least = at(start).min()?;
        return Some(Origin {
            keyword: start,
            least,
        });
    };
    let leads_from = |end: &usize| {
        *end <= start
            && lead
                .find(lane.bytes(*end, lane.chars.len()))
                .is_some_and(|found| found.end() == lane.bytes(*end, start).len())
    };
    // Of several keywords the one that ends first counts, then the longest.
    let candidates = (0..=start).flat_map(|k| at(k).filter(leads_from).map(move |end| (end, k)));
    let (least, keyword) = candidates.min()?;
    Some(Origin { keyword, least })
}

fn has_context(rule: &PatternRule, lane: &Lane, origin: usize) -> bool {
    let Some(context) = &rule.context else {
        return false;
    };
    (0..origin)
        .filter(|&start| !lane.is_letter(start.wrapping_sub(1)))
        .any(|start| {
            context.words.iter().any(|word| {
                let end = start + word.chars().count();
                end <= origin
                    && lane
                        .text(start, end)
                        .is_some_and(|text| lower(&text) == lower(word))
                    && lane.bytes(end, origin).len() <= context.within as usize
            })
        })
}

fn judge(
    rule: &PatternRule,
    lane: &Lane,
    start: usize,
    end: usize,
    context: bool,
) -> Option<(usize, f32)> {
    let text = lane.bytes(start, end);
    let printed = String::from_utf8_lossy(text).to_lowercase();
    if rule
        .stop
        .iter()
        .any(|stop| printed.contains(&stop.to_lowercase()))
    {
        return None;
    }
    #[allow(clippy::naive_bytecount)] // The oracle is slow on purpose and takes no crate for it.
    let share = |byte: u8| text.iter().filter(|&&b| b == byte).count() as f32 / text.len() as f32;
    let entropy: f32 = (0..=255)
        .map(share)
        .filter(|p| *p > 0.0)
        .map(|p| -p * p.log2())
        .sum();
    if rule.min_entropy > 0.0 && entropy < rule.min_entropy - 1e-4 {
        return None;
    }
    let before = lane.bytes(0, start);
    let candidate = Candidate {
        text,
        before: &before[before.len().saturating_sub(64)..],
        next: lane.bytes(end, lane.chars.len()).first().copied(),
        context,
    };
    let (mut end, mut score) = (end, rule.score);
    for name in &rule.verify {
        match verify::find(name).unwrap()(&candidate) {
            Check::Reject => return None,
            Check::Accept => {}
            Check::Score(value) => score = value,
            Check::Head { len, score: value } => {
                score = value;
                end = (start + 1..=end)
                    .find(|&end| lane.bytes(start, end).len() == len)
                    .unwrap();
            }
        }
    }
    let boost = rule
        .context
        .as_ref()
        .filter(|_| context)
        .map_or(0.0, |context| context.boost);
    Some((end, (score + boost).clamp(0.0, 1.0)))
}

fn span_end(rule: &PatternRule, lane: &Lane, start: u64, head: u64) -> u64 {
    let span = rule.span.as_ref().unwrap();
    let from = lane
        .chars
        .iter()
        .position(|c| c.start >= head)
        .unwrap_or(lane.chars.len());
    let class = span
        .while_class
        .as_deref()
        .map(|class| expression(&format!(r"\A{class}\z")));
    let mut end = head;
    let mut rest = String::new();
    for c in &lane.chars[from..] {
        if c.barrier || c.end - start > u64::from(span.max_bytes) {
            break;
        }
        let inside = match (&class, &span.until) {
            (Some(class), _) => class.is_match(c.c.to_string().as_bytes()),
            (None, Some(until)) => !(rest.contains(until) && "\r\n".contains(c.c)),
            (None, None) => unreachable!(),
        };
        if !inside {
            break;
        }
        rest.push(c.c);
        end = c.end;
    }
    end
}

fn lower(text: &str) -> String {
    text.to_lowercase()
}

fn blocks(boundary: Boundary, next: Option<u8>) -> bool {
    next.is_some_and(|b| match boundary {
        Boundary::Any => false,
        Boundary::Word => b.is_ascii_alphanumeric() || b == b'_',
        Boundary::Alnum => b.is_ascii_alphanumeric(),
        Boundary::Digit | Boundary::Number => b.is_ascii_digit(),
        Boundary::Email => b.is_ascii_alphanumeric() || b"._%+-".contains(&b) || b > 0x7F,
        Boundary::Token => b.is_ascii_alphanumeric() || b"_-+/=".contains(&b),
    })
}

fn blocked_left(boundary: Boundary, before: &[u8]) -> bool {
    let number = |before: &[u8]| matches!(before, [.., digit, separator] if digit.is_ascii_digit() && b" -./,_".contains(separator));
    blocks(boundary, before.last().copied()) || boundary == Boundary::Number && number(before)
}
