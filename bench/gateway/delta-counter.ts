/** A TypeScript analyser that sees every delta and does next to nothing: what the parts path itself costs. */
import * as v from "valibot";
import { definePlugin } from "../../core/plugin/index.ts";

export default definePlugin({
  api: 1,
  role: "analyser",
  type: "delta-counter",
  description: "Counts deltas, for bench/gateway",
  config: v.strictObject({}),
  capabilities: { reads: ["text-delta"], holdBytes: 0, streams: true, cost: "light", onFailure: "open" },
  async setup() {
    let deltas = 0;
    return {
      begin: () => ({
        push() {
          deltas += 1;
          return [];
        },
      }),
      async [Symbol.asyncDispose]() {
        deltas = 0;
      },
    };
  },
});
