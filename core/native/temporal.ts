/** What plugins may ask of the temporal core; `midstream/temporal` has all of it. Must not know pointers. */

/** What a series shows. Evidence of nothing where the series is made of text: the README of analyser/dynamics says why. */
export interface SeriesRegime {
  readonly verdict: "fixed-point" | "periodic" | "quasiperiodic" | "chaotic" | "stochastic" | "inconclusive";
  /** How far the evidence lies inside its gates, 0 to 1; no probability. */
  readonly confidence: number;
  /** Of `periodic`, in samples. */
  readonly period?: number;
  /** Of `chaotic`: nats a sample, and its 95 % interval. */
  readonly lambda?: number;
  readonly interval?: readonly [low: number, high: number];
  /** Of `inconclusive`. */
  readonly reason?: string;
}

/** The temporal core, for plugins. */
export interface TemporalCore {
  /** 1 - Levenshtein distance / length of the longer sequence; two empty ones are equal. @throws MidStreamError NATIVE_BAD_ARGUMENT */
  similarity(a: Uint32Array, b: Uint32Array): number;
  /** Finite values, at most 131,072. @throws MidStreamError NATIVE_BAD_ARGUMENT */
  classify(series: Float64Array): SeriesRegime;
}
