/** Many patterns over one unbounded series, on the flat ABI. */
import { failure } from "../failure.ts";
import { numbers } from "../flat-abi.ts";
import { Owned } from "../owned.ts";
import type { Thread } from "../thread.ts";
import { type Cost, costOf, refuse, samplesOf, whole } from "./settings.ts";
import type { StreamMatch } from "./streams.ts";

/** One pattern of a bank. */
export interface BankPattern {
  /** At most 65,536. */
  readonly samples: Float64Array;
  /** Largest distance that is reported; default Infinity: nothing is, and `best` is kept. */
  readonly maxDistance?: number;
}

/** How the patterns are compared. */
export interface PatternBankSettings {
  readonly cost?: Cost;
}

/** A match, and the index of its pattern. */
export interface BankMatch extends StreamMatch {
  readonly pattern: number;
}

/**
 * As many pattern streams over one series: the same matches, at about a third of the price where the patterns are of similar length. The matches of one sample
 * come in no particular order of patterns.
 */
export interface PatternBank extends Disposable {
  push(value: number): readonly BankMatch[];
  /** Many samples in fewer calls. All are taken, or, where one is not finite, none. */
  pushAll(values: Float64Array): readonly BankMatch[];
  /** The end of the stream, which then begins anew: the matches that were still waiting. */
  finish(): readonly BankMatch[];
  /** The stretch nearest to a pattern so far. */
  best(pattern: number): StreamMatch | undefined;
}

/** Samples of one call, and numbers that all their matches may take. */
const mostSamples = 1024;
const mostNumbers = 65_536;

export function openBank(thread: Thread, patterns: readonly BankPattern[], settings: PatternBankSettings): PatternBank {
  return new NativePatternBank(thread, patterns, settings);
}

class NativePatternBank extends Owned implements PatternBank {
  /** Samples of one call. */
  readonly #batch: number;
  readonly #found: Float64Array;
  readonly #one = new Float64Array(1);

  constructor(thread: Thread, patterns: readonly BankPattern[], { cost }: PatternBankSettings) {
    const lengths = Uint32Array.from(patterns, ({ samples }) => samplesOf("samples", samples).length);
    const total = lengths.reduce((sum, length) => sum + length, 0);
    // Never empty, so that every runtime has an address for it.
    const samples = new Float64Array(Math.max(total, 1));
    let at = 0;
    for (const pattern of patterns) {
      samples.set(pattern.samples, at);
      at += pattern.samples.length;
    }
    const most = Float64Array.from(patterns, ({ maxDistance = Number.POSITIVE_INFINITY }) => maxDistance);
    const count = patterns.length;
    const [words, limits] = count === 0 ? [new Uint32Array(1), new Float64Array(1)] : [lengths, most];
    const handle = thread.flat.ms_pattern_bank_open(samples, total, words, limits, count, costOf(cost));
    super(thread, "patternBank", handle, "ms_pattern_bank_close");
    const perSample = count * numbers.bankMatch;
    this.#batch = Math.max(1, Math.min(mostSamples, Math.floor(mostNumbers / perSample)));
    this.#found = new Float64Array(this.#batch * perSample);
  }

  push(value: number): readonly BankMatch[] {
    this.#one[0] = value;
    const matches: BankMatch[] = [];
    this.#push("push", this.#one, matches);
    return matches;
  }

  pushAll(values: Float64Array): readonly BankMatch[] {
    samplesOf("values", values);
    // The library checks one call as a whole; here it takes several.
    if (values.length > this.#batch) {
      const bad = values.findIndex((value) => !Number.isFinite(value));
      if (bad >= 0) throw refuse(`pushAll: \`values\` is NaN or infinite at index ${bad}`);
    }
    const matches: BankMatch[] = [];
    for (let at = 0; at < values.length; at += this.#batch) this.#push("pushAll", values.subarray(at, at + this.#batch), matches);
    return matches;
  }

  finish(): readonly BankMatch[] {
    const matches: BankMatch[] = [];
    this.#take("finish", this.thread.flat.ms_pattern_bank_finish(this.handle, this.#found, this.#found.length), matches);
    return matches;
  }

  best(pattern: number): StreamMatch | undefined {
    const { flat, memory } = this.thread;
    const result = flat.ms_pattern_bank_best(this.handle, whole("pattern", pattern), memory.numbers.address, numbers.match);
    if (result < 0) throw failure(flat, "best", result);
    if (result === 0) return undefined;
    const [start = 0, end = 0, distance = 0] = memory.numbers.view;
    return { start, end, distance };
  }

  #push(call: string, values: Float64Array, matches: BankMatch[]): void {
    this.#take(call, this.thread.flat.ms_pattern_bank_push(this.handle, values, values.length, this.#found, this.#found.length), matches);
  }

  #take(call: string, count: number, matches: BankMatch[]): void {
    if (count < 0) throw failure(this.thread.flat, call, count);
    const found = this.#found;
    for (let place = 0; place < count * numbers.bankMatch; place += numbers.bankMatch) {
      matches.push({ pattern: found[place]!, start: found[place + 1]!, end: found[place + 2]!, distance: found[place + 3]! });
    }
  }
}
