//! RegimeID-1: does the verdict name the regime, with every parameter chosen from the series?
//!
//! `cargo bench --bench regimes -- exponents tuned held-out fresh false` (any of them; all by
//! default). Ends with an error if a gate is missed. Peer in the same run: the 0-1 test alone.
#![allow(missing_docs)]

#[path = "../tests/systems/mod.rs"]
mod systems;

use std::collections::BTreeMap;
use std::process::ExitCode;

use midstream_temporal_attractor_studio::{Classifier, Report, Settings, Verdict, delay, zero_one};
use systems::{Class, System};

const NOISES: [f64; 3] = [0.0, 0.01, 0.05];
const LENGTHS: [usize; 3] = [1000, 2000, 5000];
const COLUMNS: [&str; 6] = [
    "fixed-point",
    "periodic",
    "quasiperiodic",
    "chaotic",
    "stochastic",
    "inconclusive",
];

fn main() -> ExitCode {
    let wanted: Vec<String> = std::env::args()
        .skip(1)
        .filter(|a| !a.starts_with('-'))
        .collect();
    let runs = |name: &str| wanted.is_empty() || wanted.iter().any(|a| a == name);
    let mut held = true;
    if runs("exponents") {
        exponents();
    }
    if runs("tuned") {
        held &= score("tuned", &systems::tuned(), 20);
    }
    if runs("held-out") {
        held &= score("held-out", &systems::held_out::held_out(), 20);
    }
    if runs("fresh") {
        held &= score("fresh", &systems::fresh::fresh(), 20);
    }
    if runs("false") {
        held &= false_chaos();
    }
    if held {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn all() -> impl Iterator<Item = System> {
    let lists = [
        systems::tuned(),
        systems::held_out::held_out(),
        systems::fresh::fresh(),
    ];
    lists.into_iter().flatten()
}

fn classifier(points: usize) -> Classifier {
    Classifier::new(points, Settings::default()).expect("the bench's lengths are within bounds")
}

fn column(report: &Report) -> usize {
    match report.verdict {
        Verdict::FixedPoint => 0,
        Verdict::Periodic { .. } => 1,
        Verdict::Quasiperiodic => 2,
        Verdict::Chaotic { .. } => 3,
        Verdict::Stochastic => 4,
        Verdict::Inconclusive { .. } => 5,
    }
}

fn row(class: Class) -> usize {
    class as usize
}

/// Mean and spread of the exponents that the classifier fits, beside the published ones.
fn exponents() {
    println!(
        "\n# Largest exponent, all parameters automatic, 20 seeds: mean / truth (least..most)"
    );
    println!(
        "{:18} {:>8} | {:>20} | {:>20} | {:>20}",
        "N = 5000", "truth", "clean", "1 %", "5 %"
    );
    let mut classifier = classifier(5000);
    for system in all() {
        let Some(truth) = system.lambda else { continue };
        print!("{:18} {truth:8.4}", system.name);
        for noise in NOISES {
            let mut found: Vec<f64> = (0..20)
                .filter_map(|seed| {
                    let report = classifier
                        .classify(&system.series(seed, 5000, noise))
                        .ok()?;
                    Some(report.exponent?.lambda / system.interval / truth)
                })
                .collect();
            found.sort_by(f64::total_cmp);
            if found.is_empty() {
                print!(" | {:>20}", "-");
                continue;
            }
            let mean = found.iter().sum::<f64>() / found.len() as f64;
            let span = format!("{mean:.2} ({:.2}..{:.2})", found[0], found[found.len() - 1]);
            print!(" | {span:>20}");
        }
        println!();
    }
}

/// Confusion matrices; the gate is 90 % right at N = 5000 with at most 1 % noise.
fn score(title: &str, systems: &[System], seeds: u64) -> bool {
    let (mut right, mut asked) = (0_u32, 0_u32);
    for length in LENGTHS {
        let mut classifier = classifier(length);
        for noise in NOISES {
            println!("\n# RegimeID-1, {title} systems, N = {length}, noise {noise}, {seeds} seeds");
            let mut matrix = [[0_u32; 6]; 5];
            let mut peer = [[0_u32; 2]; 5];
            let mut misses: BTreeMap<String, u32> = BTreeMap::new();
            for system in systems {
                // Noise around a fixed point is noise: scale invariance allows no other answer.
                if system.class == Class::FixedPoint && noise > 0.0 {
                    continue;
                }
                for seed in 0..seeds {
                    let series = system.series(seed, length, noise);
                    let report = classifier.classify(&series).expect("a valid series");
                    let (class, answer) = (row(system.class), column(&report));
                    matrix[class][answer] += 1;
                    peer[class][usize::from(vote(&series) > 0.5)] += 1;
                    if class != answer {
                        let name = format!("{}: {}", system.name, COLUMNS[answer]);
                        *misses.entry(name).or_default() += 1;
                    }
                    if length == 5000 && noise <= 0.01 {
                        asked += 1;
                        right += u32::from(class == answer);
                    }
                }
            }
            print_matrix(&matrix, &peer);
            for (name, count) in &misses {
                println!("  {name} {count}");
            }
        }
    }
    let share = f64::from(right) / f64::from(asked);
    println!(
        "\n{title}: {:.1} % right at N = 5000, noise <= 1 % (gate 90 %)",
        100.0 * share
    );
    share >= 0.9
}

/// K of the 0-1 test, decimated by the delay: the peer that has no other evidence.
fn vote(series: &[f64]) -> f64 {
    let most = series.len() / 250;
    delay(series, most.max(1))
        .and_then(|every| zero_one(series, every))
        .unwrap_or(0.0)
}

fn print_matrix(matrix: &[[u32; 6]; 5], peer: &[[u32; 2]; 5]) {
    print!("{:14}", "");
    for name in COLUMNS {
        print!("{name:>14}");
    }
    println!(" | K alone: chaotic");
    for (class, counts) in matrix.iter().enumerate() {
        if counts.iter().sum::<u32>() == 0 {
            continue;
        }
        print!("{:14}", COLUMNS[class]);
        for count in counts {
            print!("{count:>14}");
        }
        println!(
            " | {} of {}",
            peer[class][1],
            peer[class][0] + peer[class][1]
        );
    }
}

/// 1,000 series per length of the classes that are not chaotic, and of the stress processes.
fn false_chaos() -> bool {
    let systems: Vec<System> = all()
        .chain(systems::stress())
        .filter(|system| system.class != Class::Chaotic && system.class != Class::FixedPoint)
        .collect();
    let (mut wrong, mut asked) = (0_u32, 0_u32);
    println!();
    for length in LENGTHS {
        let mut classifier = classifier(length);
        let mut names: BTreeMap<&str, u32> = BTreeMap::new();
        for turn in 0..1000 {
            let system = &systems[turn % systems.len()];
            let noise = NOISES[turn / systems.len() % NOISES.len()];
            let series = system.series(1000 + turn as u64, length, noise);
            let report = classifier.classify(&series).expect("a valid series");
            asked += 1;
            if matches!(report.verdict, Verdict::Chaotic { .. }) {
                wrong += 1;
                *names.entry(system.name).or_default() += 1;
            }
        }
        println!(
            "# False chaos, N = {length}, 1000 seeds over {} processes: {names:?}",
            systems.len()
        );
    }
    let share = f64::from(wrong) / f64::from(asked);
    println!(
        "false chaos: {:.2} % of {asked} (gate 0.5 %)",
        100.0 * share
    );
    share <= 0.005
}
