/** An analyser in TypeScript that finds nothing: it brings a pipeline onto the parts path, and shows what that path itself costs. */
import * as v from "valibot";
import { definePlugin } from "../plugin/index.ts";

export default definePlugin({
  api: 1,
  role: "analyser",
  type: "reading",
  description: "Reads every text and finds nothing",
  config: v.strictObject({}),
  capabilities: { reads: ["text-delta"], holdBytes: 0, streams: true, cost: "light", onFailure: "open" },
  async setup() {
    return {
      begin: () => ({ push: () => [] }),
      async [Symbol.asyncDispose]() {},
    };
  },
});
