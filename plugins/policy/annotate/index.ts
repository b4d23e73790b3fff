/**
 * `policy/annotate`: tells a client that asks for it what was found in its answer. Changes no text.
 *
 * Must not know what the side band looks like on the wire, nor how a client asks for it.
 */
import * as v from "valibot";
import { definePlugin } from "../../../core/plugin/contract.ts";

const config = v.strictObject({
  mode: v.pipe(
    v.optional(v.picklist(["enforce", "monitor"]), "enforce"),
    v.description("enforce: clients that ask get the findings; monitor: nobody does, as if the policy were not there"),
  ),
});

export default definePlugin({
  api: 1,
  role: "policy",
  type: "annotate",
  description: "Findings and verdicts for the client, in a side band that SDKs tolerate, where the client asks for it",
  config,
  capabilities: { reads: [], holdBytes: 0, streams: true, cost: "light", onFailure: "closed" },
  async setup({ mode }) {
    // The plan without rules says that the policy works by plan and does nothing to any text.
    return { plan: { rules: [], monitor: mode === "monitor" }, annotates: mode === "enforce", async [Symbol.asyncDispose]() {} };
  },
});
