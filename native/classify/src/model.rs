//! A trained model: 8-bit weights, and how they become probabilities.

use std::fmt;

use crate::features::Features;

/// `MSLM`, then the version.
const MAGIC: [u8; 8] = *b"MSLM\0\0\0\x01";
/// Magic, labels, bits, 64-bit hash of the rest.
const HEAD: usize = 8 + 4 + 4 + 8;
/// Scale, bias, and the two numbers of the calibration, for each label.
const LABEL: usize = 16;

/// Why bytes are no model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ModelError {
    /// Not this format or version.
    Magic,
    /// Fewer or more bytes than the head says.
    Length,
    /// The bytes have changed since they were written.
    Hash,
    /// A number is not finite, or the head's numbers are out of bounds.
    Number,
}

impl fmt::Display for ModelError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Magic => "not a model of this version",
            Self::Length => "a model of another length than its head says",
            Self::Hash => "a model that was changed after it was written",
            Self::Number => "a model with a number out of bounds",
        })
    }
}

impl std::error::Error for ModelError {}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Label {
    /// Weight of one step of an 8-bit weight.
    pub scale: f32,
    pub bias: f32,
    /// Platt: probability = sigmoid(slope * logit + offset).
    pub slope: f32,
    pub offset: f32,
}

/// A linear model over [`Features`].
#[derive(Clone, Debug, PartialEq)]
pub struct Model {
    bits: u32,
    labels: Vec<Label>,
    /// Of feature `f` and label `l`: `f * labels + l`, so that one feature's weights are neighbours.
    weights: Vec<i8>,
}

impl Model {
    pub(crate) fn new(bits: u32, labels: Vec<Label>, weights: Vec<i8>) -> Self {
        Self {
            bits,
            labels,
            weights,
        }
    }

    /// How many labels it tells apart.
    pub fn labels(&self) -> usize {
        self.labels.len()
    }

    /// Bytes of its weights.
    pub fn memory_bytes(&self) -> usize {
        self.weights.len()
    }

    /// Calibrated probability of each label; `out` has one place for each.
    pub fn predict(&self, text: &str, features: &mut Features, out: &mut [f32]) {
        self.predict_hashes(features.read(text), out);
    }

    /// The same of features that were read already.
    pub fn predict_hashes(&self, hashes: &[u32], out: &mut [f32]) {
        let count = self.labels.len();
        let norm = (hashes.len().max(1) as f32).sqrt().recip();
        let sums = match count {
            1 => self.sums::<1>(hashes),
            2 => self.sums::<2>(hashes),
            _ => self.sums_of(hashes),
        };
        for ((out, label), sum) in out.iter_mut().zip(&self.labels).zip(sums) {
            let logit = (sum as f32 * label.scale).mul_add(norm, label.bias);
            *out = sigmoid(label.slope.mul_add(logit, label.offset));
        }
    }

    /// [`Self::sums_of`] where the number of labels is known to the compiler.
    fn sums<const LABELS: usize>(&self, hashes: &[u32]) -> [i32; 16] {
        let (rows, _) = self.weights.as_chunks::<LABELS>();
        let shift = 32 - self.bits;
        let mut sums = [0; LABELS];
        for &hash in hashes {
            for (sum, weight) in sums.iter_mut().zip(rows[(hash >> shift) as usize]) {
                *sum += i32::from(weight);
            }
        }
        let mut all = [0; 16];
        all[..LABELS].copy_from_slice(&sums);
        all
    }

    /// Sum of the features' weights for each label.
    fn sums_of(&self, hashes: &[u32]) -> [i32; 16] {
        let count = self.labels.len();
        let mut sums = [0_i32; 16];
        for &hash in hashes {
            let at = (hash >> (32 - self.bits)) as usize * count;
            for (sum, &weight) in sums.iter_mut().zip(&self.weights[at..at + count]) {
                *sum += i32::from(weight);
            }
        }
        sums
    }

    /// The model as a file.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut body = Vec::with_capacity(self.labels.len() * LABEL + self.weights.len());
        for label in &self.labels {
            for number in [label.scale, label.bias, label.slope, label.offset] {
                body.extend(number.to_le_bytes());
            }
        }
        body.extend(self.weights.iter().map(|weight| weight.cast_unsigned()));
        let mut out = MAGIC.to_vec();
        out.extend((self.labels.len() as u32).to_le_bytes());
        out.extend(self.bits.to_le_bytes());
        out.extend(fingerprint(&body).to_le_bytes());
        out.extend(body);
        out
    }

    /// Reads a file of [`Model::to_bytes`].
    ///
    /// # Errors
    /// What is wrong with the bytes; never a panic.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ModelError> {
        if bytes.len() < HEAD || bytes[..8] != MAGIC {
            return Err(ModelError::Magic);
        }
        let word = |at: usize| {
            u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
        };
        let (count, bits) = (word(8) as usize, word(12));
        if !(1..=16).contains(&count) || !(8..=20).contains(&bits) {
            return Err(ModelError::Number);
        }
        let body = &bytes[HEAD..];
        if body.len() != count * LABEL + (count << bits) {
            return Err(ModelError::Length);
        }
        let stored = u64::from(word(16)) | u64::from(word(20)) << 32;
        if stored != fingerprint(body) {
            return Err(ModelError::Hash);
        }
        let number =
            |at: usize| f32::from_le_bytes([body[at], body[at + 1], body[at + 2], body[at + 3]]);
        let labels: Vec<Label> = (0..count)
            .map(|label| Label {
                scale: number(label * LABEL),
                bias: number(label * LABEL + 4),
                slope: number(label * LABEL + 8),
                offset: number(label * LABEL + 12),
            })
            .collect();
        let finite = |l: &Label| {
            [l.scale, l.bias, l.slope, l.offset]
                .iter()
                .all(|n| n.is_finite())
        };
        if !labels.iter().all(finite) {
            return Err(ModelError::Number);
        }
        let weights = body[count * LABEL..]
            .iter()
            .map(|byte| byte.cast_signed())
            .collect();
        Ok(Self::new(bits, labels, weights))
    }
}

/// The logistic function.
pub(crate) fn sigmoid(logit: f32) -> f32 {
    1.0 / (1.0 + (-logit).exp())
}

/// Against accidents, not against attackers: who can change the file can change its fingerprint.
fn fingerprint(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}
