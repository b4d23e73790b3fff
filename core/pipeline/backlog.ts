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

const none: readonly Part[] = [];

/** First in, first out. */
export class Backlog {
  private list: readonly Part[] = none;
  /** Index of the list's first part that is not in `current`. */
  private at = 0;
  private later: (readonly Part[])[] = [];
  private current: OpenFrame | undefined;
  /** Came while a frame was stopped. */
  private waitingBytes = 0;

  get isEmpty(): boolean {
    return this.current === undefined && this.at >= this.list.length && this.later.length === 0;
  }

  /** More waits than one answer may hold. */
  get isOverfull(): boolean {
    return this.waitingBytes > maxWaitingBytes;
  }

  add(parts: readonly Part[]): void {
    if (this.isEmpty) {
      this.list = parts;
      this.at = 0;
      return;
    }
    this.later.push(parts);
    let last: Frame | undefined;
    for (const { frame } of parts) {
      if (frame !== undefined && frame !== last) this.waitingBytes += frame.bytes.byteLength;
      last = frame;
    }
  }

  /** The frame that was stopped, else the next one. Parts of one frame come one after the other. */
  open(): OpenFrame | undefined {
    if (this.current !== undefined) return this.current;
    while (this.at >= this.list.length) {
      this.list = this.later.shift() ?? none;
      this.at = 0;
      if (this.list === none) return undefined;
    }
    const { list, at } = this;
    const frame = list[at]?.frame;
    let next = at + 1;
    while (next < list.length && frame !== undefined && list[next]?.frame === frame) next += 1;
    const parts = at === 0 && next === list.length ? list : list.slice(at, next);
    this.at = next;
    this.current = { frame, parts, next: 0, deltas: [], choices: [], ends: [], rest: 0, usages: 0, starts: 0, empty: 0 };
    return this.current;
  }

  /** The open frame is done with. */
  close(): void {
    this.current = undefined;
    if (this.later.length === 0) this.waitingBytes = 0;
  }
}
