/** `provider/replay`. Must not know clients, sockets or policies. */
import { MidStreamError } from "../../../core/errors/midstream-error.ts";
import { definePlugin } from "../../../core/plugin/contract.ts";
import { replayConfig } from "./schema.ts";

export default definePlugin({
  api: 1,
  role: "provider",
  type: "replay",
  description: "Recorded streams, played at a chosen pace",
  config: replayConfig,
  capabilities: { reads: [], holdBytes: 0, streams: true, cost: "light", onFailure: "closed" },
  setup: async () => ({
    dialect: "openai-chat",
    models: async () => [],
    addsUsage: () => false,
    open: async () => {
      throw new MidStreamError("PROVIDER_UNREACHABLE", "provider/replay is not complete");
    },
    decoder: () => ({ push: () => [], end: () => [] }),
    [Symbol.asyncDispose]: async () => {},
  }),
});
