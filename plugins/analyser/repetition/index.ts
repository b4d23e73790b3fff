/**
 * `analyser/repetition`: loops in an answer's text. The detectors are native/repetition; this names their settings.
 *
 * Must not know what is done about a loop.
 */
import * as v from "valibot";
import { definePlugin } from "../../../core/plugin/contract.ts";

// Bounds and defaults are those of native/repetition/src/settings.rs.
const count = (fallback: number, minimum: number, maximum: number, description: string) =>
  v.pipe(v.optional(v.pipe(v.number(), v.integer(), v.minValue(minimum), v.maxValue(maximum)), fallback), v.description(description));

const config = v.strictObject({
  minRepeats: count(3, 2, 100, "Periods that must follow the first one; 3 = the passage stands there four times"),
  minChars: count(48, 16, 10_000, "Least text that must repeat, in characters; keeps short echoes from being loops"),
  maxPeriod: count(
    400,
    16,
    2_000,
    "Longest passage that is looked for, in characters; sets the memory of a stream, 7 KB at 400, 43 KB at 2000",
  ),
});

export default definePlugin({
  api: 1,
  role: "analyser",
  type: "repetition",
  description: "Loops: text that repeats exactly, nearly, with a running number, or line by line in turn",
  config,
  // Nothing is held back: a loop is seen only when it has been written, and a policy ends it there.
  capabilities: { reads: [], holdBytes: 0, streams: true, cost: "native", onFailure: "open" },
  async setup({ minRepeats, minChars, maxPeriod }) {
    return { plan: { repetition: { minRepeats, minChars, maxPeriod } }, async [Symbol.asyncDispose]() {} };
  },
});
