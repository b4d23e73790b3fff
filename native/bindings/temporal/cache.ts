/** Comparisons that remember their answers, on the flat ABI. */
import { failure } from "../failure.ts";
import { numbers } from "../flat-abi.ts";
import { Owned } from "../owned.ts";
import type { Lent } from "../platform.ts";
import type { Thread } from "../thread.ts";
import type { DtwSettings, EditWeights } from "./compare.ts";
import { costOf, none, samplesOf, whole } from "./settings.ts";
import { Encoded, type Symbols } from "./symbols.ts";

/** How much is remembered. */
export interface CompareCacheSettings {
  /** Bytes of the answers with what was compared, and of finding them; below 2^32; default 4 MiB. An answer about 100 and 100 tokens takes about 1 KiB. */
  readonly maxBytes?: number;
}

/** Counts since the cache was made or cleared; `entries` and `bytes` are what it holds now. */
export interface CacheStatistics {
  readonly hits: number;
  /** Answers that had to be computed. */
  readonly misses: number;
  /** Answers dropped to make room: those that were asked for longest ago. */
  readonly evictions: number;
  /** Answers too large to keep. */
  readonly oversized: number;
  readonly entries: number;
  readonly bytes: number;
}

/**
 * The comparisons of the same names, with a memory. An answer is found by a keyed hash of both contents, their lengths, the algorithm and its
 * settings, and then compared with what was compared: it is never that of other sequences. Errors are not kept.
 */
export interface CompareCache extends Disposable {
  dtw(a: Float64Array, b: Float64Array, settings?: DtwSettings): number;
  levenshtein(a: Symbols, b: Symbols, weights?: EditWeights): number;
  osa(a: Symbols, b: Symbols): number;
  damerau(a: Symbols, b: Symbols): number;
  lcsLength(a: Symbols, b: Symbols): number;
  statistics(): CacheStatistics;
  /** Forgets all answers, and what was counted. */
  clear(): void;
}

/** Bytes of a cache by default. */
const defaultBytes = 4 << 20;
const methods = { levenshtein: 0, osa: 1, damerau: 2, lcsLength: 3, weighted: 4 } as const;

export const openCache = (thread: Thread, { maxBytes = defaultBytes }: CompareCacheSettings): CompareCache =>
  new NativeCache(thread, whole("maxBytes", maxBytes));

class NativeCache extends Owned implements CompareCache {
  readonly #encoded = new Encoded();

  constructor(thread: Thread, maxBytes: number) {
    super(thread, "compareCache", thread.flat.ms_cache_open(maxBytes), "ms_cache_close");
  }

  dtw(a: Float64Array, b: Float64Array, { cost, window, cutoff = Number.POSITIVE_INFINITY }: DtwSettings = {}): number {
    const { flat, memory } = this.thread;
    const half = window === undefined ? none : whole("window", window);
    // Memory of an empty view has no address on all runtimes.
    const lent = (argument: string, values: Float64Array): Lent => (samplesOf(argument, values).length === 0 ? memory.push.view : values);
    const above = flat.ms_cache_dtw(
      this.handle,
      lent("a", a),
      a.length,
      lent("b", b),
      b.length,
      costOf(cost),
      half,
      cutoff,
      memory.numbers.address,
      1,
    );
    if (above < 0) throw failure(flat, "dtw", above);
    return above === 1 ? Number.POSITIVE_INFINITY : memory.numbers.view[0]!;
  }

  levenshtein(a: Symbols, b: Symbols, weights?: EditWeights): number {
    if (weights === undefined) return this.#edit("levenshtein", a, b);
    for (const [name, weight] of Object.entries(weights)) whole(name, weight);
    return this.#edit("weighted", a, b, weights);
  }

  osa(a: Symbols, b: Symbols): number {
    return this.#edit("osa", a, b);
  }

  damerau(a: Symbols, b: Symbols): number {
    return this.#edit("damerau", a, b);
  }

  lcsLength(a: Symbols, b: Symbols): number {
    return this.#edit("lcsLength", a, b);
  }

  statistics(): CacheStatistics {
    const { flat, memory } = this.thread;
    const result = flat.ms_cache_statistics(this.handle, memory.numbers.address, numbers.cache);
    if (result < 0) throw failure(flat, "statistics", result);
    const [hits = 0, misses = 0, evictions = 0, oversized = 0, entries = 0, bytes = 0] = memory.numbers.view;
    return { hits, misses, evictions, oversized, entries, bytes };
  }

  clear(): void {
    const { flat } = this.thread;
    const result = flat.ms_cache_clear(this.handle);
    if (result < 0) throw failure(flat, "clear", result);
  }

  #edit(name: keyof typeof methods, a: Symbols, b: Symbols, { insert = 1, delete: remove = 1, substitute = 1 }: EditWeights = {}): number {
    const { flat, memory } = this.thread;
    const kind = this.#encoded.take(a, b);
    const [x, y] = this.#encoded.views;
    const [xs, ys] = this.#encoded.lengths;
    const method = methods[name];
    const result = flat.ms_cache_edit(this.handle, method, kind, x, xs, y, ys, insert, remove, substitute, memory.numbers.address, 1);
    if (result < 0) throw failure(flat, name, result);
    return memory.numbers.view[0]!;
  }
}
