//! From formula to text: the fewest parentheses that [`Formula::parse`] reads back to the same formula.

use crate::formula::{Formula, Id, Node};
use crate::interval::Interval;
use crate::vocabulary::Vocabulary;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt::Write;

enum Work {
    Node(Id, u8),
    Sign(&'static str),
    Bounded(&'static str, Option<Interval>),
}

impl Formula {
    /// The formula as text. An atom that `words` lacks is written as `"atom:7"`.
    pub fn text(&self, words: &Vocabulary) -> String {
        let mut out = String::new();
        let mut work = alloc::vec![Work::Node(self.root(), 0)];
        while let Some(next) = work.pop() {
            match next {
                Work::Sign(sign) => out.push_str(sign),
                Work::Bounded(sign, interval) => {
                    out.push_str(sign);
                    if let Some(interval) = interval {
                        // Writing to a string cannot fail.
                        let _ = write!(out, "{interval}");
                    }
                }
                Work::Node(id, outer) => self.node(id, outer, words, &mut out, &mut work),
            }
        }
        out
    }

    fn node(&self, id: Id, outer: u8, words: &Vocabulary, out: &mut String, work: &mut Vec<Work>) {
        let node = self.nodes()[usize::from(id)];
        let (own, sign, left, right) = match node {
            Node::True => return out.push_str("true"),
            Node::False => return out.push_str("false"),
            Node::Atom(bit) => {
                let atom = words.atoms().get(usize::from(bit));
                let text =
                    atom.map_or_else(|| alloc::format!("\"atom:{bit}\""), ToString::to_string);
                return out.push_str(&text);
            }
            Node::Iff(..) => (1, " <-> ", 1, 2),
            Node::Implies(..) => (2, " -> ", 3, 2),
            Node::Or(..) => (3, " | ", 3, 4),
            Node::And(..) => (4, " & ", 4, 5),
            Node::Until(..) => (5, " U", 6, 5),
            Node::WeakUntil(..) => (5, " W", 6, 5),
            Node::Release(..) => (5, " R", 6, 5),
            Node::Since(..) => (5, " S", 6, 5),
            Node::Not(_) => (6, "!", 0, 6),
            Node::Next(_) => (6, "X", 0, 6),
            Node::WeakNext(_) => (6, "N", 0, 6),
            Node::Finally(..) => (6, "F", 0, 6),
            Node::Globally(..) => (6, "G", 0, 6),
            Node::Yesterday(_) => (6, "Y", 0, 6),
            Node::Once(..) => (6, "O", 0, 6),
            Node::Historically(..) => (6, "H", 0, 6),
        };
        let interval = node.interval();
        let open = own < outer;
        // Pushed in reverse: the stack gives the last one first.
        if open {
            work.push(Work::Sign(")"));
        }
        match node.children() {
            [Some(a), Some(b)] => {
                work.push(Work::Node(b, right));
                if own == 5 {
                    work.push(Work::Sign(" "));
                }
                work.push(Work::Bounded(sign, interval));
                work.push(Work::Node(a, left));
            }
            [Some(a), None] => {
                work.push(Work::Node(a, right));
                if !matches!(node, Node::Not(_)) && !self.opens(a, right) {
                    work.push(Work::Sign(" "));
                }
                work.push(Work::Bounded(sign, interval));
            }
            _ => {}
        }
        if open {
            work.push(Work::Sign("("));
        }
    }

    /// Whether the operand will be written in parentheses, so that no blank is needed before it.
    fn opens(&self, id: Id, outer: u8) -> bool {
        let own = match self.nodes()[usize::from(id)] {
            Node::Iff(..) => 1,
            Node::Implies(..) => 2,
            Node::Or(..) => 3,
            Node::And(..) => 4,
            Node::Until(..) | Node::WeakUntil(..) | Node::Release(..) | Node::Since(..) => 5,
            _ => 6,
        };
        own < outer
    }
}
