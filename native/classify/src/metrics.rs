//! How well scores tell positives from negatives.
#![allow(
    clippy::cast_sign_loss,
    reason = "shares and scores are never negative"
)]

/// A score and whether the text is a positive.
pub type Scored = (f32, bool);

/// Area under the ROC curve, ties half; NaN where one kind is missing.
pub fn auc(rows: &[Scored]) -> f64 {
    let mut sorted: Vec<&Scored> = rows.iter().collect();
    sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
    let positives = rows.iter().filter(|row| row.1).count() as f64;
    let negatives = rows.len() as f64 - positives;
    let mut ranks = 0.0;
    let mut start = 0;
    while start < sorted.len() {
        let mut end = start;
        while end < sorted.len() && sorted[end].0.total_cmp(&sorted[start].0).is_eq() {
            end += 1;
        }
        let in_tie = sorted[start..end].iter().filter(|row| row.1).count() as f64;
        ranks += in_tie * ((start + 1 + end) as f64 / 2.0);
        start = end;
    }
    (ranks - positives * (positives + 1.0) / 2.0) / (positives * negatives)
}

/// Precision and recall where scores from `threshold` on are positives; NaN without any.
pub fn precision_recall(rows: &[Scored], threshold: f32) -> (f64, f64) {
    let flagged = rows.iter().filter(|row| row.0 >= threshold);
    let (hits, all) = flagged.fold((0, 0), |(hits, all), row| {
        (hits + u32::from(row.1), all + 1)
    });
    let positives = rows.iter().filter(|row| row.1).count();
    (
        f64::from(hits) / f64::from(all),
        f64::from(hits) / positives as f64,
    )
}

/// Highest threshold that still has this recall, and its precision.
pub fn precision_at_recall(rows: &[Scored], recall: f64) -> (f32, f64) {
    let mut positives: Vec<f32> = rows.iter().filter(|row| row.1).map(|row| row.0).collect();
    positives.sort_by(|a, b| b.total_cmp(a));
    let need = ((positives.len() as f64 * recall).ceil() as usize).clamp(1, positives.len().max(1));
    let Some(&threshold) = positives.get(need - 1) else {
        return (f32::NAN, f64::NAN);
    };
    (threshold, precision_recall(rows, threshold).0)
}

/// Expected calibration error over ten bins (Naeini et al. 2015).
pub fn calibration_error(rows: &[Scored]) -> f64 {
    let mut bins = [(0.0_f64, 0.0_f64, 0.0_f64); 10];
    for &(score, positive) in rows {
        let bin = &mut bins[((score * 10.0) as usize).min(9)];
        bin.0 += 1.0;
        bin.1 += f64::from(score);
        bin.2 += f64::from(u8::from(positive));
    }
    let off: f64 = bins
        .iter()
        .map(|(_, sum, positives)| (sum - positives).abs())
        .sum();
    off / rows.len().max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn auc_is_the_share_of_pairs_in_order(rows in prop::collection::vec((0_u8..10, any::<bool>()), 2..40)) {
            let rows: Vec<Scored> = rows.iter().map(|&(score, positive)| (f32::from(score), positive)).collect();
            let (mut sum, mut pairs) = (0.0, 0.0);
            for p in rows.iter().filter(|row| row.1) {
                for n in rows.iter().filter(|row| !row.1) {
                    pairs += 1.0;
                    sum += if p.0 > n.0 { 1.0 } else if p.0 < n.0 { 0.0 } else { 0.5 };
                }
            }
            if pairs > 0.0 {
                prop_assert!((auc(&rows) - sum / pairs).abs() < 1e-9);
            }
        }
    }

    #[test]
    fn precision_and_recall_are_those_of_a_small_table() {
        let rows = [(0.9, true), (0.8, false), (0.7, true), (0.1, false)];
        assert_eq!(precision_recall(&rows, 0.75), (0.5, 0.5));
        assert_eq!(precision_at_recall(&rows, 1.0), (0.7, 2.0 / 3.0));
    }
}
