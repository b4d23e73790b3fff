//! Words of a formula's text.

use crate::error::{Code, Error};
use crate::interval::{Interval, UNITS, Unit};
use crate::vocabulary::{Comparison, is_name_byte, is_name_start};
use alloc::format;
use alloc::string::String;

/// One word of a formula.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Token {
    /// A name or a reserved word, as written.
    Word(String),
    /// A name in quotation marks: never an operator.
    Quoted(String),
    Not,
    And,
    Or,
    Implies,
    Iff,
    Open,
    Close,
    Interval(Interval),
    Compare(Comparison, f64),
    End,
}

pub(crate) struct Lexer<'t> {
    text: &'t str,
    pub at: usize,
}

impl<'t> Lexer<'t> {
    pub fn new(text: &'t str) -> Self {
        Self { text, at: 0 }
    }

    fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    fn blank(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start().len();
    }

    fn take(&mut self, sign: &str) -> bool {
        let found = self.rest().starts_with(sign);
        if found {
            self.at += sign.len();
        }
        found
    }

    /// The next word and where it starts.
    pub fn next(&mut self) -> Result<(usize, Token), Error> {
        self.blank();
        let start = self.at;
        let token = self
            .token()
            .map_err(|e| if e.at.is_some() { e } else { e.at(start) })?;
        Ok((start, token))
    }

    fn token(&mut self) -> Result<Token, Error> {
        // Longer signs first: `<->` begins like `<`, `&&` like `&`.
        const SIGNS: [(&str, Token); 10] = [
            ("<->", Token::Iff),
            ("->", Token::Implies),
            ("&&", Token::And),
            ("||", Token::Or),
            ("&", Token::And),
            ("|", Token::Or),
            ("(", Token::Open),
            (")", Token::Close),
            ("~", Token::Not),
            ("[", Token::End),
        ];
        const COMPARISONS: [(&str, Comparison); 6] = [
            ("<=", Comparison::AtMost),
            (">=", Comparison::AtLeast),
            ("==", Comparison::Equal),
            ("!=", Comparison::Differs),
            ("<", Comparison::Less),
            (">", Comparison::Greater),
        ];
        let Some(first) = self.rest().bytes().next() else {
            return Ok(Token::End);
        };
        for (sign, token) in SIGNS {
            if self.take(sign) {
                return if sign == "[" {
                    self.interval()
                } else {
                    Ok(token)
                };
            }
        }
        for (sign, comparison) in COMPARISONS {
            if self.take(sign) {
                return Ok(Token::Compare(comparison, self.number()?));
            }
        }
        if self.take("!") {
            return Ok(Token::Not);
        }
        if first == b'"' {
            return self.quoted();
        }
        if is_name_start(first) {
            return Ok(Token::Word(self.word().into()));
        }
        let shown = self.rest().chars().next().unwrap_or(' ');
        Err(Error::new(
            Code::Syntax,
            format!("Unexpected character {shown:?}"),
            "write names, ! & | -> <->, G F X N U W R Y O H S, intervals like [0,30s] and parentheses",
        ))
    }

    /// A name; a hyphen that begins `->` or ends the word is no part of it.
    fn word(&mut self) -> &'t str {
        let rest = self.rest();
        let bytes = rest.as_bytes();
        let mut end = 0;
        while end < bytes.len() && is_name_byte(bytes[end]) && !bytes[end..].starts_with(b"->") {
            end += 1;
        }
        while bytes[end - 1] == b'-' {
            end -= 1;
        }
        self.at += end;
        &rest[..end]
    }

    fn quoted(&mut self) -> Result<Token, Error> {
        let rest = &self.rest()[1..];
        let Some(end) = rest.find('"') else {
            return Err(Error::new(
                Code::Syntax,
                "Quotation mark is not closed",
                "close the name with \"",
            ));
        };
        self.at += end + 2;
        Ok(Token::Quoted(rest[..end].into()))
    }

    fn number(&mut self) -> Result<f64, Error> {
        self.blank();
        let rest = self.rest();
        let mut end = 0;
        for (at, byte) in rest.bytes().enumerate() {
            let before = rest.as_bytes()[at.saturating_sub(1)];
            let sign = matches!(byte, b'-' | b'+')
                && !rest[at..].starts_with("->")
                && (at == 0 || matches!(before, b'e' | b'E'));
            if !(byte.is_ascii_digit()
                || byte == b'.'
                || (at > 0 && matches!(byte, b'e' | b'E'))
                || sign)
            {
                break;
            }
            end = at + 1;
        }
        let number: f64 = rest[..end]
            .parse()
            .ok()
            .filter(|n: &f64| n.is_finite())
            .ok_or_else(|| {
                Error::new(
                    Code::Number,
                    "A comparison needs a finite number on its right",
                    "write e.g. score > 0.8",
                )
                .at(self.at)
            })?;
        self.at += end;
        // One zero: `x > -0` and `x > 0` are the same atom.
        Ok(number + 0.0)
    }

    /// After `[`: two bounds and `]`.
    fn interval(&mut self) -> Result<Token, Error> {
        let (from, from_unit) = self.bound()?;
        self.blank();
        if !self.take(",") {
            return Err(self.wrong_interval("An interval needs a comma between its bounds"));
        }
        let (to, to_unit) = self.bound()?;
        self.blank();
        if !self.take("]") {
            return Err(self.wrong_interval("An interval needs ] after its second bound"));
        }
        let unit = match (from_unit, to_unit) {
            (None, None) => Unit::Steps,
            (Some(()), Some(())) => Unit::Nanoseconds,
            (None, Some(())) if from == 0 => Unit::Nanoseconds,
            (Some(()), None) if to == 0 => Unit::Nanoseconds,
            _ => {
                return Err(
                    self.wrong_interval("One bound has a unit of time and the other has none")
                );
            }
        };
        Interval { unit, from, to }.checked().map(Token::Interval)
    }

    fn wrong_interval(&self, message: &str) -> Error {
        Error::new(
            Code::Interval,
            message,
            "write [0,30s] for time or [0,5] for positions",
        )
        .at(self.at)
    }

    fn bound(&mut self) -> Result<(u64, Option<()>), Error> {
        self.blank();
        let rest = self.rest();
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let letters = rest[digits..]
            .bytes()
            .take_while(u8::is_ascii_alphabetic)
            .count();
        let Ok(number) = rest[..digits].parse::<u64>() else {
            return Err(self.wrong_interval("A bound is a whole number with or without a unit"));
        };
        let suffix = &rest[digits..digits + letters];
        let (factor, unit) = match UNITS.iter().find(|unit| unit.0 == suffix) {
            Some(unit) => (unit.1, Some(())),
            None if suffix.is_empty() => (1, None),
            None => return Err(self.wrong_interval("Units are ns, us, ms, s, m, h")),
        };
        let Some(value) = number.checked_mul(factor) else {
            return Err(self.wrong_interval("A bound exceeds 2^53 (104 days in nanoseconds)"));
        };
        self.at += digits + letters;
        Ok((value, unit))
    }
}
