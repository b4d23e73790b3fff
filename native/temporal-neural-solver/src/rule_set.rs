//! What is wrong with a set of rules before any stream is seen: for `midstream check`.

use crate::formula::{Builder, Formula, Id, Node};
use crate::satisfy::{Answer, satisfy};
use crate::semantics::Position;
use crate::vocabulary::Vocabulary;
use alloc::vec::Vec;

/// One thing that the rules' author should know. Rules are named by their index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
    /// No trace violates the rule: it can never fire.
    NeverFires {
        /// The rule.
        rule: usize,
        /// A trace on which it holds.
        witness: Vec<Position>,
    },
    /// No trace satisfies the rule: it fires on every stream.
    AlwaysFires {
        /// The rule.
        rule: usize,
        /// A trace on which it fires.
        witness: Vec<Position>,
    },
    /// No trace satisfies both rules, though each can be satisfied.
    Contradiction {
        /// The rules.
        rules: [usize; 2],
        /// A trace that satisfies the first one, and therefore violates the second.
        witness: Vec<Position>,
    },
    /// Both rules hold only on traces on which the first one's condition never occurs: `G(a -> b)` and `G(a -> !b)`.
    ContradictionOnTrigger {
        /// The rules.
        rules: [usize; 2],
        /// A trace on which the condition occurs and the first rule holds; the second one fires on it.
        witness: Vec<Position>,
    },
    /// Whatever satisfies the first rule satisfies the second: the second adds nothing.
    Implies {
        /// The rules.
        rules: [usize; 2],
        /// A trace that satisfies both.
        witness: Vec<Position>,
    },
    /// The budget or the atoms did not allow an answer.
    Undecided {
        /// The rules; both the same if it is about one.
        rules: [usize; 2],
    },
}

/// Checks all rules and all pairs. `budget` holds for each search; see [`satisfy`].
pub fn check(rules: &[&Formula], words: &Vocabulary, budget: usize) -> Vec<Finding> {
    let mut out = Vec::new();
    let can = |formulas: &[&Formula]| satisfy(formulas, words, budget);
    let negations: Vec<Option<Formula>> = rules.iter().map(|rule| rule.negated().ok()).collect();
    let fires = |rule: usize, with: &[&Formula]| match &negations[rule] {
        Some(negation) => can(&[with, &[negation]].concat()),
        None => Answer::Unknown,
    };
    let mut plain = Vec::new();
    for (rule, formula) in rules.iter().enumerate() {
        match (can(&[formula]), fires(rule, &[])) {
            (Answer::No, Answer::Yes(witness)) => out.push(Finding::AlwaysFires { rule, witness }),
            (Answer::Yes(witness), Answer::No) => out.push(Finding::NeverFires { rule, witness }),
            (Answer::Yes(_), Answer::Yes(_)) => plain.push(rule),
            _ => out.push(Finding::Undecided {
                rules: [rule, rule],
            }),
        }
    }
    for (at, a) in plain.iter().copied().enumerate() {
        for b in plain[at + 1..].iter().copied() {
            pair(rules, [a, b], &can, &fires, &mut out);
        }
    }
    out
}

fn pair(
    rules: &[&Formula],
    both: [usize; 2],
    can: &dyn Fn(&[&Formula]) -> Answer,
    fires: &dyn Fn(usize, &[&Formula]) -> Answer,
    out: &mut Vec<Finding>,
) {
    let [a, b] = both;
    let witness = match can(&[rules[a], rules[b]]) {
        Answer::Yes(witness) => witness,
        Answer::No => {
            if let Answer::Yes(witness) = can(&[rules[a]]) {
                out.push(Finding::Contradiction {
                    rules: both,
                    witness,
                });
            }
            return;
        }
        Answer::Unknown => {
            out.push(Finding::Undecided { rules: both });
            return;
        }
    };
    let trigger = triggers(rules[a]).into_iter().find_map(|occurs| {
        let Answer::Yes(witness) = can(&[rules[a], &occurs]) else {
            return None;
        };
        (can(&[rules[a], rules[b], &occurs]) == Answer::No).then_some(witness)
    });
    if let Some(witness) = trigger {
        out.push(Finding::ContradictionOnTrigger {
            rules: both,
            witness,
        });
    }
    for rules_in_order in [[a, b], [b, a]] {
        let [strong, weak] = rules_in_order;
        if fires(weak, &[rules[strong]]) == Answer::No {
            out.push(Finding::Implies {
                rules: rules_in_order,
                witness: witness.clone(),
            });
        }
    }
}

/// `F a` for every part `G(a -> b)` of the rule.
fn triggers(rule: &Formula) -> Vec<Formula> {
    let mut out = Vec::new();
    let mut work = alloc::vec![rule.root()];
    while let Some(id) = work.pop() {
        match rule.nodes()[usize::from(id)] {
            Node::And(a, b) => work.extend([a, b]),
            Node::Globally(None, a) => {
                if let Node::Implies(condition, _) = rule.nodes()[usize::from(a)] {
                    out.extend(occurs(rule, condition));
                }
            }
            _ => {}
        }
    }
    out
}

fn occurs(rule: &Formula, condition: Id) -> Option<Formula> {
    let mut builder = Builder::new();
    let mut place = Vec::new();
    for node in rule.nodes() {
        place.push(builder.copy(*node, &place).ok()?);
    }
    let root = builder
        .push(Node::Finally(None, place[usize::from(condition)]))
        .ok()?;
    builder.finish(root).ok()
}
