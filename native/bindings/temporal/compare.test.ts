import assert from "node:assert/strict";
import { test } from "node:test";
import { isMidStreamError } from "../../../core/errors/midstream-error.ts";
import { loadTemporal } from "./index.ts";

const temporal = loadTemporal();

const series = (...values: number[]) => Float64Array.from(values);
const tokens = (...values: number[]) => Uint32Array.from(values);
const utf8 = (text: string) => new TextEncoder().encode(text);
const refused = (code: string, message: RegExp) => (error: unknown) =>
  isMidStreamError(error) && error.code === code && message.test(error.message);

/** Park and Miller's generator, below `bound`. */
function random(seed: number): (bound: number) => number {
  let state = seed;
  return (bound) => {
    state = (state * 16_807) % 2_147_483_647;
    return state % bound;
  };
}

/** The textbook's matrix. */
function plainDtw(a: Float64Array, b: Float64Array): number {
  const cells = Array.from({ length: a.length + 1 }, () => new Float64Array(b.length + 1).fill(Number.POSITIVE_INFINITY));
  cells[0]![0] = 0;
  for (let i = 1; i <= a.length; i += 1)
    for (let j = 1; j <= b.length; j += 1)
      cells[i]![j] = (a[i - 1]! - b[j - 1]!) ** 2 + Math.min(cells[i - 1]![j - 1]!, cells[i - 1]![j]!, cells[i]![j - 1]!);
  return cells[a.length]![b.length]!;
}

test("known DTW distances come out, squared and absolute", () => {
  assert.equal(temporal.dtw(series(0, 1, 2), series(3, 4, 5)), 26);
  assert.equal(temporal.dtw(series(1, 3, 9, 2, 1), series(2, 0, 0, 8, 7, 2)), 17);
  assert.equal(temporal.dtw(series(1, 3, 9, 2, 1), series(2, 0, 0, 8, 7, 2), { cost: "absolute" }), 9);
  assert.equal(temporal.dtw(series(5), series(1, 2, 3)), 29);
  assert.equal(temporal.dtw(series(0, 1, 2), series(3, 4, 5), { cutoff: 25 }), Number.POSITIVE_INFINITY);
  assert.equal(temporal.dtw(series(0, 1, 2), series(3, 4, 5), { window: 0 }), 27);
  assert.equal(temporal.dtw(series(0, 0, 1, 1), series(0, 0, 1, 2), { dims: 2 }), 1);
});

test("a DTW distance equals the textbook's matrix on whole numbers", () => {
  const next = random(7);
  for (let round = 0; round < 50; round += 1) {
    const [a, b] = [next(60) + 1, next(60) + 1].map((length) => Float64Array.from({ length }, () => next(64) - 32));
    assert.equal(temporal.dtw(a!, b!), plainDtw(a!, b!));
  }
});

test("a path goes from corner to corner and costs the distance", () => {
  const [a, b] = [series(1, 3, 9, 2, 1), series(2, 0, 0, 8, 7, 2)];
  const { distance, path } = temporal.dtwPath(a, b);
  assert.equal(distance, 17);
  assert.deepEqual([...path.slice(0, 2), ...path.slice(-2)], [0, 0, 4, 5]);
  let sum = 0;
  for (let at = 0; at < path.length; at += 2) sum += (a[path[at]!]! - b[path[at + 1]!]!) ** 2;
  assert.equal(sum, 17);
  assert.deepEqual(temporal.dtwPath(a, b, { cutoff: 1 }), { distance: Number.POSITIVE_INFINITY, path: new Uint32Array(0) });
});

test("a batch equals the single calls, given as a list and in one piece", () => {
  const query = series(1, 2, 3, 4);
  const others = [series(1, 2, 3), series(4, 3, 2, 1), series(1, 2, 3, 4)];
  const single = others.map((other) => temporal.dtw(query, other));
  assert.deepEqual([...temporal.dtwBatch(query, others)], single);
  const values = Float64Array.from(others.flatMap((other) => [...other]));
  assert.deepEqual([...temporal.dtwBatch(query, { values, lengths: tokens(3, 4, 4) })], single);
  assert.deepEqual([...temporal.dtwBatch(query, [])], []);
});

test("known edit distances come out over text, bytes and tokens", () => {
  for (const [a, b, edits, common] of [
    ["kitten", "sitting", 3, 4],
    ["saturday", "sunday", 3, 5],
    ["rosettacode", "raisethysword", 8, 6],
    ["", "abc", 3, 0],
    ["ab".repeat(50), "ba".repeat(50), 2, 99],
    ["a".repeat(9000), "b".repeat(9000), 9000, 0],
  ] as const) {
    const all = [[a, b] as const, [utf8(a), utf8(b)] as const, [Uint32Array.from(utf8(a)), Uint32Array.from(utf8(b))] as const];
    for (const [x, y] of all) {
      assert.equal(temporal.levenshtein(x, y), edits);
      assert.equal(temporal.lcsLength(x, y), common);
    }
  }
});

test("the unit of text is the code point, as it is", () => {
  assert.equal(temporal.levenshtein("caf\u00e9", "cafe\u0301"), 2);
  assert.equal(temporal.levenshtein("\u{1f600}", "\u{1f601}"), 1);
  assert.equal(temporal.levenshtein("a\u00e9", "ae"), 1);
  // A lone surrogate is no code point; it counts as U+FFFD.
  assert.equal(temporal.levenshtein("\ud800", "\ufffd"), 0);
});

test("swaps, weights and likeness have their own counts", () => {
  assert.equal(temporal.osa("ca", "abc"), 3);
  assert.equal(temporal.damerau("ca", "abc"), 2);
  assert.equal(temporal.levenshtein("abc", "a", { delete: 5 }), 10);
  assert.equal(temporal.levenshtein("a", "b", { insert: 1, delete: 1, substitute: 7 }), 2);
  assert.equal(temporal.similarity("kitten", "sitting"), 1 - 3 / 7);
  assert.equal(temporal.similarity("kitten", "sitting", "lcs"), 8 / 13);
  assert.equal(temporal.similarity("ab", "ba", "osa"), 0.5);
  assert.equal(temporal.similarity("", ""), 1);
});

test("a common subsequence names the places of its elements", () => {
  const { length, pairs } = temporal.lcs("ABCBDAB", "BDCABA");
  assert.equal(length, 4);
  const [left, right] = [0, 1].map((side) => [...pairs].filter((_, at) => at % 2 === side));
  assert.equal(left!.map((at) => "ABCBDAB"[at]).join(""), right!.map((at) => "BDCABA"[at]).join(""));
  assert.deepEqual(temporal.lcs(tokens(70_000, 1), tokens(2, 70_000)), { length: 1, pairs: tokens(0, 1) });
  assert.deepEqual(temporal.lcs("", "a"), { length: 0, pairs: tokens() });
});

test("the nearest stretches equal trying all", () => {
  const next = random(11);
  const long = Float64Array.from({ length: 300 }, () => next(7));
  const pattern = long.slice(100, 116);
  const found = temporal.findPatterns(long, pattern, { k: 4, exclusion: 16 });
  const all = Array.from({ length: long.length - 15 }, (_, start) => ({
    start,
    distance: plainDtw(pattern, long.subarray(start, start + 16)),
  })).sort((a, b) => a.distance - b.distance || a.start - b.start);
  const chosen: typeof all = [];
  for (const one of all) if (chosen.length < 4 && chosen.every((other) => Math.abs(other.start - one.start) >= 16)) chosen.push(one);
  assert.deepEqual(found, chosen);
  assert.deepEqual(found[0], { start: 100, distance: 0 });
  assert.deepEqual(temporal.findPatterns(pattern, long), []);
});

test("a pattern stream reports a match once nothing nearer can overlap it, one by one and in batches", () => {
  const values = series(9, 9, 1, 2, 2, 3, 9, 9, 1, 2, 3);
  using stream = temporal.patternStream(series(1, 2, 3), { maxDistance: 0.5 });
  const found = [...values].map((value) => stream.push(value)).filter((match) => match !== undefined);
  assert.deepEqual(found, [{ start: 2, end: 6, distance: 0 }]);
  assert.deepEqual(stream.best(), { start: 2, end: 6, distance: 0 });
  assert.deepEqual(stream.finish(), { start: 8, end: 11, distance: 0 });
  assert.equal(stream.best(), undefined);
  const long = Float64Array.from({ length: 5000 }, (_, at) => values[at % values.length]!);
  const single = [...long].map((value) => stream.push(value)).filter((match) => match !== undefined);
  const last = { start: 4996, end: 5000, distance: 0 };
  assert.deepEqual(stream.finish(), last);
  assert.deepEqual(stream.pushAll(long), single);
  assert.deepEqual(stream.finish(), last);
  assert.ok(single.length > 800);
});

test("a bank reports what as many pattern streams report, one by one and in batches", () => {
  const next = random(17);
  let at = 0;
  const long = Float64Array.from({ length: 6000 }, () => {
    at += next(5) - 2;
    return at;
  });
  const cut = (start: number, length: number) => long.slice(start, start + length);
  const patterns = [cut(40, 12), cut(700, 30), cut(99, 1), cut(3000, 12), cut(2000, 64)].map((samples, number) => ({
    samples,
    maxDistance: 3 * number,
  }));
  const cost = "absolute";
  const expected = patterns.flatMap(({ samples, maxDistance }, pattern) => {
    using stream = temporal.patternStream(samples, { maxDistance, cost });
    const found = [...long].map((value) => stream.push(value)).filter((match) => match !== undefined);
    const best = stream.best();
    const last = stream.finish();
    assert.ok(best);
    return [...found, ...(last === undefined ? [] : [last])].map((match) => ({ pattern, ...match }));
  });
  using bank = temporal.patternBank(patterns, { cost });
  const inOrder = (matches: readonly { pattern: number; end: number }[]) =>
    matches.toSorted((a, b) => a.pattern - b.pattern || a.end - b.end);
  const single = [...long].flatMap((value) => bank.push(value));
  assert.equal(bank.best(1)?.distance, 0);
  assert.equal(bank.best(5), undefined);
  assert.deepEqual(inOrder([...single, ...bank.finish()]), expected);
  assert.equal(bank.best(1), undefined);
  assert.deepEqual(inOrder([...bank.pushAll(long), ...bank.finish()]), expected);
  assert.ok(expected.length > 30 && new Set(expected.map(({ pattern }) => pattern)).size === patterns.length);
});

test("an edit stream finds a pattern anywhere, and compares the whole", () => {
  using anywhere = temporal.editStream("needle");
  const distances = anywhere.push("hay needel hay");
  assert.equal(distances.length, 14);
  assert.equal(Math.min(...distances), 1);
  anywhere.reset();
  assert.deepEqual([...anywhere.push("nee"), ...anywhere.push("dl"), ...anywhere.push("\u00e9")].at(-1), 1);
  assert.deepEqual([...anywhere.push("")], []);
  using whole = temporal.editStream(tokens(1, 2, 3), { anchor: "start" });
  assert.deepEqual([...whole.push(tokens(1, 9, 3, 4))], [2, 2, 1, 2]);
});

test("events up to the window late come out in order, later ones are refused", () => {
  using events = temporal.temporalSequence({ windowNs: 10, gapNs: 50, capacity: 4 });
  assert.deepEqual(
    [100, 95, 110].map((stamp, tag) => events.push(stamp, tag)),
    [0, 1, 2],
  );
  assert.deepEqual(events.ready(), [
    { stampNs: 95, sequence: 1, tag: 1, deltaNs: 0 },
    { stampNs: 100, sequence: 0, tag: 0, deltaNs: 5 },
  ]);
  assert.equal(events.push(99), undefined);
  events.push(200, 7);
  assert.deepEqual(
    events.drain().map(({ tag }) => tag),
    [2, 7],
  );
  assert.deepEqual(events.statistics(), { pushed: 4, repaired: 1, late: 1, gaps: 1, waiting: 0 });
  for (let stamp = 300; stamp < 304; stamp += 1) events.push(stamp);
  assert.throws(() => events.push(304), refused("KERNEL_OVERLOADED", /wait/));
});

test("input without an answer is refused with what is wrong, and stops nothing", () => {
  const bad = (call: () => unknown, message: RegExp) => assert.throws(call, refused("NATIVE_BAD_ARGUMENT", message));
  bad(() => temporal.dtw(series(), series(1)), /`a` is empty/);
  bad(() => temporal.dtw(series(1), series(1, Number.NaN)), /`b` is NaN or infinite at index 1/);
  bad(() => temporal.dtw(series(1, 2, 3), series(1), { window: 1 }), /set it to 2 or more/);
  bad(() => temporal.dtw(series(1), series(1), { window: -1 }), /`window` is not a whole number/);
  bad(() => temporal.dtw(series(1), series(1), { cutoff: Number.NaN }), /`cutoff` must be/);
  bad(() => temporal.dtw(series(1), series(1), { cost: "toString" as "squared" }), /`cost` is not one of squared, absolute/);
  bad(() => temporal.dtwPath(series(1), series(1), { dims: 0 }), /dimensions/);
  bad(() => temporal.dtwBatch(series(1), { values: series(1, 2), lengths: tokens(1) }), /whole number of samples/);
  bad(() => temporal.levenshtein("a", utf8("a")), /Both sides/);
  bad(() => temporal.levenshtein([1] as unknown as string, "a"), /Symbols are not/);
  bad(() => temporal.levenshtein("a", "b", { insert: 0.5 }), /`insert` is not a whole number/);
  bad(() => temporal.levenshtein("a".repeat(200_000), "b".repeat(200_000)), /shorten it/);
  bad(() => temporal.findPatterns(series(1), series(1), { k: 0 }), /`k` must be/);
  bad(() => temporal.findPatterns(series(1e200), series(-1e200)), /above the largest float/);
  bad(() => temporal.patternStream(series()), /`pattern` is empty/);
  bad(() => temporal.patternStream(series(1), { maxDistance: -1 }), /`max_distance` must be/);
  bad(() => temporal.patternBank([]), /`patterns` is empty/);
  bad(() => temporal.patternBank([{ samples: series(1) }, { samples: series() }]), /`pattern` is empty/);
  bad(() => temporal.patternBank([{ samples: series(1), maxDistance: -1 }]), /`max_distance` must be/);
  bad(() => temporal.patternBank([{ samples: series(1) }]).best(0.5), /`pattern` is not a whole number/);
  bad(() => temporal.editStream(""), /`pattern` is empty/);
  bad(() => temporal.editStream("a").push(utf8("a")), /another kind/);
  bad(() => temporal.temporalSequence({ capacity: 0 }), /`capacity` must be/);
  bad(() => temporal.temporalSequence().push(0.5), /whole number/);
  using stream = temporal.patternStream(series(1), { maxDistance: 1 });
  bad(() => stream.push(Number.NaN), /NaN or infinite at index 0/);
  bad(() => stream.pushAll(series(1, Number.NaN)), /at index 1/);
  bad(() => stream.pushAll(new Float64Array(3000).fill(Number.NaN, 2999)), /at index 2999/);
  assert.equal(stream.finish(), undefined);
  using bank = temporal.patternBank([{ samples: series(1), maxDistance: 1 }]);
  bad(() => bank.push(Number.NaN), /at index 0/);
  bad(() => bank.pushAll(new Float64Array(3000).fill(Number.NaN, 2999)), /at index 2999/);
  assert.deepEqual(bank.finish(), []);
});

test("a closed stream is unknown", () => {
  const stream = temporal.patternStream(series(1));
  stream[Symbol.dispose]();
  stream[Symbol.dispose]();
  assert.throws(() => stream.push(1), refused("NATIVE_BAD_HANDLE", /unknown or closed/));
  const bank = temporal.patternBank([{ samples: series(1) }]);
  bank[Symbol.dispose]();
  assert.throws(() => bank.push(1), refused("NATIVE_BAD_HANDLE", /unknown or closed/));
});

const stamps = (...values: (number | bigint)[]) => BigUint64Array.from(values, (value) => BigInt(value));

test("a cache answers as the comparisons do, and computes an answer once", () => {
  using cache = temporal.compareCache();
  const next = random(13);
  for (let round = 0; round < 2; round += 1) {
    const [a, b] = [series(1, 3, 9, 2, 1), series(2, 0, 0, 8, 7, 2)];
    assert.equal(cache.dtw(a, b), 17);
    assert.equal(cache.dtw(a, b, { cost: "absolute" }), 9);
    assert.equal(cache.dtw(a, b, { cutoff: 16 }), Number.POSITIVE_INFINITY);
    assert.equal(cache.dtw(series(0, 1, 2), series(3, 4, 5), { window: 0 }), 27);
    assert.equal(cache.levenshtein("kitten", "sitting"), 3);
    assert.equal(cache.levenshtein("caf\u00e9", "cafe"), 1);
    assert.equal(cache.levenshtein("abc", "a", { delete: 5 }), 10);
    assert.equal(cache.levenshtein("abc", "a", { delete: 6 }), 12);
    assert.equal(cache.osa("ca", "abc"), 3);
    assert.equal(cache.damerau("ca", "abc"), 2);
    assert.equal(cache.lcsLength(tokens(70_000, 1), tokens(2, 70_000)), 1);
  }
  const { hits, misses, entries } = cache.statistics();
  assert.deepEqual({ hits, misses, entries }, { hits: 11, misses: 11, entries: 11 });
  for (let round = 0; round < 200; round += 1) {
    const [a, b] = [next(9), next(9)].map((length) => Uint32Array.from({ length }, () => next(3)));
    assert.equal(cache.levenshtein(a!, b!), temporal.levenshtein(a!, b!));
  }
  cache.clear();
  assert.deepEqual(cache.statistics(), { hits: 0, misses: 0, evictions: 0, oversized: 0, entries: 0, bytes: 0 });
});

test("a cache keeps to its bytes, and what was asked for longest ago leaves first", () => {
  using cache = temporal.compareCache({ maxBytes: 2000 });
  const pair = (round: number) => [tokens(round, 1, 2, 3), tokens(round, 3, 2, 1)] as const;
  for (let round = 0; round < 100; round += 1) {
    cache.levenshtein(...pair(0));
    cache.levenshtein(...pair(round));
    assert.ok(cache.statistics().bytes <= 2000);
  }
  const { hits, evictions, entries } = cache.statistics();
  // The pair of every round never left.
  assert.equal(hits, 100);
  assert.ok(evictions > 50 && entries < 50, JSON.stringify(cache.statistics()));
  cache.levenshtein("a".repeat(4000), "b".repeat(4000));
  assert.equal(cache.statistics().oversized, 1);
});

test("a list of stamps says where it is out of order, and how wide its gaps are", () => {
  assert.deepEqual(temporal.checkOrder(stamps(5, 7, 7, 30)), { leastDeltaNs: 0, greatestDeltaNs: 23 });
  assert.deepEqual(temporal.checkOrder(stamps(5, 9, 7, 30)), { firstDisorder: 2, leastDeltaNs: -2, greatestDeltaNs: 23 });
  assert.deepEqual(temporal.checkOrder(stamps(5)), {});
  assert.deepEqual(temporal.checkOrder(stamps()), {});
  assert.deepEqual([...temporal.deltas(stamps(5, 9, 7, 30))], [4, -2, 23]);
  assert.deepEqual([...temporal.deltas(stamps(5))], []);
  // Stamps of the year 2026 are above 2^53; their differences are not.
  const epoch = 1_795_000_000_000_000_000n;
  assert.deepEqual([...temporal.deltas(stamps(epoch, epoch + 1n, epoch + 3n))], [1, 2]);
  assert.deepEqual(temporal.gaps(stamps(5, 9, 7, 30), 3), [
    { index: 1, deltaNs: 4 },
    { index: 3, deltaNs: 23 },
  ]);
  const many = BigUint64Array.from({ length: 1000 }, (_, at) => BigInt(at * 10));
  assert.equal(temporal.gaps(many, 9).length, 999);
  assert.deepEqual(temporal.gaps(many, 10), []);
});

test("deltas of a long list equal those of plain arithmetic, at every length around a batch", () => {
  const next = random(17);
  for (const length of [2, 255, 256, 257, 258, 513, 2000]) {
    const list = BigUint64Array.from({ length }, () => BigInt(next(1_000_000)));
    const plain = Array.from({ length: length - 1 }, (_, at) => Number(list[at + 1]! - list[at]!));
    assert.deepEqual([...temporal.deltas(list)], plain);
    const { firstDisorder, leastDeltaNs, greatestDeltaNs } = temporal.checkOrder(list);
    const disorder = plain.findIndex((delta) => delta < 0) + 1;
    assert.deepEqual([firstDisorder, leastDeltaNs, greatestDeltaNs], [disorder || undefined, Math.min(...plain), Math.max(...plain)]);
  }
});

test("a list is repaired as a sequence would hand its events out", () => {
  assert.deepEqual(temporal.repairOrder(stamps(100, 95, 110, 99), { windowNs: 10 }), { order: tokens(1, 0, 2), late: tokens(3) });
  assert.deepEqual(temporal.repairOrder(stamps()), { order: tokens(), late: tokens() });
  const next = random(19);
  for (let round = 0; round < 50; round += 1) {
    const windowNs = next(20);
    const list = BigUint64Array.from({ length: next(60) }, (_, at) => BigInt(at * 3 + next(30)));
    using events = temporal.temporalSequence({ windowNs });
    const late: number[] = [];
    const order: number[] = [];
    for (const [tag, stamp] of list.entries()) {
      if (events.push(Number(stamp), tag) === undefined) late.push(tag);
      order.push(...events.ready().map((event) => event.tag));
    }
    order.push(...events.drain().map((event) => event.tag));
    assert.deepEqual(temporal.repairOrder(list, { windowNs }), { order: tokens(...order), late: tokens(...late) });
  }
});

test("a cache and a list refuse what has no answer", () => {
  const bad = (call: () => unknown, message: RegExp) => assert.throws(call, refused("NATIVE_BAD_ARGUMENT", message));
  using cache = temporal.compareCache();
  bad(() => temporal.compareCache({ maxBytes: -1 }), /`maxBytes` is not a whole number/);
  bad(() => cache.dtw(series(), series(1)), /`a` is empty/);
  bad(() => cache.dtw(series(1), series(Number.NaN)), /NaN or infinite/);
  bad(() => cache.levenshtein("a", utf8("a")), /Both sides/);
  bad(() => cache.levenshtein("a".repeat(200_000), "b".repeat(200_000)), /shorten it/);
  assert.equal(cache.statistics().entries, 0);
  bad(() => temporal.gaps(stamps(1, 2), -1), /whole number/);
  bad(() => temporal.repairOrder(stamps(1, 2), { windowNs: 0.5 }), /whole number/);
});
