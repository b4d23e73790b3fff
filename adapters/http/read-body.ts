/** Reads a request's body with a bound, whatever the client says of its length. */
import { isMidStreamError, MidStreamError } from "../../core/errors/midstream-error.ts";

const tooLarge = (maxBytes: number) =>
  new MidStreamError("REQUEST_TOO_LARGE", `Request body is over ${maxBytes} bytes`, {
    publicMessage: `The request body is over this gateway's limit of ${maxBytes} bytes`,
  });

/** Bounds of a body. */
export interface BodyLimits {
  readonly maxBytes: number;
  /** Longest time that it may take to arrive; 0 = no limit. */
  readonly timeoutMs: number;
}

/** The work goes on when the time is over; the connection's end ends it. */
function within<T>(work: Promise<T>, ms: number): Promise<T> {
  if (ms === 0) return work;
  return new Promise((resolve, reject) => {
    const late = () => reject(new MidStreamError("REQUEST_TIMEOUT", `The request's body took more than ${ms} ms`));
    const timer = setTimeout(late, ms);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

/**
 * @throws MidStreamError REQUEST_TOO_LARGE as soon as the bound is passed; REQUEST_TIMEOUT; REQUEST_INVALID where the client ends before
 * its body does
 */
export async function readBody(request: Request, { maxBytes, timeoutMs }: BodyLimits): Promise<Uint8Array> {
  try {
    return await within(read(request, maxBytes), timeoutMs);
  } catch (cause) {
    if (isMidStreamError(cause)) throw cause;
    const message = "The request's body ended early or could not be read";
    throw new MidStreamError("REQUEST_INVALID", message, { cause, publicMessage: message });
  }
}

async function read(request: Request, maxBytes: number): Promise<Uint8Array> {
  const declared = Number(request.headers.get("content-length") ?? Number.NaN);
  if (declared > maxBytes) throw tooLarge(maxBytes);
  if (declared >= 0) return new Uint8Array(await request.arrayBuffer());
  if (request.body === null) return new Uint8Array();
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of request.body as unknown as AsyncIterable<Uint8Array>) {
    length += piece.byteLength;
    if (length > maxBytes) throw tooLarge(maxBytes);
    pieces.push(piece);
  }
  const body = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    body.set(piece, at);
    at += piece.byteLength;
  }
  return body;
}
