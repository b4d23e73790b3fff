/**
 * `analyser/prompt-leak`: the request's own instructions in the answer: canaries, runs of words in common, coverage. The detector is
 * native/prompt-leak.
 *
 * Must not know what is done about it.
 */
import * as v from "valibot";
import {
  definePlugin,
  isMidStreamError,
  MidStreamError,
  type Session,
  TextWatch,
  textContextOf,
  textReads,
} from "../../../core/plugin/index.ts";

/** Most bytes that it may hold; a run of eight words is about fifty. */
const maxHoldBytes = 512;

const whole = (min: number, max: number) => v.pipe(v.number(), v.integer(), v.minValue(min), v.maxValue(max));

const config = v.strictObject({
  channels: v.pipe(
    v.optional(v.array(v.picklist(["content", "reasoning", "refusal", "tool-input"])), ["content", "refusal"]),
    v.description("Texts of the answer that are read"),
  ),
  canaries: v.pipe(
    v.optional(v.pipe(v.array(v.pipe(v.string(), v.minLength(6), v.maxLength(128))), v.maxLength(64)), []),
    v.description("Values that stand in the instructions and nowhere else; 6 to 128 bytes each"),
  ),
  public: v.pipe(v.optional(v.array(v.string()), []), v.description("Texts of the instructions that an answer may repeat")),
  minRun: v.pipe(v.optional(whole(5, 64), 8), v.description("Words in common, one after the other, that are a finding")),
  minCoverage: v.pipe(
    v.optional(v.pipe(v.number(), v.minValue(0.05), v.maxValue(1)), 0.3),
    v.description("Share of the instructions' words, said in runs of five and more, that is a finding"),
  ),
  holdWords: v.pipe(v.optional(whole(0, 64), 8), v.description("Most words of a run that wait until it is decided")),
  holdBytes: v.pipe(v.optional(whole(0, maxHoldBytes), maxHoldBytes), v.description("Most bytes that wait")),
});

export default definePlugin({
  api: 1,
  role: "analyser",
  type: "prompt-leak",
  description: "The request's own instructions in the answer: canaries, runs of words in common, coverage",
  config,
  capabilities: { reads: textReads, holdBytes: maxHoldBytes, streams: true, cost: "light", onFailure: "open" },
  async setup({ channels, ...settings }, context) {
    const detector = (() => {
      try {
        return context.native.compileDetector("prompt-leak", settings);
      } catch (error) {
        if (!isMidStreamError(error)) throw error;
        throw new MidStreamError("CONFIG_INVALID", `${context.id}: ${error.message}`, { pluginId: context.id });
      }
    })();
    return {
      begin: (session: Session) => new TextWatch(detector.begin(textContextOf(session.conversation)), channels, true),
      async [Symbol.asyncDispose]() {
        detector[Symbol.dispose]();
      },
    };
  },
});
