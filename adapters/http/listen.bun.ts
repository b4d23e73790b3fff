/** The HTTP listener on Bun. */
import type { Listener, ListenSettings } from "./listen.ts";

/** Binds and serves. @throws whatever the runtime says of a port that is taken. */
export function listen(settings: ListenSettings): Listener {
  const server = Bun.serve({
    hostname: settings.host,
    port: settings.port,
    // The default of 10 s cuts answers whose first token is slow; the kernel has deadlines of its own.
    idleTimeout: 0,
    maxRequestBodySize: settings.maxBodyBytes,
    fetch: (request) => settings.fetch(request),
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
