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
  /** Has no other parts than one delta: text may move from it into the next such frame. */
  readonly flows: boolean;
  /** It has left with the text that could; what is left waits for the next frame. */
  hasLeft: boolean;
  /** Its text is not what it came with: some has left, or came from the frame before. */
  moved: boolean;
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

  /** Moves what the first frame has kept back into the one behind it. Returns whether there was anything to move. */
  carry(): boolean {
    const first = this.frames[this.head];
    const next = this.frames[this.head + 1];
    const [from, to] = [first?.deltas[0], next?.deltas[0]];
    if (first === undefined || next === undefined || from === undefined || to === undefined) return false;
    if (!first.hasLeft || !next.flows || !to.accepted || from.block !== to.block) return false;
    to.start = from.start;
    next.moved = true;
    this.removeFirst();
    return true;
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
