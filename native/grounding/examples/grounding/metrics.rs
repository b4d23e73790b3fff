//! How good scores are.

use serde_json::{Value, json};

/// A score with its label.
#[derive(Clone, Copy)]
pub struct Scored {
    /// Probability of being bad.
    pub score: f64,
    /// Whether it is.
    pub is_bad: bool,
}

/// Precision and recall of "at least this".
fn at(scored: &[Scored], threshold: f64) -> (f64, f64) {
    let reported = scored.iter().filter(|row| row.score >= threshold);
    let (mut hits, mut all) = (0.0, 0.0);
    for row in reported {
        all += 1.0;
        hits += f64::from(u8::from(row.is_bad));
    }
    let bad = scored.iter().filter(|row| row.is_bad).count() as f64;
    (
        if all > 0.0 { hits / all } else { 1.0 },
        if bad > 0.0 { hits / bad } else { 1.0 },
    )
}

/// Best F1 in hundredths.
pub fn best_threshold(scored: &[Scored]) -> f64 {
    let f1 = |threshold: f64| {
        let (precision, recall) = at(scored, threshold);
        2.0 * precision * recall / (precision + recall).max(1e-9)
    };
    (20..80)
        .map(|percent| f64::from(percent) / 100.0)
        .max_by(|one, other| f1(*one).total_cmp(&f1(*other)))
        .unwrap_or(0.5)
}

/// Area under the ROC curve by ranks; equal scores share theirs.
fn auc(scored: &[Scored]) -> f64 {
    let mut sorted: Vec<Scored> = scored.to_vec();
    sorted.sort_by(|one, other| one.score.total_cmp(&other.score));
    let (mut sum, mut first) = (0.0, 0);
    while first < sorted.len() {
        let last = sorted[first..]
            .iter()
            .take_while(|row| row.score <= sorted[first].score)
            .count()
            + first;
        let rank = (first + last + 1) as f64 / 2.0;
        sum += rank * sorted[first..last].iter().filter(|row| row.is_bad).count() as f64;
        first = last;
    }
    let bad = sorted.iter().filter(|row| row.is_bad).count() as f64;
    (sum - bad * (bad + 1.0) / 2.0) / (bad * (sorted.len() as f64 - bad))
}

/// Highest precision with a recall of .8 or more.
fn precision_at_80(scored: &[Scored]) -> f64 {
    let enough = scored
        .iter()
        .map(|row| at(scored, row.score))
        .filter(|(_, recall)| *recall >= 0.8);
    enough.map(|(precision, _)| precision).fold(0.0, f64::max)
}

/// Mean distance of probability and share in ten bins, and the bins.
fn calibration(scored: &[Scored]) -> (f64, Vec<Value>) {
    let mut bins = [[0.0_f64; 3]; 10];
    for row in scored {
        // A probability has no sign.
        #[expect(clippy::cast_sign_loss)]
        let bin = &mut bins[((row.score * 10.0) as usize).min(9)];
        bin[0] += 1.0;
        bin[1] += row.score;
        bin[2] += f64::from(u8::from(row.is_bad));
    }
    let error = bins
        .iter()
        .map(|[_, said, was]| (said - was).abs())
        .sum::<f64>()
        / scored.len() as f64;
    let filled = bins.iter().filter(|[count, ..]| *count > 0.0);
    (
        error,
        filled
            .map(|[count, said, was]| json!([count, round(said / count), round(was / count)]))
            .collect(),
    )
}

fn round(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}

/// All of them.
pub fn summary(set: &str, scored: &[Scored], threshold: f64) -> Value {
    let (precision, recall) = at(scored, threshold);
    let (error, bins) = calibration(scored);
    json!({
        "set": set, "cases": scored.len(), "bad": scored.iter().filter(|row| row.is_bad).count(),
        "auc": round(auc(scored)), "threshold": threshold, "precision": round(precision), "recall": round(recall),
        "precisionAtRecall80": round(precision_at_80(scored)), "calibrationError": round(error), "calibration": bins,
    })
}
