/**
 * `analyser/quality`: does an answer keep what was asked of it, does it answer at all, is it whole. The detector is native/quality; this
 * names its settings.
 *
 * Must not know what is done about a finding.
 */
import * as v from "valibot";
import { definePlugin, type Session, TextWatch, textContextOf, textReads } from "../../../core/plugin/index.ts";

// Bounds and defaults are those of native/quality/src/settings.rs.
const share = (fallback: number, minimum: number, description: string) =>
  v.pipe(v.optional(v.pipe(v.number(), v.minValue(minimum), v.maxValue(1)), fallback), v.description(description));

const config = v.strictObject({
  threshold: share(0.5, 0, "Score below which an answer is low-quality, 0 to 1"),
  report: v.pipe(
    v.optional(v.picklist(["low", "always"]), "low"),
    v.description("low: the score is told as low-quality, below the threshold; always: also as quality, at the end of every answer"),
  ),
  repeatedShare: share(0.35, 0.1, "Share of groups of four words that stood before, from which an answer is repetitive"),
  refusal: share(0.5, 0, "Confidence from which a refusal is one; the README has precision and recall"),
});

export default definePlugin({
  api: 1,
  role: "analyser",
  type: "quality",
  description: "Refusals, broken promises of length and form, another language, unfinished ends, repetition, and a score of them all",
  config,
  // Nearly all of it is certain only at the end, when the text has left.
  capabilities: { reads: [...textReads], holdBytes: 0, streams: true, cost: "light", onFailure: "open" },
  async setup(settings, context) {
    const detector = context.native.compileDetector("quality", settings);
    return {
      begin: (session: Session) => new TextWatch(detector.begin(textContextOf(session.conversation)), ["content"]),
      async [Symbol.asyncDispose]() {
        detector[Symbol.dispose]();
      },
    };
  },
});
