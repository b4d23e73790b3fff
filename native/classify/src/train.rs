//! Logistic regression by `AdaGrad`, one row of weights for each label, then 8 bits a weight and Platt's calibration.

use crate::features::Features;
use crate::model::{Label, Model, sigmoid};

/// A text with its labels; `None` where nobody has said.
#[derive(Clone, Debug)]
pub struct Example<'a> {
    /// The text.
    pub text: &'a str,
    /// One for each label of the model.
    pub labels: Vec<Option<bool>>,
    /// How much it counts, 1 as a rule.
    pub weight: f32,
    /// Not learned from, but calibrated on.
    pub held_out: bool,
}

/// How to train. The same settings and examples give the same bytes.
#[derive(Clone, Copy, Debug)]
pub struct Training {
    /// 2 to the power of it: how many weights a label has.
    pub bits: u32,
    /// Passes over all examples.
    pub epochs: u32,
    /// First step.
    pub rate: f32,
    /// L2 penalty of each step.
    pub decay: f32,
    /// Of the order of examples.
    pub seed: u64,
}

impl Default for Training {
    fn default() -> Self {
        Self {
            bits: 17,
            epochs: 6,
            rate: 0.5,
            decay: 1e-6,
            seed: 1,
        }
    }
}

struct Row {
    weights: Vec<f32>,
    squares: Vec<f32>,
    bias: f32,
    bias_square: f32,
}

impl Row {
    fn logit(&self, hashes: &[u32], shift: u32) -> f32 {
        let norm = (hashes.len().max(1) as f32).sqrt().recip();
        let sum: f32 = hashes
            .iter()
            .map(|hash| self.weights[(hash >> shift) as usize])
            .sum();
        sum.mul_add(norm, self.bias)
    }

    fn step(&mut self, hashes: &[u32], shift: u32, gradient: f32, settings: &Training) {
        let norm = (hashes.len().max(1) as f32).sqrt().recip();
        for hash in hashes {
            let at = (hash >> shift) as usize;
            let slope = settings.decay.mul_add(self.weights[at], gradient * norm);
            self.squares[at] += slope * slope;
            self.weights[at] -= settings.rate * slope / (self.squares[at].sqrt() + 1e-6);
        }
        self.bias_square += gradient * gradient;
        self.bias -= 0.1 * settings.rate * gradient / (self.bias_square.sqrt() + 1e-6);
    }
}

/// Trains a model with one row for each label.
///
/// # Panics
/// If there is no example, or one has another number of labels than the first.
pub fn train(examples: &[Example<'_>], settings: Training) -> Model {
    let labels = examples[0].labels.len();
    let mut features = Features::new();
    let hashes: Vec<Vec<u32>> = examples
        .iter()
        .map(|example| {
            let mut hashes = features.read(example.text).to_vec();
            // Sums of floats depend on their order.
            hashes.sort_unstable();
            hashes
        })
        .collect();
    let shift = 32 - settings.bits;
    let size = 1_usize << settings.bits;
    let rows: Vec<Row> = (0..labels)
        .map(|label| {
            let mut row = Row {
                weights: vec![0.0; size],
                squares: vec![0.0; size],
                bias: 0.0,
                bias_square: 0.0,
            };
            let mut order: Vec<usize> = (0..examples.len())
                .filter(|&i| !examples[i].held_out && examples[i].labels[label].is_some())
                .collect();
            let mut random = settings.seed;
            for _ in 0..settings.epochs {
                shuffle(&mut order, &mut random);
                for &i in &order {
                    let target = if examples[i].labels[label] == Some(true) {
                        1.0
                    } else {
                        0.0
                    };
                    let gradient =
                        (sigmoid(row.logit(&hashes[i], shift)) - target) * examples[i].weight;
                    row.step(&hashes[i], shift, gradient, &settings);
                }
            }
            row
        })
        .collect();
    let mut weights = vec![0_i8; size * labels];
    let mut heads = Vec::new();
    for (index, row) in rows.iter().enumerate() {
        let largest = row
            .weights
            .iter()
            .fold(f32::MIN_POSITIVE, |most, weight| most.max(weight.abs()));
        let scale = largest / 127.0;
        for (at, weight) in row.weights.iter().enumerate() {
            weights[at * labels + index] = (weight / scale).round() as i8;
        }
        heads.push(Label {
            scale,
            bias: row.bias,
            slope: 1.0,
            offset: 0.0,
        });
    }
    let raw = Model::new(settings.bits, heads.clone(), weights.clone());
    for (index, head) in heads.iter_mut().enumerate() {
        let mut logits = Vec::new();
        let mut out = vec![0.0; labels];
        for (example, hashes) in examples.iter().zip(&hashes) {
            if let (true, Some(positive)) = (example.held_out, example.labels[index]) {
                raw.predict_hashes(hashes, &mut out);
                let p = out[index].clamp(1e-6, 1.0 - 1e-6);
                logits.push(((p / (1.0 - p)).ln(), positive));
            }
        }
        (head.slope, head.offset) = platt(&logits);
    }
    Model::new(settings.bits, heads, weights)
}

/// Fisher-Yates with `SplitMix64`.
fn shuffle(order: &mut [usize], state: &mut u64) {
    for at in (1..order.len()).rev() {
        *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = *state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^= z >> 31;
        order.swap(at, (z % (at as u64 + 1)) as usize);
    }
}

/// Slope and offset by gradient descent on the log loss; 1 and 0 without both kinds.
fn platt(logits: &[(f32, bool)]) -> (f32, f32) {
    let positives = logits.iter().filter(|(_, positive)| *positive).count();
    if positives == 0 || positives == logits.len() {
        return (1.0, 0.0);
    }
    // Platt's smoothed targets keep a set that is told apart without error from a slope without end.
    let high = (positives as f64 + 1.0) / (positives as f64 + 2.0);
    let low = 1.0 / ((logits.len() - positives) as f64 + 2.0);
    let (mut slope, mut offset) = (1.0_f64, 0.0_f64);
    for _ in 0..2000 {
        let (mut by_slope, mut by_offset) = (0.0, 0.0);
        for &(logit, positive) in logits {
            let p = 1.0 / (1.0 + (-(slope * f64::from(logit) + offset)).exp());
            let error = p - if positive { high } else { low };
            by_slope += error * f64::from(logit);
            by_offset += error;
        }
        slope -= 0.5 * by_slope / logits.len() as f64;
        offset -= 0.5 * by_offset / logits.len() as f64;
    }
    (slope as f32, offset as f32)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ModelError;

    fn small() -> Model {
        let texts = [
            "good kind nice",
            "lovely good day",
            "bad vile rude",
            "rude nasty bad",
            "nice day",
            "vile day",
        ];
        let examples: Vec<Example<'_>> = texts
            .iter()
            .enumerate()
            .map(|(i, text)| Example {
                text,
                labels: vec![Some(matches!(i, 2 | 3 | 5)), None],
                weight: 1.0,
                held_out: i > 3,
            })
            .collect();
        let settings = Training {
            bits: 12,
            epochs: 30,
            ..Training::default()
        };
        train(&examples, settings)
    }

    #[test]
    fn a_model_learns_what_is_plain_and_survives_its_file() {
        let model = small();
        let mut out = [0.0; 2];
        let mut features = Features::new();
        model.predict("a rude and vile thing", &mut features, &mut out);
        let bad = out[0];
        model.predict("a kind and lovely thing", &mut features, &mut out);
        assert!(bad > out[0], "{bad} {}", out[0]);
        let again = Model::from_bytes(&model.to_bytes()).expect("its own file");
        assert_eq!(again, model);
        assert_eq!(small(), model, "training is deterministic");
    }

    #[test]
    fn bytes_that_are_no_model_say_why() {
        let bytes = small().to_bytes();
        assert_eq!(Model::from_bytes(b"").unwrap_err(), ModelError::Magic);
        assert_eq!(
            Model::from_bytes(&bytes[..bytes.len() - 1]).unwrap_err(),
            ModelError::Length
        );
        let mut changed = bytes.clone();
        *changed.last_mut().expect("not empty") ^= 1;
        assert_eq!(Model::from_bytes(&changed).unwrap_err(), ModelError::Hash);
        let mut odd = bytes;
        odd[12] = 60;
        assert_eq!(Model::from_bytes(&odd).unwrap_err(), ModelError::Number);
    }
}
