/** `transport/http`: moves bytes to an upstream over HTTP/1.1. Must not know vendors, dialects, JSON or what the bytes mean. */
import { openSocket } from "#socket";
import { MidStreamError } from "../../../core/errors/midstream-error.ts";
import { definePlugin, type PluginContext } from "../../../core/plugin/contract.ts";
import { createSocketConnector } from "./connector.ts";
import { realEvery } from "./deadlines.ts";
import { createFetchConnector } from "./fetch.ts";
import { type HttpConfig, httpConfig } from "./schema.ts";

function proxyOf(config: HttpConfig, context: PluginContext): string | undefined {
  if (config.proxy === undefined || typeof config.proxy === "string") return config.proxy;
  return context.secret(config.proxy);
}

export default definePlugin({
  api: 1,
  role: "transport",
  type: "http",
  description: "HTTP/1.1 to an upstream: pooling, time-outs, limits, and cancellation that closes the socket",
  config: httpConfig,
  capabilities: { reads: [], holdBytes: 0, streams: true, cost: "light", onFailure: "closed" },
  async setup(config, context) {
    const proxy = proxyOf(config, context);
    if (proxy !== undefined && config.connector === "socket") {
      throw new MidStreamError("CONFIG_INVALID", "A proxy needs connector auto or fetch", { pluginId: context.id });
    }
    const shared = {
      config,
      clock: { now: context.now, every: realEvery },
      ...(config.ca === undefined ? {} : { ca: context.secret(config.ca) }),
    };
    const usesFetch = config.connector === "fetch" || proxy !== undefined;
    if (!usesFetch) return createSocketConnector({ ...shared, open: openSocket });
    return createFetchConnector({ ...shared, ...(proxy === undefined ? {} : { proxy }), fetch: globalThis.fetch });
  },
});
