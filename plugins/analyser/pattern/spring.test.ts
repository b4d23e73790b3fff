import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Sentences } from "./sentences.ts";
import { Sequence } from "./sequence.ts";
import { Spring, type Stretch } from "./spring.ts";

/** Dynamic time warping by its definition. */
function warped(shape: readonly number[], series: readonly number[]): number {
  const table = shape.map(() => series.map(() => Number.POSITIVE_INFINITY));
  for (const [i, a] of shape.entries()) {
    for (const [j, b] of series.entries()) {
      const before =
        i === 0 && j === 0 ? 0 : Math.min(table[i - 1]?.[j] ?? Infinity, table[i]?.[j - 1] ?? Infinity, table[i - 1]?.[j - 1] ?? Infinity);
      table[i]![j] = Math.abs(a - b) + before;
    }
  }
  return table.at(-1)!.at(-1)!;
}

const series = fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 1, maxLength: 24 });
const shape = fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 1, maxLength: 6 });

function stretches(of: readonly number[], values: readonly number[], maxDistance: number): Stretch[] {
  const spring = new Spring(of, maxDistance);
  const found = values.flatMap((value) => spring.push(value) ?? []);
  return [...found, ...[spring.finish()].filter((last) => last !== undefined)];
}

test("stretches are near, apart, and there is one where any stretch is near", () => {
  fc.assert(
    fc.property(shape, series, fc.integer({ min: 0, max: 6 }), (of, values, maxDistance) => {
      const found = stretches(of, values, maxDistance);
      let last = 0;
      for (const { start, end, distance } of found) {
        assert.ok(start >= last && end > start);
        last = end;
        assert.ok(distance <= maxDistance);
        // The path found is a warping of this stretch, so no better than the best one.
        assert.ok(warped(of, values.slice(start, end)) <= distance);
      }
      const least = Math.min(
        ...values.flatMap((_, from) => values.slice(from).map((_, length) => warped(of, values.slice(from, from + length + 1)))),
      );
      assert.equal(found.length > 0, least <= maxDistance);
      if (found[0] !== undefined) assert.equal(found[0].distance, warped(of, values.slice(found[0].start, found[0].end)));
    }),
    { numRuns: 500 },
  );
});

/** Length of the longest common subsequence, by its definition. */
const common = (a: readonly string[], b: readonly string[]): number => {
  if (a.length === 0 || b.length === 0) return 0;
  const [x, ...restA] = a;
  const [y, ...restB] = b;
  return x === y ? 1 + common(restA, restB) : Math.max(common(restA, b), common(a, restB));
};

test("a template is told at the first event at which enough of it has come", () => {
  const names = fc.constantFrom("a", "b", "c");
  fc.assert(
    fc.property(
      fc.array(names, { minLength: 2, maxLength: 5 }),
      fc.array(names, { maxLength: 10 }),
      fc.constantFrom(0.5, 0.75, 1),
      (template, events, minConfidence) => {
        const sequence = new Sequence(template, { minConfidence, within: 64 });
        const told = events.findIndex((name) => sequence.push([name, "other"]) !== undefined);
        const enough = events.findIndex((_, at) => common(template, events.slice(0, at + 1)) >= minConfidence * template.length);
        assert.equal(told, enough);
      },
    ),
    { numRuns: 300 },
  );
});

test("sentences are cut as a reader would, in words and bytes", () => {
  const lengths = (text: string): [number, number][] => {
    const found: [number, number][] = [];
    const sentences = new Sentences();
    for (const char of text) sentences.push(char, (words, end) => found.push([words, end]));
    sentences.finish((words, end) => found.push([words, end]));
    return found;
  };
  assert.deepEqual(lengths("Go now. It is 3.5 m! (Really?) No\n\nÉtude"), [
    [2, 7],
    [5, 20],
    [1, 30],
    [1, 33],
    [1, 41],
  ]);
});
