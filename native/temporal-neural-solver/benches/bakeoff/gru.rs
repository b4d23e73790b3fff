//! A contestant: gated recurrent unit with 32 cells (Cho et al. 2014), trained online, one step of
//! back-propagation through time, plain gradient descent with clipping.

/// Cells.
pub const HIDDEN: usize = 32;
/// Inputs: eight slots, one-hot for symbols.
pub const INPUTS: usize = 8;
/// Sources of a cell: hidden values, inputs, bias.
const WIDE: usize = HIDDEN + INPUTS + 1;

type Cells = [f32; HIDDEN];

pub struct Gru {
    /// Update gate, reset gate and candidate; one row of cells per source, so that a step is a sum of
    /// rows and vectorises.
    weights: Box<[[Cells; WIDE]; 3]>,
    out: Box<[[f32; HIDDEN + 1]; INPUTS]>,
    hidden: Cells,
    rate: f32,
    trace: Trace,
}

/// The last step, for learning.
#[derive(Clone, Copy)]
struct Trace {
    input: [f32; INPUTS],
    before: Cells,
    update: Cells,
    reset: Cells,
    candidate: Cells,
}

/// Rational approximation of the hyperbolic tangent (Lambert's continued fraction), clamped.
fn tanh(x: f32) -> f32 {
    let x = x.clamp(-4.9, 4.9);
    let s = x * x;
    x * (135_135.0 + s * (17_325.0 + s * (378.0 + s)))
        / (135_135.0 + s * (62_370.0 + s * (3_150.0 + s * 28.0)))
}

fn sigmoid(x: f32) -> f32 {
    0.5 + 0.5 * tanh(0.5 * x)
}

fn add(sum: &mut Cells, row: &Cells, factor: f32) {
    for (s, w) in sum.iter_mut().zip(row) {
        *s += w * factor;
    }
}

impl Gru {
    pub fn new(seed: u64, rate: f32) -> Self {
        let mut state = seed;
        let mut small = || {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            ((state >> 40) as f32 / (1 << 24) as f32 - 0.5) * 0.4
        };
        let mut weights = Box::new([[[0.0; HIDDEN]; WIDE]; 3]);
        weights
            .iter_mut()
            .flatten()
            .flatten()
            .for_each(|w| *w = small());
        let mut out = Box::new([[0.0; HIDDEN + 1]; INPUTS]);
        out.iter_mut().flatten().for_each(|w| *w = small());
        let none = [0.0; HIDDEN];
        let input = [0.0; INPUTS];
        let trace = Trace {
            input,
            before: none,
            update: none,
            reset: none,
            candidate: none,
        };
        Self {
            weights,
            out,
            hidden: none,
            rate,
            trace,
        }
    }

    fn sum(weights: &[Cells; WIDE], hidden: &Cells, input: &[f32; INPUTS]) -> Cells {
        let mut sum = weights[WIDE - 1];
        for (row, factor) in weights.iter().zip(hidden.iter().chain(input)) {
            add(&mut sum, row, *factor);
        }
        sum
    }

    /// Reads an input.
    pub fn step(&mut self, input: [f32; INPUTS]) {
        let before = self.hidden;
        let update = Self::sum(&self.weights[0], &before, &input).map(sigmoid);
        let reset = Self::sum(&self.weights[1], &before, &input).map(sigmoid);
        let gated = core::array::from_fn(|i| reset[i] * before[i]);
        let candidate = Self::sum(&self.weights[2], &gated, &input).map(tanh);
        self.hidden = core::array::from_fn(|i| before[i] + update[i] * (candidate[i] - before[i]));
        self.trace = Trace {
            input,
            before,
            update,
            reset,
            candidate,
        };
    }

    /// The outputs before any squashing.
    pub fn outputs(&self) -> [f32; INPUTS] {
        core::array::from_fn(|o| {
            let row = &self.out[o];
            row[HIDDEN]
                + row
                    .iter()
                    .zip(&self.hidden)
                    .map(|(w, h)| w * h)
                    .sum::<f32>()
        })
    }

    /// Moves against `error` = derivative of the loss by the outputs.
    pub fn learn(&mut self, error: &[f32; INPUTS]) {
        let mut back = [0.0_f32; HIDDEN];
        for (row, e) in self.out.iter_mut().zip(error) {
            for i in 0..HIDDEN {
                back[i] += row[i] * e;
                row[i] -= self.rate * e * self.hidden[i];
            }
            row[HIDDEN] -= self.rate * e;
        }
        let t = self.trace;
        let clip = |x: f32| x.clamp(-1.0, 1.0);
        let candidate: Cells = core::array::from_fn(|i| {
            clip(back[i] * t.update[i] * (1.0 - t.candidate[i] * t.candidate[i]))
        });
        let update: Cells = core::array::from_fn(|i| {
            clip(back[i] * (t.candidate[i] - t.before[i]) * t.update[i] * (1.0 - t.update[i]))
        });
        let reset: Cells = core::array::from_fn(|j| {
            let down: f32 = self.weights[2][j]
                .iter()
                .zip(&candidate)
                .map(|(w, c)| w * c)
                .sum();
            clip(down * t.before[j] * t.reset[j] * (1.0 - t.reset[j]))
        });
        let gated: Cells = core::array::from_fn(|j| t.reset[j] * t.before[j]);
        for (gate, change) in [update, reset, candidate].iter().enumerate() {
            let hidden = if gate == 2 { &gated } else { &t.before };
            let sources = hidden.iter().chain(&t.input).chain(&[1.0]);
            for (row, source) in self.weights[gate].iter_mut().zip(sources) {
                add(row, change, -self.rate * source);
            }
        }
    }
}
