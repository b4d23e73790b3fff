//! Logistic regression over bags: a response is as bad as its worst sentence.

/// Newton steps for one choice of worst sentences.
const STEPS: usize = 8;
/// Times that the worst sentences are chosen anew.
const ROUNDS: usize = 12;
/// Strength of the pull towards zero; the bias is free.
const RIDGE: f64 = 2.0;

/// Feature vectors of a response's sentences, with its label.
pub struct Bag {
    /// One a sentence, a 1 for the bias at the end.
    pub sentences: Vec<Vec<f64>>,
    /// Not attributable.
    pub is_bad: bool,
}

/// Score before the logistic function.
pub fn logit(weights: &[f64], features: &[f64]) -> f64 {
    weights
        .iter()
        .zip(features)
        .map(|(weight, feature)| weight * feature)
        .sum()
}

/// The logistic function.
pub fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

/// Weights, bias last. Features of `floored` may not speak for a sentence: their weights stay at or above zero.
pub fn train(bags: &[Bag], floored: &[usize]) -> Vec<f64> {
    let size = bags
        .iter()
        .find_map(|bag| bag.sentences.first())
        .map_or(0, Vec::len);
    let mut weights = vec![0.0; size];
    for round in 0..ROUNDS {
        let mut rows: Vec<(&[f64], f64)> = Vec::new();
        for bag in bags {
            let label = f64::from(u8::from(bag.is_bad));
            if round == 0 {
                rows.extend(
                    bag.sentences
                        .iter()
                        .map(|sentence| (sentence.as_slice(), label)),
                );
                continue;
            }
            let worst = bag
                .sentences
                .iter()
                .max_by(|one, other| logit(&weights, one).total_cmp(&logit(&weights, other)));
            rows.extend(worst.map(|sentence| (sentence.as_slice(), label)));
        }
        for _ in 0..STEPS {
            step(&rows, &mut weights);
            for &at in floored {
                weights[at] = weights[at].max(0.0);
            }
        }
    }
    weights
}

/// One Newton step of the penalised likelihood.
fn step(rows: &[(&[f64], f64)], weights: &mut [f64]) {
    let size = weights.len();
    let mut hessian = vec![vec![0.0; size + 1]; size];
    for &(features, label) in rows {
        let p = sigmoid(logit(weights, features));
        let curve = (p * (1.0 - p)).max(1e-6);
        for (one, row) in hessian
            .iter_mut()
            .enumerate()
            .filter(|(one, _)| features[*one] != 0.0)
        {
            for other in 0..size {
                row[other] += curve * features[one] * features[other];
            }
            row[size] += (label - p) * features[one];
        }
    }
    for at in 0..size {
        let ridge = if at + 1 == size { 1e-6 } else { RIDGE };
        hessian[at][at] += ridge;
        hessian[at][size] -= ridge * weights[at];
    }
    for (weight, change) in weights.iter_mut().zip(solve(hessian)) {
        *weight += change;
    }
}

/// Gauss with row pivots; the right side is the last column.
fn solve(mut rows: Vec<Vec<f64>>) -> Vec<f64> {
    let size = rows.len();
    for column in 0..size {
        let pivot = (column..size)
            .max_by(|one, other| {
                rows[*one][column]
                    .abs()
                    .total_cmp(&rows[*other][column].abs())
            })
            .unwrap_or(column);
        rows.swap(column, pivot);
        let head = rows[column].clone();
        for (at, row) in rows.iter_mut().enumerate() {
            if at != column && row[column] != 0.0 {
                let factor = row[column] / head[column];
                for (cell, above) in row.iter_mut().zip(&head).skip(column) {
                    *cell -= factor * above;
                }
            }
        }
    }
    (0..size).map(|at| rows[at][size] / rows[at][at]).collect()
}
