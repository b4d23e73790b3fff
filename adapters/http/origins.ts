/**
 * Pages that may call from a browser.
 *
 * CORS keeps a page from reading an answer, not from asking: a form or a `fetch` without `cors` reaches a gateway on the visitor's own
 * machine unasked, and spends the key of its upstream.
 */
import { MidStreamError } from "../../core/errors/midstream-error.ts";

/** Any origin, as CORS writes it. */
const any = "*";

/**
 * Lets pass what no browser sent, pages of an allowed origin, and those of the gateway's own host (a proxy may serve both).
 *
 * @throws MidStreamError REQUEST_FORBIDDEN
 */
export function checkOrigin(headers: Headers, allowed: readonly string[]): void {
  const origin = headers.get("origin");
  if (origin === null || allowed.includes(origin) || allowed.includes(any)) return;
  if (origin.replace(/^https?:\/\//, "") === headers.get("host")) return;
  throw new MidStreamError("REQUEST_FORBIDDEN", "A page of an origin that server.cors does not name sent a request");
}
