//! 1-NN errors on two sets of the UCR archive, as published. Skipped without the shared data.

use std::path::PathBuf;

use midstream_temporal_compare::{Dtw, DtwOptions};

type Labelled = Vec<(String, Vec<f64>)>;

/// One `{"label": ..., "values": [...]}` a line.
fn read(name: &str) -> Option<Labelled> {
    let folder = std::env::var_os("MIDSTREAM_DATA").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data")),
        PathBuf::from,
    );
    let path = folder.join("ucr").join(name);
    let Ok(text) = std::fs::read_to_string(&path) else {
        eprintln!("Skipped: {} is not there", path.display());
        return None;
    };
    let series = |line: &str| {
        let (head, values) = line.split_once('[').expect("an array of values");
        let values = values.trim_end_matches(['}', ']', ' ']).split(',');
        let values = values.map(|value| value.trim().parse().expect("a number"));
        (head.to_owned(), values.collect())
    };
    Some(text.lines().map(series).collect())
}

/// Wrong labels of the nearest neighbour by `distance`, which gives up above its last argument.
fn errors(
    train: &Labelled,
    test: &Labelled,
    mut distance: impl FnMut(&[f64], &[f64], f64) -> Option<f64>,
) -> usize {
    let wrong = |(label, series): &&(String, Vec<f64>)| {
        let mut nearest = (f64::INFINITY, "");
        for (other, values) in train {
            if let Some(found) = distance(series, values, nearest.0)
                && found < nearest.0
            {
                nearest = (found, other);
            }
        }
        nearest.1 != label
    };
    test.iter().filter(wrong).count()
}

fn euclid(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(x, y)| (x - y) * (x - y)).sum()
}

#[test]
fn published_errors_of_the_nearest_neighbour_come_out_exactly() {
    // Euclid / full DTW: GunPoint .0867 / .0933 of 150, ItalyPowerDemand .0447 / .0496 of 1,029.
    for (set, size, by_euclid, by_dtw) in [
        ("GunPoint", 150, 13, 14),
        ("ItalyPowerDemand", 1029, 46, 51),
    ] {
        let part = |part: &str| read(&format!("{set}_{part}.jsonl"));
        let (Some(train), Some(test)) = (part("TRAIN"), part("TEST")) else {
            return;
        };
        assert_eq!(test.len(), size);
        assert_eq!(
            errors(&train, &test, |a, b, _| Some(euclid(a, b))),
            by_euclid,
            "{set}, Euclid"
        );
        let mut dtw = Dtw::<f64>::new();
        let mut full = |a: &[f64], b: &[f64], cutoff: f64| {
            let options = if cutoff.is_finite() {
                DtwOptions::with_cutoff(cutoff)
            } else {
                DtwOptions::default()
            };
            dtw.distance(a, b, &options).expect("finite series")
        };
        assert_eq!(errors(&train, &test, &mut full), by_dtw, "{set}, full DTW");
        // The learned window of both sets is 0: the same as Euclid.
        let mut narrow = Dtw::<f64>::new();
        let diagonal = |a: &[f64], b: &[f64], _: f64| {
            narrow
                .distance(a, b, &DtwOptions::with_window(0))
                .expect("finite series")
        };
        assert_eq!(
            errors(&train, &test, diagonal),
            by_euclid,
            "{set}, window 0"
        );
    }
}
