//! What one call or one sample costs. Peers are quoted in the README; they are not Rust.
#![allow(missing_docs)]

#[path = "../tests/systems/mod.rs"]
mod systems;

use divan::{Bencher, black_box, counter::ItemsCount};
use midstream_temporal_attractor_studio::{
    Classifier, Embedding, ExponentSettings, PermutationStream, RecurrenceSettings,
    RecurrenceStream, RegimeStream, Settings, StreamSettings, correlation_dimension, delay,
    determinism, dimension, exponent, permutation_entropy, recurrence, zero_one,
};

fn main() {
    divan::main();
}

const NAMES: [&str; 4] = ["henon", "lorenz 28", "rossler 5.7", "white"];

fn series(name: &str, length: usize) -> Vec<f64> {
    let system = systems::tuned()
        .into_iter()
        .find(|system| system.name == name);
    system.expect("a name of the table").series(1, length, 0.01)
}

/// Delay, dimension, Theiler window and length of the fit as in the published table.
fn table(name: &str) -> ExponentSettings {
    let (delay, dimension, theiler, length) = match name {
        "henon" => (1, 2, 10, 7),
        "lorenz 28" => (3, 3, 40, 40),
        "rossler 5.7" => (7, 3, 40, 150),
        _ => (1, 3, 10, 6),
    };
    let embedding = Embedding { delay, dimension };
    ExponentSettings {
        embedding,
        theiler,
        start: None,
        length: Some(length),
    }
}

#[divan::bench(args = NAMES)]
fn exponent_1000(bencher: Bencher, name: &str) {
    let series = series(name, 1000);
    bencher.bench_local(|| exponent(black_box(&series), table(name)));
}

#[divan::bench(args = NAMES)]
fn exponent_5000(bencher: Bencher, name: &str) {
    let series = series(name, 5000);
    bencher.bench_local(|| exponent(black_box(&series), table(name)));
}

#[divan::bench(args = NAMES)]
fn determinism_2048(bencher: Bencher, name: &str) {
    let series = series(name, 2048);
    let ExponentSettings {
        embedding, theiler, ..
    } = table(name);
    bencher.bench_local(|| determinism(black_box(&series), embedding, theiler, embedding.delay));
}

#[divan::bench(args = NAMES)]
fn classify_5000(bencher: Bencher, name: &str) {
    let series = series(name, 5000);
    let mut classifier = Classifier::new(5000, Settings::default()).expect("within bounds");
    bencher.bench_local(|| classifier.classify(black_box(&series)));
}

#[divan::bench(args = NAMES)]
fn classify_1000(bencher: Bencher, name: &str) {
    let series = series(name, 1000);
    let mut classifier = Classifier::new(1000, Settings::default()).expect("within bounds");
    bencher.bench_local(|| classifier.classify(black_box(&series)));
}

#[divan::bench]
fn delay_5000(bencher: Bencher) {
    let series = series("rossler 5.7", 5000);
    bencher.bench_local(|| delay(black_box(&series), 100));
}

#[divan::bench]
fn dimension_5000(bencher: Bencher) {
    let series = series("rossler 5.7", 5000);
    bencher.bench_local(|| dimension(black_box(&series), 7, 40, 6));
}

#[divan::bench]
fn correlation_dimension_2048(bencher: Bencher) {
    let series = series("henon", 2048);
    let embedding = Embedding {
        delay: 1,
        dimension: 2,
    };
    bencher.bench_local(|| correlation_dimension(black_box(&series), embedding, 10));
}

#[divan::bench]
fn zero_one_1000(bencher: Bencher) {
    let series = series("henon", 1000);
    bencher.bench_local(|| zero_one(black_box(&series), 1));
}

#[divan::bench]
fn recurrence_1000(bencher: Bencher) {
    let series = series("henon", 1000);
    let embedding = Embedding {
        delay: 1,
        dimension: 2,
    };
    let settings = RecurrenceSettings {
        embedding,
        radius: 0.1,
        theiler: 1,
        diagonal: 2,
        vertical: 2,
    };
    bencher.bench_local(|| recurrence(black_box(&series), settings));
}

#[divan::bench]
fn permutation_entropy_per_point(bencher: Bencher) {
    let series = series("henon", 5000);
    bencher
        .counter(ItemsCount::new(series.len()))
        .bench_local(|| permutation_entropy(black_box(&series), 4, 1));
}

/// Samples per round of the streams.
const ROUND: usize = 10_000;

#[divan::bench]
fn permutation_stream_per_sample(bencher: Bencher) {
    let series = series("henon", ROUND);
    let mut stream = PermutationStream::new(4, 1, 1024).expect("within bounds");
    bencher.counter(ItemsCount::new(ROUND)).bench_local(|| {
        for value in &series {
            black_box(stream.push(*value).ok());
        }
    });
}

#[divan::bench]
fn recurrence_stream_per_sample(bencher: Bencher) {
    let series = series("henon", ROUND);
    let mut stream = RecurrenceStream::new(0.0, 0.1, 4).expect("within bounds");
    bencher.counter(ItemsCount::new(ROUND)).bench_local(|| {
        for value in &series {
            black_box(stream.push(*value).ok());
        }
    });
}

/// The refit is far away, so that this is the cost of a sample alone.
#[divan::bench(args = [1, 3, 5])]
fn regime_stream_per_sample(bencher: Bencher, dimension: usize) {
    regime_stream(bencher, dimension, 1 << 14);
}

/// With a refit every 128 samples.
#[divan::bench(args = [3])]
fn regime_stream_with_refits_per_sample(bencher: Bencher, dimension: usize) {
    regime_stream(bencher, dimension, 128);
}

fn regime_stream(bencher: Bencher, dimension: usize, refit: usize) {
    let series = series("henon", ROUND);
    let embedding = Embedding {
        delay: 1,
        dimension,
    };
    let settings = StreamSettings {
        embedding,
        refit,
        ..StreamSettings::default()
    };
    let mut stream = RegimeStream::new(settings).expect("within bounds");
    bencher.counter(ItemsCount::new(ROUND)).bench_local(|| {
        for value in &series {
            black_box(stream.push(*value).ok());
        }
    });
}
