/**
 * `analyser/injection`: attacks on the model in a request: in what the user says, in tool results, in documents. The detector is
 * native/injection.
 *
 * Must not know what is done about it.
 */
import * as v from "valibot";
import { definePlugin, isMidStreamError, MidStreamError, requestFindings, type Session } from "../../../core/plugin/index.ts";

const share = v.pipe(v.number(), v.minValue(0.05), v.maxValue(1));

const config = v.strictObject({
  reads: v.pipe(
    v.optional(v.array(v.picklist(["user", "tool", "document", "assistant", "instructions"])), ["user", "tool", "document"]),
    v.description("Messages of the request that are read, by who speaks"),
  ),
  minScore: v.pipe(v.optional(share, 0.5), v.description("Least probability that is a finding")),
  modelScore: v.pipe(v.optional(share, 0.9), v.description("Least probability at which a linear model's word counts")),
  model: v.pipe(v.optional(v.boolean(), true), v.description("Whether the linear models judge; without them phrases and marks do")),
  decode: v.pipe(v.optional(v.boolean(), true), v.description("Whether Base64, hexadecimal, percent codes and ROT13 are decoded")),
});

export default definePlugin({
  api: 1,
  role: "analyser",
  type: "injection",
  description: "Attacks on the model in a request: in what the user says, in tool results and in documents",
  config,
  capabilities: { reads: [], holdBytes: 0, streams: true, cost: "light", onFailure: "open" },
  async setup({ reads, ...settings }, context) {
    const detector = (() => {
      try {
        return context.native.compileDetector("injection", settings);
      } catch (error) {
        if (!isMidStreamError(error)) throw error;
        throw new MidStreamError("CONFIG_INVALID", `${context.id}: ${error.message}`, { pluginId: context.id });
      }
    })();
    const roles = new Set(reads);
    return {
      request: (session: Session) => requestFindings(detector, session, roles),
      async [Symbol.asyncDispose]() {
        detector[Symbol.dispose]();
      },
    };
  },
});
