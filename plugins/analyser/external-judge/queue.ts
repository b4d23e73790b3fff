/**
 * All calls of one instance: so many under way, so many waiting, none longer than its deadline, none while the breaker is open. Whoever
 * asks gets exactly one outcome, and never waits longer than the deadline for it.
 *
 * Must not know formats, units or sessions.
 */
import type { JudgeVerdict } from "./adapters/adapter.ts";
import { Breaker } from "./breaker.ts";
import type { CallResult } from "./call.ts";

/** Why there is no verdict. */
export const reasons = [
  "timeout",
  "unreachable",
  "refused",
  "rate-limited",
  "unreadable",
  "overloaded",
  "circuit-open",
  "overrun",
  "no-context",
] as const;
/** One of them. */
export type Reason = (typeof reasons)[number];

/** What became of a text that was to be judged. */
export type Outcome = { readonly kind: "verdict"; readonly verdict: JudgeVerdict } | { readonly kind: "none"; readonly reason: Reason };

/** Time for queues. */
export interface QueueClock {
  /** Milliseconds, monotonic. */
  now(): number;
  /** Calls once after `ms`; the returned function prevents it. */
  after(ms: number, callback: () => void): () => void;
}

/** What a queue is made of. */
export interface QueueSettings {
  readonly clock: QueueClock;
  readonly maxInFlight: number;
  readonly maxQueued: number;
  readonly deadlineMs: number;
  readonly breaker: { readonly failures: number; readonly openMs: number };
  readonly log: (event: string, fields: Readonly<Record<string, string | number | boolean>>) => void;
  readonly call: (body: unknown) => { readonly result: Promise<CallResult>; cancel(): void };
}

interface Job {
  readonly body: unknown;
  readonly read: (body: unknown) => JudgeVerdict | undefined;
  readonly done: (outcome: Outcome) => void;
  stopTimer: () => void;
  /** Under way. */
  cancel: (() => void) | undefined;
  isOver: boolean;
}

const none = (reason: Reason): Outcome => ({ kind: "none", reason });

/** The calls of one instance. */
export class JudgeQueue {
  private readonly settings: QueueSettings;
  private readonly breaker: Breaker;
  private readonly waiting: Job[] = [];
  private readonly flying = new Set<Job>();
  private isClosed = false;

  constructor(settings: QueueSettings) {
    this.settings = settings;
    const { clock, log } = settings;
    this.breaker = new Breaker({
      ...settings.breaker,
      now: () => clock.now(),
      changed: (state, failures) => log(state === "open" ? "judge-left-alone" : "judge-back", { failures }),
    });
  }

  /** Calls under way. */
  get inFlight(): number {
    return this.flying.size;
  }

  /** Texts that wait for a call. */
  get queued(): number {
    return this.waiting.length;
  }

  /**
   * Asks for a verdict; `done` is called once, unless the returned function is called before. It may be called at once.
   * @param limitMs a deadline that is shorter than that of all
   */
  submit(job: Pick<Job, "body" | "read" | "done">, limitMs = Number.POSITIVE_INFINITY): () => void {
    const entry: Job = { ...job, stopTimer: () => {}, cancel: undefined, isOver: false };
    const isBusy = this.flying.size >= this.settings.maxInFlight;
    if (this.isClosed || (isBusy && this.waiting.length >= this.settings.maxQueued)) {
      this.finish(entry, none("overloaded"));
      return () => {};
    }
    entry.stopTimer = this.settings.clock.after(Math.min(this.settings.deadlineMs, limitMs), () => this.tooLate(entry));
    this.waiting.push(entry);
    this.pump();
    return () => this.abandon(entry);
  }

  /** Gives everything up. */
  close(): void {
    this.isClosed = true;
    for (const job of [...this.waiting, ...this.flying]) this.abandon(job);
  }

  private pump(): void {
    while (this.flying.size < this.settings.maxInFlight) {
      const job = this.waiting.shift();
      if (job === undefined) return;
      if (this.breaker.admit()) this.start(job);
      else this.finish(job, none("circuit-open"));
    }
  }

  private start(job: Job): void {
    this.flying.add(job);
    const { result, cancel } = this.settings.call(job.body);
    job.cancel = cancel;
    void result.then((outcome) => this.landed(job, outcome));
  }

  private landed(job: Job, result: CallResult): void {
    if (!this.flying.delete(job)) return;
    const verdict = result.kind === "body" ? job.read(result.body) : undefined;
    if (verdict !== undefined) this.breaker.succeeded();
    else this.breaker.failure(result.kind === "failed" ? result.retryAfterMs : 0);
    const reason = result.kind === "failed" ? result.reason : "unreadable";
    this.finish(job, verdict === undefined ? none(reason) : { kind: "verdict", verdict });
    this.pump();
  }

  private tooLate(job: Job): void {
    if (job.isOver) return;
    // One that never got a call says nothing of the judge: those that kept it waiting do.
    if (this.flying.delete(job)) this.breaker.failure();
    job.cancel?.();
    this.drop(job);
    this.finish(job, none("timeout"));
    this.pump();
  }

  private abandon(job: Job): void {
    if (job.isOver) return;
    job.isOver = true;
    job.stopTimer();
    if (this.flying.delete(job)) this.breaker.abandoned();
    job.cancel?.();
    this.drop(job);
    if (!this.isClosed) this.pump();
  }

  private drop(job: Job): void {
    const at = this.waiting.indexOf(job);
    if (at >= 0) this.waiting.splice(at, 1);
  }

  private finish(job: Job, outcome: Outcome): void {
    if (job.isOver) return;
    job.isOver = true;
    job.stopTimer();
    job.done(outcome);
  }
}
