//! Every type that the generator knows, there and back: what proves the generated bindings on every runtime.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::objects::{self, Object};
use crate::status::Fault;
use crate::wall::wall;

/// An enum without data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, uniffi::Enum)]
pub enum SelftestColour {
    /// The first.
    Red,
    /// A name of two words.
    DeepBlue,
    /// The last.
    Green,
}

/// An enum with data.
#[derive(Clone, Debug, PartialEq, uniffi::Enum)]
pub enum SelftestShape {
    /// Without fields.
    Point,
    /// One field.
    Circle {
        /// Its only field.
        radius: f64,
    },
    /// Fields without names.
    Rectangle(u32, u32),
    /// An enum in an enum.
    Painted {
        /// What is painted.
        shape: Box<SelftestShape>,
        /// With what.
        colour: SelftestColour,
    },
}

/// A record with a field of every kind.
#[derive(Clone, Debug, PartialEq, uniffi::Record)]
pub struct SelftestRecord {
    /// Truth.
    pub flag: bool,
    /// 8 bits, unsigned.
    pub byte: u8,
    /// 8 bits, signed.
    pub small: i8,
    /// 16 bits, unsigned.
    pub port: u16,
    /// 16 bits, signed.
    pub depth: i16,
    /// 32 bits, unsigned.
    pub count: u32,
    /// 32 bits, signed.
    pub delta: i32,
    /// 64 bits, unsigned.
    pub big_count: u64,
    /// 64 bits, signed.
    pub big_delta: i64,
    /// Single precision.
    pub ratio: f32,
    /// Double precision.
    pub exact: f64,
    /// Text.
    pub text: String,
    /// Bytes.
    pub bytes: Vec<u8>,
    /// A record that may be missing.
    pub inner: Option<SelftestInner>,
    /// A list of lists.
    pub table: Vec<Vec<i32>>,
    /// A map with text as keys.
    pub scores: HashMap<String, f64>,
    /// A map with numbers as keys and enums as values.
    pub colours: HashMap<u32, SelftestColour>,
    /// Enums with data.
    pub shapes: Vec<SelftestShape>,
}

/// A record inside another.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct SelftestInner {
    /// A name of two words.
    pub long_name: String,
    /// A value that may be missing, twice over.
    pub maybe: Option<u32>,
}

/// Errors with and without fields.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Error)]
pub enum SelftestError {
    /// Without fields.
    Plain,
    /// With fields.
    Detailed {
        /// A number.
        code: u32,
        /// A list.
        reasons: Vec<String>,
    },
}

impl std::fmt::Display for SelftestError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{self:?}")
    }
}

impl std::error::Error for SelftestError {}

/// Gives the record back.
#[uniffi::export]
pub fn selftest_record(value: SelftestRecord) -> SelftestRecord {
    value
}

/// Gives the text back.
#[uniffi::export]
pub fn selftest_text(value: String) -> String {
    value
}

/// Gives the bytes back.
#[uniffi::export]
pub fn selftest_bytes(value: Vec<u8>) -> Vec<u8> {
    value
}

/// Gives the shape back, or nothing.
#[uniffi::export]
pub fn selftest_shape(value: Option<SelftestShape>) -> Option<SelftestShape> {
    value
}

/// Adds numbers of every width, and one for truth.
#[uniffi::export]
#[allow(clippy::too_many_arguments, reason = "one of each width")]
pub fn selftest_sum(
    flag: bool,
    byte: u8,
    small: i8,
    port: u16,
    depth: i16,
    count: u32,
    delta: i32,
    big_count: u64,
    big_delta: i64,
    ratio: f32,
    exact: f64,
) -> f64 {
    f64::from(u8::from(flag))
        + f64::from(byte)
        + f64::from(small)
        + f64::from(port)
        + f64::from(depth)
        + f64::from(count)
        + f64::from(delta)
        + big_count as f64
        + big_delta as f64
        + f64::from(ratio)
        + exact
}

/// The largest of both.
#[uniffi::export]
pub fn selftest_largest(one: u64, other: u64) -> u64 {
    one.max(other)
}

/// Whether the number is negative.
#[uniffi::export]
pub fn selftest_is_negative(value: i64) -> bool {
    value < 0
}

/// Fails with `error`, or gives nothing.
///
/// # Errors
/// `error`, if there is one.
#[uniffi::export]
pub fn selftest_fail(code: u32, reasons: Vec<String>) -> Result<(), SelftestError> {
    match (code, reasons.is_empty()) {
        (0, true) => Ok(()),
        (0, false) => Err(SelftestError::Plain),
        _ => Err(SelftestError::Detailed { code, reasons }),
    }
}

/// Panics with a text that must not get out.
///
/// # Panics
/// Always.
#[uniffi::export]
pub fn selftest_panic(secret: &str) {
    panic!("the secret is {secret}");
}

/// An object with state.
#[derive(uniffi::Object)]
pub struct SelftestCounter {
    total: Mutex<i64>,
}

#[uniffi::export]
impl SelftestCounter {
    /// Starts at a number.
    #[uniffi::constructor]
    pub fn new(start: i32) -> Arc<Self> {
        Arc::new(Self {
            total: Mutex::new(i64::from(start)),
        })
    }

    /// Starts at a number in decimal digits.
    ///
    /// # Errors
    /// `Plain` if the text is none.
    #[uniffi::constructor]
    pub fn parse(text: &str) -> Result<Arc<Self>, SelftestError> {
        text.parse()
            .map(Self::new)
            .map_err(|_| SelftestError::Plain)
    }

    /// Adds and returns the sum.
    pub fn add(&self, delta: i32) -> i64 {
        let mut total = self.total.lock().unwrap_or_else(PoisonError::into_inner);
        *total += i64::from(delta);
        *total
    }

    /// Adds what another has counted; both live on.
    #[allow(
        clippy::needless_pass_by_value,
        reason = "objects as arguments are to be proved"
    )]
    pub fn merge(&self, other: Arc<Self>) -> i64 {
        if std::ptr::eq(self, &raw const *other) {
            return self.double();
        }
        let counted = *other.total.lock().unwrap_or_else(PoisonError::into_inner);
        let mut total = self.total.lock().unwrap_or_else(PoisonError::into_inner);
        *total += counted;
        *total
    }

    /// Twice as much.
    pub fn double(&self) -> i64 {
        let mut total = self.total.lock().unwrap_or_else(PoisonError::into_inner);
        *total *= 2;
        *total
    }

    /// New ones, one for each start.
    pub fn spawn(&self, starts: Vec<i32>) -> Vec<Arc<Self>> {
        starts.into_iter().map(Self::new).collect()
    }
}

/// Opens a handle whose calls can be made to panic. For tests of the wall only.
#[unsafe(no_mangle)]
pub extern "C" fn ms_test_open() -> i32 {
    wall(|| objects::open(Object::Probe))
}

/// Panics while it holds the handle, so that the handle is poisoned. For tests of the wall only.
///
/// # Panics
/// Never as seen from outside: the status says so.
#[unsafe(no_mangle)]
pub extern "C" fn ms_test_panic(handle: u32) -> i32 {
    wall(|| {
        objects::with(handle, |_| -> Result<i32, Fault> {
            panic!("this text must not reach a log")
        })
    })
}

/// Closes a handle of [`ms_test_open`].
#[unsafe(no_mangle)]
pub extern "C" fn ms_test_close(handle: u32) -> i32 {
    wall(|| objects::close(handle, |object| matches!(object, Object::Probe)))
}
