//! Numbers while they arrive.

use std::cmp::Ordering;

use super::{Engine, Verdict};
use crate::guard::Shared;
use crate::schema::{Check, Decimal, Number, NumberRule, Types};
use crate::settings::Exponents;
use crate::status::Kind;

/// Longest start of a number that is compared with bounds before its end, when it can have no exponent: longer ones would
/// be read again and again.
const EARLY_DIGITS: usize = 40;

impl Engine {
    /// One byte of the number that is open.
    pub fn number_text(&mut self, shared: &Shared, byte: u8) -> bool {
        if !self.top().reads {
            return true;
        }
        self.text.push(byte);
        let Some(start) = Start::of(&self.text, shared.settings.exponents) else {
            return true;
        };
        for cell in self.top_cells() {
            let Some(check) = self.open_check(cell, shared.schema()) else {
                continue;
            };
            if let Some(kind) = start.breaks(check) {
                self.fail(cell, kind);
            }
        }
        self.flush(shared);
        self.alive()
    }

    pub fn end_number(&mut self, shared: &Shared) -> bool {
        if !self.top().reads {
            return true;
        }
        let text = std::mem::take(&mut self.text);
        let ascii = std::str::from_utf8(&text).unwrap_or_default();
        let number = Number::parse(ascii);
        for cell in self.top_cells() {
            let Some(check) = self.open_check(cell, shared.schema()) else {
                continue;
            };
            let integer = !check.types.meets(Types::FRACTION);
            if check.number.is_none() && check.values.is_none() && !integer {
                continue;
            }
            if integer && !number.is_whole() {
                self.fail(cell, Kind::Type);
            } else if check
                .values
                .as_ref()
                .is_some_and(|values| !values.numbers.contains(&number))
            {
                self.fail(cell, Kind::Enum);
            } else {
                self.end_bounds(check, cell, (number, ascii));
            }
        }
        self.text = text;
        self.flush(shared);
        self.alive()
    }

    fn end_bounds(&mut self, check: &Check, cell: usize, (number, text): (Number, &str)) {
        let Some(rule) = &check.number else {
            return self.end_own(check, cell, Types::NUMBER);
        };
        if let Some(kind) = rule.broken(number) {
            return self.fail(cell, kind);
        }
        match rule.multiple.map(|unit| is_multiple(number, text, unit)) {
            Some(Some(false)) => self.fail(cell, Kind::MultipleOf),
            Some(None) => self.end_part(cell, Verdict::Maybe),
            Some(Some(true)) | None => self.end_own(check, cell, Types::NUMBER),
        }
    }
}

fn is_multiple(number: Number, text: &str, unit: Decimal) -> Option<bool> {
    // Where a double drops digits, validators that read doubles would judge otherwise.
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let exact = match number {
        Number::Whole(whole) if whole.unsigned_abs() > 1 << 53 => {
            whole.unsigned_abs() <= u64::MAX.into()
                && text
                    .bytes()
                    .all(|byte| byte.is_ascii_digit() || byte == b'-')
        }
        _ => digits <= 17,
    };
    if !exact {
        return None;
    }
    Decimal::parse(text)?.is_multiple_of(unit)
}

impl NumberRule {
    /// The bound that `number` breaks.
    fn broken(&self, number: Number) -> Option<Kind> {
        let order = |bound: Option<Number>| bound.map(|bound| number.order(bound));
        if order(self.min) == Some(Ordering::Less) {
            Some(Kind::Minimum)
        } else if order(self.max) == Some(Ordering::Greater) {
            Some(Kind::Maximum)
        } else if order(self.above).is_some_and(Ordering::is_le) {
            Some(Kind::ExclusiveMinimum)
        } else if order(self.below).is_some_and(Ordering::is_ge) {
            Some(Kind::ExclusiveMaximum)
        } else {
            None
        }
    }
}

/// What the start of a number says of every number that starts so.
struct Start {
    negative: bool,
    /// A digit other than 0 was seen: the number is not zero.
    nonzero: bool,
    /// Some other digit than 0 behind the point, and no exponent can follow.
    fraction: bool,
    /// The number is at least as far from zero as this, if no exponent can follow.
    least: Option<Number>,
}

impl Start {
    /// `None` where the last byte says nothing new.
    fn of(text: &[u8], exponents: Exponents) -> Option<Self> {
        let (&last, rest) = text.split_last()?;
        let mantissa = !text
            .iter()
            .take(EARLY_DIGITS)
            .any(|byte| matches!(byte, b'e' | b'E'));
        if text.len() > EARLY_DIGITS || !mantissa || (!rest.is_empty() && !last.is_ascii_digit()) {
            return None;
        }
        let negative = text[0] == b'-';
        let nonzero = text.iter().any(|byte| (b'1'..=b'9').contains(byte));
        let plain = exponents == Exponents::Refuse && last.is_ascii_digit();
        let behind_point = text
            .iter()
            .position(|&byte| byte == b'.')
            .map(|point| &text[point..]);
        let fraction = plain
            && behind_point
                .is_some_and(|digits| digits.iter().any(|byte| (b'1'..=b'9').contains(byte)));
        let at_least = plain.then(|| Number::parse(std::str::from_utf8(text).unwrap_or_default()));
        Some(Self {
            negative,
            nonzero,
            fraction,
            least: at_least,
        })
    }

    fn breaks(&self, check: &Check) -> Option<Kind> {
        if self.fraction && !check.types.meets(Types::FRACTION) {
            return Some(Kind::Type);
        }
        let rule = check.number.as_ref()?;
        if let Some(least) = self.least {
            return self.breaks_plain(rule, least);
        }
        let sign = |bound: Option<Number>| bound.map(Number::sign);
        // At most zero and below zero; at least zero and above.
        if self.negative {
            let low = i32::from(!self.nonzero);
            if sign(rule.min).is_some_and(|sign| sign >= low) {
                return Some(Kind::Minimum);
            }
            return sign(rule.above)
                .is_some_and(|sign| sign >= 0)
                .then_some(Kind::ExclusiveMinimum);
        }
        let high = if self.nonzero { 0 } else { -1 };
        if sign(rule.max).is_some_and(|sign| sign <= high) {
            return Some(Kind::Maximum);
        }
        sign(rule.below)
            .is_some_and(|sign| sign <= 0)
            .then_some(Kind::ExclusiveMaximum)
    }

    /// Without exponents a number only goes away from zero.
    fn breaks_plain(&self, rule: &NumberRule, least: Number) -> Option<Kind> {
        let order = |bound: Option<Number>| bound.map(|bound| least.order(bound));
        if self.negative {
            if order(rule.min) == Some(Ordering::Less) {
                return Some(Kind::Minimum);
            }
            return order(rule.above)
                .is_some_and(Ordering::is_le)
                .then_some(Kind::ExclusiveMinimum);
        }
        if order(rule.max) == Some(Ordering::Greater) {
            return Some(Kind::Maximum);
        }
        order(rule.below)
            .is_some_and(Ordering::is_ge)
            .then_some(Kind::ExclusiveMaximum)
    }
}
