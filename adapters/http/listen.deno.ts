/** The HTTP listener on Deno. */
import type { Listener, ListenSettings } from "./listen.ts";

interface DenoServer {
  readonly addr: { readonly port: number };
  shutdown(): Promise<void>;
}

/** The part of Deno's API that is used here; tsc knows no Deno. */
declare const Deno: {
  serve(
    options: {
      hostname: string;
      port: number;
      onListen: () => void;
      onError: () => Response;
      signal: AbortSignal;
      cert?: string;
      key?: string;
    },
    handler: (request: Request) => Response | Promise<Response>,
  ): DenoServer;
};

/** Binds and serves. @throws whatever the runtime says of a port that is taken. */
export function listen(settings: ListenSettings): Listener {
  const abort = new AbortController();
  const server = Deno.serve(
    {
      hostname: settings.host,
      port: settings.port,
      onListen: () => {},
      onError: () => new Response("internal error", { status: 500 }),
      signal: abort.signal,
      ...settings.tls,
    },
    (request) => settings.fetch(request),
  );
  return {
    port: server.addr.port,
    async stop(force) {
      if (force) abort.abort();
      else await server.shutdown();
    },
  };
}
