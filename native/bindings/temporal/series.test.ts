import assert from "node:assert/strict";
import { test } from "node:test";
import { isMidStreamError } from "../../../core/errors/midstream-error.ts";
import { loadTemporal } from "./index.ts";

const temporal = loadTemporal();

/** The logistic map, from a seeded start. */
function logistic(r: number, length: number): Float64Array {
  let x = 0.4;
  return Float64Array.from({ length }, () => {
    x = r * x * (1 - x);
    return x;
  });
}

const sine = (length: number) => Float64Array.from({ length }, (_, t) => Math.sin((2 * Math.PI * t) / 25));

/** Park and Miller's generator: 16,807 modulo 2^31 - 1. */
function noise(length: number): Float64Array {
  let state = 42;
  return Float64Array.from({ length }, () => {
    state = (state * 16_807) % 2_147_483_647;
    return state / 2_147_483_647;
  });
}

test("regimes are told apart: rest, period, chaos, chance", () => {
  assert.equal(temporal.classify(new Float64Array(2000).fill(3)).verdict, "fixed-point");
  const periodic = temporal.classify(logistic(3.5, 3000));
  assert.ok(periodic.verdict === "periodic" && Math.abs(periodic.period - 4) < 0.01, JSON.stringify(periodic));
  const chaotic = temporal.classify(logistic(3.9, 3000));
  assert.ok(chaotic.verdict === "chaotic" && Math.abs(chaotic.lambda - 0.4958) < 0.05, JSON.stringify(chaotic));
  assert.equal(temporal.classify(noise(3000)).verdict, "stochastic");
});

test("a series that is too short for a verdict says how many points are needed", () => {
  const short = temporal.classify(logistic(3.9, 200));
  assert.ok(short.verdict === "inconclusive");
  assert.match(short.reason, /too short: \d+ points are needed/);
});

test("the exponent of a known map lies in its interval, in any unit of the data", () => {
  const series = logistic(3.9, 5000);
  const settings = { delay: 1, dimension: 2, theiler: 10 };
  const found = temporal.exponent(series, settings);
  assert.ok(Math.abs(found.lambda - 0.4958) < 0.02, `${found.lambda}`);
  const scaled = temporal.exponent(
    series.map((x) => 1000 * x - 7),
    settings,
  );
  assert.ok(Math.abs(scaled.lambda - found.lambda) < 1e-6);
});

test("measures have their textbook values", () => {
  assert.ok(temporal.permutationEntropy(noise(5000)) > 0.98);
  assert.ok(temporal.permutationEntropy(logistic(3.5, 5000)) < 0.5);
  assert.ok(temporal.recurrence(sine(1000), { delay: 6, dimension: 2 }).determinism > 0.95);
  assert.ok(temporal.recurrence(noise(1000), { delay: 1, dimension: 2 }).determinism < 0.5);
  const { dimension } = temporal.correlationDimension(logistic(3.9, 4000), { delay: 1, dimension: 2, theiler: 10 });
  assert.ok(Math.abs(dimension - 1) < 0.2, `${dimension}`);
  const { delay } = temporal.embedding(sine(2000));
  assert.ok(delay >= 3 && delay <= 9, `${delay}`);
  assert.ok(temporal.zeroOne(logistic(3.9, 2000)) > 0.8 && temporal.zeroOne(logistic(3.5, 2000)) < 0.3);
});

test("a stream gives the entropy of its window, and an exponent when the window is full", () => {
  using stream = temporal.regimeStream({ window: 512, dimension: 2, refit: 64 });
  let last = stream.push(0);
  for (const value of logistic(3.9, 2000)) last = stream.push(value);
  assert.ok(last.entropy !== undefined && last.entropy > 0.5 && last.entropy < 0.9, `${last.entropy}`);
  assert.ok(last.exponent !== undefined && Math.abs(last.exponent.lambda - 0.5) < 0.15, JSON.stringify(last.exponent));
});

test("what is no series is refused with the place and the remedy, and nothing is lost", () => {
  const broken = sine(500);
  broken[17] = Number.NaN;
  for (const [series, message] of [
    [broken, /index 17 is NaN or infinite/],
    [new Float64Array(), /empty/],
  ] as const) {
    assert.throws(
      () => temporal.classify(series),
      (error) => isMidStreamError(error) && message.test(error.message),
    );
  }
  assert.throws(() => temporal.regimeStream({ window: 3 }), isMidStreamError);
  using stream = temporal.regimeStream();
  assert.throws(() => stream.push(Number.POSITIVE_INFINITY), isMidStreamError);
  assert.equal(stream.push(1).refitted, false);
});
