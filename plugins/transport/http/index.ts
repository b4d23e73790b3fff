/** `transport/http`: moves bytes to an upstream over HTTP/1.1. Must not know vendors, dialects, JSON or what the bytes mean. */
import { MidStreamError } from "../../../core/errors/midstream-error.ts";
import { definePlugin } from "../../../core/plugin/contract.ts";
import { httpConfig } from "./schema.ts";

export default definePlugin({
  api: 1,
  role: "transport",
  type: "http",
  description: "HTTP/1.1 to an upstream: pooling, time-outs, limits, and cancellation that closes the socket",
  config: httpConfig,
  capabilities: { reads: [], holdBytes: 0, streams: true, cost: "light", onFailure: "closed" },
  setup: async () => ({
    connect: async () => {
      throw new MidStreamError("PROVIDER_UNREACHABLE", "transport/http is not complete");
    },
    [Symbol.asyncDispose]: async () => {},
  }),
});
