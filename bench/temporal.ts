/**
 * What does the temporal core cost through the FFI, beside plain TypeScript that does the same?
 *
 * Each pair gives the same result, which is asserted first; the ratio is of medians in one run. Run with `bun bench/temporal.ts` or
 * `deno run -A bench/temporal.ts`.
 */
import assert from "node:assert/strict";
import { arch, cpus, platform } from "node:os";
import { Bench } from "tinybench";
import { Deadline, Deadlines } from "../core/kernel/deadlines.ts";
import { loadTemporal } from "../native/bindings/temporal/index.ts";

const temporal = loadTemporal();

/** Calls of one sample, so that the clock's own cost does not count. */
const batch = 200;

const series = (() => {
  let x = 0.4;
  return Float64Array.from({ length: 1024 }, () => {
    x = 3.9 * x * (1 - x);
    return x;
  });
})();

/** Permutation entropy of order 4, by sorting (Bandt and Pompe 2002). */
function plainEntropy(values: Float64Array): number {
  const counts = new Map<number, number>();
  const total = values.length - 3;
  for (let at = 0; at < total; at += 1) {
    const order = [0, 1, 2, 3].sort((a, b) => values[at + a]! - values[at + b]! || a - b);
    const key = order[0]! * 64 + order[1]! * 16 + order[2]! * 4 + order[3]!;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  let entropy = 0;
  for (const count of counts.values()) entropy -= (count / total) * Math.log(count / total);
  return entropy / Math.log(24);
}

/** Sixteen rules `G(a -> X G !b)` as flags: what a hand-written check of just these would do. */
class PlainRules {
  private readonly open = new Uint8Array(16);

  step(letter: number): number {
    let broken = 0;
    for (let rule = 0; rule < 16; rule += 1) {
      if ((letter >> (rule + 16)) & 1 && this.open[rule] === 1) broken += 1;
      if ((letter >> rule) & 1) this.open[rule] = 1;
    }
    return broken;
  }
}

// biome-ignore lint/complexity/useMathMinMax: three times slower in Bun (DTW 86 us against 25), and the baseline should be a good one
const less = (a: number, b: number) => (a < b ? a : b);

/** DTW with squared cost, in one row. */
function plainDtw(a: Float64Array, b: Float64Array): number {
  const row = new Float64Array(b.length + 1).fill(Number.POSITIVE_INFINITY);
  row[0] = 0;
  for (let i = 0; i < a.length; i += 1) {
    const x = a[i]!;
    let corner = row[0]!;
    let left = Number.POSITIVE_INFINITY;
    row[0] = left;
    for (let j = 0; j < b.length; j += 1) {
      const difference = x - b[j]!;
      const above = row[j + 1]!;
      left = difference * difference + less(corner, less(above, left));
      row[j + 1] = left;
      corner = above;
    }
  }
  return row[b.length]!;
}

/** Levenshtein distance, in one row. */
function plainLevenshtein(a: Uint32Array, b: Uint32Array): number {
  const row = new Int32Array(b.length + 1);
  for (let j = 0; j <= b.length; j += 1) row[j] = j;
  for (let i = 0; i < a.length; i += 1) {
    const x = a[i]!;
    let corner = i;
    let left = i + 1;
    row[0] = left;
    for (let j = 0; j < b.length; j += 1) {
      const above = row[j + 1]!;
      left = less(x === b[j] ? corner : corner + 1, less(above, left) + 1);
      row[j + 1] = left;
      corner = above;
    }
  }
  return row[b.length]!;
}

/** The column of SPRING without its bookkeeping: the least that each sample costs. */
class PlainSpring {
  private readonly pattern: Float64Array;
  private readonly column: Float64Array;

  constructor(pattern: Float64Array) {
    this.pattern = pattern;
    this.column = new Float64Array(pattern.length).fill(Number.POSITIVE_INFINITY);
  }

  push(value: number): number {
    const { pattern, column } = this;
    let [corner, left] = [0, 0];
    for (let i = 0; i < pattern.length; i += 1) {
      const above = column[i]!;
      const difference = value - pattern[i]!;
      left = difference * difference + less(corner, less(above, left));
      column[i] = left;
      corner = above;
    }
    return left;
  }
}

/** Series and tokens to compare, a pair of their own for each call of a sample. */
const walks = Array.from({ length: 65 }, (_, walk) => {
  let at = 0;
  return Float64Array.from({ length: 100 }, (_, sample) => {
    at += series[(walk * 13 + sample) % series.length]! - 0.5;
    return at;
  });
});
const answers = Array.from({ length: 65 }, (_, answer) =>
  Uint32Array.from({ length: 100 }, (_, at) => Math.floor(series[(answer * 7 + at) % series.length]! * 5000)),
);

// Right before fast.
assert.ok(Math.abs(temporal.permutationEntropy(series) - plainEntropy(series)) < 1e-9);

for (let at = 0; at < 64; at += 1) {
  const distance = plainDtw(walks[at]!, walks[at + 1]!);
  assert.ok(Math.abs(temporal.dtw(walks[at]!, walks[at + 1]!) - distance) <= 1e-9 * distance);
  assert.equal(temporal.levenshtein(answers[at]!, answers[at + 1]!), plainLevenshtein(answers[at]!, answers[at + 1]!));
}

const bench = new Bench({ time: 300, warmupTime: 100 });
const add = (name: string, call: () => unknown, calls = batch) => {
  bench.add(name, () => {
    for (let round = 0; round < calls; round++) call();
  });
};
/** Pairs of names: through the FFI, plain. */
const pairs: [name: string, calls: number][] = [];
const pair = (name: string, native: () => unknown, plain: (() => unknown) | undefined, calls = batch) => {
  pairs.push([name, calls]);
  add(`${name} native`, native, calls);
  if (plain !== undefined) add(`${name} plain`, plain, calls);
};

pair(
  "permutation entropy of 1,024 values",
  () => temporal.permutationEntropy(series),
  () => plainEntropy(series),
  5,
);
pair("regime of 1,024 values", () => temporal.classify(series), undefined, 1);

let turn = 0;
const next = () => {
  turn = (turn + 1) % 64;
  return turn;
};
pair(
  "DTW of 100 and 100 samples",
  () => temporal.dtw(walks[next()]!, walks[turn + 1]!),
  () => plainDtw(walks[next()]!, walks[turn + 1]!),
  64,
);
const values = Float64Array.from(walks.slice(1).flatMap((walk) => [...walk]));
const lengths = new Uint32Array(64).fill(100);
pair("DTW of 100 samples and 64 series", () => temporal.dtwBatch(walks[0]!, { values, lengths }), undefined, 1);
pair(
  "Levenshtein distance of 100 and 100 tokens",
  () => temporal.levenshtein(answers[next()]!, answers[turn + 1]!),
  () => plainLevenshtein(answers[next()]!, answers[turn + 1]!),
  64,
);
pair("length of their longest common subsequence", () => temporal.lcsLength(answers[next()]!, answers[turn + 1]!), undefined, 64);
/** An answer is found by what was compared, joined to a key: what a plain cache would do. */
const plainCache = new Map<string, number>();
const cachedPlainly = (a: Uint32Array, b: Uint32Array): number => {
  const key = `${a.join()};${b.join()}`;
  const known = plainCache.get(key);
  if (known !== undefined) return known;
  const distance = plainLevenshtein(a, b);
  plainCache.set(key, distance);
  return distance;
};
using cache = temporal.compareCache();
for (let at = 0; at < 64; at += 1) {
  assert.equal(cache.levenshtein(answers[at]!, answers[at + 1]!), cachedPlainly(answers[at]!, answers[at + 1]!));
}
pair(
  "the same distance, kept in a cache",
  () => cache.levenshtein(answers[next()]!, answers[turn + 1]!),
  () => cachedPlainly(answers[next()]!, answers[turn + 1]!),
  64,
);

const stampList = BigUint64Array.from({ length: 1000 }, (_, at) => 1_700_000_000_000_000_000n + BigInt(at * 1000));
/** Differences of neighbours, and whether one is below 0. */
function plainDeltas(stamps: BigUint64Array): { readonly deltas: Float64Array; readonly firstDisorder: number } {
  const deltas = new Float64Array(stamps.length - 1);
  let firstDisorder = -1;
  for (let at = 1; at < stamps.length; at += 1) {
    const delta = Number(stamps[at]! - stamps[at - 1]!);
    if (delta < 0 && firstDisorder < 0) firstDisorder = at;
    deltas[at - 1] = delta;
  }
  return { deltas, firstDisorder };
}
assert.deepEqual(temporal.deltas(stampList), plainDeltas(stampList).deltas);
pair(
  "order and deltas of 1,000 stamps",
  () => [temporal.checkOrder(stampList), temporal.deltas(stampList)],
  () => plainDeltas(stampList),
  10,
);
/** A list kept in order by insertion from its end, and handed out once nothing can come before. */
class PlainSequence {
  private readonly waiting: { readonly stampNs: number; readonly tag: number }[] = [];
  private newest = 0;

  push(stampNs: number, tag: number): void {
    this.newest = Math.max(this.newest, stampNs);
    let at = this.waiting.length;
    while (at > 0 && this.waiting[at - 1]!.stampNs > stampNs) at -= 1;
    this.waiting.splice(at, 0, { stampNs, tag });
  }

  ready(): readonly { readonly stampNs: number; readonly tag: number }[] {
    let count = 0;
    while (count < this.waiting.length && this.newest - this.waiting[count]!.stampNs >= 50) count += 1;
    return this.waiting.splice(0, count);
  }
}
using sequence = temporal.temporalSequence({ windowNs: 50 });
const plainSequence = new PlainSequence();
let clock = 0;
const late = () => {
  clock += 10;
  return clock - (clock % 30 === 0 ? 25 : 0);
};
pair(
  "an event a little out of order, put in its place",
  () => {
    sequence.push(late(), 0);
    return sequence.ready();
  },
  () => {
    plainSequence.push(late(), 0);
    return plainSequence.ready();
  },
);
const spring = new PlainSpring(walks[0]!.subarray(0, 32));
using patternStream = temporal.patternStream(walks[0]!.slice(0, 32), { maxDistance: 1e-3 });
pair(
  "one sample against a pattern of 32",
  () => patternStream.push(series[next()]!),
  () => spring.push(series[next()]!),
);
const parts = Array.from({ length: 16 }, (_, part) => walks[part % walks.length]!.slice(0, 32));
const springs = parts.map((part) => new PlainSpring(part));
using patternBank = temporal.patternBank(parts.map((samples) => ({ samples, maxDistance: 1e-3 })));
pair(
  "one sample against 16 patterns of 32",
  () => patternBank.push(series[next()]!),
  () => {
    const value = series[next()]!;
    for (const one of springs) one.push(value);
  },
);

const sources = Array.from({ length: 16 }, (_, rule) => ({
  id: `r${rule}`,
  formula: `G(a${rule} -> X G !b${rule})`,
  semantics: "stream" as const,
}));
using set = temporal.compileRules(sources);
using bank = set.open();
const plainRules = new PlainRules();
const letter = { low: 0, high: 0 };
let tick = 0;
pair(
  "one event for 16 rules",
  () => {
    tick += 1;
    bank.step(tick, letter);
  },
  () => plainRules.step(letter.low),
);

const held = 10_000;
using scheduler = temporal.openScheduler({ capacity: held + 1 });
/** The kernel's own wheel, which needs no order within a tick. */
const wheel = new Deadlines({ now: () => 0, every: () => () => {} }, 50);
let seed = 1;
const random = () => {
  seed = (seed * 16_807) % 2_147_483_647;
  return 1e5 + (seed % 1e5);
};
const idle = { due() {} };
for (let task = 0; task < held; task += 1) {
  scheduler.schedule(random());
  wheel.set(new Deadline(idle), random());
}
const deadline = new Deadline(idle);
pair(
  "set and cancel a deadline among 10,000",
  () => scheduler.cancel(scheduler.schedule(random())),
  () => {
    wheel.set(deadline, random());
    wheel.cancel(deadline);
  },
);
pair("tick with nothing due among 10,000", () => scheduler.tick(1, () => {}), undefined);

await bench.run();

const median = (name: string, calls: number): number | undefined => {
  const task = bench.tasks.find((each) => each.name === name);
  return task !== undefined && "latency" in task.result ? (task.result.latency.p50 * 1e6) / calls : undefined;
};
const rows = pairs.map(([name, calls]) => {
  const [native, plain] = [median(`${name} native`, calls), median(`${name} plain`, calls)];
  return {
    what: name,
    "ns through the FFI": native?.toFixed(0) ?? "",
    "ns in TypeScript": plain?.toFixed(0) ?? "",
    ratio: native !== undefined && plain !== undefined ? (plain / native).toFixed(1) : "",
  };
});
console.log(
  `bench/temporal: ${"Bun" in globalThis ? "Bun" : "Deno"}, ${platform()} ${arch()}, ${cpus()[0]?.model ?? "?"}; medians of one run`,
);
console.table(rows);
