import assert from "node:assert/strict";
import { test } from "node:test";
import { isMidStreamError } from "../../../core/errors/midstream-error.ts";
import { loadTemporal } from "./index.ts";

const temporal = loadTemporal();
const good = Float64Array.from({ length: 400 }, (_, at) => Math.sin(at));
const delays = { delay: 1, dimension: 2, theiler: 1 };

test("an array of another kind is refused by its name: the library would read beyond its end", () => {
  using stream = temporal.patternStream(good.subarray(0, 8));
  using bank = temporal.patternBank([{ samples: good.subarray(0, 8) }]);
  using cache = temporal.compareCache();
  const calls: readonly [argument: string, call: (wrong: never) => unknown][] = [
    ["series", (wrong) => temporal.classify(wrong)],
    ["series", (wrong) => temporal.exponent(wrong, delays)],
    ["series", (wrong) => temporal.permutationEntropy(wrong)],
    ["series", (wrong) => temporal.recurrence(wrong)],
    ["series", (wrong) => temporal.correlationDimension(wrong, delays)],
    ["series", (wrong) => temporal.embedding(wrong)],
    ["series", (wrong) => temporal.zeroOne(wrong)],
    ["a", (wrong) => temporal.dtw(wrong, good)],
    ["b", (wrong) => temporal.dtw(good, wrong)],
    ["b", (wrong) => temporal.dtwPath(good, wrong)],
    ["query", (wrong) => temporal.dtwBatch(wrong, [good])],
    ["series", (wrong) => temporal.dtwBatch(good, { values: wrong, lengths: Uint32Array.of(1) })],
    ["lengths", (wrong) => temporal.dtwBatch(good, { values: good, lengths: wrong })],
    ["series", (wrong) => temporal.findPatterns(wrong, good.subarray(0, 8))],
    ["pattern", (wrong) => temporal.findPatterns(good, wrong)],
    ["pattern", (wrong) => temporal.patternStream(wrong)],
    ["values", (wrong) => stream.pushAll(wrong)],
    ["samples", (wrong) => temporal.patternBank([{ samples: wrong }])],
    ["values", (wrong) => bank.pushAll(wrong)],
    ["a", (wrong) => cache.dtw(wrong, good)],
    ["stamps", (wrong) => temporal.checkOrder(wrong)],
    ["stamps", (wrong) => temporal.deltas(wrong)],
    ["stamps", (wrong) => temporal.gaps(wrong, 1)],
    ["stamps", (wrong) => temporal.repairOrder(wrong)],
  ];
  for (const [argument, call] of calls) {
    for (const wrong of [new Float32Array(400), new Uint8Array(400), [1, 2, 3], new DataView(new ArrayBuffer(8))]) {
      assert.throws(
        () => call(wrong as never),
        (error) => isMidStreamError(error) && error.code === "NATIVE_BAD_ARGUMENT" && error.message.includes(`\`${argument}\``),
        `${call} of ${wrong.constructor.name}`,
      );
    }
  }
});
