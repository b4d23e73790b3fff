//! Series of one text, and what regime each of them shows.

use std::collections::VecDeque;

use midstream_temporal_attractor_studio::{Reason, Report, Verdict, classify};
use serde_json::{Map, Value, json};

/// Points of a series that are kept, the newest. A verdict on twice as many takes nearly three times as long.
const MOST: usize = 1_024;
/// Points below which nothing is said: the classifier has no verdict there either.
const LEAST: usize = 256;

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Measure {
    /// Words of each sentence or line.
    SentenceWords,
    /// Share of new groups of four words, at the end of each sentence or line.
    Novelty,
    /// Seconds between two arrivals of text.
    Gaps,
    /// -ln of each token's probability, where the provider tells it.
    Surprise,
    /// Entropy over the alternatives of each token, where the provider tells them.
    Entropy,
}

const NAMES: [&str; 5] = ["sentence-words", "novelty", "gaps", "surprise", "entropy"];

/// The newest points of all series.
#[derive(Debug, Default)]
pub(super) struct Regimes([VecDeque<f64>; NAMES.len()]);

impl Regimes {
    pub(super) fn push(&mut self, measure: Measure, value: f64) {
        if !value.is_finite() {
            return;
        }
        let points = &mut self.0[measure as usize];
        if points.len() == MOST {
            points.pop_front();
        }
        points.push_back(value);
    }

    /// What each series that is long enough shows: its confidence and its data.
    pub(super) fn verdicts(&mut self) -> Vec<(f32, Map<String, Value>)> {
        let series = NAMES.iter().zip(&mut self.0);
        series
            .filter(|(_, points)| points.len() >= LEAST)
            .filter_map(|(name, points)| {
                let report = classify(points.make_contiguous()).ok()?;
                Some((report.confidence() as f32, data_of(name, &report)))
            })
            .collect()
    }

    pub(super) fn memory_bytes(&self) -> usize {
        self.0.iter().map(|points| points.capacity() * 8).sum()
    }
}

fn data_of(series: &str, report: &Report) -> Map<String, Value> {
    let (verdict, more) = match report.verdict {
        Verdict::FixedPoint => ("fixed-point", json!({})),
        Verdict::Periodic { period } => ("periodic", json!({"period": round(period)})),
        Verdict::Quasiperiodic => ("quasiperiodic", json!({})),
        Verdict::Chaotic { lambda, low, high } => (
            "chaotic",
            json!({"lambda": round(lambda), "low": round(low), "high": round(high)}),
        ),
        Verdict::Stochastic => ("stochastic", json!({})),
        Verdict::Inconclusive { reason } => ("inconclusive", json!({"reason": name_of(reason)})),
    };
    let mut data = Map::new();
    data.insert("exploratory".to_owned(), Value::from(true));
    data.insert("series".to_owned(), Value::from(series));
    data.insert("verdict".to_owned(), Value::from(verdict));
    data.insert("points".to_owned(), Value::from(report.points));
    if let Value::Object(more) = more {
        data.extend(more);
    }
    data
}

const fn name_of(reason: Reason) -> &'static str {
    match reason {
        Reason::TooShort { .. } => "too-short",
        Reason::FewCycles { .. } => "few-cycles",
        Reason::NonStationary { .. } => "non-stationary",
        Reason::WeakRule { .. } => "weak-rule",
        Reason::NoScaling => "no-scaling",
        Reason::Quantised => "quantised",
    }
}

fn round(value: f64) -> f64 {
    (value * 1e4).round() / 1e4
}
