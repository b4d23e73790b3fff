/** The HTTP listener on Bun. */
import http from "node:http";
import type { Listener, ListenSettings } from "./listen.ts";

/** Longest idle time that Bun takes, in seconds. */
const maxIdleS = 255;

/** Whether `http3` works here. */
export const offersHttp3 = true;

/** Binds and serves. @throws whatever the runtime says of a port that is taken. */
export function listen(settings: ListenSettings): Listener {
  // The only way to set it while the process runs; Bun's own servers read it too, and it counts for all of them.
  (http as { maxHeaderSize: number }).maxHeaderSize = settings.maxHeaderBytes;
  const server = Bun.serve({
    hostname: settings.host,
    port: settings.port,
    idleTimeout: Math.min(Math.ceil(settings.headTimeoutMs / 1000), maxIdleS),
    // Bun's own refusal has no body for SDKs to read; the door bounds what it reads.
    maxRequestBodySize: Number.MAX_SAFE_INTEGER,
    fetch(request, server) {
      // The time is for heads. It would cut answers whose first token is slow; the door and the kernel have deadlines of their own.
      if (request.method === "POST") server.timeout(request, 0);
      return settings.fetch(request);
    },
    // Nothing of an unexpected error may reach a client.
    error: () => new Response("internal error", { status: 500 }),
    ...(settings.tls && { tls: settings.tls }),
    ...(settings.http3 && { http3: true }),
  } as Parameters<typeof Bun.serve>[0]);
  return {
    port: server.port ?? settings.port,
    stop: (force) => server.stop(force),
  };
}
