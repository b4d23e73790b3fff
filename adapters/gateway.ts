/**
 * The composition root: kernel, native core, plugins and the HTTP door made into one running gateway.
 *
 * The only place that knows all of them. Must not hold any logic of theirs.
 */

import { listen } from "#listen";
import { type Config, createKernel, type Kernel, type KernelHost } from "../core/index.ts";
import { loadNative } from "../native/bindings/load.ts";
import { registry } from "../plugins/registry.gen.ts";
import { createHost } from "./host.ts";
import { createDoor } from "./http/app.ts";
import { openaiChat } from "./http/openai-chat/index.ts";
import { streamLimit } from "./limits.ts";
import { readTls } from "./server-settings.ts";
import { version } from "./version.ts";

/** A gateway that serves. */
export interface Gateway {
  /** `http://127.0.0.1:8787`, with the port that was bound. */
  readonly url: string;
  readonly kernel: Kernel;
  /** Stops accepting, drains, disposes. Idempotent. */
  stop(): Promise<void>;
}

/** What the caller may vary. */
export interface GatewaySettings {
  /** Folder that relative paths of the config start from; default: the working folder. */
  readonly folder?: string;
  readonly log?: KernelHost["log"];
}

/** Starts a gateway from a config. @throws MidStreamError CONFIG_*, SETUP_*; then nothing is left behind. */
export async function startGateway(config: Config, settings: GatewaySettings = {}): Promise<Gateway> {
  const host = createHost({ folder: settings.folder ?? process.cwd(), ...(settings.log && { log: settings.log }) });
  const kernel = createKernel({ native: await loadNative(), host, registry });
  await kernel.start(config);
  const { server } = kernel.describe();
  try {
    const tls = readTls(server, (reference) => host.secret(reference));
    const door = createDoor(kernel, openaiChat, {
      body: { maxBytes: server.maxBodyBytes, timeoutMs: server.receiveTimeoutMs },
      maxStreams: streamLimit(server.maxStreams),
      corsOrigins: server.cors === false ? [] : server.cors.origins,
      version,
      log: (event, fields) => host.log(event, fields),
    });
    const listener = listen({
      host: server.host,
      port: server.port,
      maxHeaderBytes: server.maxHeaderBytes,
      headTimeoutMs: server.receiveTimeoutMs,
      fetch: (request) => door.fetch(request),
      ...(tls && { tls }),
      http3: server.http3,
    });
    let stopping: Promise<void> | undefined;
    const stop = async () => {
      // The door closes first; answers under way end or are cut by the kernel, and only then the last connections are dropped.
      const closed = listener.stop(false);
      await kernel.stop();
      // What is still open now are idle keep-alive connections.
      await Promise.race([closed, listener.stop(true)]);
    };
    return {
      url: `${tls ? "https" : "http"}://${server.host.includes(":") ? `[${server.host}]` : server.host}:${listener.port}`,
      kernel,
      stop() {
        stopping ??= stop();
        return stopping;
      },
    };
  } catch (error) {
    await kernel.stop();
    throw error;
  }
}
