/**
 * Heads of HTTP/1.1 responses: finding their end, parsing, and how the body is delimited (RFC 9112 sections 4 to 6).
 *
 * Must not know sockets.
 */
import { MidStreamError } from "../../../core/errors/midstream-error.ts";
import type { Framing } from "../../../core/native/native-core.ts";

/** Bytes; what nginx, Node and Envoy take or more. */
export const maxHeadBytes = 65_536;
/** Fields; the limit of hyper and Envoy. */
export const maxHeaderCount = 100;

/** A parsed head. */
export interface ResponseHead {
  readonly status: number;
  /** Lower-case names; repeated ones joined by ", ". */
  readonly headers: ReadonlyMap<string, string>;
  readonly keepAlive: boolean;
  readonly framing: Exclude<Framing, "identity">;
  /** Bytes of the body where `framing` is `content-length`, else -1. */
  readonly contentLength: number;
}

const lineFeed = 10;
const carriageReturn = 13;

const bad = (what: string): MidStreamError => new MidStreamError("PROVIDER_BAD_RESPONSE", `The upstream's HTTP head is malformed: ${what}`);

/** Offset behind the blank line, or -1. `from`: how far an earlier call has looked. A bare line feed ends a line too. */
export function findHeadEnd(bytes: Uint8Array, from: number): number {
  // Steps back over what may be the start of the blank line.
  for (let at = bytes.indexOf(lineFeed, Math.max(0, from - 3)); at >= 0; at = bytes.indexOf(lineFeed, at + 1)) {
    const next = bytes[at + 1];
    if (next === lineFeed) return at + 2;
    if (next === carriageReturn && bytes[at + 2] === lineFeed) return at + 3;
  }
  return -1;
}

/** One character a byte, as HTTP fields are. */
function latin1(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += 8_192) text += String.fromCharCode(...bytes.subarray(at, at + 8_192));
  return text;
}

const statusLine = /^HTTP\/1\.([01]) ([1-9][0-9]{2})(?: |$)/;
const fieldLine = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([^\x00-\x08\x0a-\x1f\x7f]*)$/;

/** Lines with obsolete folds undone (RFC 9112 section 5.2). */
function unfold(text: string): string[] {
  const lines: string[] = [];
  for (const raw of text.split("\n")) {
    const line = raw.endsWith("\r") ? raw.slice(0, -1) : raw;
    if (lines.length > 1 && /^[ \t]/.test(line)) lines[lines.length - 1] += ` ${line.trim()}`;
    else if (line !== "") lines.push(line);
  }
  return lines;
}

/**
 * Parses a whole head, blank line included.
 * @throws MidStreamError PROVIDER_BAD_RESPONSE
 */
export function parseHead(bytes: Uint8Array): ResponseHead {
  const [first = "", ...fields] = unfold(latin1(bytes));
  const matched = statusLine.exec(first);
  if (matched === null) throw bad("no HTTP/1.x status line");
  if (fields.length > maxHeaderCount) throw bad(`more than ${maxHeaderCount} fields`);
  const headers = new Map<string, string>();
  for (const line of fields) {
    const field = fieldLine.exec(line);
    if (field === null) throw bad("a field line is no name: value pair");
    const name = field[1]!.toLowerCase();
    const value = field[2]!.trimEnd();
    const known = headers.get(name);
    headers.set(name, known === undefined ? value : `${known}, ${value}`);
  }
  const status = Number(matched[2]);
  const connection = tokens(headers.get("connection"));
  const keepAlive = matched[1] === "1" ? !connection.includes("close") : connection.includes("keep-alive");
  return { status, headers, ...framingOf(status, headers, keepAlive) };
}

const tokens = (value: string | undefined): string[] => (value ?? "").toLowerCase().split(/[ \t]*,[ \t]*/);

function framingOf(
  status: number,
  headers: ReadonlyMap<string, string>,
  keepAlive: boolean,
): Pick<ResponseHead, "framing" | "contentLength" | "keepAlive"> {
  if (status < 200 || status === 204 || status === 304) return { framing: "content-length", contentLength: 0, keepAlive };
  const length = headers.get("content-length");
  const coding = headers.get("transfer-encoding")?.toLowerCase();
  if (coding !== undefined && coding !== "identity") {
    if (coding !== "chunked") throw bad("a transfer-encoding other than chunked");
    // Both fields at once is a sign of smuggling (RFC 9112 section 6.3): read as chunked, never reuse.
    return { framing: "chunked", contentLength: -1, keepAlive: keepAlive && length === undefined };
  }
  if (length === undefined) return { framing: "close", contentLength: -1, keepAlive: false };
  const values = new Set(tokens(length));
  const value = [...values][0]!;
  if (values.size > 1 || !/^[0-9]{1,15}$/.test(value)) throw bad("content-length is no number");
  return { framing: "content-length", contentLength: Number(value), keepAlive };
}

/** Milliseconds that the server promises to keep an unused connection (`keep-alive: timeout=5`), or undefined. */
export function promisedKeepAliveMs(headers: ReadonlyMap<string, string>): number | undefined {
  const seconds = /(?:^|[,;\s])timeout=([0-9]{1,6})/.exec(headers.get("keep-alive") ?? "")?.[1];
  return seconds === undefined ? undefined : Number(seconds) * 1_000;
}
