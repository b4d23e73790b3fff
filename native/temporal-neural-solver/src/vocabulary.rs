//! Names of propositions and comparisons on signals, and the bit that each has in a letter.

use crate::error::{Code, Error};
use crate::limits;
use alloc::string::String;
use alloc::vec::Vec;
use alloc::{format, string::ToString};
use core::fmt;
use serde::{Deserialize, Serialize};

/// How a signal's value is compared with a constant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Comparison {
    /// `<`
    Less,
    /// `<=`
    AtMost,
    /// `>`
    Greater,
    /// `>=`
    AtLeast,
    /// `==`
    Equal,
    /// `!=`
    Differs,
}

impl Comparison {
    /// Whether `value` compares so with `bound`. Both are finite.
    #[expect(
        clippy::float_cmp,
        reason = "an exact comparison is what the rule's author wrote"
    )]
    pub fn holds(self, value: f64, bound: f64) -> bool {
        match self {
            Self::Less => value < bound,
            Self::AtMost => value <= bound,
            Self::Greater => value > bound,
            Self::AtLeast => value >= bound,
            Self::Equal => value == bound,
            Self::Differs => value != bound,
        }
    }

    /// The operator as it is written in a formula.
    pub fn sign(self) -> &'static str {
        match self {
            Self::Less => "<",
            Self::AtMost => "<=",
            Self::Greater => ">",
            Self::AtLeast => ">=",
            Self::Equal => "==",
            Self::Differs => "!=",
        }
    }
}

/// What one bit of a letter says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Atom {
    /// A named proposition, e.g. `tool-call`.
    Proposition(String),
    /// A comparison on a numeric signal, e.g. `toxicity.score > 0.8`. False while the signal has no value.
    Signal {
        /// The signal's name.
        name: String,
        /// How it is compared.
        comparison: Comparison,
        /// The constant; finite.
        bound: f64,
    },
}

/// Names of a formula's reserved words; a proposition of that name is written in quotes.
pub(crate) const RESERVED: [&str; 13] = [
    "G", "F", "X", "N", "U", "W", "R", "Y", "O", "H", "S", "true", "false",
];

impl fmt::Display for Atom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self {
            Self::Proposition(name) | Self::Signal { name, .. } => name,
        };
        if is_plain(name) {
            f.write_str(name)?;
        } else {
            write!(f, "\"{name}\"")?;
        }
        if let Self::Signal {
            comparison, bound, ..
        } = self
        {
            write!(f, " {} {bound}", comparison.sign())?;
        }
        Ok(())
    }
}

fn is_plain(name: &str) -> bool {
    let mut bytes = name.bytes();
    bytes.next().is_some_and(is_name_start)
        && bytes.all(is_name_byte)
        && !name.ends_with('-')
        && !name.contains("->")
        && !RESERVED.contains(&name)
}

pub(crate) fn is_name_start(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_'
}

pub(crate) fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b':' | b'/')
}

/// The atoms that a set of formulas shares; atom number `i` is bit `i` of every letter.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Vocabulary {
    atoms: Vec<Atom>,
}

impl Vocabulary {
    /// An empty vocabulary.
    pub fn new() -> Self {
        Self::default()
    }

    /// The atoms in the order of their bits.
    pub fn atoms(&self) -> &[Atom] {
        &self.atoms
    }

    /// The bit of `atom`, which is added if it is new.
    ///
    /// # Errors
    /// [`Code::TooManyAtoms`] above 64; [`Code::Number`] for a bound that is not finite; [`Code::Syntax`] for a name
    /// that is empty, too long, or holds a quotation mark or a control character.
    pub fn intern(&mut self, atom: Atom) -> Result<u8, Error> {
        let name = match &atom {
            Atom::Proposition(name) => name,
            Atom::Signal { name, bound, .. } => {
                if !bound.is_finite() {
                    return Err(Error::new(
                        Code::Number,
                        "Bound of a comparison is not finite",
                        "",
                    ));
                }
                name
            }
        };
        if name.is_empty()
            || name.len() > limits::NAME_BYTES
            || name.chars().any(|c| c == '"' || c.is_control())
        {
            let remedy = format!(
                "use 1 to {} bytes without quotation marks and control characters",
                limits::NAME_BYTES
            );
            return Err(Error::new(
                Code::Syntax,
                "Name of an atom cannot be used",
                remedy,
            ));
        }
        if let Some(at) = self.atoms.iter().position(|a| *a == atom) {
            return Ok(at as u8);
        }
        if self.atoms.len() == limits::ATOMS {
            return Err(Error::new(
                Code::TooManyAtoms,
                format!("More than {} different atoms", limits::ATOMS),
                "split the rules into several vocabularies",
            ));
        }
        self.atoms.push(atom);
        Ok((self.atoms.len() - 1) as u8)
    }

    /// The bit of a proposition, if a formula mentions it.
    pub fn bit(&self, proposition: &str) -> Option<u8> {
        self.atoms
            .iter()
            .position(|a| matches!(a, Atom::Proposition(name) if name == proposition))
            .map(|at| at as u8)
    }

    /// Sets, in `letter`, the bits of all comparisons on the signal `name` for its present `value`.
    ///
    /// # Errors
    /// [`Code::Number`] if `value` is not finite; the letter is then unchanged.
    pub fn observe(&self, letter: u64, name: &str, value: f64) -> Result<u64, Error> {
        if !value.is_finite() {
            return Err(Error::new(
                Code::Number,
                "Value of a signal is not finite",
                "drop the sample",
            ));
        }
        let mut out = letter;
        for (bit, atom) in self.atoms.iter().enumerate() {
            if let Atom::Signal {
                name: own,
                comparison,
                bound,
            } = atom
                && own == name
            {
                out = (out & !(1 << bit)) | (u64::from(comparison.holds(value, *bound)) << bit);
            }
        }
        Ok(out)
    }

    /// A letter from the propositions that hold.
    ///
    /// # Errors
    /// [`Code::BadReference`] for a name that no formula mentions.
    pub fn letter(&self, propositions: &[&str]) -> Result<u64, Error> {
        propositions.iter().try_fold(0, |letter, name| {
            let bit = self.bit(name).ok_or_else(|| {
                let short: String = name.chars().take(32).collect();
                Error::new(
                    Code::BadReference,
                    format!("No formula mentions \"{short}\""),
                    "",
                )
            })?;
            Ok(letter | 1 << bit)
        })
    }

    /// For each signal among the atoms of `mask`: its atoms' mask and the patterns of them that some value gives.
    /// A signal without a value gives the pattern 0.
    pub(crate) fn patterns(&self, mask: u64) -> Vec<(u64, Vec<u64>)> {
        let mut out: Vec<(u64, Vec<u64>)> = Vec::new();
        let mut seen: Vec<&str> = Vec::new();
        for (bit, atom) in self.atoms.iter().enumerate() {
            let Atom::Signal { name, .. } = atom else {
                continue;
            };
            if mask >> bit & 1 == 0 || seen.contains(&name.as_str()) {
                continue;
            }
            seen.push(name);
            out.push(self.patterns_of(name, mask));
        }
        out
    }

    fn patterns_of(&self, name: &str, mask: u64) -> (u64, Vec<u64>) {
        let own: Vec<(usize, Comparison, f64)> = (self.atoms.iter().enumerate())
            .filter_map(|(bit, atom)| match atom {
                Atom::Signal {
                    name: n,
                    comparison,
                    bound,
                } if n == name && mask >> bit & 1 == 1 => Some((bit, *comparison, *bound)),
                _ => None,
            })
            .collect();
        let mut bounds: Vec<f64> = own.iter().map(|o| o.2).collect();
        bounds.sort_by(f64::total_cmp);
        let mut samples = bounds.clone();
        samples.extend(bounds.windows(2).map(|w| w[0] / 2.0 + w[1] / 2.0));
        samples.extend([f64::MIN, f64::MAX]);
        let mut patterns: Vec<u64> = (samples.iter())
            .map(|value| {
                own.iter()
                    .fold(0, |p, o| p | u64::from(o.1.holds(*value, o.2)) << o.0)
            })
            .collect();
        patterns.push(0);
        patterns.sort_unstable();
        patterns.dedup();
        (own.iter().fold(0, |m, o| m | 1 << o.0), patterns)
    }

    /// All letters over the atoms of `mask` that can occur; `None` if they are too many to be listed.
    pub(crate) fn feasible(&self, mask: u64, most: usize) -> Option<Vec<u64>> {
        if mask.count_ones() as usize > most {
            return None;
        }
        let patterns = self.patterns(mask);
        // All subsets of the mask, in rising order.
        let mut letters = Vec::with_capacity(1 << mask.count_ones());
        let mut letter = 0_u64;
        loop {
            if patterns
                .iter()
                .all(|(own, allowed)| allowed.contains(&(letter & own)))
            {
                letters.push(letter);
            }
            letter = letter.wrapping_sub(mask) & mask;
            if letter == 0 {
                return Some(letters);
            }
        }
    }

    /// The atoms as they are written in formulas.
    pub fn names(&self) -> Vec<String> {
        self.atoms.iter().map(ToString::to_string).collect()
    }
}
