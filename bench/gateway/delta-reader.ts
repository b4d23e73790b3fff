/** A TypeScript analyser that sees every delta and does next to nothing: what the parts path itself costs. */
import * as v from "valibot";
import { definePlugin } from "../../core/plugin/index.ts";

export default definePlugin({
  api: 1,
  role: "analyser",
  type: "delta-reader",
  description: "Sees every delta and reports nothing, for bench/gateway",
  config: v.strictObject({}),
  capabilities: { reads: ["text-delta"], holdBytes: 0, streams: true, cost: "light", onFailure: "open" },
  async setup() {
    return {
      begin: () => ({ push: () => [] }),
      async [Symbol.asyncDispose]() {},
    };
  },
});
