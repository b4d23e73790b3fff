/** What the HTTP door needs of a runtime's server; `#listen` picks the implementation. */

/** How to bind. */
export interface ListenSettings {
  readonly host: string;
  /** 0 = any free port. */
  readonly port: number;
  /** Largest request head; a larger one is answered with 431. */
  readonly maxHeaderBytes: number;
  /** Longest wait for a request's head; 0 = no limit. Deno knows none. */
  readonly headTimeoutMs: number;
  /** PEM texts. */
  readonly tls?: { readonly cert: string; readonly key: string };
  /** Also answer HTTP/3 on the same UDP port; needs `tls`, and a runtime that offers it (Bun). */
  readonly http3?: boolean;
  readonly fetch: (request: Request) => Response | Promise<Response>;
}

/** A bound server. */
export interface Listener {
  readonly port: number;
  /** Stops accepting; resolves when open requests have ended, or at once with `force`. */
  stop(force: boolean): Promise<void>;
}
