/** Test kit: a clock that stands still, and judges that answer when the test says so. Not used at run time. */
import type { CallResult } from "./call.ts";
import type { QueueClock } from "./queue.ts";

/** A clock that moves by `advance` only. */
export class FakeClock implements QueueClock {
  private nowMs = 0;
  private readonly timers = new Set<{ readonly at: number; readonly callback: () => void }>();
  private awaited: { readonly ms: number; readonly resolve: () => void }[] = [];

  now(): number {
    return this.nowMs;
  }

  after(ms: number, callback: () => void): () => void {
    const timer = { at: this.nowMs + ms, callback };
    this.timers.add(timer);
    for (const each of this.awaited) if (each.ms === ms) each.resolve();
    this.awaited = this.awaited.filter((each) => each.ms !== ms);
    return () => this.timers.delete(timer);
  }

  /** Resolves when the next timer of so many milliseconds is set. */
  timerOf(ms: number): Promise<void> {
    return new Promise((resolve) => this.awaited.push({ ms, resolve }));
  }

  /** Timers that are set. */
  get pending(): number {
    return this.timers.size;
  }

  advance(ms: number): void {
    const until = this.nowMs + ms;
    for (;;) {
      const next = [...this.timers].filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)[0];
      if (next === undefined) break;
      this.timers.delete(next);
      this.nowMs = next.at;
      next.callback();
    }
    this.nowMs = until;
  }
}

/** A call that waits for the test. */
export interface OpenCall {
  readonly body: unknown;
  isCancelled: boolean;
  answer(result: CallResult): Promise<void>;
}

/** A judge whose calls all wait. */
export class SlowJudge {
  readonly calls: OpenCall[] = [];

  readonly call = (body: unknown) => {
    const { promise, resolve } = Promise.withResolvers<CallResult>();
    const open: OpenCall = {
      body,
      isCancelled: false,
      async answer(result) {
        resolve(result);
        for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
      },
    };
    this.calls.push(open);
    return {
      result: promise,
      cancel() {
        open.isCancelled = true;
      },
    };
  };
}
