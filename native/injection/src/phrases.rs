//! A grammar of phrases over folded words: each pattern is a chain of word classes with gaps.

use std::sync::LazyLock;

use crate::decode::rot13;
use crate::rule;

/// What the chains mean: rule, probability that a sentence with it is an attack, chain. `a|b` is one of these words, `~3` lets up to three
/// words stand between, `$name` is a class below. Written from general knowledge of public attacks; no test set was read for it.
const PATTERNS: &[(u32, f32, &str)] = &[
    (rule::OVERRIDE, 0.93, "$drop ~4 $before ~3 $orders"),
    (rule::OVERRIDE, 0.93, "$drop ~3 $orders ~3 $before|given"),
    (rule::OVERRIDE, 0.85, "$drop ~2 your|the|openai ~3 $orders"),
    (
        rule::OVERRIDE,
        0.8,
        "$drop everything|anything|all ~4 $before|said|told",
    ),
    (
        rule::OVERRIDE,
        0.85,
        "do|does|should|must not|never follow|obey ~3 $before|your|the ~3 $orders",
    ),
    (
        rule::OVERRIDE,
        0.85,
        "don't follow|obey ~3 $before|your|the ~3 $orders",
    ),
    (
        rule::OVERRIDE,
        0.75,
        "new|updated|revised|real|actual $orders follow|below|are|for",
    ),
    (
        rule::OVERRIDE,
        0.8,
        "your new|real|actual|only|true $orders|task|job|purpose|goal is|are",
    ),
    (
        rule::OVERRIDE,
        0.75,
        "$before $orders ~3 are|were|is ~2 void|invalid|cancelled|canceled|obsolete|wrong|superseded|revoked|test",
    ),
    (rule::OVERRIDE, 0.7, "instead of ~4 $before $orders"),
    (rule::OVERRIDE, 0.75, "stop ~2 what you ~3 doing ~3 and"),
    (
        rule::OVERRIDE,
        0.85,
        "override ~3 system|safety|security|content ~2 $orders|prompt|filter|protocol|protocols",
    ),
    (rule::ROLE_PLAY, 0.9, "do anything now"),
    (rule::ROLE_PLAY, 0.75, "as|like|called|named|be|mode dan"),
    (
        rule::ROLE_PLAY,
        0.75,
        "developer|god|admin|sudo|debug|unrestricted|jailbreak|dan mode ~3 enabled|on|activated|output|response|active",
    ),
    (rule::ROLE_PLAY, 0.75, "you ~3 $act ~8 $free"),
    (rule::ROLE_PLAY, 0.75, "$act ~8 $free"),
    (
        rule::ROLE_PLAY,
        0.8,
        "you are|have no|not ~3 longer|bound|restricted|limited|constrained|subject ~3 by|to ~4 $orders|$limits|openai|policies",
    ),
    (
        rule::ROLE_PLAY,
        0.8,
        "broken|freed|free|liberated from|of ~3 typical|all|any|the|your|openai|ethical ~3 $limits|confines|chains|$orders",
    ),
    (
        rule::ROLE_PLAY,
        0.75,
        "has|have|having|with no|zero ~3 $ethics ~3 $limits",
    ),
    (
        rule::ROLE_PLAY,
        0.7,
        "without ~1 any|moral|ethical|openai ~3 $limits|censorship|morals|ethics",
    ),
    (
        rule::ROLE_PLAY,
        0.7,
        "$free ai|chatbot|bot|assistant|model|persona|character|chatgpt|gpt",
    ),
    (
        rule::ROLE_PLAY,
        0.75,
        "you|will|must|can never|not|cannot refuse|decline|reject ~4 request|requests|question|questions|answer|anything|order|command",
    ),
    (
        rule::ROLE_PLAY,
        0.7,
        "never|not ~2 break|breaking|leave ~1 character",
    ),
    (rule::ROLE_PLAY, 0.65, "stay|remain in character"),
    (
        rule::ROLE_PLAY,
        0.7,
        "do|does|is not ~2 care|follow|abide|adhere ~4 $ethics|legality|illegal",
    ),
    (
        rule::ROLE_PLAY,
        0.75,
        "bypass|circumvent|evade ~3 openai|content|chatgpt|your ~3 policy|policies|guidelines|filter|filters|$limits",
    ),
    (
        rule::ROLE_PLAY,
        0.7,
        "two|2 ~2 responses|answers|ways ~8 chatgpt|gpt|normal|classic|jailbroken|unfiltered",
    ),
    (
        rule::REVEAL,
        0.85,
        "$show ~4 your|system|initial|original|hidden|secret|developer ~2 prompt|$orders|message",
    ),
    (
        rule::REVEAL,
        0.85,
        "$show ~5 text|words|everything|content|conversation|$orders|lines above|before",
    ),
    (
        rule::REVEAL,
        0.75,
        "what ~2 is|are|was|were your ~2 system|initial|original|hidden|secret|exact|first ~2 prompt|$orders|message",
    ),
    (
        rule::REVEAL,
        0.8,
        "repeat ~6 starting|beginning with|from ~3 you are",
    ),
    (
        rule::CONCEAL,
        0.8,
        "do|must|should not|never tell|inform|alert|notify|mention|reveal|show ~4 user|human|victim|recipient",
    ),
    (
        rule::CONCEAL,
        0.8,
        "don't tell|inform|alert|notify|mention|reveal|show ~4 user|human|victim|recipient",
    ),
    (
        rule::CONCEAL,
        0.75,
        "without ~2 telling|informing|alerting|notifying|mentioning|asking ~3 user|human|them",
    ),
    (
        rule::CONCEAL,
        0.7,
        "hide|conceal ~3 this|these|it|that ~3 from ~2 user|human",
    ),
    (
        rule::EXFILTRATION,
        0.8,
        "$send ~6 $secrets ~6 to|at|via|into|using http|https|www|url|email|address|server|endpoint|webhook|attacker|me",
    ),
    (
        rule::EXFILTRATION,
        0.75,
        "append|encode|embed|include|add|insert|put ~5 $secrets ~6 url|link|image|query|parameter|markdown",
    ),
    (
        rule::EXFILTRATION,
        0.75,
        "render|display|output|insert|include ~3 image|markdown|img ~6 http|https|url ~8 $secrets",
    ),
];

/// Word classes.
const CLASSES: &[(&str, &str)] = &[
    (
        "$drop",
        "ignore|ignoring|disregard|disregarding|forget|forgetting|overlook|neglect|discard|abandon|override|bypass|dismiss|skip|erase|ignorer",
    ),
    (
        "$before",
        "previous|prior|above|earlier|preceding|former|foregoing|past|existing|original|initial|old|aforementioned|all|before",
    ),
    (
        "$orders",
        "instruction|instructions|prompt|prompts|rules|rule|guideline|guidelines|directive|directives|directions|command|commands|programming|orders|constraints|restrictions|policies|safeguards|context|training",
    ),
    (
        "$act",
        "act|pretend|imagine|roleplay|simulate|behave|become|play|acting|pretending|roleplaying|respond|impersonate",
    ),
    (
        "$free",
        "unrestricted|unfiltered|uncensored|amoral|immoral|unethical|lawless|jailbroken|unlimited|unbound|evil|unhinged|limitless|dan",
    ),
    (
        "$limits",
        "restrictions|limitations|limits|rules|boundaries|constraints|filters|guidelines|filter|restriction|limitation|censorship|morals",
    ),
    (
        "$ethics",
        "ethical|moral|morals|ethics|ethic|legal|content|openai|safety|morality|restrictions|rules|guidelines|limitations",
    ),
    (
        "$show",
        "show|reveal|print|display|output|repeat|tell|give|write|list|disclose|leak|dump|share|expose|recite|paste|copy|state",
    ),
    (
        "$send",
        "send|post|forward|upload|leak|exfiltrate|transmit|submit|email|deliver|mail|report",
    ),
    (
        "$secrets",
        "conversation|history|password|passwords|key|keys|credentials|secret|secrets|prompt|token|tokens|messages|data|contents|inbox|emails|contacts|files|summary|information",
    ),
];

struct Step {
    /// Sorted hashes.
    words: Vec<u32>,
    /// Of most words that are not among them it says so.
    filter: u64,
    /// Words that may stand before it.
    gap: usize,
}

impl Step {
    fn has(&self, word: u32) -> bool {
        self.filter >> (word & 63) & 1 != 0 && self.words.binary_search(&word).is_ok()
    }
}

struct Pattern {
    rule: u32,
    score: f32,
    steps: Vec<Step>,
}

/// Bits of the filter of first words.
const FILTER_BITS: usize = 1 << 12;

struct Grammar {
    patterns: Vec<Pattern>,
    /// `(word, pattern)` of all first steps, sorted.
    first: Vec<(u32, u16)>,
    /// A bit for each of their words: nearly all other words have none.
    filter: [u64; FILTER_BITS / 64],
}

impl Grammar {
    fn may_begin(&self, word: u32) -> bool {
        self.filter[word as usize / 64 % self.filter.len()] >> (word & 63) & 1 != 0
    }
}

const OFFSET: u32 = 0x811c_9dc5;

/// A step of FNV-1a, 32 bits.
const fn hashed(state: u32, byte: u8) -> u32 {
    (state ^ byte as u32).wrapping_mul(0x0100_0193)
}

fn hash(word: &str) -> u32 {
    word.bytes().fold(OFFSET, hashed)
}

fn step(text: &str, gap: usize) -> Step {
    let alternatives = text
        .split('|')
        .flat_map(|word| match word.strip_prefix('$') {
            Some(_) => CLASSES
                .iter()
                .find(|(name, _)| *name == word)
                .map_or("", |(_, words)| *words)
                .split('|'),
            None => word.split('|'),
        });
    let mut words: Vec<u32> = alternatives.map(hash).collect();
    words.sort_unstable();
    let filter = words
        .iter()
        .fold(0, |filter, word| filter | 1 << (word & 63));
    Step { words, filter, gap }
}

static GRAMMAR: LazyLock<Grammar> = LazyLock::new(|| {
    let mut grammar = Grammar {
        patterns: Vec::new(),
        first: Vec::new(),
        filter: [0; FILTER_BITS / 64],
    };
    for (at, (rule, score, chain)) in PATTERNS.iter().enumerate() {
        let mut steps = Vec::new();
        let mut gap = 0;
        for part in chain.split(' ') {
            if let Some(words) = part.strip_prefix('~') {
                gap = words.parse().expect("a gap of the table is a number");
            } else {
                steps.push(step(part, gap));
                gap = 0;
            }
        }
        grammar
            .first
            .extend(steps[0].words.iter().map(|word| (*word, at as u16)));
        grammar.patterns.push(Pattern {
            rule: *rule,
            score: *score,
            steps,
        });
    }
    grammar.first.sort_unstable();
    for (word, _) in &grammar.first {
        grammar.filter[*word as usize / 64 % (FILTER_BITS / 64)] |= 1 << (word & 63);
    }
    grammar
});

fn goes_on(words: &[u32], steps: &[Step]) -> bool {
    let Some((step, rest)) = steps.split_first() else {
        return true;
    };
    (0..words.len().min(step.gap + 1))
        .any(|at| step.has(words[at]) && goes_on(&words[at + 1..], rest))
}

/// Shows rule and probability of every pattern that stands in these words, each once.
pub(crate) fn find(words: &[u32], mut show: impl FnMut(u32, f32)) {
    let grammar = &*GRAMMAR;
    let mut seen = 0_u64;
    for (at, word) in words.iter().enumerate() {
        if !grammar.may_begin(*word) {
            continue;
        }
        let from = grammar.first.partition_point(|(first, _)| first < word);
        for (_, pattern) in grammar.first[from..]
            .iter()
            .take_while(|(first, _)| first == word)
        {
            let bit = 1 << pattern;
            let Pattern { rule, score, steps } = &grammar.patterns[*pattern as usize];
            if seen & bit == 0 && goes_on(&words[at + 1..], &steps[1..]) {
                seen |= bit;
                show(*rule, *score);
            }
        }
    }
}

fn is_word(word: &str) -> bool {
    match word.as_bytes() {
        [] => false,
        [first, ..] if first.is_ascii_alphanumeric() => true,
        _ => word.chars().any(char::is_alphanumeric),
    }
}

/// [`rot13`] of each byte.
const ROT13: [u8; 256] = {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = rot13(byte as u8);
        byte += 1;
    }
    table
};

/// Hashes of the words of a folded text, and of the words that they are with letters moved by thirteen places (ROT13).
#[derive(Debug, Default)]
pub(crate) struct Words {
    plain: Vec<u32>,
    turned: Vec<u32>,
}

impl Words {
    /// Words are what stands between spaces and has a letter or digit in it.
    pub(crate) fn read(&mut self, folded: &str) {
        self.plain.clear();
        self.turned.clear();
        // A word has four bytes at least, nearly always.
        self.plain.reserve(folded.len() / 4);
        self.turned.reserve(folded.len() / 4);
        let mut start = 0;
        let (mut plain, mut turned) = (OFFSET, OFFSET);
        for (at, &byte) in folded.as_bytes().iter().chain(b" ").enumerate() {
            if byte != b' ' {
                (plain, turned) = (hashed(plain, byte), hashed(turned, ROT13[byte as usize]));
                continue;
            }
            if is_word(&folded[start..at]) {
                self.plain.push(plain);
                self.turned.push(turned);
            }
            (start, plain, turned) = (at + 1, OFFSET, OFFSET);
        }
    }

    pub(crate) fn plain(&self) -> &[u32] {
        &self.plain
    }

    pub(crate) fn turned(&self) -> &[u32] {
        &self.turned
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_table_fits_its_bit_set_and_names_only_classes_that_exist() {
        assert!(PATTERNS.len() <= 64);
        for (_, score, chain) in PATTERNS {
            assert!((0.0..1.0).contains(score));
            for word in chain.split([' ', '|']).filter(|word| word.starts_with('$')) {
                assert!(CLASSES.iter().any(|(name, _)| *name == word), "{word}");
            }
        }
    }

    proptest! {
        #[test]
        fn hashes_are_those_of_the_words_and_of_the_turned_words(text in "[a-zA-Z0-9é’*,. ]{0,60}") {
            let turned: String = text
                .chars()
                .map(|each| if each.is_ascii() { char::from(rot13(each as u8)) } else { each })
                .collect();
            let of = |text: &str| -> Vec<u32> {
                let is_word = |word: &&str| word.chars().any(char::is_alphanumeric);
                text.split(' ').filter(is_word).map(hash).collect()
            };
            let mut words = Words::default();
            words.read(&text);
            prop_assert_eq!(words.plain(), of(&text));
            prop_assert_eq!(words.turned(), of(&turned));
        }
    }
}
