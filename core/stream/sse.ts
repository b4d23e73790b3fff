/**
 * Server-sent events (WHATWG HTML, section 9.2): bytes to frames, incrementally.
 *
 * Ends of lines may be CR, LF or CRLF, also split between two reads. Must not know what the data mean.
 */
import type { Span } from "./json-spans.ts";
import type { Frame } from "./part.ts";

/** Bytes of one event; the limit of native/wire. */
export const maxFrameBytes = 1_048_576;

/** An event, with its blank line. */
export interface SseFrame extends Frame {
  /** Value of its last `event` field, "" where it has none. */
  readonly event: string;
}

const lineFeed = 10;
const carriageReturn = 13;
const colon = 58;
const space = 32;

const nothing = new Uint8Array(0);
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
const byteOrderMark = [0xef, 0xbb, 0xbf];

/** Value of the line's field if it is named so, without the one blank that may stand before it. */
function fieldValue(bytes: Uint8Array, line: Span, name: string): Span | undefined {
  const after = line.start + name.length;
  if (after > line.end) return undefined;
  for (let at = 0; at < name.length; at++) if (bytes[line.start + at] !== name.charCodeAt(at)) return undefined;
  if (after === line.end) return { start: after, end: after };
  if (bytes[after] !== colon) return undefined;
  return { start: bytes[after + 1] === space && after + 1 < line.end ? after + 2 : after + 1, end: line.end };
}

/** Ranges of the values of an event's data lines; joined by line feeds they are its payload. */
export function dataSpans(frame: Uint8Array): Span[] {
  const spans: Span[] = [];
  for (const line of linesOf(frame, true)) {
    const value = fieldValue(frame, line, "data");
    if (value !== undefined) spans.push(value);
  }
  return spans;
}

function* linesOf(frame: Uint8Array, mayHaveMark: boolean): Generator<Span> {
  let start = mayHaveMark && byteOrderMark.every((byte, at) => frame[at] === byte) ? 3 : 0;
  for (let at = start; at < frame.length; at++) {
    const byte = frame[at];
    if (byte !== lineFeed && byte !== carriageReturn) continue;
    if (at > start) yield { start, end: at };
    if (byte === carriageReturn && frame[at + 1] === lineFeed) at += 1;
    start = at + 1;
  }
  if (start < frame.length) yield { start, end: frame.length };
}

/** Whether an event has any line that is no comment. */
function hasFields(frame: Uint8Array): boolean {
  for (const line of linesOf(frame, true)) if (frame[line.start] !== colon) return true;
  return false;
}

/** Where the value begins of an event that is one data line with line feeds, as nearly all are; 0 for any other. */
function onlyData(bytes: Uint8Array): number {
  if (bytes[0] !== 0x64 || bytes[1] !== 0x61 || bytes[2] !== 0x74 || bytes[3] !== 0x61 || bytes[4] !== colon) return 0;
  if (bytes.indexOf(lineFeed) !== bytes.length - 2 || bytes.includes(carriageReturn)) return 0;
  return bytes[5] === space ? 6 : 5;
}

/** Reads an event's fields. The stream's first event may begin with a byte order mark. */
function readFrame(bytes: Uint8Array, first: boolean): SseFrame {
  const only = onlyData(bytes);
  if (only > 0) return { bytes, payload: decoder.decode(bytes.subarray(only, bytes.length - 2)), event: "" };
  let payload: string | undefined;
  let event = "";
  for (const line of linesOf(bytes, first)) {
    const data = fieldValue(bytes, line, "data");
    if (data !== undefined) {
      const text = decoder.decode(bytes.subarray(data.start, data.end));
      payload = payload === undefined ? text : `${payload}\n${text}`;
      continue;
    }
    const name = fieldValue(bytes, line, "event");
    if (name !== undefined) event = decoder.decode(bytes.subarray(name.start, name.end));
  }
  return { bytes, payload: payload ?? "", event };
}

/**
 * Cuts a byte stream into events. The frames' bytes, in order, are the input's bytes.
 *
 * A CR may be half a CRLF, so it waits for the next byte; except on a blank line whose predecessor ended in a lone CR: there it
 * ends the event at once, and a LF after it is a blank line of its own. The rule looks at bytes only (and is that of the native
 * wire), so every partition of a stream gives the same frames.
 */
export class SseFramer {
  /** The event under way is the first `#length` bytes. Frames that were cut keep their buffer; the rest moves to a new one. */
  #buffer: Uint8Array = nothing;
  #length = 0;
  /** How far the event has been searched, and where its current line starts. */
  #searched = 0;
  #lineStart = 0;
  #loneReturn = false;
  /** Only the stream's first line may begin with a byte order mark. */
  #firstLine = true;
  #firstFrame = true;

  /** An event above `maxFrameBytes` has come: nothing more is cut. */
  isOverfull = false;

  push(chunk: Uint8Array): SseFrame[] {
    if (this.isOverfull) return [];
    this.#append(chunk);
    const bytes = this.#buffer.subarray(0, this.#length);
    const frames: SseFrame[] = [];
    let start = 0;
    let at = this.#searched;
    while (at < bytes.length) {
      const byte = bytes[at];
      if (byte !== lineFeed && byte !== carriageReturn) {
        at += 1;
        continue;
      }
      const blank = this.#isBlank(bytes, at);
      const next = this.#lineEnd(bytes, at, blank);
      if (next < 0) break;
      at = next;
      this.#lineStart = at;
      this.#firstLine = false;
      if (!blank) continue;
      if (at - start > maxFrameBytes) {
        this.isOverfull = true;
        return frames;
      }
      frames.push(readFrame(bytes.subarray(start, at), this.#firstFrame));
      this.#firstFrame = false;
      start = at;
    }
    this.#keep(start, at);
    return frames;
  }

  /**
   * The stream is over: an event that no blank line ended, with the line ends that it lacked; undefined where there is none, or only
   * comments.
   */
  end(): SseFrame | undefined {
    const last = this.#buffer[this.#length - 1];
    if (this.#length === 0) return undefined;
    if (last !== lineFeed && last !== carriageReturn) this.push(Uint8Array.of(lineFeed));
    for (let missing = 0; missing < 2; missing++) {
      const [frame] = this.push(Uint8Array.of(lineFeed));
      if (frame !== undefined) return hasFields(frame.bytes) ? frame : undefined;
    }
    return undefined;
  }

  /** Offset behind the line end at `at`; -1 where the next byte must be known first. */
  #lineEnd(bytes: Uint8Array, at: number, blank: boolean): number {
    if (bytes[at] === lineFeed) {
      this.#loneReturn = false;
      return at + 1;
    }
    if (blank && this.#loneReturn) return at + 1;
    if (at + 1 === bytes.length) return -1;
    this.#loneReturn = bytes[at + 1] !== lineFeed;
    return this.#loneReturn ? at + 1 : at + 2;
  }

  #isBlank(bytes: Uint8Array, end: number): boolean {
    if (end === this.#lineStart) return true;
    return this.#firstLine && end === 3 && byteOrderMark.every((byte, at) => bytes[at] === byte);
  }

  /** Doubles the buffer where an event grows, so that a large one that comes in small reads costs linear time. */
  #append(chunk: Uint8Array): void {
    const needed = this.#length + chunk.length;
    if (needed > this.#buffer.length) {
      const buffer = new Uint8Array(this.#length === 0 ? needed : Math.max(needed, 2 * this.#buffer.length));
      buffer.set(this.#buffer.subarray(0, this.#length));
      this.#buffer = buffer;
    }
    this.#buffer.set(chunk, this.#length);
    this.#length = needed;
  }

  #keep(start: number, searched: number): void {
    if (start > 0) {
      this.#buffer = start === this.#length ? nothing : this.#buffer.slice(start, this.#length);
      this.#length = this.#buffer.length;
    }
    this.#searched = searched - start;
    this.#lineStart -= start;
    this.isOverfull = this.#length > maxFrameBytes;
  }
}
