/**
 * Parts that have come, frame by frame, with the place where work on them stands: an end that must wait stops it between two parts, and
 * everything behind waits with it.
 *
 * Knows frames and parts. Must not know why an end waits.
 */
import type { Frame, Part } from "../stream/part.ts";
import type { QueuedDelta } from "./frame-queue.ts";

/** One frame that is being worked on. */
export interface OpenFrame {
  readonly frame: Frame | undefined;
  readonly parts: readonly Part[];
  /** Index of the part to look at next. */
  next: number;
  readonly deltas: QueuedDelta[];
  /** Choices that its parts belong to. */
  readonly choices: number[];
  /** Choices that end with it. */
  readonly ends: number[];
  /** Parts but the answer's end, parts of usage, parts that only begin the answer, texts without text. */
  rest: number;
  usages: number;
  starts: number;
  empty: number;
}

/** Bound on what may wait behind an end, in bytes of frames: as much as behind held text. */
const maxWaitingBytes = 8 * 1024 * 1024;

/** First in, first out. */
export class Backlog {
  private lists: (readonly Part[])[] = [];
  /** Index of the first list's first part that is not in `current`. */
  private at = 0;
  private current: OpenFrame | undefined;
  /** Came while a frame was stopped. */
  private waitingBytes = 0;

  get isEmpty(): boolean {
    return this.current === undefined && this.lists.length === 0;
  }

  /** More waits than one answer may hold. */
  get isOverfull(): boolean {
    return this.waitingBytes > maxWaitingBytes;
  }

  add(parts: readonly Part[]): void {
    if (parts.length === 0) return;
    this.lists.push(parts);
    if (this.current === undefined) return;
    let last: Frame | undefined;
    for (const { frame } of parts) {
      if (frame !== undefined && frame !== last) this.waitingBytes += frame.bytes.byteLength;
      last = frame;
    }
  }

  /** The frame that was stopped, else the next one. Parts of one frame come one after the other. */
  open(): OpenFrame | undefined {
    if (this.current !== undefined) return this.current;
    const [parts] = this.lists;
    if (parts === undefined) return undefined;
    const from = this.at;
    const frame = parts[from]?.frame;
    let next = from + 1;
    while (next < parts.length && frame !== undefined && parts[next]?.frame === frame) next += 1;
    const own = from === 0 && next === parts.length ? parts : parts.slice(from, next);
    this.at = next;
    if (next >= parts.length) {
      this.lists.shift();
      this.at = 0;
    }
    this.current = { frame, parts: own, next: 0, deltas: [], choices: [], ends: [], rest: 0, usages: 0, starts: 0, empty: 0 };
    return this.current;
  }

  /** The open frame is done with. */
  close(): void {
    this.current = undefined;
    if (this.lists.length === 0) this.waitingBytes = 0;
  }
}
