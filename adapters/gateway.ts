/**
 * The composition root: kernel, native core, plugins and the HTTP door made into one running gateway.
 *
 * The only place that knows all of them. Must not hold any logic of theirs.
 */

import { listen } from "#listen";
import { type Config, createKernel, type Kernel, type KernelHost, type ServerConfig } from "../core/index.ts";
import { loadNative } from "../native/bindings/load.ts";
import { registry } from "../plugins/registry.gen.ts";
import { createHost } from "./host.ts";
import { createDoor } from "./http/app.ts";
import type { Listener } from "./http/listen.ts";
import { openaiChat } from "./http/openai-chat/index.ts";
import { streamLimit } from "./limits.ts";
import { readTls, type TlsTexts } from "./server-settings.ts";
import { version } from "./version.ts";

/** A gateway that serves. */
export interface Gateway {
  /** `http://127.0.0.1:8787`, with the port that was bound. */
  readonly url: string;
  readonly kernel: Kernel;
  /**
   * Replaces the running config, as the kernel does; what only a new door could take is named in the operator's log (`restart-needed`).
   * @throws MidStreamError CONFIG_*, SETUP_*; then the last good one keeps serving.
   */
  reload(config: Config): Promise<void>;
  /** Stops accepting, drains, disposes. Idempotent. */
  stop(): Promise<void>;
}

/** What the caller may vary. */
export interface GatewaySettings {
  /** Folder that relative paths of the config start from; default: the working folder. */
  readonly folder?: string;
  readonly log?: KernelHost["log"];
}

/**
 * Keys of `server` that the door reads when it opens. The others are the kernel's, which reads them for every request or at the stop.
 * A new door beside the old one could take them, but would count its streams from 0.
 */
const doorKeys = ["host", "port", "tls", "http3", "cors", "maxBodyBytes", "maxHeaderBytes", "maxStreams", "receiveTimeoutMs"] as const;

/** What the door was opened with. */
interface DoorConfig {
  readonly server: ServerConfig;
  readonly tls: TlsTexts | undefined;
}

const isSame = (left: unknown, right: unknown): boolean => JSON.stringify(left) === JSON.stringify(right);

/** `server.port`, ...: what a new config wants otherwise than the open door has it; a certificate that was renewed counts. */
function keysForRestart(opened: DoorConfig, wanted: DoorConfig): readonly string[] {
  const changed = doorKeys.filter(
    (key) => !isSame(opened.server[key], wanted.server[key]) || (key === "tls" && !isSame(opened.tls, wanted.tls)),
  );
  return changed.map((key) => `server.${key}`);
}

/** Binds the door of a running kernel. @throws whatever the runtime says of a port that is taken */
function openDoor(kernel: Kernel, host: KernelHost, { server, tls }: DoorConfig): Listener {
  const door = createDoor(kernel, openaiChat, {
    body: { maxBytes: server.maxBodyBytes, timeoutMs: server.receiveTimeoutMs },
    maxStreams: streamLimit(server.maxStreams),
    corsOrigins: server.cors === false ? [] : server.cors.origins,
    version,
    log: (event, fields) => host.log(event, fields),
  });
  return listen({
    host: server.host,
    port: server.port,
    maxHeaderBytes: server.maxHeaderBytes,
    headTimeoutMs: server.receiveTimeoutMs,
    fetch: (request) => door.fetch(request),
    ...(tls && { tls }),
    http3: server.http3,
  });
}

/** Starts a gateway from a config. @throws MidStreamError CONFIG_*, SETUP_*; then nothing is left behind. */
export async function startGateway(config: Config, settings: GatewaySettings = {}): Promise<Gateway> {
  const host = createHost({ folder: settings.folder ?? process.cwd(), ...(settings.log && { log: settings.log }) });
  const doorConfig = (server: ServerConfig): DoorConfig => ({ server, tls: readTls(server, (reference) => host.secret(reference)) });
  const kernel = createKernel({ native: await loadNative(), host, registry, checkServer: doorConfig });
  await kernel.start(config);
  try {
    const opened = doorConfig(kernel.describe().server);
    const { server, tls } = opened;
    const listener = openDoor(kernel, host, opened);
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
      async reload(next) {
        await kernel.reload(next);
        const keys = keysForRestart(opened, doorConfig(kernel.describe().server));
        if (keys.length > 0) host.log("restart-needed", { keys: keys.join(", ") });
      },
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
