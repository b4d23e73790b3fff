//! Two series: distances and searches are those of the plain matrix, or an error; the same on every instruction set.
#![no_main]

#[path = "../../../temporal-compare/tests/common/mod.rs"]
mod common;

use common::dtw as naive;
use libfuzzer_sys::fuzz_target;
use midstream_fuzz::Reader;
use midstream_temporal_compare::{
    CompareError, Cost, Dtw, DtwOptions, Isa, PatternMatch, PatternSearch, PatternStream,
    SearchOptions, SeriesList,
};

/// Every distance, then the nearest stretch that is free, again and again.
fn brute(series: &[f64], pattern: &[f64], options: &SearchOptions) -> Vec<PatternMatch> {
    let window = options.window.unwrap_or(usize::MAX);
    let apart = options.exclusion.unwrap_or(pattern.len().div_ceil(2));
    let mut all: Vec<PatternMatch> = (series.windows(pattern.len()).enumerate())
        .map(|(start, stretch)| PatternMatch {
            start,
            distance: naive(pattern, stretch, 1, window, options.cost),
        })
        .filter(|found| (options.max_distance).is_none_or(|most| found.distance <= most))
        .collect();
    all.sort_by(|a, b| (a.distance.total_cmp(&b.distance)).then(a.start.cmp(&b.start)));
    let mut chosen: Vec<PatternMatch> = Vec::new();
    for one in all {
        if chosen.len() < options.k
            && (chosen.iter()).all(|other| other.start.abs_diff(one.start) >= apart)
        {
            chosen.push(one);
        }
    }
    chosen
}

/// Whole numbers, small enough that every sum is exact.
fn is_exact(values: &[f64]) -> bool {
    values
        .iter()
        .all(|value| value.fract() == 0.0 && value.abs() < 65_536.0)
}

type Answer = Result<Option<f64>, CompareError>;

/// Kernels round differently; whole numbers leave nothing to round. At a cutoff, and at the largest number, that may
/// decide.
fn same(a: &Answer, b: &Answer, cutoff: Option<f64>, exact: bool) -> bool {
    let near = |x: f64, y: f64| (x - y).abs() <= 1e-9 * x.abs().max(y.abs());
    match (a, b) {
        // The names of the arguments differ.
        (Err(_), Err(_)) => true,
        _ if exact => a == b,
        (Ok(Some(a)), Ok(Some(b))) => near(*a, *b),
        (Ok(Some(one)), Ok(None)) | (Ok(None), Ok(Some(one))) => {
            cutoff.is_some_and(|cutoff| near(*one, cutoff))
        }
        (Ok(Some(one)), Err(CompareError::Overflow))
        | (Err(CompareError::Overflow), Ok(Some(one))) => *one > 1e300,
        _ => a == b,
    }
}

fn distances(a: &[f64], b: &[f64], options: &DtwOptions<f64>) {
    let found = Dtw::new().distance(a, b, options);
    let exact = is_exact(a) && is_exact(b);
    let check = |other: &Answer| {
        assert!(
            same(other, &found, options.cutoff, exact),
            "{other:?} {found:?}"
        );
    };
    for isa in [Isa::Portable, Isa::Avx2, Isa::Avx512] {
        if let Some(mut dtw) = Dtw::with_isa(isa) {
            check(&dtw.distance(a, b, options));
        }
    }
    let mut path = Vec::new();
    let with_path = Dtw::new().path(a, b, 1, options, &mut path);
    let mut out = [0.0; 2];
    let list = SeriesList {
        values: &[b, b].concat(),
        lengths: &[b.len() as u32; 2],
    };
    let batch = Dtw::new().batch(a, list, options, &mut out);
    check(&with_path);
    let of = |out: f64| batch.clone().map(|()| out.is_finite().then_some(out));
    check(&of(out[0]));
    check(&of(out[1]));
    let Ok(found) = found else {
        return;
    };
    assert!(found.is_none_or(f64::is_finite));
    if let (Some(found), Ok(Some(_))) = (found, with_path) {
        assert_eq!(path.first(), Some(&(0, 0)));
        assert_eq!(path.last(), Some(&(a.len() as u32 - 1, b.len() as u32 - 1)));
        for two in path.windows(2) {
            let (down, right) = (two[1].0 - two[0].0, two[1].1 - two[0].1);
            assert!(down <= 1 && right <= 1 && down + right > 0);
        }
        assert!(options.cutoff.is_none_or(|cutoff| found <= cutoff));
    }
    if is_exact(a) && is_exact(b) {
        let window = options.window.unwrap_or(usize::MAX);
        let expected = naive(a, b, 1, window, options.cost);
        let expected = (options.cutoff.is_none_or(|cutoff| expected <= cutoff)).then_some(expected);
        assert_eq!(found, expected);
    }
}

/// The nearest stretch of all is exact; every match lies within the bound and after the one before it.
fn stream(series: &[f64], pattern: &[f64], most: f64, cost: Cost) {
    let Ok(mut stream) = PatternStream::new(pattern, most, cost) else {
        return;
    };
    let mut matches = Vec::new();
    for value in series {
        matches.extend(stream.push(*value).ok().flatten());
    }
    let best = stream.best().map(|best| best.distance);
    matches.extend(stream.finish());
    let mut free = 0;
    for found in &matches {
        assert!(found.start >= free && found.end > found.start && found.distance <= most);
        free = found.end;
    }
    if matches.is_empty() && is_exact(series) && is_exact(pattern) && series.len() <= 40 {
        let least = (0..series.len())
            .flat_map(|from| (from + 1..=series.len()).map(move |to| (from, to)))
            .map(|(from, to)| naive(pattern, &series[from..to], 1, usize::MAX, cost))
            .min_by(f64::total_cmp);
        assert_eq!(best, least);
    }
}

fuzz_target!(|data: &[u8]| {
    let mut input = Reader(data);
    let flags = input.byte();
    let cost = if flags & 1 == 0 {
        Cost::Squared
    } else {
        Cost::Absolute
    };
    let window = (flags & 2 != 0).then(|| input.below(40));
    let most = (flags & 4 != 0).then(|| input.any() as f64);
    let exclusion = (flags & 8 != 0).then(|| input.below(40));
    let (k, at) = (input.below(5), input.below(256));
    let values = input.series(200);
    let (a, b) = values.split_at(values.len() * at / 256);
    distances(
        a,
        b,
        &DtwOptions {
            cost,
            window,
            cutoff: most,
            ..DtwOptions::default()
        },
    );
    let options = SearchOptions {
        k,
        max_distance: most,
        exclusion,
        cost,
        window,
        ..SearchOptions::default()
    };
    let mut found = Vec::new();
    if PatternSearch::new()
        .find(b, a, &options, &mut found)
        .is_ok()
        && is_exact(a)
        && is_exact(b)
    {
        assert_eq!(found, brute(b, a, &options));
    }
    stream(b, a, most.unwrap_or(f64::INFINITY), cost);
});
