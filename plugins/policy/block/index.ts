/**
 * `policy/block`: ends a choice of an answer where something was found that must not go on.
 *
 * Must not know how anything is found, nor what the end of an answer looks like on the wire.
 */
import * as v from "valibot";
import { definePlugin } from "../../../core/plugin/contract.ts";

const glob = v.pipe(v.string(), v.regex(/^!?[a-z0-9*-]+(\/[a-z0-9*-]+)?$/, "must be a glob over type/rule or rule, such as secrets/*"));

const config = v.strictObject({
  rules: v.pipe(
    v.optional(v.pipe(v.array(glob), v.minLength(1), v.maxLength(256)), ["*"]),
    v.description("Globs over type/rule or rule; a leading ! excludes"),
  ),
  minScore: v.pipe(
    v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(1)), 0),
    v.description("Findings with a lower confidence do not count, 0 to 1"),
  ),
  minCount: v.pipe(
    v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(1_000)), 1),
    v.description("The answer ends at so many findings of one rule in one choice, 1 to 1000"),
  ),
  message: v.pipe(
    v.optional(v.pipe(v.string(), v.maxLength(2_000)), ""),
    v.description("Text that the client gets before the end, up to 2000 characters; empty: none"),
  ),
  mode: v.pipe(
    v.optional(v.picklist(["enforce", "monitor"]), "enforce"),
    v.description("monitor: verdicts are recorded, the answer goes on"),
  ),
});

export default definePlugin({
  api: 1,
  role: "policy",
  type: "block",
  description: "Ends an answer at a finding: by rule, confidence or count, with a message for the client",
  config,
  capabilities: { reads: [], holdBytes: 0, streams: true, cost: "native", onFailure: "closed" },
  async setup({ rules, minScore, minCount, message, mode }) {
    return {
      plan: { rules: [{ match: rules, action: "block", minScore, minCount, message }], monitor: mode === "monitor" },
      async [Symbol.asyncDispose]() {},
    };
  },
});
