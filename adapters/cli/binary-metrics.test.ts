import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { areaUnderCurve, bestThreshold, calibration, calibrationError, operatingPoint, type Scored, share } from "./binary-metrics.ts";

const rowsArbitrary = fc.array(fc.record({ score: fc.integer({ min: 0, max: 20 }).map((n) => n / 20), positive: fc.boolean() }), {
  maxLength: 40,
});

test("Wilson's interval is that of published examples", () => {
  // Newcombe 1998, "Two-sided confidence intervals for the single proportion", table I, method 3.
  for (const [count, total, low, high] of [
    [81, 263, 0.2553, 0.3662],
    [15, 148, 0.0624, 0.1605],
    [0, 20, 0, 0.1611],
    [1, 29, 0.0061, 0.1718],
  ] as const) {
    const found = share(count, total)!;
    assert.deepEqual([found.low.toFixed(4), found.high.toFixed(4)], [low.toFixed(4), high.toFixed(4)]);
  }
  assert.equal(share(0, 0), undefined);
});

test("AUC is the share of pairs in the right order, ties half", () => {
  fc.assert(
    fc.property(rowsArbitrary, (rows) => {
      const positives = rows.filter((row) => row.positive);
      const negatives = rows.filter((row) => !row.positive);
      const auc = areaUnderCurve(rows);
      if (positives.length === 0 || negatives.length === 0) return auc === undefined;
      let sum = 0;
      for (const p of positives) for (const n of negatives) sum += p.score > n.score ? 1 : p.score === n.score ? 0.5 : 0;
      return Math.abs(auc! - sum / (positives.length * negatives.length)) < 1e-12;
    }),
  );
});

test("no threshold has a higher F1 than the best one", () => {
  fc.assert(
    fc.property(rowsArbitrary, (rows) => {
      const best = bestThreshold(rows);
      const scores = rows.map(({ score }) => score).filter((score) => score > 0);
      const most = Math.max(0, ...scores.map((score) => operatingPoint(rows, score).f1));
      return best === undefined ? most === 0 : Math.abs(best.f1 - most) < 1e-12;
    }),
  );
});

test("counts, precision and recall are those of a small table", () => {
  const rows: Scored[] = [
    { score: 0.9, positive: true },
    { score: 0.5, positive: false },
    { score: 0.4, positive: true },
    { score: 0, positive: false },
  ];
  const { truePositives, falsePositives, falseNegatives, trueNegatives, precision, recall, f1 } = operatingPoint(rows, 0.5);
  assert.deepEqual([truePositives, falsePositives, falseNegatives, trueNegatives], [1, 1, 1, 1]);
  assert.deepEqual([precision?.value, recall?.value, f1], [0.5, 0.5, 0.5]);
});

test("calibration bins hold every row once, and a perfect score has no error", () => {
  fc.assert(fc.property(rowsArbitrary, (rows) => calibration(rows).reduce((sum, bin) => sum + bin.rows, 0) === rows.length));
  const perfect = Array.from({ length: 10 }, (_, at) => ({ score: 0.7, positive: at < 7 }));
  assert.ok(calibrationError(calibration(perfect)) < 1e-12);
  const sure = Array.from({ length: 10 }, (_, at) => ({ score: 1, positive: at < 5 }));
  assert.ok(Math.abs(calibrationError(calibration(sure)) - 0.5) < 1e-12);
});
