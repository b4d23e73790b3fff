//! What goes out in the place of a rewritten range.

use std::collections::HashMap;
use std::fmt::Write as _;

use hmac::digest::Output;
use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};

use crate::spec::Replacement;

/// Most distinct texts that one choice numbers; later ones become `[TAG]`. 65,536 entries of 20 bytes bound a
/// session's memory at 1.3 MB however long an answer runs.
const MAX_PSEUDONYMS: usize = 65_536;

/// A replacement, resolved for one rule.
#[derive(Clone, Debug)]
pub(crate) enum Template {
    /// The same text whatever was matched.
    Fixed(String),
    Mask {
        with: char,
        keep_last: usize,
    },
    Hash {
        tag: String,
        mac: Hmac<Sha256>,
        length: usize,
    },
    Pseudonym {
        tag: String,
    },
}

impl Template {
    /// `span`: findings of the rule are swallowed as they come, so nothing that needs their text can be made.
    pub fn new(replacement: &Replacement, tag: &str, span: bool) -> Self {
        if span && needs_text(replacement) {
            return Self::Fixed(format!("[{tag}]"));
        }
        match replacement {
            Replacement::Tag { text } => Self::Fixed(text.clone()),
            Replacement::Remove => Self::Fixed(String::new()),
            Replacement::Mask { char, keep_last } => Self::Mask {
                with: *char,
                keep_last: *keep_last as usize,
            },
            Replacement::Hash { tag, key, length } => Self::Hash {
                tag: tag.clone(),
                mac: Hmac::new_from_slice(key.as_bytes()).expect("HMAC takes a key of any length"),
                length: *length as usize,
            },
            Replacement::Pseudonym { tag } => Self::Pseudonym { tag: tag.clone() },
        }
    }

    /// The text for one match.
    pub fn render(&self, matched: &str, names: &mut Pseudonyms) -> String {
        match self {
            Self::Fixed(text) => text.clone(),
            Self::Mask { with, keep_last } => mask(matched, *with, *keep_last),
            Self::Hash { tag, mac, length } => {
                let mut mac = mac.clone();
                mac.update(matched.as_bytes());
                let mut hex = String::with_capacity(64);
                for byte in mac.finalize().into_bytes() {
                    let _ = write!(hex, "{byte:02x}");
                }
                format!("[{tag}:{}]", &hex[..*length])
            }
            Self::Pseudonym { tag } => names.name(tag, matched),
        }
    }
}

fn needs_text(replacement: &Replacement) -> bool {
    matches!(
        replacement,
        Replacement::Mask { .. } | Replacement::Hash { .. } | Replacement::Pseudonym { .. }
    )
}

fn mask(matched: &str, with: char, keep_last: usize) -> String {
    let masked = matched.chars().count().saturating_sub(keep_last);
    matched
        .chars()
        .enumerate()
        .map(|(i, c)| if i < masked { with } else { c })
        .collect()
}

/// Numbers of one choice's matched texts. Keeps digests, not texts.
#[derive(Debug, Default)]
pub(crate) struct Pseudonyms {
    numbers: HashMap<[u8; 16], u32>,
    counts: HashMap<String, u32>,
}

impl Pseudonyms {
    fn name(&mut self, tag: &str, matched: &str) -> String {
        let key = digest(tag, matched);
        if let Some(number) = self.numbers.get(&key) {
            return format!("[{tag}_{number}]");
        }
        if self.numbers.len() >= MAX_PSEUDONYMS {
            return format!("[{tag}]");
        }
        let count = self.counts.entry(tag.to_owned()).or_default();
        *count += 1;
        self.numbers.insert(key, *count);
        format!("[{tag}_{count}]")
    }
}

fn digest(tag: &str, matched: &str) -> [u8; 16] {
    let mut hash = Sha256::new();
    hash.update((tag.len() as u64).to_le_bytes());
    hash.update(tag);
    hash.update(matched);
    let full: Output<Sha256> = hash.finalize();
    let mut short = [0; 16];
    short.copy_from_slice(&full[..16]);
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    fn render(replacement: &Replacement, matched: &str) -> String {
        Template::new(replacement, "TAG", false).render(matched, &mut Pseudonyms::default())
    }

    #[test]
    fn a_mask_keeps_the_last_characters_not_bytes() {
        let mask = Replacement::Mask {
            char: '•',
            keep_last: 2,
        };
        assert_eq!(render(&mask, "пароль"), "••••ль");
        assert_eq!(render(&mask, "я"), "я");
    }

    #[test]
    fn a_hash_is_hmac_sha256_of_the_text() {
        // RFC 4231, test case 2, whose first 8 digits are 5bdcc146.
        let hash = Replacement::Hash {
            tag: "T".into(),
            key: "Jefe".into(),
            length: 8,
        };
        assert_eq!(
            render(&hash, "what do ya want for nothing?"),
            "[T:5bdcc146]"
        );
    }

    #[test]
    fn pseudonyms_count_distinct_texts_of_each_tag() {
        let mut names = Pseudonyms::default();
        assert_eq!(names.name("A", "x"), "[A_1]");
        assert_eq!(names.name("A", "y"), "[A_2]");
        assert_eq!(names.name("B", "y"), "[B_1]");
        assert_eq!(names.name("A", "x"), "[A_1]");
    }

    #[test]
    fn a_rule_of_span_mode_falls_back_to_its_tag() {
        let mask = Replacement::Mask {
            char: '*',
            keep_last: 0,
        };
        let template = Template::new(&mask, "PEM", true);
        assert_eq!(template.render("", &mut Pseudonyms::default()), "[PEM]");
    }
}
