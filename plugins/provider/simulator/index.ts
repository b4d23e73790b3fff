/**
 * `provider/simulator`: answers that no model wrote, for trying MidStream out and for testing what it does with upstreams that fail.
 *
 * Must not know clients, sockets or policies.
 */
import { openaiChatDecoder } from "../../../core/dialects/openai-chat/index.ts";
import { definePlugin } from "../../../core/plugin/contract.ts";
import { realPlayClock } from "../../../core/stream/play.ts";
import { simulatorConfig } from "./schema.ts";
import { simulate } from "./simulate.ts";

export default definePlugin({
  api: 1,
  role: "provider",
  type: "simulator",
  description: "Made-up answers, seeded, with personal data, loops, faults and pace on request",
  config: simulatorConfig,
  capabilities: { reads: [], holdBytes: 0, streams: true, cost: "light", onFailure: "closed" },
  async setup(config, context) {
    const clock = realPlayClock(context.now);
    return {
      dialect: "openai-chat",
      decoder: openaiChatDecoder,
      addsUsage: () => false,
      models: async () => config.models.map((id) => ({ id, ownedBy: "midstream" })),
      open: (request, session, { rawBody }) =>
        simulate(request, { config, clock, signal: session.signal, framing: rawBody ? config.framing : "identity" }),
      async [Symbol.asyncDispose]() {},
    };
  },
});
