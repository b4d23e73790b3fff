/**
 * Carries one answer from its upstream through its engine to its client, at the client's pace.
 *
 * While the client keeps up nothing is allocated or awaited for a chunk: the engine's view goes straight to the client. Knows time only
 * through its deadline. Must not know HTTP, dialects or what engines do.
 */
import { MidStreamError } from "../errors/midstream-error.ts";
import { Deadline, type Deadlines, type Due } from "../kernel/deadlines.ts";
import type { Guard } from "../kernel/guard.ts";
import type { Carrier, LiveSession } from "../kernel/session.ts";
import type { UpstreamEnd } from "../native/native-core.ts";
import type { CancelListener } from "../plugin/cancellation.ts";
import type { UpstreamResponse } from "../plugin/contract.ts";
import type { Answer, ClientSink } from "./answer.ts";
import { type FailedAnswer, failureIn, ownError } from "./answer-failure.ts";
import { ByteQueue } from "./byte-queue.ts";
import type { Encoder } from "./dialect.ts";
import type { Engine } from "./engine.ts";
import type { ReadOrder } from "./read-order.ts";
import { maxWaitingBytes, UpstreamReader } from "./upstream-reader.ts";

/** What one delivery is made of. */
export interface DeliverySettings {
  readonly session: LiveSession;
  readonly engine: Engine;
  readonly response: UpstreamResponse;
  readonly encoder: Encoder;
  readonly mode: "stream" | "unary";
  readonly contentType: string;
  /** Instance id. */
  readonly provider: string;
  /** See `server` in core/config/schema.ts. */
  readonly times: { readonly keepAliveMs: number; readonly firstPartMs: number; readonly requestTimeoutMs: number };
  /** The delivery leaves it when nothing is left to do, not even upstream. */
  readonly deliveries: Set<Delivery>;
  readonly deadlines: Deadlines;
  readonly order: ReadOrder;
  readonly guard: Guard;
}

/** An answer that times out so soon is analysed before others: what has come in time is to leave in time. */
const urgentMs = 1_000;

/** How long the end of an upstream's message is awaited after the answer is complete, so that its connection can be reused. */
const lingerMs = 1_000;

/** How often an engine that asked for it hears that time has passed. */
const engineTickMs = 250;

/** One answer under way. */
export class Delivery extends UpstreamReader implements Answer, CancelListener, Carrier, Due {
  readonly status = 200;
  readonly contentType: string;
  readonly provider: string;
  readonly stream: boolean;
  /** Whether the answer is known to be worth delivering, or why it is not. Of a whole answer: when all of it is there. */
  isOpen = false;
  openFailure: MidStreamError | undefined;
  private readonly settings: DeliverySettings;
  private readonly engine: Engine;
  private readonly session: LiveSession;
  private resolveOpened: ((failure: MidStreamError | undefined) => void) | undefined;
  private resolveDelivered: (() => void) | undefined;
  private client: ClientSink | undefined;
  /** What the engine gave before the door began to deliver. */
  private readonly buffered = new ByteQueue();
  /** The client is slow: nothing is fed until its promise settles. */
  private isWaiting = false;
  private upstreamFailure: MidStreamError | undefined;
  /** The upstream's end, not a frame of it, ended the answer. */
  private endedByUpstream = false;
  private isFinished = false;
  private isDisposed = false;
  private openedAt: number;
  /** When bytes last went to the client, as exact as the deadlines are. */
  private quietSince: number;
  private readonly timer = new Deadline(this);

  constructor(settings: DeliverySettings) {
    super(settings.response, settings.order);
    this.settings = settings;
    this.engine = settings.engine;
    this.session = settings.session;
    this.contentType = settings.contentType;
    this.provider = settings.provider;
    this.stream = settings.mode === "stream";
    this.openedAt = this.session.now;
    this.quietSince = this.openedAt;
  }

  /** Resolves with `openFailure` once it is known. */
  opened(): Promise<MidStreamError | undefined> {
    if (this.isOpen) return Promise.resolve(this.openFailure);
    return new Promise((resolve) => {
      this.resolveOpened = resolve;
    });
  }

  get gatewayMs(): number {
    return this.session.gatewayMs;
  }

  /** Begins to read. */
  start(): void {
    this.session.carrier = this;
    if (this.session.isAborted) {
      this.cancel();
      return;
    }
    this.session.cancellation.add(this);
    this.settings.response.read(this);
    if (!this.isFinished) this.setDeadline(this.openedAt);
  }

  wake(): void {
    if (!this.isFinished) this.tickEngine(this.session.now);
  }

  /** A failed answer whose frames so far (an upstream's own error event) can still be shown to the client. */
  get isPresentable(): boolean {
    const hasFrames = this.stream && this.buffered.byteLength > 0 && !this.endedByUpstream && this.engine.failure === undefined;
    return hasFrames && ownError(this.failedAnswer()) === undefined;
  }

  private failedAnswer(): FailedAnswer {
    const { provider, stream, buffered, settings } = this;
    return { provider, stream, encoder: settings.encoder, bytes: buffered.whole() };
  }

  // ---- upstream ---------------------------------------------------------------------------------------------

  protected get isStopped(): boolean {
    return this.isWaiting;
  }

  protected get isFull(): boolean {
    return this.client === undefined && this.stream && this.buffered.byteLength > maxWaitingBytes;
  }

  protected get isUrgent(): boolean {
    return this.session.dueMs - this.settings.deadlines.nowMs < urgentMs;
  }

  protected feed(bytes: Uint8Array): void {
    let out: Uint8Array;
    try {
      out = this.engine.feed(bytes);
    } catch (error) {
      this.broken(error);
      return;
    }
    if (!this.isFinished) this.forward(out);
    else if (this.engine.state.messageEnd) this.settle();
  }

  fail(error: MidStreamError): void {
    this.upstreamFailure = error;
    this.ends(error.code === "PROVIDER_TIMEOUT" ? "timed-out" : "failed");
  }

  protected threw(error: unknown): void {
    this.settings.guard.failed(this.provider, error, this.session.id);
  }

  protected ended(reason: UpstreamEnd): void {
    if (this.isFinished || this.isUpstreamOver) {
      this.isUpstreamOver = true;
      if (this.isFinished) this.dispose();
      return;
    }
    this.endEngine(reason);
  }

  private endEngine(reason: UpstreamEnd): void {
    this.isUpstreamOver = true;
    if (this.engine.state.done) {
      this.settle();
      return;
    }
    this.endedByUpstream = true;
    try {
      this.forward(this.engine.end(reason));
    } catch (error) {
      this.broken(error);
    }
  }

  // ---- client -----------------------------------------------------------------------------------------------

  deliver(client: ClientSink): Promise<void> {
    const delivered = new Promise<void>((resolve) => {
      this.resolveDelivered = resolve;
    });
    if (this.isFinished) {
      this.resolveDelivered?.();
      return delivered;
    }
    this.client = client;
    const early = this.buffered.whole();
    this.buffered.clear();
    const wait = early.byteLength === 0 ? undefined : this.write(early);
    if (wait !== undefined) this.wait(wait);
    else {
      this.readOn();
      this.settle();
    }
    return delivered;
  }

  /** The client left. */
  cancel(): void {
    if (this.isFinished) return;
    this.finish({ outcome: "cancelled", status: this.status });
  }

  /** Gives up on this upstream for the sake of another one; the session goes on. */
  discard(): void {
    if (this.isFinished) return;
    this.isFinished = true;
    this.session.carrier = undefined;
    this.stopUpstream();
    this.dispose();
  }

  /** The session's cancellation. */
  cancelled(): void {
    this.cancel();
  }

  whole(): Uint8Array | undefined {
    if (this.isFinished || this.client !== undefined || !this.engine.state.done) return undefined;
    const body = this.buffered.whole();
    if (body.byteLength > 0) this.session.firstByteMs = this.session.now - this.session.startedAt;
    this.finishAnswer();
    return body;
  }

  private forward(view: Uint8Array): void {
    let out = view;
    for (;;) {
      if (out.byteLength > 0) {
        const wait = this.write(out);
        if (wait !== undefined) {
          this.wait(wait);
          return;
        }
        if (this.isFinished) return;
      }
      if (!this.engine.state.more) break;
      out = this.engine.drain();
    }
    const { state } = this.engine;
    if (state.records || state.done || state.messageEnd || state.blocked || state.heldBytes > 0 || !this.isOpen) this.settle();
  }

  private write(bytes: Uint8Array): void | Promise<void> {
    if (this.client === undefined) {
      this.buffered.push(bytes.slice());
      if (this.isFull) this.pause();
      return undefined;
    }
    if (this.session.firstByteMs < 0) this.session.firstByteMs = this.session.now - this.session.startedAt;
    this.quietSince = this.settings.deadlines.nowMs;
    try {
      return this.client.write(bytes);
    } catch {
      // The door's stream is closed: the client has left.
      this.cancel();
      return undefined;
    }
  }

  private wait(slow: Promise<void>): void {
    this.isWaiting = true;
    this.pause();
    slow.then(
      () => this.drained(),
      () => this.cancel(),
    );
  }

  private drained(): void {
    this.isWaiting = false;
    if (this.isFinished) return;
    if (this.engine.state.more) this.forward(this.engine.drain());
    else this.settle();
    this.readOn();
  }

  // ---- what the engine's state asks for ---------------------------------------------------------------------

  private settle(): void {
    const { engine, session } = this;
    const { state } = engine;
    if (state.heldBytes > session.maxHeldBytes) session.maxHeldBytes = state.heldBytes;
    if (state.records) session.record(engine.takeRecords());
    if (state.messageEnd) this.releaseUpstream(state.trailing);
    if (state.blocked || state.failed) this.stopUpstream();
    if (this.isFinished) {
      if (this.isUpstreamOver) this.dispose();
      return;
    }
    if (!this.isOpen && (state.done || (this.stream && state.started))) this.open();
    if (state.done && this.client !== undefined && !this.isWaiting) this.finishAnswer();
  }

  private open(): void {
    const { state } = this.engine;
    // An error event counts as a start, but a stream without any text has nothing that a second provider would repeat.
    const isBroken = state.failed && (!this.stream || state.deltas === 0);
    this.openWith(isBroken ? this.failureOf() : undefined);
  }

  private openWith(failure: MidStreamError | undefined): void {
    if (this.isOpen) return;
    this.isOpen = true;
    this.openFailure = failure;
    this.resolveOpened?.(failure);
    this.resolveOpened = undefined;
  }

  private failureOf(): MidStreamError {
    const known = this.upstreamFailure ?? this.engine.failure;
    if (known !== undefined) return known;
    if (this.endedByUpstream)
      return new MidStreamError("PROVIDER_CUT", `${this.provider}: the upstream ended its answer before it was complete`);
    return failureIn(this.failedAnswer());
  }

  private finishAnswer(): void {
    const { state } = this.engine;
    if (state.failed) {
      this.finish({ outcome: "failed", status: this.status, error: this.failureOf() });
    } else {
      this.finish({ outcome: state.blocked || this.session.isBlocked ? "blocked" : "finished", status: this.status });
    }
  }

  private finish(end: Parameters<LiveSession["close"]>[0]): void {
    this.isFinished = true;
    const { state } = this.engine;
    if (state.totalTokens >= 0 || state.outputTokens >= 0) {
      const inputTokens = Math.max(state.inputTokens, 0);
      const outputTokens = Math.max(state.outputTokens, 0);
      this.session.usage = {
        inputTokens,
        outputTokens,
        totalTokens: state.totalTokens >= 0 ? state.totalTokens : inputTokens + outputTokens,
      };
    }
    this.session.cancellation.delete(this);
    if (end.outcome === "cancelled") this.stopUpstream();
    this.session.close(end);
    if (this.isUpstreamOver) this.dispose();
    else this.settings.deadlines.set(this.timer, lingerMs);
    this.openWith(undefined);
    this.buffered.clear();
    // The rest may have the end of the message, after which the connection can be used again.
    if (this.isUpstreamOver) this.forgetUnread();
    this.resolveDelivered?.();
  }

  /** The engine itself failed. */
  private broken(error: unknown): void {
    this.stopUpstream();
    const known = error instanceof MidStreamError ? error : new MidStreamError("KERNEL_INTERNAL", "The engine failed", { cause: error });
    if (this.isFinished) {
      this.dispose();
    } else if (this.client === undefined) {
      this.openWith(known);
    } else {
      if (this.stream) this.write(this.settings.encoder.error(known));
      if (!this.isFinished) this.finish({ outcome: "failed", status: this.status, error: known });
    }
  }

  private dispose(): void {
    if (this.isDisposed) return;
    this.isDisposed = true;
    this.settings.deadlines.cancel(this.timer);
    try {
      this.engine[Symbol.dispose]();
    } finally {
      // Whatever still waits on behalf of this session (a provider's timer, a plugin's call) must not outlive it.
      if (this.session.isClosed) this.session.abort();
      this.settings.deliveries.delete(this);
    }
  }

  /** Everything that depends on time. */
  due(now: number): void {
    if (this.isFinished) {
      this.letGo();
      return;
    }
    this.tickEngine(now);
    if (this.isFinished) return;
    const { keepAliveMs, firstPartMs } = this.settings.times;
    if (!this.isOpen && this.stream && now - this.openedAt >= firstPartMs) this.open();
    if (this.keepsAlive && now - this.quietSince >= keepAliveMs) {
      const wait = this.write(this.settings.encoder.keepAlive());
      if (wait !== undefined) this.wait(wait);
    }
    if (!this.isFinished) this.setDeadline(now);
  }

  /** Whether a quiet client gets a sign of life. */
  private get keepsAlive(): boolean {
    return this.client !== undefined && this.stream && !this.isWaiting && this.settings.times.keepAliveMs > 0;
  }

  /** Sets the deadline for whatever comes next. */
  private setDeadline(now: number): void {
    const { keepAliveMs, firstPartMs } = this.settings.times;
    let ms = Number.POSITIVE_INFINITY;
    if (this.engine.tick !== undefined) ms = engineTickMs;
    if (!this.isOpen && this.stream) ms = Math.min(ms, this.openedAt + firstPartMs - now);
    // A client that is not there yet, or slow, is looked at again later.
    if (this.stream && keepAliveMs > 0) ms = Math.min(ms, this.keepsAlive ? this.quietSince + keepAliveMs - now : keepAliveMs);
    if (ms < Number.POSITIVE_INFINITY) this.settings.deadlines.set(this.timer, Math.max(0, ms));
  }

  /** The answer is over: its upstream is not awaited any longer. */
  letGo(): void {
    if (!this.isFinished) return;
    this.stopUpstream();
    this.dispose();
  }

  /** Lets analysers notice that nothing happens. What they would have done about a client that does not read comes with its next read. */
  private tickEngine(now: number): void {
    if (this.engine.tick === undefined || this.isWaiting || this.hasMore) return;
    try {
      this.forward(this.engine.tick(now));
    } catch (error) {
      this.broken(error);
    }
  }

  timeOut(): void {
    this.readAll();
    if (this.isFinished) return;
    // The request's time is over, not only this provider's: nobody is asked after it.
    this.session.isTimedOut = true;
    this.upstreamFailure = new MidStreamError("PROVIDER_TIMEOUT", `${this.provider}: the answer took longer than requestTimeoutMs`);
    // A client that does not read cannot be told.
    if (this.isWaiting) {
      this.cancel();
      return;
    }
    this.stopUpstream();
    this.endEngine("timed-out");
  }
}
