/**
 * Distances, common subsequences and pattern search on the flat ABI. `Float64Array`, `Uint8Array` and `Uint32Array` are read where they are;
 * strings are encoded first.
 */
import { failure } from "../failure.ts";
import { numbers } from "../flat-abi.ts";
import type { Lent } from "../platform.ts";
import type { Thread } from "../thread.ts";
import { type CompareCache, type CompareCacheSettings, openCache } from "./cache.ts";
import { type Cost, codeOf, costOf, none, refuse, samplesOf, whole } from "./settings.ts";
import { type StampLists, stampLists } from "./stamps.ts";
import { type ComparisonStreams, comparisonStreams } from "./streams.ts";
import { Encoded, type Symbols } from "./symbols.ts";

export type { BankMatch, BankPattern, PatternBank, PatternBankSettings } from "./bank.ts";
export type { CacheStatistics, CompareCache, CompareCacheSettings } from "./cache.ts";
export type { EventOrder, SequencedEvent, TemporalSequence, TemporalSequenceSettings } from "./events.ts";
export type { Cost } from "./settings.ts";
export type { RepairedOrder, StampGap, StampLists, StampOrder } from "./stamps.ts";
export type { EditStream, EditStreamSettings, PatternStream, PatternStreamSettings, StreamMatch } from "./streams.ts";
export type { Symbols } from "./symbols.ts";

/** How two series are compared. */
export interface DtwSettings {
  /** Default `squared`. */
  readonly cost?: Cost;
  /** Sakoe-Chiba half width in samples, at least the difference of the lengths; default none. */
  readonly window?: number;
  /** Give up, with Infinity, once the distance is known to be above this; default none. */
  readonly cutoff?: number;
}

/** Numbers of one sample; they stand one after the other. Default 1. */
export interface Dimensions {
  readonly dims?: number;
}

/** Series one after the other in one array: read without a copy. */
export interface SeriesList {
  readonly values: Float64Array;
  /** Samples of each; their sum is the length of `values`. */
  readonly lengths: Uint32Array;
}

/** A cheapest path, from the first pair of samples to the last. */
export interface WarpingPath {
  readonly distance: number;
  /** Index in `a` and index in `b` of each cell, one after the other; empty above the cutoff. */
  readonly path: Uint32Array;
}

/** What an edit costs, whole numbers; default 1 each. */
export interface EditWeights {
  readonly insert?: number;
  readonly delete?: number;
  readonly substitute?: number;
}

/** One longest common subsequence. */
export interface CommonSubsequence {
  readonly length: number;
  /** Index in `a` and index in `b` of each element, one after the other, counted in symbols. */
  readonly pairs: Uint32Array;
}

/** What a likeness is made of. */
export type Measure = "levenshtein" | "osa" | "lcs";

/** How patterns are looked for. */
export interface PatternSettings {
  /** Most matches; default 1. */
  readonly k?: number;
  /** Largest distance of a match; default any. */
  readonly maxDistance?: number;
  /** Samples that two matches start apart at least; default half the pattern. */
  readonly exclusion?: number;
  readonly cost?: Cost;
  /** Sakoe-Chiba half width; default none. 0 is plain Euclidean distance, squared. */
  readonly window?: number;
}

/** A stretch of the series as long as the pattern. */
export interface PatternMatch {
  readonly start: number;
  readonly distance: number;
}

/** All comparisons. @throws MidStreamError NATIVE_BAD_ARGUMENT that says what is wrong with the input or a setting */
export interface Comparison extends ComparisonStreams, StampLists {
  /** DTW distance; Infinity above the cutoff. Symmetric, but no metric: the triangle inequality does not hold. */
  dtw(a: Float64Array, b: Float64Array, settings?: DtwSettings & Dimensions): number;
  /** Distances of `query` to each series, in their order; Infinity above the cutoff. */
  dtwBatch(query: Float64Array, series: SeriesList | readonly Float64Array[], settings?: DtwSettings): Float64Array;
  dtwPath(a: Float64Array, b: Float64Array, settings?: DtwSettings & Dimensions): WarpingPath;
  /** Insertions, deletions and substitutions of bytes, code points or tokens; with weights their least sum. */
  levenshtein(a: Symbols, b: Symbols, weights?: EditWeights): number;
  /** As `levenshtein`, and a swap of neighbours is one edit; no part is edited twice. No metric. */
  osa(a: Symbols, b: Symbols): number;
  /** As `osa`, but what was swapped may be edited again. A metric. */
  damerau(a: Symbols, b: Symbols): number;
  lcs(a: Symbols, b: Symbols): CommonSubsequence;
  /** Its length alone: much less work. */
  lcsLength(a: Symbols, b: Symbols): number;
  /** 0 (nothing in common) to 1 (equal); default by Levenshtein distance. Two empty sequences are equal. */
  similarity(a: Symbols, b: Symbols, measure?: Measure): number;
  /** The same comparisons with a memory of their answers. */
  compareCache(settings?: CompareCacheSettings): CompareCache;
  /** The nearest stretches, nearest first: exactly what trying all would give. Samples are compared as they are. */
  findPatterns(series: Float64Array, pattern: Float64Array, settings?: PatternSettings): readonly PatternMatch[];
}

const measures = { levenshtein: 5, osa: 6, lcs: 7 } as const;

/** Makes the comparisons of one thread. */
export function comparison(thread: Thread): Comparison {
  const { flat, memory } = thread;
  const out = memory.numbers;
  const encoded = new Encoded();
  const checked = (call: string, result: number): number => {
    if (result < 0) throw failure(flat, call, result);
    return result;
  };
  /** Memory of a view; that of an empty one has no address on all runtimes. */
  const lent = (argument: string, values: Float64Array): Lent => (samplesOf(argument, values).length === 0 ? memory.push.view : values);
  const edit = (
    call: string,
    method: number,
    a: Symbols,
    b: Symbols,
    { insert = 1, delete: remove = 1, substitute = 1 }: EditWeights = {},
  ) => {
    const kind = encoded.take(a, b);
    const [x, y] = encoded.views;
    const [xs, ys] = encoded.lengths;
    checked(call, flat.ms_edit(method, kind, x, xs, y, ys, insert, remove, substitute, out.address, 1));
    return out.view[0]!;
  };
  const windowOf = (window: number | undefined) => (window === undefined ? none : whole("window", window));

  return {
    ...comparisonStreams(thread),
    ...stampLists(thread),
    compareCache: (settings = {}) => openCache(thread, settings),
    dtw(a, b, { cost, window, cutoff = Number.POSITIVE_INFINITY, dims = 1 } = {}) {
      const above = flat.ms_dtw(
        lent("a", a),
        a.length,
        lent("b", b),
        b.length,
        whole("dims", dims),
        costOf(cost),
        windowOf(window),
        cutoff,
        out.address,
        1,
      );
      return checked("dtw", above) === 1 ? Number.POSITIVE_INFINITY : out.view[0]!;
    },
    dtwBatch(query, series, { cost, window, cutoff = Number.POSITIVE_INFINITY } = {}) {
      const { values, lengths } = "values" in series && "lengths" in series ? series : joined(series);
      if (!(lengths instanceof Uint32Array)) throw refuse("`lengths` is not a Uint32Array");
      const distances = new Float64Array(lengths.length);
      if (lengths.length === 0) return distances;
      const result = flat.ms_dtw_batch(
        lent("query", query),
        query.length,
        lent("series", values),
        values.length,
        lengths,
        lengths.length,
        costOf(cost),
        windowOf(window),
        cutoff,
        distances,
        distances.length,
      );
      checked("dtwBatch", result);
      return distances;
    },
    dtwPath(a, b, { cost, window, cutoff = Number.POSITIVE_INFINITY, dims = 1 } = {}) {
      const pairs = new Uint32Array(2 * (a.length + b.length) + 2);
      const result = flat.ms_dtw_path(
        lent("a", a),
        a.length,
        lent("b", b),
        b.length,
        whole("dims", dims),
        costOf(cost),
        windowOf(window),
        cutoff,
        out.address,
        1,
        pairs,
        pairs.length,
      );
      const count = checked("dtwPath", result);
      return { distance: count === 0 ? Number.POSITIVE_INFINITY : out.view[0]!, path: pairs.slice(0, 2 * count) };
    },
    levenshtein(a, b, weights) {
      if (weights === undefined) return edit("levenshtein", 0, a, b);
      for (const [name, weight] of Object.entries(weights)) whole(name, weight);
      return edit("levenshtein", 4, a, b, weights);
    },
    osa: (a, b) => edit("osa", 1, a, b),
    damerau: (a, b) => edit("damerau", 2, a, b),
    lcsLength: (a, b) => edit("lcsLength", 3, a, b),
    lcs(a, b) {
      const kind = encoded.take(a, b);
      const [x, y] = encoded.views;
      const [xs, ys] = encoded.lengths;
      const pairs = new Uint32Array(2 * Math.min(xs, ys) + 2);
      const length = checked("lcs", flat.ms_edit_common(kind, x, xs, y, ys, pairs, pairs.length));
      return { length, pairs: pairs.slice(0, 2 * length) };
    },
    similarity: (a, b, measure = "levenshtein") => edit("similarity", codeOf(measures, "measure", measure), a, b),
    findPatterns(series, pattern, { k = 1, maxDistance = Number.POSITIVE_INFINITY, exclusion, cost, window } = {}) {
      const most = Math.min(whole("k", k), Math.max(series.length, 1));
      const found = new Float64Array(Math.max(most, 1) * numbers.pattern);
      const result = flat.ms_pattern_find(
        lent("series", series),
        series.length,
        lent("pattern", pattern),
        pattern.length,
        most,
        maxDistance,
        exclusion === undefined ? none : whole("exclusion", exclusion),
        costOf(cost),
        windowOf(window),
        found,
        found.length,
      );
      const count = checked("findPatterns", result);
      return Array.from({ length: count }, (_, at) => ({ start: found[2 * at]!, distance: found[2 * at + 1]! }));
    },
  };
}

/** Copies series into one array. @throws MidStreamError NATIVE_BAD_ARGUMENT where all are too long for one */
function joined(series: readonly Float64Array[]): SeriesList {
  const lengths = Uint32Array.from(series, (one) => one.length);
  const total = series.reduce((sum, one) => sum + one.length, 0);
  if (total > 1 << 28) throw refuse(`${total} samples are too many for one batch; split it`);
  const values = new Float64Array(total);
  let at = 0;
  for (const one of series) {
    values.set(one, at);
    at += one.length;
  }
  return { values, lengths };
}
