/** Analyses of time series on the flat ABI: values are read where they are, in the caller's `Float64Array`. */
import { failure } from "../failure.ts";
import { numbers } from "../flat-abi.ts";
import { Owned } from "../owned.ts";
import type { Thread } from "../thread.ts";
import { samplesOf } from "./settings.ts";

/** How a series becomes points: coordinates `delay` samples apart, `dimension` of them (1 to 8). */
export interface Embedding {
  readonly delay: number;
  readonly dimension: number;
}

/** What a series is. Every verdict but `inconclusive` has passed its gates; lambda is in nats a sample. */
export type Regime =
  | { readonly verdict: "fixed-point" | "quasiperiodic" | "stochastic" }
  | { readonly verdict: "periodic"; readonly period: number }
  | { readonly verdict: "chaotic"; readonly lambda: number; readonly interval: readonly [low: number, high: number] }
  | { readonly verdict: "inconclusive"; readonly reason: string };

/** A verdict and what it rests on; undefined where the verdict did not need it. */
export type RegimeReport = Regime & {
  /** How far the evidence lies inside its gates, 0 to 1; no probability. */
  readonly confidence: number;
  readonly embedding?: Embedding;
  /** Forecast error over that of surrogates: below 0.4 there is a rule, above 0.6 none. */
  readonly forecastRatio?: number;
};

/** A fitted exponent, in nats a sample, with a 95 % interval of the fit. */
export interface Exponent {
  readonly lambda: number;
  readonly interval: readonly [low: number, high: number];
  /** Nats that the fit rests on. */
  readonly rise: number;
  readonly rSquared: number;
  readonly straightness: number;
  readonly pairs: number;
}

/** Measures of a recurrence plot; shares in [0, 1], lengths in points. */
export interface Recurrence {
  readonly rate: number;
  readonly determinism: number;
  readonly laminarity: number;
  readonly longest: number;
  readonly meanLine: number;
  readonly trapping: number;
}

/** What one sample brought to a stream; undefined where there is nothing yet. */
export interface RegimeStep {
  /** Distance from the forecast, in deviations of the window. */
  readonly forecastError?: number;
  /** Permutation entropy of order 4 over the window, 0 to 1. */
  readonly entropy?: number;
  /** Of the last fit. */
  readonly exponent?: Pick<Exponent, "lambda" | "interval">;
  readonly refitted: boolean;
}

/** How a stream is watched: `window` 256 to 16,384 samples. */
export interface RegimeStreamSettings extends Partial<Embedding> {
  readonly window?: number;
  readonly theiler?: number;
  readonly horizon?: number;
  /** Samples between two fits. */
  readonly refit?: number;
}

/** One series as it arrives. */
export interface RegimeStream extends Disposable {
  push(value: number): RegimeStep;
}

/** All analyses. @throws MidStreamError NATIVE_BAD_ARGUMENT that says what is wrong with the series or a setting */
export interface SeriesAnalysis {
  classify(series: Float64Array): RegimeReport;
  exponent(series: Float64Array, settings: Embedding & { readonly theiler: number }): Exponent;
  permutationEntropy(series: Float64Array, settings?: { readonly order?: number; readonly delay?: number }): number;
  /** `radius` in deviations of the series; lines of at least `line` points count. */
  recurrence(
    series: Float64Array,
    settings?: Partial<Embedding> & { readonly radius?: number; readonly theiler?: number; readonly line?: number },
  ): Recurrence;
  correlationDimension(
    series: Float64Array,
    settings: Embedding & { readonly theiler: number },
  ): { readonly dimension: number; readonly error: number };
  /** Delay by mutual information (at most `mostDelay`, default 100), dimension by false neighbours (at most 6). */
  embedding(series: Float64Array, mostDelay?: number): Embedding;
  /** K of the 0-1 test on every `every`-th value: near 0 regular, near 1 chaotic or random. Never alone. */
  zeroOne(series: Float64Array, every?: number): number;
  regimeStream(settings?: RegimeStreamSettings): RegimeStream;
}

const reasons: readonly ((first: number, second: number) => string)[] = [
  (points) => `too short: ${points} points are needed`,
  (cycles, minimum) => `${cycles} cycles, ${minimum} are needed`,
  (drift) => `not stationary: the halves differ by ${drift.toFixed(2)}, 1.95 is the bound`,
  (ratio) => `weak rule: forecast ratio ${ratio.toFixed(2)} lies between 0.4 and 0.6`,
  () => "no scaling: the divergence of neighbours has no straight part",
  () => "quantised: too many values are equal",
];

function regimeOf([code = 0, first = 0, second = 0, third = 0]: readonly number[]): Regime {
  switch (code) {
    case 0:
      return { verdict: "fixed-point" };
    case 1:
      return { verdict: "periodic", period: first };
    case 2:
      return { verdict: "quasiperiodic" };
    case 3:
      return { verdict: "chaotic", lambda: first, interval: [second, third] };
    case 4:
      return { verdict: "stochastic" };
    default:
      return { verdict: "inconclusive", reason: reasons[code - 5]?.(first, second) ?? `reason ${code}` };
  }
}

/** Makes the analyses of one thread. */
export function seriesAnalysis(thread: Thread): SeriesAnalysis {
  const { flat, memory } = thread;
  const out = memory.numbers;
  const checked = (call: string, result: number): readonly number[] => {
    if (result < 0) throw failure(flat, call, result);
    return out.view as unknown as readonly number[];
  };
  return {
    classify(series) {
      const found = checked("classify", flat.ms_series_regime(samplesOf("series", series), series.length, out.address, numbers.regime));
      const [, , , , confidence = 0, delay = 0, dimension = 0, ratio = Number.NaN] = found;
      return {
        ...regimeOf(found),
        confidence,
        ...(delay > 0 && { embedding: { delay, dimension } }),
        ...(!Number.isNaN(ratio) && { forecastRatio: ratio }),
      };
    },
    exponent(series, { delay, dimension, theiler }) {
      const call = flat.ms_series_exponent(
        samplesOf("series", series),
        series.length,
        delay,
        dimension,
        theiler,
        out.address,
        numbers.exponent,
      );
      const [lambda = 0, low = 0, high = 0, rise = 0, rSquared = 0, straightness = 0, pairs = 0] = checked("exponent", call);
      return { lambda, interval: [low, high], rise, rSquared, straightness, pairs };
    },
    permutationEntropy(series, { order = 4, delay = 1 } = {}) {
      return checked(
        "permutationEntropy",
        flat.ms_series_entropy(samplesOf("series", series), series.length, order, delay, out.address, 1),
      )[0]!;
    },
    recurrence(series, { delay = 1, dimension = 1, radius = 0.1, theiler = 1, line = 2 } = {}) {
      const call = flat.ms_series_recurrence(
        samplesOf("series", series),
        series.length,
        delay,
        dimension,
        radius,
        theiler,
        line,
        out.address,
        numbers.recurrence,
      );
      const [rate = 0, determinism = 0, laminarity = 0, longest = 0, meanLine = 0, trapping = 0] = checked("recurrence", call);
      return { rate, determinism, laminarity, longest, meanLine, trapping };
    },
    correlationDimension(series, { delay, dimension, theiler }) {
      const call = flat.ms_series_correlation(samplesOf("series", series), series.length, delay, dimension, theiler, out.address, 2);
      const [found = 0, error = 0] = checked("correlationDimension", call);
      return { dimension: found, error };
    },
    embedding(series, mostDelay = 100) {
      const [delay = 0, dimension = 0] = checked(
        "embedding",
        flat.ms_series_embedding(samplesOf("series", series), series.length, mostDelay, out.address, 2),
      );
      return { delay, dimension };
    },
    zeroOne(series, every = 1) {
      return checked("zeroOne", flat.ms_series_zero_one(samplesOf("series", series), series.length, every, out.address, 1))[0]!;
    },
    regimeStream: (settings = {}) => new NativeRegimeStream(thread, settings),
  };
}

class NativeRegimeStream extends Owned implements RegimeStream {
  constructor(thread: Thread, settings: RegimeStreamSettings) {
    const { window = 1024, delay = 1, dimension = 3, theiler = 10, horizon = 1, refit = 128 } = settings;
    const handle = thread.flat.ms_regime_open(window, delay, dimension, theiler, horizon, refit);
    super(thread, "regimeStream", handle, "ms_regime_close");
  }

  push(value: number): RegimeStep {
    const { flat, memory } = this.thread;
    const result = flat.ms_regime_push(this.handle, value, memory.numbers.address, numbers.step);
    if (result < 0) throw failure(flat, "push", result);
    const [forecastError, entropy, lambda, low, high] = memory.numbers.view as unknown as readonly number[];
    return {
      ...(!Number.isNaN(forecastError) && { forecastError: forecastError! }),
      ...(!Number.isNaN(entropy) && { entropy: entropy! }),
      ...(!Number.isNaN(lambda) && { exponent: { lambda: lambda!, interval: [low!, high!] as const } }),
      refitted: result === 1,
    };
  }
}
