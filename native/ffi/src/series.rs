//! Flat ABI of native/temporal-attractor-studio: a caller's numbers are read where they are, results go to the caller's array.

use midstream_temporal_attractor_studio::{
    Classifier, Embedding, Error, Exponent, ExponentSettings, Reason, RecurrenceSettings,
    RegimeStream, Report, Settings, StreamSettings, Verdict, correlation_dimension, delay,
    dimension, exponent, permutation_entropy, recurrence, zero_one,
};

use crate::memory;
use crate::objects::{self, Object};
use crate::status::Fault;
use crate::wall::{refusal, wall};

/// Numbers of a regime: verdict, three values of it, confidence, delay, dimension, forecast ratio, drift, K of the 0-1 test.
pub const MS_REGIME_NUMBERS: usize = 10;
/// Numbers of an exponent: lambda, low, high, rise, share of variance explained, straightness, pairs.
pub const MS_EXPONENT_NUMBERS: usize = 7;
/// Numbers of a recurrence plot: rate, determinism, laminarity, longest line, mean line, trapping time.
pub const MS_RECURRENCE_NUMBERS: usize = 6;
/// Numbers of a step of a regime stream: forecast error, permutation entropy, lambda, low, high; NaN for none.
pub const MS_STEP_NUMBERS: usize = 5;

fn refused(error: Error) -> Fault {
    refusal(&error)
}

fn embedding(delay: u32, dimension: u32) -> Embedding {
    Embedding {
        delay: delay as usize,
        dimension: dimension as usize,
    }
}

/// Verdicts: 0 fixed-point, 1 periodic (period), 2 quasiperiodic, 3 chaotic (lambda, low, high), 4 stochastic; inconclusive: 5 too short
/// (points needed), 6 few cycles (cycles, needed), 7 not stationary (drift), 8 weak rule (ratio), 9 no scaling, 10 quantised.
fn verdict(report: &Report) -> [f64; 4] {
    match report.verdict {
        Verdict::FixedPoint => [0.0, 0.0, 0.0, 0.0],
        Verdict::Periodic { period } => [1.0, period, 0.0, 0.0],
        Verdict::Quasiperiodic => [2.0, 0.0, 0.0, 0.0],
        Verdict::Chaotic { lambda, low, high } => [3.0, lambda, low, high],
        Verdict::Stochastic => [4.0, 0.0, 0.0, 0.0],
        Verdict::Inconclusive { reason } => match reason {
            Reason::TooShort { minimum } => [5.0, minimum as f64, 0.0, 0.0],
            Reason::FewCycles { cycles, minimum } => [6.0, cycles as f64, minimum as f64, 0.0],
            Reason::NonStationary { drift } => [7.0, drift, 0.0, 0.0],
            Reason::WeakRule { ratio } => [8.0, ratio, 0.0, 0.0],
            Reason::NoScaling => [9.0, 0.0, 0.0, 0.0],
            Reason::Quantised => [10.0, 0.0, 0.0, 0.0],
        },
    }
}

/// The regime of a series. Milliseconds for thousands of points.
///
/// # Safety
/// `values` is valid for `len` numbers, `out` for `out_numbers`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ms_series_regime(
    values: *const f64,
    len: u32,
    out: *mut f64,
    out_numbers: u32,
) -> i32 {
    wall(|| {
        // SAFETY: the caller's duty.
        let (values, out) = unsafe {
            (
                memory::numbers(values, len)?,
                memory::numbers_out(out, out_numbers, MS_REGIME_NUMBERS)?,
            )
        };
        let report = Classifier::new(values.len(), Settings::default())
            .and_then(|mut classifier| classifier.classify(values))
            .map_err(refused)?;
        out[..4].copy_from_slice(&verdict(&report));
        let used = report.embedding.unwrap_or(Embedding {
            delay: 0,
            dimension: 0,
        });
        out[4..MS_REGIME_NUMBERS].copy_from_slice(&[
            report.confidence(),
            used.delay as f64,
            used.dimension as f64,
            report.determinism.map_or(f64::NAN, |found| found.ratio),
            report.drift.unwrap_or(f64::NAN),
            report.zero_one.unwrap_or(f64::NAN),
        ]);
        Ok(0)
    })
}

fn write_exponent(found: &Exponent, out: &mut [f64]) {
    out[..MS_EXPONENT_NUMBERS].copy_from_slice(&[
        found.lambda,
        found.low,
        found.high,
        found.rise,
        found.r_squared,
        found.straightness,
        found.pairs as f64,
    ]);
}

/// The largest Lyapunov exponent of a series.
///
/// # Safety
/// `values` is valid for `len` numbers, `out` for `out_numbers`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ms_series_exponent(
    values: *const f64,
    len: u32,
    delay: u32,
    dimension: u32,
    theiler: u32,
    out: *mut f64,
    out_numbers: u32,
) -> i32 {
    wall(|| {
        // SAFETY: the caller's duty.
        let (values, out) = unsafe {
            (
                memory::numbers(values, len)?,
                memory::numbers_out(out, out_numbers, MS_EXPONENT_NUMBERS)?,
            )
        };
        let settings = ExponentSettings {
            embedding: embedding(delay, dimension),
            theiler: theiler as usize,
            start: None,
            length: None,
        };
        write_exponent(&exponent(values, settings).map_err(refused)?, out);
        Ok(0)
    })
}

/// Permutation entropy, 0 to 1.
///
/// # Safety
/// `values` is valid for `len` numbers, `out` for `out_numbers`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ms_series_entropy(
    values: *const f64,
    len: u32,
    order: u32,
    delay: u32,
    out: *mut f64,
    out_numbers: u32,
) -> i32 {
    wall(|| {
        // SAFETY: the caller's duty.
        let (values, out) = unsafe {
            (
                memory::numbers(values, len)?,
                memory::numbers_out(out, out_numbers, 1)?,
            )
        };
        out[0] = permutation_entropy(values, order as usize, delay as usize).map_err(refused)?;
        Ok(0)
    })
}

/// Recurrence quantification. `radius` in deviations of the series; lines of at least `line` points count.
///
/// # Safety
/// `values` is valid for `len` numbers, `out` for `out_numbers`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ms_series_recurrence(
    values: *const f64,
    len: u32,
    delay: u32,
    dimension: u32,
    radius: f64,
    theiler: u32,
    line: u32,
    out: *mut f64,
    out_numbers: u32,
) -> i32 {
    wall(|| {
        // SAFETY: the caller's duty.
        let (values, out) = unsafe {
            (
                memory::numbers(values, len)?,
                memory::numbers_out(out, out_numbers, MS_RECURRENCE_NUMBERS)?,
            )
        };
        let settings = RecurrenceSettings {
            embedding: embedding(delay, dimension),
            radius,
            theiler: theiler as usize,
            diagonal: line as usize,
            vertical: line as usize,
        };
        let found = recurrence(values, settings).map_err(refused)?;
        out[..MS_RECURRENCE_NUMBERS].copy_from_slice(&[
            found.rate,
            found.determinism,
            found.laminarity,
            found.longest as f64,
            found.mean_line,
            found.trapping,
        ]);
        Ok(0)
    })
}

/// Correlation dimension: the dimension, and one standard error.
///
/// # Safety
/// `values` is valid for `len` numbers, `out` for `out_numbers`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ms_series_correlation(
    values: *const f64,
    len: u32,
    delay: u32,
    dimension: u32,
    theiler: u32,
    out: *mut f64,
    out_numbers: u32,
) -> i32 {
    wall(|| {
        // SAFETY: the caller's duty.
        let (values, out) = unsafe {
            (
                memory::numbers(values, len)?,
                memory::numbers_out(out, out_numbers, 2)?,
            )
        };
        let embedding = embedding(delay, dimension);
        let found = correlation_dimension(values, embedding, theiler as usize).map_err(refused)?;
        out[0] = found.dimension;
        out[1] = found.error;
        Ok(0)
    })
}

/// Delay (first minimum of mutual information, at most `most`), and with it the dimension (false neighbours, at most 6).
///
/// # Safety
/// `values` is valid for `len` numbers, `out` for `out_numbers`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ms_series_embedding(
    values: *const f64,
    len: u32,
    most: u32,
    out: *mut f64,
    out_numbers: u32,
) -> i32 {
    wall(|| {
        // SAFETY: the caller's duty.
        let (values, out) = unsafe {
            (
                memory::numbers(values, len)?,
                memory::numbers_out(out, out_numbers, 2)?,
            )
        };
        let chosen = delay(values, most as usize).map_err(refused)?;
        let theiler = (4 * chosen).max(10);
        out[0] = chosen as f64;
        out[1] = dimension(values, chosen, theiler, 6).map_err(refused)? as f64;
        Ok(0)
    })
}

/// K of the 0-1 test on every `every`-th value.
///
/// # Safety
/// `values` is valid for `len` numbers, `out` for `out_numbers`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ms_series_zero_one(
    values: *const f64,
    len: u32,
    every: u32,
    out: *mut f64,
    out_numbers: u32,
) -> i32 {
    wall(|| {
        // SAFETY: the caller's duty.
        let (values, out) = unsafe {
            (
                memory::numbers(values, len)?,
                memory::numbers_out(out, out_numbers, 1)?,
            )
        };
        out[0] = zero_one(values, every as usize).map_err(refused)?;
        Ok(0)
    })
}

/// Opens a stream that watches a sliding window.
#[unsafe(no_mangle)]
pub extern "C" fn ms_regime_open(
    window: u32,
    delay: u32,
    dimension: u32,
    theiler: u32,
    horizon: u32,
    refit: u32,
) -> i32 {
    wall(|| {
        let settings = StreamSettings {
            window: window as usize,
            embedding: embedding(delay, dimension),
            theiler: theiler as usize,
            horizon: horizon as usize,
            refit: refit as usize,
        };
        let stream = RegimeStream::new(settings).map_err(refused)?;
        objects::open(Object::Regime(Box::new(stream)))
    })
}

/// One sample; 1 where the exponent was fitted anew.
///
/// # Safety
/// `out` is valid for `out_numbers` numbers.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ms_regime_push(
    stream: u32,
    value: f64,
    out: *mut f64,
    out_numbers: u32,
) -> i32 {
    wall(|| {
        // SAFETY: the caller's duty.
        let out = unsafe { memory::numbers_out(out, out_numbers, MS_STEP_NUMBERS) }?;
        objects::with(stream, |object| {
            let Object::Regime(stream) = object else {
                return Err(Fault::BAD_HANDLE);
            };
            let step = stream.push(value).map_err(refused)?;
            let fitted = stream.exponent();
            let of = |pick: fn(&Exponent) -> f64| fitted.as_ref().map_or(f64::NAN, pick);
            out[..MS_STEP_NUMBERS].copy_from_slice(&[
                step.forecast_error.unwrap_or(f64::NAN),
                step.permutation_entropy.unwrap_or(f64::NAN),
                of(|found| found.lambda),
                of(|found| found.low),
                of(|found| found.high),
            ]);
            Ok(i32::from(step.refitted))
        })
    })
}

/// Closes a stream; its handle is unknown from then on.
#[unsafe(no_mangle)]
pub extern "C" fn ms_regime_close(stream: u32) -> i32 {
    wall(|| objects::close(stream, |object| matches!(object, Object::Regime(_))))
}
