/**
 * Heads of HTTP/1.1 responses: finding their end, parsing, and how the body is delimited (RFC 9112 sections 4 to 6).
 *
 * Must not know sockets.
 */
import { Buffer } from "node:buffer";
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

/** Numbers of each field in `Fields`: where its name and its value start and end in the head's text. */
const stride = 4;
const upperA = 65;
const upperZ = 90;
const toLower = 32;

/**
 * The fields of a head: a dozen, of which two or three are read. They are left in the head's text until somebody asks, which takes a
 * fifth of the time of a `Map` of them all.
 */
class Fields implements ReadonlyMap<string, string> {
  readonly #text: string;
  readonly #places: readonly number[];

  constructor(text: string, places: readonly number[]) {
    this.#text = text;
    this.#places = places;
  }

  get(name: string): string | undefined {
    let found: string | undefined;
    for (let at = 0; at < this.#places.length; at += stride) {
      if (!this.#isNamed(at, name)) continue;
      const value = this.#text.slice(this.#places[at + 2], this.#places[at + 3]);
      found = found === undefined ? value : `${found}, ${value}`;
    }
    return found;
  }

  /** Whether the field at a place has the name, which is in lower case. */
  #isNamed(at: number, name: string): boolean {
    const start = this.#places[at]!;
    if (this.#places[at + 1]! - start !== name.length) return false;
    for (let index = 0; index < name.length; index += 1) {
      const code = this.#text.charCodeAt(start + index);
      if ((code >= upperA && code <= upperZ ? code + toLower : code) !== name.charCodeAt(index)) return false;
    }
    return true;
  }

  /** All of them, names in lower case. */
  #all(): Map<string, string> {
    const all = new Map<string, string>();
    for (let at = 0; at < this.#places.length; at += stride) {
      const name = this.#text.slice(this.#places[at], this.#places[at + 1]).toLowerCase();
      if (!all.has(name)) all.set(name, this.get(name) ?? "");
    }
    return all;
  }

  get size(): number {
    return this.#all().size;
  }

  has(name: string): boolean {
    return this.get(name) !== undefined;
  }

  forEach(callback: (value: string, name: string, map: ReadonlyMap<string, string>) => void, thisArg?: unknown): void {
    for (const [name, value] of this) callback.call(thisArg, value, name, this);
  }

  entries(): MapIterator<[string, string]> {
    return this.#all().entries();
  }

  keys(): MapIterator<string> {
    return this.#all().keys();
  }

  values(): MapIterator<string> {
    return this.#all().values();
  }

  [Symbol.iterator](): MapIterator<[string, string]> {
    return this.entries();
  }
}

const lineFeed = 10;
const carriageReturn = 13;
const colon = 58;

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
const latin1 = (bytes: Uint8Array, end: number): string => Buffer.from(bytes.buffer, bytes.byteOffset, end).toString("latin1");

const statusStart = "HTTP/1.";
const zero = 48;
const nine = 57;
const blank = 32;

/** Three digits that are a status, or -1. `HTTP/1.1 200 OK`: the reason may be missing, and its blank too. */
function statusOf(text: string): number {
  const [version, gap, end] = [text.charCodeAt(7), text.charCodeAt(8), text.charCodeAt(12)];
  if (!text.startsWith(statusStart) || (version !== zero && version !== zero + 1) || gap !== blank) return -1;
  if (end !== blank && end !== lineFeed && (end !== carriageReturn || text.charCodeAt(13) !== lineFeed)) return -1;
  let status = 0;
  for (let at = 9; at < 12; at += 1) {
    const digit = text.charCodeAt(at);
    if (digit < zero || digit > nine) return -1;
    status = status * 10 + digit - zero;
  }
  return status < 100 ? -1 : status;
}

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

/** What a byte may be: part of a field's name (RFC 9110 section 5.6.2), of its value (section 5.5, obs-text included). */
const inName = 1;
const inValue = 2;
const kinds = Uint8Array.from({ length: 256 }, (_, code) => {
  const isToken = /[!#$%&'*+.^_`|~0-9A-Za-z-]/.test(String.fromCharCode(code));
  const isText = code === 9 || (code >= 32 && code !== 127);
  return (isToken ? inName : 0) | (isText ? inValue : 0);
});

/**
 * Parses a whole head, blank line included: the first `end` of the bytes.
 * @throws MidStreamError PROVIDER_BAD_RESPONSE
 */
export function parseHead(bytes: Uint8Array, end = bytes.length): ResponseHead {
  const text = latin1(bytes, end);
  const status = statusOf(text);
  if (status < 0) throw bad("no HTTP/1.x status line");
  const headers = readPlain(bytes, text) ?? readFolded(text);
  const connection = headers.get("connection");
  const isNew = text.charCodeAt(statusStart.length) === zero + 1;
  const keepAlive = connection === undefined ? isNew : tokens(connection).includes(isNew ? "close" : "keep-alive") !== isNew;
  return framed(status, headers, keepAlive);
}

/** Fields without folds, each as it must be: nearly every head. Undefined for any other. `text` is what `bytes` say. */
function readPlain(bytes: Uint8Array, text: string): Fields | undefined {
  const places: number[] = [];
  let count = 0;
  for (let at = text.indexOf("\n") + 1; at < bytes.length; ) {
    const start = at;
    while ((kinds[bytes[at]!]! & inName) !== 0) at += 1;
    if (at === start) return isBlankLine(bytes, at) ? new Fields(text, places) : undefined;
    if (bytes[at] !== colon) return undefined;
    const nameEnd = at;
    let begin = at + 1;
    while (isBlank(bytes[begin]!)) begin += 1;
    for (at = begin; (kinds[bytes[at]!]! & inValue) !== 0; ) at += 1;
    let end = at;
    while (end > begin && isBlank(bytes[end - 1]!)) end -= 1;
    if (bytes[at] === carriageReturn) at += 1;
    if (bytes[at] !== lineFeed) return undefined;
    at += 1;
    count += 1;
    if (count > maxHeaderCount) throw bad(`more than ${maxHeaderCount} fields`);
    places.push(start, nameEnd, begin, end);
  }
  return undefined;
}

const isBlank = (byte: number): boolean => byte === 32 || byte === 9;

const isBlankLine = (bytes: Uint8Array, at: number): boolean =>
  bytes[at] === lineFeed || (bytes[at] === carriageReturn && bytes[at + 1] === lineFeed);

/** Folds undone, and what is wrong told. */
function readFolded(text: string): ReadonlyMap<string, string> {
  const [, ...fields] = unfold(text);
  if (fields.length > maxHeaderCount) throw bad(`more than ${maxHeaderCount} fields`);
  const headers = new Map<string, string>();
  for (const line of fields) {
    const field = fieldLine.exec(line);
    if (field === null) throw bad("a field line is no name: value pair");
    const [name, value] = [field[1]!.toLowerCase(), field[2]!.trimEnd()];
    const before = headers.get(name);
    headers.set(name, before === undefined ? value : `${before}, ${value}`);
  }
  return headers;
}

const tokens = (value: string | undefined): string[] => (value ?? "").toLowerCase().split(/[ \t]*,[ \t]*/);

const decimal = /^[0-9]{1,15}$/;

function framed(status: number, headers: ReadonlyMap<string, string>, keepAlive: boolean): ResponseHead {
  if (status < 200 || status === 204 || status === 304) return { status, headers, framing: "content-length", contentLength: 0, keepAlive };
  const length = headers.get("content-length");
  const coding = headers.get("transfer-encoding")?.toLowerCase();
  if (coding !== undefined && coding !== "identity") {
    if (coding !== "chunked") throw bad("a transfer-encoding other than chunked");
    // Both fields at once is a sign of smuggling (RFC 9112 section 6.3): read as chunked, never reuse.
    return { status, headers, framing: "chunked", contentLength: -1, keepAlive: keepAlive && length === undefined };
  }
  if (length === undefined) return { status, headers, framing: "close", contentLength: -1, keepAlive: false };
  // The same length twice is one length (section 6.3).
  const [value = "", ...others] = decimal.test(length) ? [length] : new Set(tokens(length));
  if (others.length > 0 || !decimal.test(value)) throw bad("content-length is no number");
  return { status, headers, framing: "content-length", contentLength: Number(value), keepAlive };
}

/** Milliseconds that the server promises to keep an unused connection (`keep-alive: timeout=5`), or undefined. */
export function promisedKeepAliveMs(headers: ReadonlyMap<string, string>): number | undefined {
  const promised = headers.get("keep-alive");
  if (promised === undefined) return undefined;
  const seconds = /(?:^|[,;\s])timeout=([0-9]{1,6})/.exec(promised)?.[1];
  return seconds === undefined ? undefined : Number(seconds) * 1_000;
}
