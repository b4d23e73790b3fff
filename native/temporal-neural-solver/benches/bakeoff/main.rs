//! Which predictors deserve to be shipped: all learn online; only the held-out half of the streams is scored.
//! Symbols: share of right guesses. Values: mean absolute error. A model is shipped if it beats persistence on the
//! recorded streams or on the kind of series that it is meant for; for symbols it must beat the n-gram, too.

mod gru;
mod streams;

use gru::{Gru, INPUTS};
use midstream_temporal_neural_solver::predict::{Ewma, HoltWinters, Ngram};
use std::hint::black_box;
use std::time::Instant;
use streams::{Series, generated, recorded};

trait Symbols {
    fn restart(&mut self) {}
    fn guess(&mut self) -> u32;
    fn see(&mut self, symbol: u32);
}

trait Values {
    fn restart(&mut self) {}
    fn guess(&mut self) -> f64;
    fn see(&mut self, value: f64);
}

#[derive(Default)]
struct Persistence(u32, f64);

impl Symbols for Persistence {
    fn guess(&mut self) -> u32 {
        self.0
    }
    fn see(&mut self, symbol: u32) {
        self.0 = symbol;
    }
}

impl Values for Persistence {
    fn guess(&mut self) -> f64 {
        self.1
    }
    fn see(&mut self, value: f64) {
        self.1 = value;
    }
}

impl Symbols for Ngram {
    fn restart(&mut self) {
        Ngram::restart(self);
    }
    fn guess(&mut self) -> u32 {
        self.predict().symbol
    }
    fn see(&mut self, symbol: u32) {
        self.observe(symbol);
    }
}

struct GruSymbols(Gru);

impl Symbols for GruSymbols {
    fn guess(&mut self) -> u32 {
        let out = self.0.outputs();
        (0..INPUTS)
            .max_by(|a, b| out[*a].total_cmp(&out[*b]))
            .unwrap_or(0) as u32
    }
    fn see(&mut self, symbol: u32) {
        let out = self.0.outputs();
        let top = out.iter().copied().fold(f32::MIN, f32::max);
        let odds = out.map(|o| (o - top).exp());
        let sum: f32 = odds.iter().sum();
        let hot: [f32; INPUTS] = core::array::from_fn(|i| f32::from(u8::from(i as u32 == symbol)));
        self.0
            .learn(&core::array::from_fn(|i| odds[i] / sum - hot[i]));
        self.0.step(hot);
    }
}

struct GruValues {
    gru: Gru,
    last: f64,
    mean: f64,
    spread: f64,
}

impl Values for GruValues {
    /// The network predicts the change against a running scale.
    fn guess(&mut self) -> f64 {
        self.last + f64::from(self.gru.outputs()[0]) * self.spread
    }
    fn see(&mut self, value: f64) {
        let target = ((value - self.last) / self.spread).clamp(-5.0, 5.0) as f32;
        let mut error = [0.0; INPUTS];
        error[0] = (self.gru.outputs()[0] - target).clamp(-1.0, 1.0);
        self.gru.learn(&error);
        self.mean += 0.01 * (value - self.mean);
        self.spread += 0.01 * ((value - self.mean).abs().max(1e-3) - self.spread);
        let mut input = [0.0; INPUTS];
        input[0] = target;
        input[1] = (((value - self.mean) / self.spread) as f32).clamp(-5.0, 5.0);
        self.last = value;
        self.gru.step(input);
    }
}

impl Values for Ewma {
    fn guess(&mut self) -> f64 {
        self.predict().unwrap_or(0.0)
    }
    fn see(&mut self, value: f64) {
        self.observe(value).expect("finite");
    }
}

struct Winters(HoltWinters, [f64; 3], usize);

impl Values for Winters {
    fn restart(&mut self) {
        self.0 = HoltWinters::new(self.1, self.2).expect("factors");
    }
    fn guess(&mut self) -> f64 {
        self.0.predict().unwrap_or(0.0)
    }
    fn see(&mut self, value: f64) {
        self.0.observe(value).expect("finite");
    }
}

fn winters(factors: [f64; 3], period: usize) -> Winters {
    Winters(
        HoltWinters::new(factors, period).expect("factors"),
        factors,
        period,
    )
}

fn right(model: &mut dyn Symbols, series: &Series) -> f64 {
    let (mut hits, mut all) = (0_u32, 0_u32);
    for (at, stream) in series.symbols.iter().enumerate() {
        model.restart();
        for (i, symbol) in stream.iter().enumerate() {
            let held_out = at >= series.symbols.len().div_ceil(2) && i > 0;
            let guess = model.guess();
            hits += u32::from(held_out && guess == *symbol);
            all += u32::from(held_out);
            model.see(*symbol);
        }
    }
    f64::from(hits) / f64::from(all.max(1))
}

fn error(model: &mut dyn Values, series: &Series) -> f64 {
    let (mut sum, mut all) = (0.0, 0.0);
    for (at, stream) in series.values.iter().enumerate() {
        model.restart();
        for (i, value) in stream.iter().enumerate() {
            let guess = model.guess();
            if at >= series.values.len().div_ceil(2) && i > 0 {
                sum += (guess - value).abs();
                all += 1.0;
            }
            model.see(*value);
        }
    }
    sum / f64::max(all, 1.0)
}

fn main() {
    let mut all: Vec<Series> = recorded().into_iter().collect();
    if all.is_empty() {
        println!("recorded streams: data set absent, skipped");
    }
    all.extend(generated());
    println!("symbols, share of right guesses     persistence  n-gram  GRU-32");
    for series in &all {
        let name = series.name;
        println!(
            "{name:38}{:9.3}{:8.3}{:8.3}",
            right(&mut Persistence::default(), series),
            right(&mut Ngram::new(1), series),
            right(&mut GruSymbols(Gru::new(1, 0.05)), series)
        );
    }
    println!(
        "values, mean absolute error   persistence  EWMA .1  EWMA .3  EWMA .5  Holt  H-W 24  GRU-32"
    );
    for series in &all {
        let gru = GruValues {
            gru: Gru::new(1, 0.01),
            last: 0.0,
            mean: 0.0,
            spread: 1.0,
        };
        println!(
            "{:38}{:6.3}{:8.3}{:8.3}{:8.3}{:8.3}{:8.3}{:8.3}",
            series.name,
            error(&mut Persistence::default(), series),
            error(&mut Ewma::new(0.1).expect("factor"), series),
            error(&mut Ewma::new(0.3).expect("factor"), series),
            error(&mut Ewma::new(0.5).expect("factor"), series),
            error(&mut winters([0.2, 0.05, 0.2], 1), series),
            error(&mut winters([0.2, 0.02, 0.2], 24), series),
            error(&mut { gru }, series)
        );
    }
    time();
}

/// Median of 31 rounds of 1000 steps each.
fn time() {
    let median = |round: &mut dyn FnMut()| {
        let mut times: Vec<f64> = (0..31)
            .map(|_| {
                let start = Instant::now();
                round();
                start.elapsed().as_secs_f64() * 1e6
            })
            .collect();
        times.sort_by(f64::total_cmp);
        times[15]
    };
    let mut ngram = Ngram::new(1);
    let mut gru = Gru::new(1, 0.05);
    let mut state = 1_u32;
    let predict = median(&mut || {
        for _ in 0..1000 {
            black_box(black_box(&ngram).predict());
        }
    });
    let both = median(&mut || {
        for _ in 0..1000 {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            black_box(ngram.predict());
            ngram.observe(state >> 29);
        }
    });
    let step = median(&mut || {
        for i in 0..1000 {
            let mut input = [0.0; INPUTS];
            input[i % INPUTS] = 1.0;
            gru.step(black_box(input));
            black_box(gru.outputs()[0]);
        }
    });
    println!("ns: n-gram predict {predict:.1}, predict + observe {both:.1}, GRU step {step:.1}");
}
