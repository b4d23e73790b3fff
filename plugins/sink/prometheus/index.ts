/**
 * `sink/prometheus`: numbers of the gateway's work for `/metrics`.
 *
 * Must not know content, clients or the door that serves the text.
 */
import * as v from "valibot";
import { definePlugin } from "../../../core/plugin/contract.ts";
import { GatewayMetrics } from "./gateway-metrics.ts";

const rises = (bounds: number[]): boolean => bounds.every((bound, index) => index === 0 || bound > (bounds[index - 1] ?? bound));

const buckets = (fallback: readonly number[], most: number, description: string) =>
  v.pipe(
    v.optional(
      v.pipe(
        v.array(v.pipe(v.number(), v.minValue(0), v.maxValue(most))),
        v.minLength(1),
        v.maxLength(40),
        v.check(rises, "must rise from bound to bound"),
      ),
      [...fallback],
    ),
    v.description(description),
  );

/** From a gateway's own microseconds to answers of ten minutes. */
const durations = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600];
/** Mean 3 bytes and p99 11 bytes on prose, 512 the cap of single patterns (facts/guardrails.md 0 and 8). */
const held = [0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 4096, 65_536];

const config = v.strictObject({
  prefix: v.pipe(
    v.optional(v.pipe(v.string(), v.regex(/^[a-z][a-z0-9_]{0,31}$/, "must be lower-case letters, digits and _")), "midstream"),
    v.description("First word of every metric's name; two instances need two"),
  ),
  maxSeries: v.pipe(
    v.optional(v.pipe(v.number(), v.integer(), v.minValue(10), v.maxValue(100_000)), 2_000),
    v.description("Most label sets of one metric; what comes after counts under the label values other"),
  ),
  durationBuckets: buckets(durations, 86_400, "Upper bounds of the histograms of durations, in seconds, rising, 1 to 40 of them"),
  heldBuckets: buckets(held, 2 ** 30, "Upper bounds of the histogram of text held back, in bytes, rising, 1 to 40 of them"),
});

export default definePlugin({
  api: 1,
  role: "sink",
  type: "prometheus",
  description: "Counters and histograms for /metrics: requests, findings, verdicts, text held back, durations, tokens, failures",
  config,
  capabilities: { reads: [], holdBytes: 0, streams: true, cost: "light", onFailure: "open" },
  async setup(settings) {
    const metrics = new GatewayMetrics(settings);
    return {
      write: (event) => metrics.record(event),
      exposition: () => metrics.text(),
      async [Symbol.asyncDispose]() {},
    };
  },
});
