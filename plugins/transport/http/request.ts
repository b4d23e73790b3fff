/** Requests as bytes (RFC 9112 section 3). Must not know sockets. */
import { Buffer } from "node:buffer";
import { MidStreamError } from "../../../core/errors/midstream-error.ts";
import type { UpstreamRequest } from "../../../core/plugin/contract.ts";
import type { SocketTarget } from "./socket.ts";

/** A URL, taken apart once. */
export interface Target extends SocketTarget {
  /** Scheme, host and port: what a connection can be reused for. */
  readonly origin: string;
  /** Value of the host field. */
  readonly authority: string;
  /** Path and query. */
  readonly path: string;
}

/** @throws MidStreamError CONFIG_INVALID */
export function targetOf(url: string, ca?: string): Target {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed === undefined || (parsed.protocol !== "http:" && parsed.protocol !== "https:")) {
    throw new MidStreamError("CONFIG_INVALID", "An upstream's address is no http or https URL");
  }
  const secure = parsed.protocol === "https:";
  return {
    host: parsed.hostname.replace(/^\[|\]$/g, ""),
    port: parsed.port === "" ? (secure ? 443 : 80) : Number(parsed.port),
    origin: parsed.origin,
    authority: parsed.host,
    path: parsed.pathname + parsed.search,
    ...(secure ? { tls: ca === undefined ? {} : { ca } } : {}),
  };
}

/** Fields that belong to the connection or to the message's framing; a provider's values for them are dropped. */
const ownFields = new Set(["host", "connection", "content-length", "transfer-encoding", "accept-encoding", "keep-alive", "te", "upgrade"]);

const carriageReturn = 13;
const lineFeed = 10;

const fieldName = /^[!#$%&'*+.^_`|~0-9a-z-]+$/;
/** RFC 9110 section 5.5: visible characters, blanks, tabs and obs-text. */
const fieldValue = /^[\t\x20-\x7e\x80-\xff]*$/;

/** Heads that callers send again and again (the same frozen list of fields), by target, without the body's length. */
export type KnownHeads = WeakMap<
  UpstreamRequest["headers"],
  { readonly target: Target; readonly method: string; readonly hasBody: boolean; readonly bytes: Uint8Array }
>;

const zero = 48;

/** Writes a number in decimal digits that end before `end`; returns where they start. */
function writeDigits(bytes: Uint8Array, end: number, value: number): number {
  let at = end;
  let rest = value;
  do {
    at -= 1;
    bytes[at] = zero + (rest % 10);
    rest = Math.floor(rest / 10);
  } while (rest > 0);
  return at;
}

function digitsOf(value: number): number {
  let digits = 1;
  for (let rest = value; rest >= 10; rest = Math.floor(rest / 10)) digits += 1;
  return digits;
}

/**
 * Head and body in one piece, so that a request is one packet where it fits. Without a view in between: each is known to the
 * collector, which costs more than what it shows.
 * @throws MidStreamError KERNEL_INTERNAL for a field that would break the head; its value is not in the message
 */
export function encodeRequest(target: Target, request: UpstreamRequest, known?: KnownHeads): Uint8Array {
  const { body } = request;
  const head = headOf(target, request, known);
  const length = body?.length ?? 0;
  const hasLength = body !== undefined || request.method === "POST";
  const headEnd = head.length + (hasLength ? digitsOf(length) + 2 : 0) + 2;
  const bytes = new Uint8Array(headEnd + length);
  bytes.set(head);
  let at = headEnd - 4;
  if (hasLength) {
    writeDigits(bytes, at, length);
  } else {
    at += 2;
  }
  for (; at < headEnd; at += 2) {
    bytes[at] = carriageReturn;
    bytes[at + 1] = lineFeed;
  }
  if (body !== undefined) bytes.set(body, headEnd);
  return bytes;
}

/** The head up to the digits of the body's length, or to the blank line where there is no body. */
function headOf(target: Target, { method, headers, body }: UpstreamRequest, known: KnownHeads | undefined): Uint8Array {
  const remembered = known?.get(headers);
  if (remembered?.target === target && remembered.method === method && remembered.hasBody === (body !== undefined)) return remembered.bytes;
  // Compressed bodies cannot be analysed while they stream, so none are asked for.
  let head = `${method} ${target.path} HTTP/1.1\r\nhost: ${target.authority}\r\nconnection: keep-alive\r\naccept-encoding: identity\r\n`;
  for (const [name, value] of headers) {
    if (!fieldName.test(name) || !fieldValue.test(value)) {
      throw new MidStreamError("KERNEL_INTERNAL", `A request header for the upstream has a forbidden character: ${JSON.stringify(name)}`);
    }
    if (!ownFields.has(name)) head += `${name}: ${value}\r\n`;
  }
  if (body !== undefined || method === "POST") head += "content-length: ";
  const bytes = new Uint8Array(Buffer.from(head, "latin1"));
  if (Object.isFrozen(headers)) known?.set(headers, { target, method, hasBody: body !== undefined, bytes });
  return bytes;
}
