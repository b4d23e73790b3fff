/** One request's life: identity, signal, what happened, and the events that sinks get. Always closed, once. */
import type { MidStreamError } from "../errors/midstream-error.ts";
import type { Dialect } from "../pipeline/dialect.ts";
import { type EngineRecord, verdictRecords } from "../pipeline/engine.ts";
import type { PipelinePlan } from "../pipeline/plan.ts";
import { type CancelListener, type Cancellation, Canceller } from "../plugin/cancellation.ts";
import type { Session, SinkEvent } from "../plugin/contract.ts";
import type { Conversation } from "../stream/conversation.ts";
import type { ModelRequest } from "../stream/model-request.ts";
import type { Usage } from "../stream/part.ts";
import { Deadline, type Deadlines, type Due } from "./deadlines.ts";
import type { Generation } from "./generation.ts";
import type { Guard } from "./guard.ts";

/** What a session is opened with. */
export interface SessionSettings {
  readonly id: string;
  readonly plan: PipelinePlan;
  /** Of the door; reads what the request says. */
  readonly dialect: Pick<Dialect, "conversation">;
  /** Aborted when the client leaves. */
  readonly client: Cancellation;
  readonly now: () => number;
  readonly guard: Guard;
  readonly deadlines: Deadlines;
  /** Longest life, in milliseconds; 0 = no limit. */
  readonly timeoutMs: number;
  readonly owner: SessionOwner;
  /** What the owner needs of it. */
  readonly generation: Generation;
  /** Hears once that the session has closed. */
  readonly door: { onClose?(): void };
}

/** Who opened a session. */
export interface SessionOwner {
  /** Called once, when the session closes. */
  sessionClosed(session: LiveSession, generation: Generation): void;
}

/** What carries a session's answer. */
export interface Carrier {
  /** The request takes longer than it may. */
  timeOut(): void;
  /** An analyser wants to be asked again. */
  wake(): void;
}

type RequestEnd = Extract<SinkEvent, { type: "request-end" }>;

/** How a session ends. */
export interface SessionEnd {
  readonly outcome: RequestEnd["outcome"];
  readonly status: number;
  /** Where it failed. */
  readonly error?: MidStreamError;
}

/** Made once: a new one for each session would cost a stack trace. */
const ended = new DOMException("The session has ended", "AbortError");

const forgotten: Readonly<Record<string, never>> = Object.freeze({});

/** One session. */
export class LiveSession implements Session, CancelListener, Due {
  readonly id: string;
  readonly pipeline: string;
  request: ModelRequest;
  readonly cancellation = new Canceller();
  readonly startedAt: number;
  provider = "";
  path: RequestEnd["path"] = "none";
  stream: boolean;
  usage: Usage | undefined;
  maxHeldBytes = 0;
  /** Milliseconds from the start; -1 before it. */
  firstByteMs = -1;
  gatewayMs = 0;
  /** The request took longer than it may. */
  isTimedOut = false;
  /** A policy ended the answer, or a choice of it. */
  isBlocked = false;
  /** The delivery that has begun. */
  carrier: Carrier | undefined;
  private findings = 0;
  private rewrites = 0;
  private closed = false;
  private isWaking = false;
  private read: Conversation | undefined;
  private readonly settings: SessionSettings;
  private readonly deadline = new Deadline(this);

  constructor(request: ModelRequest, settings: SessionSettings) {
    this.settings = settings;
    this.id = settings.id;
    this.pipeline = settings.plan.name;
    this.request = request;
    this.stream = request.stream;
    this.startedAt = settings.now();
    if (settings.client.aborted) this.abort();
    else settings.client.add(this);
    if (settings.timeoutMs > 0) settings.deadlines.set(this.deadline, settings.timeoutMs);
  }

  /** When it times out; Infinity where it does not. */
  get dueMs(): number {
    return this.deadline.dueMs;
  }

  due(): void {
    if (this.carrier !== undefined) this.carrier.timeOut();
    else this.timeOut();
  }

  get signal(): AbortSignal {
    return this.cancellation.signal;
  }

  /** Whether its signal is aborted. */
  get isAborted(): boolean {
    return this.cancellation.aborted;
  }

  /** The client left. */
  cancelled(): void {
    this.abort();
  }

  /** A policy changed the request: analysers of the answer see what was asked, not what the client sent. */
  asks(request: ModelRequest): void {
    this.request = request;
    this.read = undefined;
  }

  get conversation(): Conversation {
    this.read ??= this.settings.dialect.conversation(this.request.body);
    return this.read;
  }

  wake(): void {
    if (this.isWaking || this.closed) return;
    this.isWaking = true;
    queueMicrotask(() => {
      this.isWaking = false;
      if (!this.closed) this.carrier?.wake();
    });
  }

  /** Nobody will read the request's body any more, which may be a long conversation: an answer on the wire path has begun. */
  forgetBody(): void {
    const { model, stream, choiceCount, wantsUsage, dialect } = this.request;
    this.request = { model, stream, choiceCount, wantsUsage, dialect, body: forgotten, headers: forgotten };
  }

  get now(): number {
    return this.settings.now();
  }

  timeOut(): void {
    this.isTimedOut = true;
    this.abort();
  }

  /** Ends everything that listens to the session's signal. */
  abort(): void {
    this.cancellation.abort(ended);
  }

  record(records: readonly EngineRecord[]): void {
    const { id: session, pipeline } = this;
    for (const record of records) {
      if (record.finding !== undefined) {
        this.findings += 1;
        this.emit({ type: "finding", session, pipeline, finding: record.finding });
      }
      for (const verdict of verdictRecords(record)) {
        if (verdict.action === "rewrite" && verdict.outcome === "applied") this.rewrites += 1;
        if (verdict.action === "block" && verdict.outcome === "applied") this.isBlocked = true;
        this.emit({ type: "verdict", session, pipeline, verdict });
      }
    }
  }

  /** A provider failed, and another one is asked in its place. */
  passesOver(provider: string, { code, message }: MidStreamError): void {
    this.emit({ type: "provider-failure", session: this.id, pipeline: this.pipeline, provider, code, message });
  }

  get isClosed(): boolean {
    return this.closed;
  }

  /** Tells sinks what became of it. Idempotent. Whoever closes it also aborts its signal, once nothing of its upstream is awaited any more. */
  close(end: SessionEnd): void {
    if (this.closed) return;
    this.closed = true;
    this.settings.client.delete(this);
    this.settings.deadlines.cancel(this.deadline);
    if (this.settings.plan.sinks.length > 0) this.emit(this.endEvent(end));
    this.settings.owner.sessionClosed(this, this.settings.generation);
    this.settings.door.onClose?.();
  }

  /** Without spreads, which copy property by property: this is made for each request. */
  private endEvent({ outcome, status, error }: SessionEnd): RequestEnd {
    const event: { -readonly [K in keyof RequestEnd]: RequestEnd[K] } = {
      type: "request-end",
      session: this.id,
      pipeline: this.pipeline,
      model: this.request.model,
      provider: this.provider,
      stream: this.stream,
      path: this.path,
      outcome,
      status,
      findings: this.findings,
      rewrites: this.rewrites,
      maxHeldBytes: this.maxHeldBytes,
      durationMs: this.now - this.startedAt,
      firstByteMs: this.firstByteMs,
      gatewayMs: this.gatewayMs,
    };
    if (error !== undefined) {
      event.errorCode = error.code;
      event.errorMessage = error.message;
    }
    if (this.usage !== undefined) event.usage = this.usage;
    return event;
  }

  private emit(event: SinkEvent): void {
    const { plan, guard } = this.settings;
    for (let index = 0; index < plan.sinks.length; index += 1) guard.tell(plan.sinks[index]!, event, this.id);
  }
}
