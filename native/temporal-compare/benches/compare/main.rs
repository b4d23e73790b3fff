//! What does a comparison cost, beside its peers in the same run?
//!
//! Each sample runs 64 pairs of its own, so that no branch predictor learns them; answers are checked before anything is timed.
//! Times are per pair, or per sample or symbol of a stream.

#![allow(clippy::wildcard_imports, reason = "groups of one file")]

mod plain;

use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use midstream_temporal_compare::{
    Anchor, CachedCompare, Cost, Dtw, DtwOptions, Edit, EditStream, PatternBank, PatternSearch,
    PatternStream, SearchOptions, SeriesList, check_order, deltas,
};
use rapidfuzz::distance::{lcs_seq, levenshtein};

const PAIRS: usize = 64;

fn main() {
    agree();
    divan::main();
}

/// `SplitMix64`.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn real(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 52) as f64 - 1.0
    }

    fn series(&mut self, len: usize) -> Vec<f64> {
        let mut at = 0.0;
        (0..len)
            .map(|_| {
                at += self.real();
                at
            })
            .collect()
    }

    /// Tokens of which a third is shared with others, as those of two answers are.
    fn tokens(&mut self, len: usize) -> Vec<u32> {
        (0..len)
            .map(|_| {
                let common = self.next().is_multiple_of(3);
                (self.next() % if common { 40 } else { 50_000 }) as u32
            })
            .collect()
    }
}

type Pairs<T> = Vec<(Vec<T>, Vec<T>)>;

fn series(len: usize) -> Pairs<f64> {
    let mut random = Random(1);
    (0..PAIRS)
        .map(|_| (random.series(len), random.series(len)))
        .collect()
}

fn tokens(len: usize) -> Pairs<u32> {
    let mut random = Random(2);
    (0..PAIRS)
        .map(|_| (random.tokens(len), random.tokens(len)))
        .collect()
}

/// 100 bytes, a quarter of them edited.
fn bytes() -> Pairs<u8> {
    let mut random = Random(3);
    let one = |random: &mut Random| {
        let a: Vec<u8> = (0..100)
            .map(|_| b'a' + (random.next() % 26) as u8)
            .collect();
        let mut b = a.clone();
        for _ in 0..25 {
            let at = (random.next() % 100) as usize;
            b[at] = b'a' + (random.next() % 26) as u8;
        }
        (a, b)
    };
    (0..PAIRS).map(|_| one(&mut random)).collect()
}

/// Times `body` over all pairs; divan shows the time of one.
fn each<T: Sync, A>(
    bencher: Bencher<'_, '_>,
    pairs: &Pairs<T>,
    mut body: impl FnMut(&[T], &[T]) -> A,
) {
    bencher.counter(ItemsCount::new(PAIRS)).bench_local(|| {
        for (a, b) in pairs {
            black_box(body(black_box(a), black_box(b)));
        }
    });
}

/// Right before fast.
fn agree() {
    let (mut edit, mut dtw) = (Edit::new(), Dtw::<f64>::new());
    for (a, b) in tokens(100) {
        assert_eq!(
            edit.levenshtein(&a, &b),
            Ok(levenshtein::distance(a.iter().copied(), b.iter().copied()))
        );
        assert_eq!(edit.levenshtein(&a, &b), Ok(plain::levenshtein(&a, &b)));
        assert_eq!(
            edit.lcs_length(&a, &b),
            Ok(lcs_seq::similarity(a.iter().copied(), b.iter().copied()))
        );
    }
    for (a, b) in bytes() {
        assert_eq!(
            edit.levenshtein(&a, &b),
            Ok(triple_accel::levenshtein_exp(&a, &b) as usize)
        );
    }
    for (a, b) in series(100) {
        let distance = dtw
            .distance(&a, &b, &DtwOptions::default())
            .unwrap()
            .unwrap();
        assert!((distance - plain::dtw(&a, &b)).abs() <= 1e-9 * distance);
    }
}

#[divan::bench_group(sample_count = 200)]
mod edit_tokens {
    use super::*;

    #[divan::bench(args = [16, 100, 1000])]
    fn levenshtein_here(bencher: Bencher, len: usize) {
        let mut edit = Edit::new();
        each(bencher, &tokens(len), |a, b| edit.levenshtein(a, b));
    }

    #[divan::bench(args = [16, 100, 1000])]
    fn levenshtein_rapidfuzz(bencher: Bencher, len: usize) {
        each(bencher, &tokens(len), |a, b| {
            levenshtein::distance(a.iter().copied(), b.iter().copied())
        });
    }

    #[divan::bench(args = [100])]
    fn levenshtein_naive(bencher: Bencher, len: usize) {
        each(bencher, &tokens(len), plain::levenshtein);
    }

    #[divan::bench(args = [100])]
    fn levenshtein_rapidfuzz_batch(bencher: Bencher, len: usize) {
        let pairs = tokens(len);
        let ready: Vec<_> = pairs
            .iter()
            .map(|(a, b)| (levenshtein::BatchComparator::new(a.iter().copied()), b))
            .collect();
        bencher.counter(ItemsCount::new(PAIRS)).bench_local(|| {
            for (a, b) in &ready {
                black_box(a.distance(black_box(*b).iter().copied()));
            }
        });
    }

    #[divan::bench(args = [16, 100, 1000])]
    fn lcs_here(bencher: Bencher, len: usize) {
        let mut edit = Edit::new();
        each(bencher, &tokens(len), |a, b| edit.lcs_length(a, b));
    }

    #[divan::bench(args = [16, 100, 1000])]
    fn lcs_rapidfuzz(bencher: Bencher, len: usize) {
        each(bencher, &tokens(len), |a, b| {
            lcs_seq::similarity(a.iter().copied(), b.iter().copied())
        });
    }

    #[divan::bench(args = [100])]
    fn lcs_pairs_here(bencher: Bencher, len: usize) {
        let (mut edit, mut pairs) = (Edit::new(), Vec::new());
        each(bencher, &tokens(len), |a, b| edit.lcs(a, b, &mut pairs));
    }

    #[divan::bench(args = [100])]
    fn osa_here(bencher: Bencher, len: usize) {
        let mut edit = Edit::new();
        each(bencher, &tokens(len), |a, b| edit.osa(a, b));
    }

    #[divan::bench(args = [100])]
    fn osa_rapidfuzz(bencher: Bencher, len: usize) {
        each(bencher, &tokens(len), |a, b| {
            rapidfuzz::distance::osa::distance(a.iter().copied(), b.iter().copied())
        });
    }

    /// Every answer is known.
    #[divan::bench(args = [100])]
    fn levenshtein_cached(bencher: Bencher, len: usize) {
        let mut cache = CachedCompare::new(1 << 20);
        each(bencher, &tokens(len), |a, b| cache.levenshtein(a, b));
    }
}

#[divan::bench_group(sample_count = 200)]
mod edit_bytes {
    use super::*;

    #[divan::bench]
    fn levenshtein_here(bencher: Bencher) {
        let mut edit = Edit::new();
        each(bencher, &bytes(), |a, b| edit.levenshtein(a, b));
    }

    #[divan::bench]
    fn levenshtein_rapidfuzz(bencher: Bencher) {
        each(bencher, &bytes(), |a, b| {
            levenshtein::distance(a.iter().copied(), b.iter().copied())
        });
    }

    #[divan::bench]
    fn levenshtein_triple_accel(bencher: Bencher) {
        each(bencher, &bytes(), |a: &[u8], b: &[u8]| {
            triple_accel::levenshtein_exp(a, b)
        });
    }
}

#[divan::bench_group(sample_count = 100)]
mod dtw {
    use super::*;

    #[divan::bench(args = [100])]
    fn full_f64(bencher: Bencher, len: usize) {
        let mut dtw = Dtw::<f64>::new();
        each(bencher, &series(len), |a, b| {
            dtw.distance(a, b, &DtwOptions::default())
        });
    }

    #[divan::bench(args = [100])]
    fn naive(bencher: Bencher, len: usize) {
        each(bencher, &series(len), plain::dtw);
    }

    #[divan::bench(sample_count = 10)]
    fn full_f64_1000(bencher: Bencher) {
        let mut dtw = Dtw::<f64>::new();
        each(bencher, &series(1000), |a, b| {
            dtw.distance(a, b, &DtwOptions::default())
        });
    }

    #[divan::bench(sample_count = 3)]
    fn naive_1000(bencher: Bencher) {
        each(bencher, &series(1000), plain::dtw);
    }

    #[divan::bench]
    fn full_f32(bencher: Bencher) {
        let single = |pairs: Pairs<f64>| -> Pairs<f32> {
            let cut = |x: &Vec<f64>| x.iter().map(|&x| x as f32).collect();
            pairs.iter().map(|(a, b)| (cut(a), cut(b))).collect()
        };
        let mut dtw = Dtw::<f32>::new();
        each(bencher, &single(series(100)), |a, b| {
            dtw.distance(a, b, &DtwOptions::default())
        });
    }

    #[divan::bench]
    fn path(bencher: Bencher) {
        let (mut dtw, mut path) = (Dtw::<f64>::new(), Vec::new());
        each(bencher, &series(100), |a, b| {
            dtw.path(a, b, 1, &DtwOptions::default(), &mut path)
        });
    }

    #[divan::bench]
    fn window_10(bencher: Bencher) {
        let mut dtw = Dtw::<f64>::new();
        each(bencher, &series(100), |a, b| {
            dtw.distance(a, b, &DtwOptions::with_window(10))
        });
    }

    /// A query against 64 others, in one call.
    #[divan::bench]
    fn batch_f32(bencher: Bencher) {
        let mut random = Random(4);
        let mut single = |len| {
            random
                .series(len)
                .iter()
                .map(|&x| x as f32)
                .collect::<Vec<f32>>()
        };
        let (query, values) = (single(100), single(100 * PAIRS));
        let lengths = [100; PAIRS];
        let (mut dtw, mut out) = (Dtw::<f32>::new(), [0.0; PAIRS]);
        bencher.counter(ItemsCount::new(PAIRS)).bench_local(|| {
            let list = SeriesList {
                values: black_box(&values),
                lengths: &lengths,
            };
            dtw.batch(black_box(&query), list, &DtwOptions::default(), &mut out)
                .unwrap();
            black_box(&out);
        });
    }
}

#[divan::bench_group(sample_count = 100)]
mod streams {
    use super::*;

    const SAMPLES: usize = 1000;

    #[divan::bench(args = [32])]
    fn pattern_push(bencher: Bencher, m: usize) {
        let mut random = Random(5);
        let (values, pattern) = (random.series(SAMPLES), random.series(m));
        let mut stream = PatternStream::new(&pattern, 0.01, Cost::Squared).unwrap();
        bencher.counter(ItemsCount::new(SAMPLES)).bench_local(|| {
            for &value in &values {
                black_box(stream.push(black_box(value)).unwrap());
            }
        });
    }

    /// Of 16 patterns of 32 samples, for each of them.
    #[divan::bench(args = [16])]
    fn bank_push(bencher: Bencher, count: usize) {
        let mut random = Random(5);
        let values = random.series(SAMPLES);
        let patterns: Vec<_> = (0..count).map(|_| random.series(32)).collect();
        let views: Vec<_> = patterns
            .iter()
            .map(|pattern| (&pattern[..], 0.01))
            .collect();
        let mut bank = PatternBank::new(&views, Cost::Squared).unwrap();
        bencher
            .counter(ItemsCount::new(SAMPLES * count))
            .bench_local(|| {
                for &value in &values {
                    bank.push(black_box(value), |number, one| {
                        black_box((number, one));
                    })
                    .unwrap();
                }
            });
    }

    #[divan::bench(args = [64, 128])]
    fn edit_push(bencher: Bencher, m: usize) {
        let mut random = Random(6);
        let (symbols, pattern) = (random.tokens(SAMPLES), random.tokens(m));
        let mut stream = EditStream::new(&pattern, Anchor::Anywhere).unwrap();
        bencher.counter(ItemsCount::new(SAMPLES)).bench_local(|| {
            for &symbol in &symbols {
                black_box(stream.push(black_box(symbol)));
            }
        });
    }

    #[divan::bench]
    fn order_and_deltas_of_1000(bencher: Bencher) {
        let mut random = Random(7);
        let mut stamp = 1 << 60;
        let stamps: Vec<u64> = (0..SAMPLES)
            .map(|_| {
                stamp += random.next() % 1_000_000;
                stamp
            })
            .collect();
        let mut out = vec![0; SAMPLES - 1];
        bencher.bench_local(|| {
            black_box(check_order(black_box(&stamps)));
            deltas(black_box(&stamps), &mut out).unwrap();
            black_box(&out);
        });
    }
}

#[divan::bench_group(sample_count = 5)]
mod find {
    use super::*;

    #[divan::bench]
    fn three_of_20000_m_128_window_6(bencher: Bencher) {
        let long = Random(8).series(20_000);
        let pattern = long[7_000..7_128].to_vec();
        let options = SearchOptions {
            k: 3,
            window: Some(6),
            ..SearchOptions::default()
        };
        let (mut search, mut found) = (PatternSearch::new(), Vec::new());
        bencher.bench_local(|| {
            search
                .find(black_box(&long), black_box(&pattern), &options, &mut found)
                .unwrap()
        });
    }

    /// Every stretch, with a distance that gives up above the best one.
    #[divan::bench]
    fn best_of_20000_without_bounds(bencher: Bencher) {
        let long = Random(8).series(20_000);
        let pattern = long[7_000..7_128].to_vec();
        let mut dtw = Dtw::<f64>::new();
        bencher.bench_local(|| {
            let mut best = f64::MAX;
            for stretch in black_box(&long).windows(128) {
                let options = DtwOptions {
                    window: Some(6),
                    cutoff: Some(best),
                    ..DtwOptions::default()
                };
                best = dtw
                    .distance(&pattern, stretch, &options)
                    .unwrap()
                    .unwrap_or(best);
            }
            best
        });
    }
}
