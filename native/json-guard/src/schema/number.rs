//! Numbers as JSON's readers see them: whole numbers of 64 bits are exact, all else is a double (RFC 7493, section 2.2).

use std::cmp::Ordering;
use std::fmt;

/// A number in a form in which equal numbers are equal: `1`, `1.0` and `10e-1` are one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Number {
    Whole(i128),
    /// Not whole, or of 2^100 and more.
    Double(f64),
}

/// Largest double that is turned into a `Whole`.
const WHOLE_LIMIT: f64 = (1u128 << 100) as f64;

impl Number {
    /// A number that the grammar has accepted.
    pub fn parse(text: &str) -> Self {
        // 64 bits as serde_json and the vendors' parsers; larger whole numbers are doubles to all of them.
        if let Ok(whole) = text.parse::<i64>() {
            return Self::Whole(whole.into());
        }
        if let Ok(whole) = text.parse::<u64>() {
            return Self::Whole(whole.into());
        }
        Self::from_double(text.parse().unwrap_or(f64::NAN))
    }

    fn from_double(double: f64) -> Self {
        if double.fract() == 0.0 && double.abs() < WHOLE_LIMIT {
            return Self::Whole(double as i128);
        }
        Self::Double(double)
    }

    pub fn of(number: &serde_json::Number) -> Self {
        Self::parse(&number.to_string())
    }

    pub fn is_whole(self) -> bool {
        match self {
            Self::Whole(_) => true,
            // 2^100 and more are whole; 1e999 is too, though it reads as infinite.
            Self::Double(double) => double.fract() == 0.0 || double.is_infinite(),
        }
    }

    /// Bits that are equal for equal numbers.
    pub fn bits(self) -> (bool, u128) {
        match self {
            Self::Whole(whole) => (true, whole.cast_unsigned()),
            Self::Double(double) => (false, double.to_bits().into()),
        }
    }

    pub fn order(self, other: Self) -> Ordering {
        match (self, other) {
            (Self::Whole(a), Self::Whole(b)) => a.cmp(&b),
            (Self::Double(a), Self::Double(b)) => a.total_cmp(&b),
            (Self::Whole(a), Self::Double(b)) => whole_to_double(a, b),
            (Self::Double(a), Self::Whole(b)) => whole_to_double(b, a).reverse(),
        }
    }

    /// -1, 0 or 1.
    pub fn sign(self) -> i32 {
        match self.order(Self::Whole(0)) {
            Ordering::Less => -1,
            Ordering::Equal => 0,
            Ordering::Greater => 1,
        }
    }
}

impl fmt::Display for Number {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Whole(whole) => write!(out, "{whole}"),
            Self::Double(double) => write!(out, "{double:?}"),
        }
    }
}

/// `double` is not whole or beyond every `Whole`, so the two are never equal.
fn whole_to_double(whole: i128, double: f64) -> Ordering {
    if double.abs() >= WHOLE_LIMIT {
        return if double > 0.0 {
            Ordering::Less
        } else {
            Ordering::Greater
        };
    }
    if whole <= double.floor() as i128 {
        Ordering::Less
    } else {
        Ordering::Greater
    }
}

/// A decimal fraction, exactly: `digits` times ten to the power of `exponent`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Decimal {
    digits: i128,
    exponent: i32,
}

impl Decimal {
    /// `None` for more than 37 digits or an exponent beyond a thousand.
    pub fn parse(text: &str) -> Option<Self> {
        let (mantissa, exponent) = match text.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
            None => (text, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let mut digits: i128 = 0;
        for digit in whole
            .bytes()
            .chain(fraction.bytes())
            .filter(u8::is_ascii_digit)
        {
            digits = digits
                .checked_mul(10)?
                .checked_add(i128::from(digit - b'0'))?;
        }
        let exponent = exponent.checked_sub(i32::try_from(fraction.len()).ok()?)?;
        (exponent.abs() <= 1000).then_some(Self { digits, exponent })
    }

    /// Whether this is a multiple of `unit`, signs aside; `None` if that takes more than 128 bits.
    pub fn is_multiple_of(self, unit: Self) -> Option<bool> {
        if self.digits == 0 {
            return Some(true);
        }
        let low = self.exponent.min(unit.exponent);
        let scale = |number: Self| {
            let places = u32::try_from(number.exponent - low).ok()?;
            number.digits.checked_mul(10i128.checked_pow(places)?)
        };
        Some(scale(self)? % scale(unit)? == 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_numbers_are_equal_in_every_spelling() {
        for (a, b) in [
            ("1", "1.0"),
            ("1", "10e-1"),
            ("0", "-0.0"),
            ("1e2", "100"),
            ("9007199254740993", "9007199254740993"),
        ] {
            assert_eq!(Number::parse(a), Number::parse(b), "{a} {b}");
        }
        assert_ne!(
            Number::parse("9007199254740993"),
            Number::parse("9007199254740992")
        );
    }

    #[test]
    fn order_is_that_of_the_values() {
        let sorted = [
            "-1e999",
            "-1e300",
            "-18446744073709551615",
            "-1.5",
            "-1",
            "0",
            "0.5",
            "1",
            "18446744073709551615",
            "1e40",
            "1e999",
        ];
        for (i, a) in sorted.iter().enumerate() {
            for (j, b) in sorted.iter().enumerate() {
                assert_eq!(
                    Number::parse(a).order(Number::parse(b)),
                    i.cmp(&j),
                    "{a} {b}"
                );
            }
        }
    }

    #[test]
    fn multiples_are_decimal() {
        let multiple = |a: &str, b: &str| {
            Decimal::parse(a)
                .unwrap()
                .is_multiple_of(Decimal::parse(b).unwrap())
        };
        assert_eq!(multiple("0.3", "0.1"), Some(true));
        assert_eq!(multiple("0.0075", "0.0001"), Some(true));
        assert_eq!(multiple("0.00751", "0.0001"), Some(false));
        assert_eq!(multiple("-7", "3.5"), Some(true));
        assert_eq!(multiple("1e308", "0.123456789"), None);
        assert_eq!(multiple("0", "1e-300"), Some(true));
    }
}
