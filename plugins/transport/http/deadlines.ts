/** Time-outs of many exchanges from one coarse interval, so that a chunk costs no timer. */
import { clearInterval, setInterval } from "node:timers";

/** Time as the transport sees it. */
export interface Clock {
  /** Milliseconds, monotonic. */
  now(): number;
  /** Calls `tick` about every `ms` milliseconds until the returned function is called. */
  every(ms: number, tick: () => void): () => void;
}

/** Something with time-outs. */
export interface Timed {
  check(nowMs: number): void;
}

/** The interval runs only while something is watched. */
export class Deadlines {
  /** Time of the last tick (or of the last `add`), in milliseconds: good enough for "when did a byte arrive". */
  nowMs: number;
  readonly #clock: Clock;
  readonly #intervalMs: number;
  readonly #watched = new Set<Timed>();
  #stop: (() => void) | undefined;

  constructor(clock: Clock, intervalMs: number) {
    this.#clock = clock;
    this.#intervalMs = intervalMs;
    this.nowMs = clock.now();
  }

  add(timed: Timed): void {
    this.nowMs = this.#clock.now();
    this.#watched.add(timed);
    this.#stop ??= this.#clock.every(this.#intervalMs, () => this.#tick());
  }

  delete(timed: Timed): void {
    this.#watched.delete(timed);
    if (this.#watched.size === 0) {
      this.#stop?.();
      this.#stop = undefined;
    }
  }

  #tick(): void {
    this.nowMs = this.#clock.now();
    for (const timed of this.#watched) timed.check(this.nowMs);
  }
}

/** The runtime's interval; it does not keep the process alive. */
export const realEvery: Clock["every"] = (ms, tick) => {
  const timer = setInterval(tick, ms);
  timer.unref();
  return () => clearInterval(timer);
};
