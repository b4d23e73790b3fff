/** Handles of objects that have an owner. */
import { failure } from "./failure.ts";
import type { Closing, Thread } from "./thread.ts";

/** A handle that is closed once: by its owner, or when that was forgotten. */
export class Owned implements Disposable {
  readonly thread: Thread;
  readonly #close: Closing;
  /** 0 once closed. */
  handle: number;

  constructor(thread: Thread, call: string, handle: number, close: Closing) {
    if (handle < 0) throw failure(thread.flat, call, handle);
    this.thread = thread;
    this.handle = handle;
    this.#close = close;
    thread.lost.register(this, { handle, close }, this);
  }

  [Symbol.dispose](): void {
    const { handle } = this;
    if (handle === 0) return;
    this.handle = 0;
    this.thread.lost.unregister(this);
    this.thread.flat[this.#close](handle);
  }
}
