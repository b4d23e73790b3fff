/**
 * Where a value stands in JSON text, so that it can be replaced without writing the rest anew.
 *
 * Works on UTF-8 bytes that are known to be valid JSON; on others it finds nothing or something, but ends.
 * Must not know any dialect's field name.
 */

/** Half-open range of bytes. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** Member names and item numbers from the root. */
export type JsonPath = readonly (string | number)[];

const quote = 34;
const backslash = 92;
const comma = 44;
const colon = 58;
const openBrace = 123;
const closeBrace = 125;
const openBracket = 91;
const closeBracket = 93;

const isBlank = (byte: number | undefined): boolean => byte === 32 || byte === 10 || byte === 13 || byte === 9;

function skipBlanks(json: Uint8Array, at: number): number {
  let next = at;
  while (isBlank(json[next])) next += 1;
  return next;
}

/** `at` is the opening quote; returns the offset behind the closing one. */
function skipString(json: Uint8Array, at: number): number {
  let next = at + 1;
  while (next < json.length && json[next] !== quote) next += json[next] === backslash ? 2 : 1;
  return Math.min(next + 1, json.length);
}

/** Returns the offset behind the value that starts at `at`. Without recursion, so that depth costs nothing. */
function skipValue(json: Uint8Array, at: number): number {
  let depth = 0;
  let next = at;
  while (next < json.length) {
    const byte = json[next]!;
    if (byte === quote) {
      next = skipString(json, next);
      if (depth === 0) return next;
      continue;
    }
    if (byte === openBrace || byte === openBracket) depth += 1;
    else if (byte === closeBrace || byte === closeBracket) {
      // The end of what holds a bare number or literal.
      if (depth === 0) return next;
      depth -= 1;
      if (depth === 0) return next + 1;
    } else if (depth === 0 && (byte === comma || isBlank(byte))) return next;
    next += 1;
  }
  return next;
}

const decoder = new TextDecoder();

function isName(json: Uint8Array, name: Span, wanted: string): boolean {
  const text = decoder.decode(json.subarray(name.start, name.end));
  return text === `"${wanted}"` || (text.includes("\\") && JSON.parse(text) === wanted);
}

/** Value of a member of the object at `at`; of several with one name the last, as `JSON.parse` has it. */
function member(json: Uint8Array, at: number, wanted: string): Span | undefined {
  if (json[at] !== openBrace) return undefined;
  let found: Span | undefined;
  let next = skipBlanks(json, at + 1);
  while (json[next] === quote) {
    const name = { start: next, end: skipString(json, next) };
    next = skipBlanks(json, name.end);
    if (json[next] !== colon) return undefined;
    const start = skipBlanks(json, next + 1);
    const end = skipValue(json, start);
    if (isName(json, name, wanted)) found = { start, end };
    next = skipBlanks(json, end);
    if (json[next] === comma) next = skipBlanks(json, next + 1);
  }
  return found;
}

function item(json: Uint8Array, at: number, wanted: number): Span | undefined {
  if (json[at] !== openBracket) return undefined;
  let next = skipBlanks(json, at + 1);
  for (let index = 0; next < json.length && json[next] !== closeBracket; index++) {
    const end = skipValue(json, next);
    if (index === wanted) return { start: next, end };
    next = skipBlanks(json, end);
    if (json[next] !== comma) return undefined;
    next = skipBlanks(json, next + 1);
  }
  return undefined;
}

/** Range of the value at `path`, quotes included; undefined where there is none. Time: linear in the text for each step of the path. */
export function locate(json: Uint8Array, path: JsonPath): Span | undefined {
  const start = skipBlanks(json, 0);
  let span: Span | undefined = { start, end: skipValue(json, start) };
  for (const step of path) {
    if (span === undefined) return undefined;
    span = typeof step === "string" ? member(json, span.start, step) : item(json, span.start, step);
  }
  return span;
}

/** One replacement of bytes by text. */
export interface SpanEdit {
  readonly span: Span;
  readonly text: string;
}

const encoder = new TextEncoder();

/** A copy of `bytes` with the ranges replaced. Ranges do not overlap; any order. */
export function replaceSpans(bytes: Uint8Array, edits: readonly SpanEdit[]): Uint8Array {
  const ordered = edits.map(({ span, text }) => ({ span, text: encoder.encode(text) })).sort((a, b) => a.span.start - b.span.start);
  const length = ordered.reduce((sum, { span, text }) => sum + text.length - (span.end - span.start), bytes.length);
  const result = new Uint8Array(length);
  let from = 0;
  let to = 0;
  for (const { span, text } of ordered) {
    const kept = bytes.subarray(from, span.start);
    result.set(kept, to);
    result.set(text, to + kept.length);
    to += kept.length + text.length;
    from = span.end;
  }
  result.set(bytes.subarray(from), to);
  return result;
}

/**
 * A JSON string with the fewest escapes: the quote, the backslash and control characters; all else stays UTF-8. Lone
 * surrogates, which UTF-8 cannot hold, become U+FFFD.
 */
export const jsonString = (text: string): string => JSON.stringify(text.toWellFormed());
