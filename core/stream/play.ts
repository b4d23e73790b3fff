/**
 * Plays a script of bytes as an upstream's response, at a pace, under back-pressure: for providers that live in this process.
 *
 * Must not know what the bytes mean.
 */
import { MidStreamError } from "../errors/midstream-error.ts";
import type { Framing } from "../native/native-core.ts";
import type { ByteSink, UpstreamResponse } from "../plugin/contract.ts";

/** One step of a script. */
export type PlayStep =
  /** Bytes that arrive `afterMs` milliseconds after the step before. */
  | { readonly type: "bytes"; readonly afterMs: number; readonly bytes: Uint8Array }
  /** The connection breaks. Without it the body ends in order after the last step. */
  | { readonly type: "cut"; readonly afterMs: number };

/** Time for players. */
export interface PlayClock {
  /** Milliseconds, monotonic. */
  now(): number;
  /** Calls once after `ms`; the returned function prevents it. */
  after(ms: number, callback: () => void): () => void;
}

/** What is played. */
export interface Play {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: ReadonlyMap<string, string>;
  readonly steps: Iterable<PlayStep>;
  /** `chunked`: every step is one chunk of the transfer coding. */
  readonly framing: Extract<Framing, "identity" | "chunked">;
  readonly signal: AbortSignal;
  readonly clock: PlayClock;
}

/** Steps given without a pause for other work: a script without delays must not stop the process. */
const stepsAtOnce = 256;

const lineEnd = [13, 10];

/** A chunk of the transfer coding; of no bytes: the last one. */
function chunked(bytes: Uint8Array): Uint8Array {
  const size = new TextEncoder().encode(bytes.length.toString(16));
  return Uint8Array.from([...size, ...lineEnd, ...bytes, ...lineEnd]);
}

class Player implements UpstreamResponse {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly framing: Framing;
  readonly contentLength = -1;
  readonly #steps: Iterator<PlayStep>;
  readonly #signal: AbortSignal;
  readonly #clock: PlayClock;
  #sink: ByteSink | undefined;
  #paused = false;
  #running = false;
  #over = false;
  #cancelled = false;
  #next: PlayStep | undefined;
  #ended = false;
  /** When the next step is due. */
  #dueMs = 0;
  #stopTimer: (() => void) | undefined;

  constructor({ status, headers, steps, framing, signal, clock }: Play) {
    this.status = status;
    this.headers = headers;
    this.framing = framing;
    this.#steps = steps[Symbol.iterator]();
    this.#signal = signal;
    this.#clock = clock;
    signal.addEventListener("abort", this.#aborted);
  }

  read(sink: ByteSink): void {
    if (this.#sink !== undefined || this.#over) return;
    this.#sink = sink;
    this.#dueMs = this.#clock.now();
    this.#advance();
    this.#run();
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    this.#run();
  }

  release(): void {
    if (this.framing !== "identity") this.#close();
  }

  cancel(): void {
    this.#cancelled = true;
    this.#close();
  }

  #advance(): void {
    const result = this.#steps.next();
    this.#ended = result.done === true;
    this.#next = this.#ended ? undefined : result.value;
    this.#dueMs += this.#next?.afterMs ?? 0;
  }

  #run(): void {
    if (this.#running || this.#sink === undefined || this.#stopTimer !== undefined) return;
    this.#running = true;
    try {
      for (let count = 0; !this.#paused && !this.#over; count++) {
        const waitMs = this.#next === undefined ? 0 : this.#dueMs - this.#clock.now();
        if (waitMs > 0 || count >= stepsAtOnce) {
          this.#sleep(Math.max(0, waitMs));
          return;
        }
        this.#step();
      }
    } finally {
      this.#running = false;
    }
  }

  #sleep(ms: number): void {
    this.#stopTimer = this.#clock.after(ms, () => {
      this.#stopTimer = undefined;
      this.#run();
    });
  }

  #step(): void {
    const [sink, step] = [this.#sink!, this.#next];
    if (step?.type === "cut") {
      this.#close();
      sink.fail(new MidStreamError("PROVIDER_CUT", "The played connection was cut"));
    } else if (step !== undefined) {
      this.#advance();
      sink.chunk(this.framing === "chunked" ? chunked(step.bytes) : step.bytes);
    } else if (this.framing === "chunked" && this.#ended) {
      this.#ended = false;
      sink.chunk(chunked(new Uint8Array(0)));
    } else {
      this.#close();
      sink.end();
    }
  }

  readonly #aborted = (): void => {
    const sink = this.#sink;
    this.#close();
    // A reader that listens to the same signal cancels, and then hears nothing; one that does not must not wait for ever.
    queueMicrotask(() => {
      if (!this.#cancelled) sink?.fail(new MidStreamError("PROVIDER_CUT", "The exchange was cancelled", { cause: this.#signal.reason }));
    });
  };

  #close(): void {
    if (this.#over) return;
    this.#over = true;
    this.#sink = undefined;
    this.#stopTimer?.();
    this.#stopTimer = undefined;
    this.#signal.removeEventListener("abort", this.#aborted);
    this.#steps.return?.();
  }
}

/** A response whose body comes as the script says. */
export const playResponse = (play: Play): UpstreamResponse => new Player(play);

/** The runtime's clock. */
export const realPlayClock = (now: () => number): PlayClock => ({
  now,
  after(ms, callback) {
    const timer = setTimeout(callback, ms);
    return () => clearTimeout(timer);
  },
});
