/** The HTTP listener on Deno. */
import { delay } from "#std/async";
import type { Listener, ListenSettings } from "./listen.ts";

/** How long a forced stop still lets last bytes leave, in milliseconds. */
const forceMs = 500;

/** Whether `http3` works here. */
export const offersHttp3 = false;

/** `: ` and the line's end. */
const fieldOverhead = 4;

/** Deno's own limit is about 400 KB and cannot be set. The request line counts by its URL. */
function headIsOver(request: Request, maxBytes: number): boolean {
  let bytes = request.url.length;
  request.headers.forEach((value, name) => {
    bytes += name.length + value.length + fieldOverhead;
  });
  return bytes > maxBytes;
}

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
    (request) => (headIsOver(request, settings.maxHeaderBytes) ? new Response(null, { status: 431 }) : settings.fetch(request)),
  );
  let closed: Promise<void> | undefined;
  return {
    port: server.addr.port,
    async stop(force) {
      if (closed === undefined && force) abort.abort();
      closed ??= force ? Promise.resolve() : server.shutdown();
      // Aborting a server that is shutting down throws in Deno 2.9, so force can only stop waiting for it.
      await (force ? Promise.race([closed, delay(forceMs)]) : closed);
    },
  };
}
