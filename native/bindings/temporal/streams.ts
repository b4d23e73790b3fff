/** Patterns in unbounded series and text, on the flat ABI. */
import { failure } from "../failure.ts";
import { numbers } from "../flat-abi.ts";
import { Owned } from "../owned.ts";
import type { Thread } from "../thread.ts";
import { type BankPattern, openBank, type PatternBank, type PatternBankSettings } from "./bank.ts";
import { openSequence, type TemporalSequence, type TemporalSequenceSettings } from "./events.ts";
import { type Cost, costOf, refuse, samplesOf } from "./settings.ts";
import { Encoded, kindOf, type Symbols } from "./symbols.ts";

/** A stretch of a stream: samples `start` up to, but not with, `end`, counted from the first one pushed. */
export interface StreamMatch {
  readonly start: number;
  readonly end: number;
  /** DTW distance to the pattern, without a window. */
  readonly distance: number;
}

/** What counts as a match. */
export interface PatternStreamSettings {
  /** Largest distance that is reported; default Infinity: nothing is, and `best` is kept. */
  readonly maxDistance?: number;
  readonly cost?: Cost;
}

/** Looks for a pattern in a series as it arrives (SPRING): O(pattern) a sample, however long the stream. */
export interface PatternStream extends Disposable {
  /** A match is complete once no stretch that overlaps it can be nearer; matches do not overlap. */
  push(value: number): StreamMatch | undefined;
  /** Many samples in fewer calls. All are taken, or, where one is not finite, none. */
  pushAll(values: Float64Array): readonly StreamMatch[];
  /** The end of the stream, which then begins anew: the match that was still waiting. */
  finish(): StreamMatch | undefined;
  /** The nearest stretch so far. */
  best(): StreamMatch | undefined;
}

/** Which part of the stream is compared: all of it, or any run of symbols that ends here (the default). */
export interface EditStreamSettings {
  readonly anchor?: "start" | "anywhere";
}

/** Levenshtein distance of a pattern of at most 4,096 symbols and a growing stream. */
export interface EditStream extends Disposable {
  /** More symbols of the pattern's kind; the distance after each of them. Strings are cut between characters. */
  push(symbols: Symbols): Uint32Array;
  /** Forgets the stream, not the pattern. */
  reset(): void;
}

/** What goes on. @throws MidStreamError NATIVE_BAD_ARGUMENT that says what is wrong */
export interface ComparisonStreams {
  /** A pattern of at most 65,536 samples. */
  patternStream(pattern: Float64Array, settings?: PatternStreamSettings): PatternStream;
  /** At most 4,096 patterns, of at most 131,072 samples together. */
  patternBank(patterns: readonly BankPattern[], settings?: PatternBankSettings): PatternBank;
  editStream(pattern: Symbols, settings?: EditStreamSettings): EditStream;
  temporalSequence(settings?: TemporalSequenceSettings): TemporalSequence;
}

/** Samples of one call. */
const batch = 1024;
const anchors = { start: 0, anywhere: 1 } as const;

export function comparisonStreams(thread: Thread): ComparisonStreams {
  return {
    patternStream: (pattern, settings = {}) => new NativePatternStream(thread, pattern, settings),
    patternBank: (patterns, settings = {}) => openBank(thread, patterns, settings),
    editStream: (pattern, settings = {}) => new NativeEditStream(thread, pattern, settings),
    temporalSequence: (settings = {}) => openSequence(thread, settings),
  };
}

class NativePatternStream extends Owned implements PatternStream {
  #found: Float64Array | undefined;

  constructor(thread: Thread, pattern: Float64Array, { maxDistance = Number.POSITIVE_INFINITY, cost }: PatternStreamSettings) {
    const view = samplesOf("pattern", pattern).length === 0 ? thread.memory.push.view : pattern;
    const handle = thread.flat.ms_pattern_open(view, pattern.length, maxDistance, costOf(cost));
    super(thread, "patternStream", handle, "ms_pattern_close");
  }

  push(value: number): StreamMatch | undefined {
    const { flat, memory } = this.thread;
    return this.#match("push", flat.ms_pattern_push(this.handle, value, memory.numbers.address, numbers.match));
  }

  pushAll(values: Float64Array): readonly StreamMatch[] {
    const { flat } = this.thread;
    samplesOf("values", values);
    // The library checks one call as a whole; here it takes several.
    if (values.length > batch) {
      const bad = values.findIndex((value) => !Number.isFinite(value));
      if (bad >= 0) throw refuse(`pushAll: \`values\` is NaN or infinite at index ${bad}`);
    }
    this.#found ??= new Float64Array(batch * numbers.match);
    const found = this.#found;
    const matches: StreamMatch[] = [];
    for (let at = 0; at < values.length; at += batch) {
      const some = values.subarray(at, at + batch);
      const count = flat.ms_pattern_push_all(this.handle, some, some.length, found, found.length);
      if (count < 0) throw failure(flat, "pushAll", count);
      for (let place = 0; place < count * numbers.match; place += numbers.match)
        matches.push({ start: found[place]!, end: found[place + 1]!, distance: found[place + 2]! });
    }
    return matches;
  }

  finish(): StreamMatch | undefined {
    const { flat, memory } = this.thread;
    return this.#match("finish", flat.ms_pattern_finish(this.handle, memory.numbers.address, numbers.match));
  }

  best(): StreamMatch | undefined {
    const { flat, memory } = this.thread;
    return this.#match("best", flat.ms_pattern_best(this.handle, memory.numbers.address, numbers.match));
  }

  #match(call: string, result: number): StreamMatch | undefined {
    const { flat, memory } = this.thread;
    if (result < 0) throw failure(flat, call, result);
    if (result === 0) return undefined;
    const [start = 0, end = 0, distance = 0] = memory.numbers.view;
    return { start, end, distance };
  }
}

class NativeEditStream extends Owned implements EditStream {
  readonly #encoded = new Encoded();
  readonly #kind: number;

  constructor(thread: Thread, pattern: Symbols, { anchor = "anywhere" }: EditStreamSettings) {
    if (!Object.hasOwn(anchors, anchor)) throw refuse("`anchor` is not start or anywhere");
    const encoded = new Encoded();
    const kind = encoded.take(pattern, pattern);
    const handle = thread.flat.ms_edit_open(kind, encoded.views[0], encoded.lengths[0], anchors[anchor]);
    super(thread, "editStream", handle, "ms_edit_close");
    this.#kind = kind;
  }

  push(symbols: Symbols): Uint32Array {
    const { flat } = this.thread;
    if (kindOf(symbols) !== this.#kind) throw refuse("Symbols are of another kind than the pattern");
    const none = symbols.slice(0, 0) as Symbols;
    this.#encoded.take(symbols, none);
    const length = this.#encoded.lengths[0];
    const distances = new Uint32Array(Math.max(length, 1));
    const count = flat.ms_edit_push(this.handle, this.#encoded.views[0], length, distances, distances.length);
    if (count < 0) throw failure(flat, "push", count);
    return distances.subarray(0, count);
  }

  reset(): void {
    const { flat } = this.thread;
    const result = flat.ms_edit_reset(this.handle);
    if (result < 0) throw failure(flat, "reset", result);
  }
}
