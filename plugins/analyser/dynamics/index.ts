/**
 * `analyser/dynamics`: how an answer behaves while it streams: novelty, rhythm, drift, stalls; and, where it is asked for, how sure the
 * model was and which regime a series shows. The measures are native/dynamics; this names their settings.
 *
 * Must not know what is done about a finding.
 */
import * as v from "valibot";
import { definePlugin, emptyConversation, TextWatch, textContextOf, textReads } from "../../../core/plugin/index.ts";

// Bounds and defaults are those of native/dynamics/src/settings.rs.
const count = (fallback: number, minimum: number, maximum: number, description: string) =>
  v.pipe(v.optional(v.pipe(v.number(), v.integer(), v.minValue(minimum), v.maxValue(maximum)), fallback), v.description(description));

const share = (fallback: number, minimum: number, maximum: number, description: string) =>
  v.pipe(v.optional(v.pipe(v.number(), v.minValue(minimum), v.maxValue(maximum)), fallback), v.description(description));

const config = v.strictObject({
  repeatedShare: share(0.65, 0.1, 0.9, "Share of groups of four words seen before above which evidence for low-novelty gathers"),
  repeatedWords: count(120, 16, 10_000, "Old groups beyond that share that make low-novelty; 120 at 0.65: 343 words, all of them old"),
  periodRepeats: count(6, 3, 100, "Times that a period of sentence lengths must follow the first one, for periodic"),
  driftDistance: share(0.48, 0.1, 0.6, "Share of bits in which the sketches of beginning and present differ, for drift; 0.5 = unrelated"),
  driftWords: count(250, 16, 100_000, "Words for which that distance must last"),
  stallMs: count(10_000, 100, 3_600_000, "Shortest silence that can be a stall, in milliseconds"),
  stallFactor: count(20, 2, 10_000, "Times the stream's median gap between arrivals that a stall must last"),
  collapseNats: share(0, 0, 5, "Mean surprise of the newest tokens below which the answer has collapsed, in nats; 0 = not watched"),
  collapseTokens: count(128, 16, 4096, "Tokens over which that mean is taken; the provider must send log-probabilities"),
  regimes: v.pipe(
    v.optional(v.boolean(), false),
    v.description("Exploratory: the dynamical regime of each series of a text, at its end. Evidence of nothing; not for policies"),
  ),
  channels: v.pipe(
    v.optional(v.pipe(v.array(v.picklist(["content", "reasoning", "refusal", "tool-input"])), v.minLength(1)), ["content", "reasoning"]),
    v.description("Channels that are read; arguments of tool calls are data and repeat by nature"),
  ),
});

export default definePlugin({
  api: 1,
  role: "analyser",
  type: "dynamics",
  description: "Behaviour of the text: low novelty, periodic sentence lengths, drift from the beginning, stalls",
  config,
  // Nothing is held back: what lasts is seen only when it has lasted.
  // Parts are read only where `collapseNats` or `regimes` asks for it.
  capabilities: { reads: textReads, holdBytes: 0, streams: true, cost: "native", onFailure: "open" },
  async setup({ channels, regimes, collapseNats, collapseTokens, ...dynamics }, { native }) {
    const plan = { dynamics, channels };
    if (!regimes && collapseNats === 0) return { plan, async [Symbol.asyncDispose]() {} };
    const detector = native.compileDetector("dynamics", { regimes, collapseNats, collapseTokens });
    const context = textContextOf(emptyConversation);
    return {
      plan,
      begin: () => new TextWatch(detector.begin(context), channels),
      async [Symbol.asyncDispose]() {
        detector[Symbol.dispose]();
      },
    };
  },
});
