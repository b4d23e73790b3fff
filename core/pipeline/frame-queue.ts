/**
 * The hold buffer of the parts path: frames leave in order, each when all of its text is decided.
 *
 * Knows blocks and frames. Must not know analysers, policies or bytes on the wire.
 */
import type { Frame } from "../stream/part.ts";
import type { Block } from "./block.ts";

/** One delta of a frame and where its text stands in its block. */
export interface QueuedDelta {
  readonly block: Block;
  start: number;
  readonly end: number;
  /** False: its choice had been ended by a policy before it came, so its text is dropped. */
  readonly accepted: boolean;
}

/** One frame that waits. */
export interface QueuedFrame {
  readonly frame: Frame;
  readonly deltas: readonly QueuedDelta[];
  /** Choices that its parts belong to. */
  readonly choices: readonly number[];
  /** Choices that end with it. */
  readonly ends: readonly number[];
  /** Has no other parts than one delta: it can be sent in two. */
  readonly splittable: boolean;
  /** A first piece of its text has been sent. */
  isSplit: boolean;
}

/** Bound on what waits, in bytes of frames: other choices' frames queue behind a held one. */
const maxQueuedBytes = 8 * 1024 * 1024;

/** First in, first out. */
export class FrameQueue {
  private frames: QueuedFrame[] = [];
  private head = 0;
  private bytes = 0;

  get isEmpty(): boolean {
    return this.head === this.frames.length;
  }

  /** More waits than one answer may hold. */
  get isOverfull(): boolean {
    return this.bytes > maxQueuedBytes;
  }

  get first(): QueuedFrame | undefined {
    return this.frames[this.head];
  }

  add(frame: QueuedFrame): void {
    this.frames.push(frame);
    this.bytes += frame.frame.bytes.byteLength;
  }

  /** Whether all text of the first frame may leave. */
  get firstIsDecided(): boolean {
    const first = this.frames[this.head];
    if (first === undefined) return false;
    for (const delta of first.deltas) {
      if (delta.accepted && delta.block.cut === undefined && delta.block.decided < delta.end) return false;
    }
    return true;
  }

  removeFirst(): void {
    this.bytes -= this.frames[this.head]?.frame.bytes.byteLength ?? 0;
    this.head += 1;
    if (this.head === this.frames.length) {
      this.frames = [];
      this.head = 0;
    } else if (this.head > 1024) {
      this.frames = this.frames.slice(this.head);
      this.head = 0;
    }
  }
}
