/** Reads a request's body with a bound, whatever the client says of its length. */
import { MidStreamError } from "../../core/errors/midstream-error.ts";

const tooLarge = (maxBytes: number) =>
  new MidStreamError("REQUEST_TOO_LARGE", `Request body is over ${maxBytes} bytes`, {
    publicMessage: `The request body is over this gateway's limit of ${maxBytes} bytes`,
  });

/** @throws MidStreamError REQUEST_TOO_LARGE as soon as the bound is passed. */
export async function readBody(request: Request, maxBytes: number): Promise<Uint8Array> {
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
