/**
 * `analyser/grounding`: what an answer says that its documents and tool results do not, sentence by sentence. The detector is
 * native/grounding; this names its settings.
 *
 * Must not know what is done about a finding.
 */
import * as v from "valibot";
import { definePlugin, type Session, TextWatch, textContextOf, textReads } from "../../../core/plugin/index.ts";

const whole = (min: number, max: number, fallback: number, description: string) =>
  v.pipe(v.optional(v.pipe(v.number(), v.integer(), v.minValue(min), v.maxValue(max)), fallback), v.description(description));

const probability = (fallback: number, description: string) =>
  v.pipe(v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(1)), fallback), v.description(description));

// Bounds and defaults are those of native/grounding/src/settings.rs.
const config = v.strictObject({
  minScore: probability(0.51, "Lowest probability of a sentence that is reported; 0 reports every sentence"),
  minSpanScore: probability(0, "Lowest probability of a number, date, name, quote, link, citation or negation that is reported"),
  onsetEntropy: v.pipe(
    v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(20)), 1.5),
    v.description("Entropy in nats from which the first token of a claim is uncertain; only where the provider sends log-probabilities"),
  ),
  maxContextBytes: whole(0, 16_777_216, 262_144, "Bytes of context that are read, evidence first; findings say what was left out"),
  userEvidenceBytes: whole(0, 16_777_216, 1000, "A user's message of this many bytes brings its own evidence; 0: never"),
  evidence: v.pipe(
    v.optional(v.array(v.picklist(["document", "tool", "user", "instructions", "assistant"])), ["document", "tool"]),
    v.description("Messages that are evidence; the rest only tells which names and numbers are not invented"),
  ),
});

export default definePlugin({
  api: 1,
  role: "analyser",
  type: "grounding",
  description: "Numbers, dates, names, quotes, links and whole sentences of an answer that its documents and tool results do not support",
  config,
  // A sentence is judged when it is complete: by then it has left, so a policy can end the answer but rewrite nothing.
  capabilities: { reads: [...textReads], holdBytes: 0, streams: true, cost: "light", onFailure: "open" },
  async setup(settings, context) {
    const detector = context.native.compileDetector("grounding", settings);
    return {
      // Thinking may wander, a refusal claims nothing, tool input is JSON.
      begin: (session: Session) => new TextWatch(detector.begin(textContextOf(session.conversation)), ["content"]),
      async [Symbol.asyncDispose]() {
        detector[Symbol.dispose]();
      },
    };
  },
});
