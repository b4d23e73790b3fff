/**
 * `analyser/toxicity`: hate, threats, insults, sexual talk, self-harm and violence, sentence by sentence. The detector is
 * native/toxicity; this names its settings.
 *
 * Must not know what is done about a finding.
 */
import * as v from "valibot";
import { definePlugin, type Session, TextWatch, textContextOf, textReads } from "../../../core/plugin/index.ts";

const probability = (fallback: number, description: string) =>
  v.pipe(v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(1)), fallback), v.description(description));

// Bounds and defaults are those of native/toxicity/src/settings.rs.
const thresholds = v.strictObject({
  hate: probability(0.7, "Against people for what they are"),
  threat: probability(0.7, "Announced or wished harm"),
  insult: probability(0.8, "Rudeness, profanity, belittling"),
  sexual: probability(0.7, "Explicit sexual talk"),
  "self-harm": probability(0.7, "Suicide and hurting oneself"),
  violence: probability(0.7, "Graphic violence"),
});

const config = v.strictObject({
  thresholds: v.pipe(
    v.optional(thresholds, {}),
    v.description("Probability from which a sentence counts, by category; the README has precision and recall"),
  ),
  debounce: v.pipe(
    v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(5)), 2),
    v.description("Sentences in a row that must count before there is a finding, 1 to 5"),
  ),
  atOnce: v.pipe(
    v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(2)), 0.93),
    v.description("Probability at which one sentence is enough; above 1: never"),
  ),
  decay: probability(0.7, "What is left of the running maximum, a finding's score, after one more sentence"),
  channels: v.pipe(
    v.optional(v.pipe(v.array(v.picklist(["content", "reasoning", "refusal", "tool-input"])), v.minLength(1)), ["content", "reasoning"]),
    v.description("Channels that are read"),
  ),
});

export default definePlugin({
  api: 1,
  role: "analyser",
  type: "toxicity",
  description: "Hate, threats, insults, sexual talk, self-harm and violence, sentence by sentence, with calibrated scores",
  config,
  // A sentence is judged when it is complete: by then it has left, so a policy can end the answer but rewrite nothing.
  capabilities: { reads: [...textReads], holdBytes: 0, streams: true, cost: "light", onFailure: "open" },
  async setup({ channels, ...settings }, context) {
    const detector = context.native.compileDetector("toxicity", settings);
    return {
      begin: (session: Session) => new TextWatch(detector.begin(textContextOf(session.conversation)), channels),
      async [Symbol.asyncDispose]() {
        detector[Symbol.dispose]();
      },
    };
  },
});
