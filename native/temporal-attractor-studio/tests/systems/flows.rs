//! Flows, integrated by the classical Runge-Kutta method of order 4 with fixed steps.

use super::Random;

/// Integrates an autonomous flow; `interval` between samples, `steps` inside one interval,
/// `transient` in time units, first coordinate observed.
pub fn integrate<const D: usize>(
    derive: impl Fn(&[f64; D]) -> [f64; D],
    mut state: [f64; D],
    (interval, steps, transient): (f64, usize, f64),
    length: usize,
) -> Vec<f64> {
    let step = interval / steps as f64;
    let advance = |state: &mut [f64; D]| {
        let shifted = |by: &[f64; D], scale: f64| -> [f64; D] {
            std::array::from_fn(|axis| state[axis] + scale * by[axis])
        };
        let k1 = derive(state);
        let k2 = derive(&shifted(&k1, step / 2.0));
        let k3 = derive(&shifted(&k2, step / 2.0));
        let k4 = derive(&shifted(&k3, step));
        for axis in 0..D {
            state[axis] += step / 6.0 * (k1[axis] + 2.0 * (k2[axis] + k3[axis]) + k4[axis]);
        }
    };
    for _ in 0..(transient / step) as usize {
        advance(&mut state);
    }
    (0..length)
        .map(|_| {
            (0..steps).for_each(|_| advance(&mut state));
            state[0]
        })
        .collect()
}

pub fn lorenz([sigma, rho, beta]: [f64; 3], dt: f64, random: &mut Random, n: usize) -> Vec<f64> {
    let start = [random.range(-5.0, 5.0), random.range(-5.0, 5.0), rho - 3.0];
    let derive = move |s: &[f64; 3]| {
        [
            sigma * (s[1] - s[0]),
            s[0] * (rho - s[2]) - s[1],
            s[0] * s[1] - beta * s[2],
        ]
    };
    integrate(derive, start, (dt, (dt / 0.002).ceil() as usize, 40.0), n)
}

pub fn rossler([a, b, c]: [f64; 3], dt: f64, random: &mut Random, n: usize) -> Vec<f64> {
    let start = [random.range(-4.0, 4.0), random.range(-4.0, 4.0), 0.1];
    let derive = move |s: &[f64; 3]| [-s[1] - s[2], s[0] + a * s[1], b + s[2] * (s[0] - c)];
    integrate(derive, start, (dt, (dt / 0.01).ceil() as usize, 600.0), n)
}

/// Sprott's simplest jerk flow: x''' = -2.017 x'' + x'^2 - x.
pub fn jerk(dt: f64, random: &mut Random, n: usize) -> Vec<f64> {
    let start = [
        random.range(-0.01, 0.01),
        0.0,
        1.0 + random.range(-0.01, 0.01),
    ];
    let derive = |s: &[f64; 3]| [s[1], s[2], -2.017 * s[2] + s[1] * s[1] - s[0]];
    integrate(derive, start, (dt, 20, 500.0), n)
}

/// Mackey and Glass: x' = 0.2 x(t - lag) / (1 + x(t - lag)^10) - 0.1 x.
pub fn mackey_glass(lag: f64, dt: f64, random: &mut Random, n: usize) -> Vec<f64> {
    let steps = 20;
    let step = dt / f64::from(steps);
    let memory = (lag / step).round() as usize;
    let mut past: Vec<f64> = (0..=memory).map(|_| random.range(0.8, 1.2)).collect();
    let gain = |x: f64| 0.2 * x / (1.0 + x.powi(10));
    let (mut at, mut x) = (0, 1.0 + random.range(-0.1, 0.1));
    let mut out = Vec::with_capacity(n);
    let transient = 2000 * steps as usize;
    for tick in 0..transient + n * steps as usize {
        // The delayed value is known at both ends of the step; its middle is their mean.
        let (old, new) = (past[at], past[(at + 1) % past.len()]);
        let (g0, g1) = (gain(old), gain(f64::midpoint(old, new)));
        let g2 = gain(new);
        let k1 = g0 - 0.1 * x;
        let k2 = g1 - 0.1 * (x + step / 2.0 * k1);
        let k3 = g1 - 0.1 * (x + step / 2.0 * k2);
        let k4 = g2 - 0.1 * (x + step * k3);
        past[at] = x;
        at = (at + 1) % past.len();
        x += step / 6.0 * (k1 + 2.0 * (k2 + k3) + k4);
        if tick >= transient && (tick - transient) % steps as usize == steps as usize - 1 {
            out.push(x);
        }
    }
    out
}
