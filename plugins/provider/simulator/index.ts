/** `provider/simulator`. Must not know clients, sockets or policies. */
import { MidStreamError } from "../../../core/errors/midstream-error.ts";
import { definePlugin } from "../../../core/plugin/contract.ts";
import { simulatorConfig } from "./schema.ts";

export default definePlugin({
  api: 1,
  role: "provider",
  type: "simulator",
  description: "Made-up answers, seeded, with personal data, loops, faults and pace on request",
  config: simulatorConfig,
  capabilities: { reads: [], holdBytes: 0, streams: true, cost: "light", onFailure: "closed" },
  setup: async () => ({
    dialect: "openai-chat",
    models: async () => [],
    addsUsage: () => false,
    open: async () => {
      throw new MidStreamError("PROVIDER_UNREACHABLE", "provider/simulator is not complete");
    },
    decoder: () => ({ push: () => [], end: () => [] }),
    [Symbol.asyncDispose]: async () => {},
  }),
});
