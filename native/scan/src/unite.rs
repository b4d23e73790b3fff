//! Unites rules without keywords in one automaton, and says where it starts: per left neighbourhood and first byte.

use regex_syntax::hir::{
    Capture, Class, ClassBytes, ClassBytesRange, ClassUnicode, ClassUnicodeRange, Hir, HirKind,
    Repetition,
};

use crate::boundary;
use crate::machine::{MAX_RULES, MAX_STATES, Machine};
use crate::verify::{Refusal, Refused};

/// How much larger than its rules' own automata a united one may be before it is split in two.
const MAX_GROWTH: usize = 6;

/// A rule that waits to be united with others.
pub(crate) struct Loose {
    pub(crate) rule: u32,
    pub(crate) left: u8,
    pub(crate) hir: Hir,
    /// States of its own automaton.
    pub(crate) states: usize,
    /// What its verifiers reject because of what stands before.
    pub(crate) refusals: Vec<Refusal>,
}

/// Rules in one automaton.
pub(crate) struct United {
    pub(crate) machine: Machine,
    /// Rule of each pattern; a rule may have two.
    pub(crate) rules: Vec<u32>,
    /// Per left neighbourhood, the state that a first byte leads to.
    pub(crate) entries: Vec<[u16; 256]>,
}

/// One pattern of a rule.
struct Pattern<'a> {
    loose: &'a Loose,
    /// The byte that none of its matches contains, where the verifiers refuse those.
    without: Option<u8>,
}

impl Loose {
    fn active(&self, left: u32) -> impl Iterator<Item = Refused> + '_ {
        let active = self
            .refusals
            .iter()
            .filter(move |refusal| left & refusal.after != 0);
        active.map(|refusal| refusal.what)
    }

    /// The byte that matches must not contain in some neighbourhoods.
    fn excluded(&self) -> Option<u8> {
        self.refusals.iter().find_map(|refusal| match refusal.what {
            Refused::With(byte) => Some(byte),
            Refused::All | Refused::Unless(_) => None,
        })
    }
}

impl Pattern<'_> {
    /// Whether a match may begin with a byte behind a left neighbourhood.
    fn may_begin(&self, left: u32, byte: u8) -> bool {
        let refused = self.loose.active(left).any(|refused| match refused {
            Refused::All => true,
            Refused::Unless(first) => !first.contains(&byte),
            Refused::With(_) => false,
        });
        let excludes = |refused| matches!(refused, Refused::With(_));
        let without = self.loose.active(left).any(excludes);
        left & u32::from(self.loose.left) == 0 && !refused && without == self.without.is_some()
    }
}

/// Unites rules as long as the common automaton stays near the sum of their own; `lefts` are all left neighbourhoods.
pub(crate) fn unite(mut list: Vec<Loose>, lefts: &[u32], built: &mut Vec<United>) {
    let own: usize = list.iter().map(|loose| loose.states).sum();
    let limit = match list.len() {
        1 => MAX_STATES,
        _ => (MAX_GROWTH * own + 64).min(MAX_STATES),
    };
    if let Some(united) = try_unite(&list, lefts, limit) {
        built.push(united);
        return;
    }
    if let [only] = list.as_mut_slice() {
        // Its own automaton was built before; only what it refuses can have made this one too large.
        only.refusals.clear();
        return unite(list, lefts, built);
    }
    let second = list.split_off(list.len() / 2);
    unite(list, lefts, built);
    unite(second, lefts, built);
}

fn try_unite(list: &[Loose], lefts: &[u32], limit: usize) -> Option<United> {
    let patterns: Vec<Pattern<'_>> = list
        .iter()
        .flat_map(|loose| {
            let excluded = loose.excluded().map(Some);
            [None]
                .into_iter()
                .chain(excluded)
                .map(move |without| Pattern { loose, without })
        })
        .collect();
    if patterns.len() > MAX_RULES {
        return None;
    }
    let hirs: Vec<Hir> = patterns
        .iter()
        .map(|pattern| match pattern.without {
            Some(byte) => without(&pattern.loose.hir, byte),
            None => pattern.loose.hir.clone(),
        })
        .collect();
    let begin = |left: u32, byte: u8| {
        let may = |pattern: &Pattern<'_>| pattern.may_begin(left, byte);
        let mask = |mask, (local, pattern)| mask | u64::from(may(pattern)) << local;
        patterns.iter().enumerate().fold(0, mask)
    };
    let begins: Vec<[u64; 256]> = lefts
        .iter()
        .map(|&left| std::array::from_fn(|byte| begin(left, byte as u8)))
        .collect();
    let mut sets: Vec<u64> = begins.iter().flatten().copied().collect();
    sets.sort_unstable();
    sets.dedup();
    // The largest set first: it is the start where nothing is known.
    sets.reverse();
    let machine = Machine::build_from(&hirs.iter().collect::<Vec<_>>(), &sets, limit).ok()?;
    let entry = |begins: &[u64; 256]| {
        std::array::from_fn(|byte| machine.step(machine.start_of(begins[byte]), byte as u8))
    };
    let entries = begins.iter().map(entry).collect();
    let rules = patterns.iter().map(|pattern| pattern.loose.rule).collect();
    Some(United {
        machine,
        rules,
        entries,
    })
}

/// All left neighbourhoods that text can leave behind, and per neighbourhood and byte the number of the next; `asked` are the
/// bits that refusals ask for.
pub(crate) fn neighbourhoods(asked: u32) -> (Vec<u32>, Vec<[u8; 256]>) {
    let needed = boundary::needed(asked);
    let (mut lefts, mut next) = (vec![0], Vec::new());
    while let Some(&left) = lefts.get(next.len()) {
        next.push(std::array::from_fn(|byte| {
            let behind = boundary::left(left, byte as u8) & needed;
            let known = lefts.iter().position(|&known| known == behind);
            known.unwrap_or_else(|| {
                lefts.push(behind);
                lefts.len() - 1
            }) as u8
        }));
    }
    (lefts, next)
}

/// The matches of a pattern that do not contain an ASCII byte.
fn without(hir: &Hir, byte: u8) -> Hir {
    match hir.kind() {
        HirKind::Literal(literal) if literal.0.contains(&byte) => Hir::fail(),
        HirKind::Empty | HirKind::Literal(_) | HirKind::Look(_) => hir.clone(),
        HirKind::Class(Class::Bytes(class)) => {
            let mut class = class.clone();
            class.difference(&ClassBytes::new([ClassBytesRange::new(byte, byte)]));
            Hir::class(Class::Bytes(class))
        }
        HirKind::Class(Class::Unicode(class)) => {
            let (c, mut class) = (char::from(byte), class.clone());
            class.difference(&ClassUnicode::new([ClassUnicodeRange::new(c, c)]));
            Hir::class(Class::Unicode(class))
        }
        HirKind::Repetition(repetition) => Hir::repetition(Repetition {
            sub: Box::new(without(&repetition.sub, byte)),
            ..repetition.clone()
        }),
        HirKind::Capture(capture) => Hir::capture(Capture {
            sub: Box::new(without(&capture.sub, byte)),
            ..capture.clone()
        }),
        HirKind::Concat(list) => Hir::concat(list.iter().map(|hir| without(hir, byte)).collect()),
        HirKind::Alternation(list) => {
            Hir::alternation(list.iter().map(|hir| without(hir, byte)).collect())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{neighbourhoods, without};
    use crate::boundary::{AFTER_COLON, AFTER_GROUP, AFTER_HEX, AFTER_TIGHT};
    use crate::machine::Machine;
    use crate::pattern::parse;

    #[test]
    fn a_pattern_without_a_byte_keeps_its_other_matches() {
        let matches = |pattern: &regex_syntax::hir::Hir, text: &str| {
            let machine = Machine::build(&[pattern], 1_000).unwrap();
            machine.accepted(machine.run(machine.start, text.as_bytes())) == 1
        };
        let pattern = parse(r"a(?:[ -]b){0,2}c?|x y|xz").unwrap();
        let less = without(&pattern, b' ');
        for (text, kept) in [
            ("a", true),
            ("a-b-bc", true),
            ("xz", true),
            ("a b", false),
            ("a-b b", false),
            ("x y", false),
        ] {
            assert!(matches(&pattern, text), "{text}");
            assert_eq!(matches(&less, text), kept, "{text}");
        }
    }

    #[test]
    fn neighbourhoods_tell_exactly_what_was_asked() {
        for (asked, text, expected) in [
            (AFTER_GROUP, "12 ", true),
            (AFTER_GROUP, "12345678 ", true),
            (AFTER_GROUP, "123456789 ", false),
            (AFTER_GROUP, "a1 ", true),
            (AFTER_GROUP, "a:1 ", false),
            (AFTER_GROUP, "1-1 ", false),
            (AFTER_GROUP, "1-1 1 ", true),
            (AFTER_GROUP, "12", false),
            (AFTER_GROUP, "12  ", false),
            (AFTER_TIGHT, "1.", true),
            (AFTER_TIGHT, "1..", false),
            (AFTER_HEX, "f:", true),
            (AFTER_HEX, "g:", false),
            (AFTER_COLON, "g:", true),
            (AFTER_COLON, ": ", false),
        ] {
            let (lefts, next) = neighbourhoods(asked);
            let step = |row: usize, byte: u8| usize::from(next[row][usize::from(byte)]);
            let row = text.bytes().fold(0, step);
            assert_eq!(lefts[row] & asked != 0, expected, "{text:?}");
        }
    }
}
