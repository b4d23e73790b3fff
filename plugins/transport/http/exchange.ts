/**
 * One request and its response on a connection: head, body, time-outs, back-pressure, cancellation.
 *
 * Everything is pushed; nothing waits on a promise per chunk. Must not know what the body means.
 */
import { isMidStreamError, MidStreamError } from "../../../core/errors/midstream-error.ts";
import { Deadline, type Deadlines, type Due } from "../../../core/kernel/deadlines.ts";
import type { Framing } from "../../../core/native/native-core.ts";
import type { CancelListener, Cancellation } from "../../../core/plugin/cancellation.ts";
import type { ByteSink, UpstreamResponse } from "../../../core/plugin/contract.ts";
import { ChunkedDecoder } from "./body-decoder.ts";
import type { Connection, ConnectionUser } from "./connection.ts";
import { findHeadEnd, maxHeadBytes, parseHead, promisedKeepAliveMs, type ResponseHead } from "./head.ts";
import type { Pool } from "./pool.ts";
import type { Target } from "./request.ts";
import type { HttpConfig } from "./schema.ts";

/** Bytes of body kept for a reader that has not called `read` yet; above, the socket is paused. */
const earlyBytes = 65_536;

/** What exchanges of one transport share. */
export interface ExchangeHost {
  readonly config: HttpConfig;
  readonly deadlines: Deadlines;
  readonly pool: Pool;
  readonly dial: (target: Target) => Connection;
  /** Called once, when the exchange needs nothing more. */
  readonly over: (exchange: Exchange) => void;
}

const noHeaders: ReadonlyMap<string, string> = new Map();

/** A request that has been answered is not needed any more. */
const nothing = new Uint8Array();

type Phase = "connecting" | "waiting" | "body" | "over";

/** Use once: `start`, then the response that it resolves with (which is the same object). */
export class Exchange implements UpstreamResponse, ConnectionUser, Due, CancelListener {
  status = 0;
  headers: ReadonlyMap<string, string> = noHeaders;
  framing: Framing = "identity";
  contentLength = -1;

  readonly #host: ExchangeHost;
  readonly #target: Target;
  readonly #deadline = new Deadline(this);
  #request: Uint8Array;
  readonly #cancellation: Cancellation;
  readonly #rawBody: boolean;
  #resolve: ((response: UpstreamResponse) => void) | undefined;
  #reject: ((reason: unknown) => void) | undefined;
  #phase: Phase = "connecting";
  #connection: Connection | undefined;
  #startedMs = 0;
  /** Start of the phase, or the last byte of the body. */
  #sinceMs = 0;
  /** Response bytes that are no whole head yet. */
  #partial: Uint8Array | undefined;
  #answered = false;
  #retried = false;
  #keepAlive = false;
  /** Framing of the message itself, whatever the reader gets. */
  #framingOnWire: ResponseHead["framing"] = "close";

  #sink: ByteSink | undefined;
  #paused = false;
  #delivering = false;
  /** Reads that came while nobody could take them. */
  #held: Uint8Array[] = [];
  #heldBytes = 0;
  #decoder: ChunkedDecoder | undefined;
  #left = -1;
  #bodyBytes = 0;
  /** How the body ended, kept until the reader may hear of it. */
  #outcome: "end" | MidStreamError | undefined;

  constructor(
    host: ExchangeHost,
    target: Target,
    request: Uint8Array,
    settings: { readonly cancellation: Cancellation; readonly rawBody: boolean },
  ) {
    this.#host = host;
    this.#target = target;
    this.#request = request;
    this.#cancellation = settings.cancellation;
    this.#rawBody = settings.rawBody;
  }

  start(): Promise<UpstreamResponse> {
    const head = new Promise<UpstreamResponse>((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    if (this.#cancellation.aborted) {
      this.cancelled(this.#cancellation.reason);
      return head;
    }
    this.#cancellation.add(this);
    const { connectTimeoutMs, totalTimeoutMs } = this.#host.config;
    this.#host.deadlines.set(this.#deadline, totalTimeoutMs > 0 ? Math.min(connectTimeoutMs, totalTimeoutMs) : connectTimeoutMs);
    this.#startedMs = this.#host.deadlines.nowMs;
    this.#use(this.#host.pool.take(this.#target.origin) ?? this.#host.dial(this.#target));
    return head;
  }

  #use(connection: Connection): void {
    this.#connection = connection;
    this.#enter(connection.isOpen ? "waiting" : "connecting");
    connection.attach(this);
    connection.write(this.#request);
  }

  /** A phase begins, and its limit with it. */
  #enter(phase: Phase): void {
    this.#phase = phase;
    this.#sinceMs = this.#host.deadlines.nowMs;
    const limitMs = this.#limitMs();
    if (this.#sinceMs + limitMs < this.#deadline.dueMs) this.#host.deadlines.set(this.#deadline, limitMs);
  }

  /** Longest time in the phase. */
  #limitMs(): number {
    const { connectTimeoutMs, firstByteTimeoutMs, idleTimeoutMs } = this.#host.config;
    if (this.#phase === "connecting") return connectTimeoutMs;
    return this.#phase === "waiting" ? firstByteTimeoutMs : idleTimeoutMs;
  }

  #settleHead(outcome: "answered" | { readonly reason: unknown }): void {
    const resolve = this.#resolve;
    const reject = this.#reject;
    this.#resolve = undefined;
    this.#reject = undefined;
    if (outcome === "answered") resolve?.(this);
    else reject?.(outcome.reason);
  }

  // ---- what the connection reports ----------------------------------------------------------------------------

  opened(): void {
    this.#enter("waiting");
  }

  received(bytes: Uint8Array): void {
    if (this.#phase === "body") {
      this.#sinceMs = this.#host.deadlines.nowMs;
      if (this.#sink === undefined || this.#paused || this.#delivering || this.#held.length > 0) {
        this.#hold(bytes);
      } else {
        this.#deliver(bytes);
        if (this.#outcome !== undefined) this.#flush();
      }
      return;
    }
    this.#answered = true;
    try {
      this.#readHead(bytes);
    } catch (error) {
      this.#fail(isMidStreamError(error) ? error : new MidStreamError("KERNEL_INTERNAL", "Reading a head failed", { cause: error }));
    }
  }

  closed(error: Error | undefined): void {
    const where = this.#target.origin;
    const details = error === undefined ? {} : { cause: error };
    if (this.#phase === "body") {
      if (error === undefined && this.#framingOnWire === "close") this.#outcomeAfterHeld("end");
      else this.#outcomeAfterHeld(new MidStreamError("PROVIDER_CUT", `${where} closed the connection inside a body`, details));
    } else if (this.#phase === "connecting") {
      const why = error === undefined ? "" : `: ${error.message}`;
      this.#fail(new MidStreamError("PROVIDER_UNREACHABLE", `Could not connect to ${where}${why}`, details));
    } else if (this.#answered) {
      this.#fail(new MidStreamError("PROVIDER_BAD_RESPONSE", `${where} closed the connection inside the response's head`, details));
    } else if (this.#connection?.reused === true && !this.#retried) {
      // The peer closed an idle connection while the request was on its way; not one byte of an answer was lost.
      this.#retried = true;
      this.#use(this.#host.dial(this.#target));
    } else {
      this.#fail(new MidStreamError("PROVIDER_UNREACHABLE", `${where} closed the connection without an answer`, details));
    }
  }

  due(nowMs: number): void {
    const { config } = this.#host;
    const { totalTimeoutMs } = config;
    const limitMs = this.#limitMs();
    // While the reader is slow, silence is not the upstream's fault.
    const leftMs = this.#phase === "body" && this.#paused ? limitMs : this.#sinceMs + limitMs - nowMs;
    const totalMs = totalTimeoutMs > 0 ? this.#startedMs + totalTimeoutMs - nowMs : Number.POSITIVE_INFINITY;
    if (leftMs > 0 && totalMs > 0) {
      this.#host.deadlines.set(this.#deadline, Math.min(leftMs, totalMs));
      return;
    }
    let late = `was silent for ${limitMs} ms`;
    if (totalMs <= 0) late = `took longer than ${totalTimeoutMs} ms in all`;
    else if (this.#phase === "connecting") late = `did not connect within ${limitMs} ms`;
    else if (this.#phase === "waiting") late = `did not answer within ${limitMs} ms`;
    this.#fail(new MidStreamError("PROVIDER_TIMEOUT", `${this.#target.origin} ${late}`));
  }

  cancelled(reason: unknown): void {
    if (this.#phase === "over") return;
    const inBody = this.#phase === "body";
    this.#close();
    this.#paused = false;
    // Before the head the web's own AbortError or TimeoutError is the answer.
    if (!inBody) this.#settleHead({ reason });
    // A reader that listens to the same signal cancels, and then hears nothing; one that does not must not wait for ever.
    else queueMicrotask(() => this.#finish(new MidStreamError("PROVIDER_CUT", "The exchange was cancelled", { cause: reason })));
  }

  // ---- head ---------------------------------------------------------------------------------------------------

  #readHead(bytes: Uint8Array): void {
    const searched = this.#partial?.length ?? 0;
    const all = this.#partial === undefined ? bytes : concat(this.#partial, bytes);
    const end = findHeadEnd(all, searched);
    if (end < 0 ? all.length > maxHeadBytes : end > maxHeadBytes) {
      throw new MidStreamError("PROVIDER_BAD_RESPONSE", `${this.#target.origin} sent a head of more than ${maxHeadBytes} bytes`);
    }
    if (end < 0) {
      this.#partial = this.#partial === undefined ? new Uint8Array(bytes) : all;
      return;
    }
    this.#partial = undefined;
    const head = parseHead(all, end);
    const rest = all.subarray(end);
    if (head.status >= 200) this.#startBody(head, rest);
    else if (head.status === 101) {
      throw new MidStreamError("PROVIDER_BAD_RESPONSE", `${this.#target.origin} switched protocols without being asked`);
    } else if (rest.length > 0) this.#readHead(rest);
  }

  #startBody(head: ResponseHead, rest: Uint8Array): void {
    this.#enter("body");
    this.#request = nothing;
    this.status = head.status;
    this.headers = head.headers;
    this.#framingOnWire = head.framing;
    this.#keepAlive = head.keepAlive;
    this.#left = head.contentLength;
    if (this.#rawBody) {
      this.framing = head.framing;
      this.contentLength = head.contentLength;
    } else if (head.framing === "chunked") {
      this.#decoder = new ChunkedDecoder();
    }
    if (rest.length > 0) this.#hold(rest);
    else if (this.#left === 0) this.#end(0);
    this.#settleHead("answered");
  }

  // ---- body ---------------------------------------------------------------------------------------------------

  read(sink: ByteSink): void {
    if (this.#sink !== undefined) throw new MidStreamError("KERNEL_INTERNAL", "An upstream body was read twice");
    this.#sink = sink;
    this.resume();
  }

  pause(): void {
    if (this.#paused) return;
    this.#paused = true;
    this.#connection?.pause();
  }

  resume(): void {
    this.#paused = false;
    this.#flush();
    if (this.#paused || this.#connection === undefined) return;
    this.#sinceMs = this.#host.deadlines.nowMs;
    this.#connection.resume();
  }

  release(): void {
    if (this.framing === "identity") return;
    this.#outcome = undefined;
    this.#sink = undefined;
    if (this.#phase === "body") this.#leave(this.#held.length === 0);
  }

  /** The transport goes away. */
  stop(): void {
    this.#fail(new MidStreamError("KERNEL_STOPPING", "The transport was stopped during the exchange"));
  }

  cancel(): void {
    this.#outcome = undefined;
    this.#sink = undefined;
    this.#close();
  }

  #hold(bytes: Uint8Array): void {
    this.#held.push(this.#connection?.givesAway === true ? bytes : new Uint8Array(bytes));
    this.#heldBytes += bytes.length;
    if (this.#sink === undefined && this.#heldBytes > earlyBytes) this.#connection?.pause();
  }

  /** Delivers what was held, then the outcome, as far as the reader takes it. */
  #flush(): void {
    // A reader may pause, resume, release or cancel inside `chunk`: the loop that called it goes on accordingly.
    if (this.#delivering) return;
    while (this.#sink !== undefined && !this.#paused && this.#held.length > 0) {
      const bytes = this.#held.shift()!;
      this.#heldBytes -= bytes.length;
      this.#deliver(bytes);
    }
    if (this.#sink === undefined || this.#paused || this.#outcome === undefined) return;
    const sink = this.#sink;
    const outcome = this.#outcome;
    this.#sink = undefined;
    if (outcome === "end") sink.end();
    else sink.fail(outcome);
  }

  #deliver(bytes: Uint8Array): void {
    this.#delivering = true;
    try {
      this.#take(bytes);
    } catch (error) {
      if (!isMidStreamError(error)) throw error;
      this.#fail(error);
    } finally {
      this.#delivering = false;
    }
  }

  #take(bytes: Uint8Array): void {
    const content = this.#decoder?.decode(bytes) ?? (this.#left >= 0 && bytes.length > this.#left ? bytes.subarray(0, this.#left) : bytes);
    this.#bodyBytes += content.length;
    if (this.#bodyBytes > this.#host.config.maxBodyBytes) {
      throw new MidStreamError(
        "PROVIDER_BAD_RESPONSE",
        `${this.#target.origin} sent a body of more than ${this.#host.config.maxBodyBytes} bytes`,
      );
    }
    const used = this.#decoder?.used ?? content.length;
    if (this.#left >= 0) this.#left -= content.length;
    if (content.length > 0) this.#sink?.chunk(content);
    if (this.#left !== 0 && this.#decoder?.done !== true) return;
    if (this.#phase === "body") this.#end(bytes.length - used);
    // The peer closed behind a complete message that was still held.
    else if (this.#sink !== undefined) this.#outcome = "end";
  }

  // ---- ends ---------------------------------------------------------------------------------------------------

  /** The message is complete; `trailing` bytes came behind it. */
  #end(trailing: number): void {
    this.#leave(trailing === 0 && this.#held.length === 0);
    this.#outcome = "end";
  }

  /** Gives the connection back, or closes it. */
  #leave(reuse: boolean): void {
    const connection = this.#detach();
    if (connection === undefined || connection.closed) return;
    const promisedMs = promisedKeepAliveMs(this.headers);
    const keepAliveMs = this.#host.config.keepAliveMs;
    // A second of safety: the request must arrive before the server's own timer fires.
    const keepMs = promisedMs === undefined ? keepAliveMs : Math.min(keepAliveMs, promisedMs - 1_000);
    if (reuse && this.#keepAlive) this.#host.pool.put(connection, keepMs);
    else connection.close();
  }

  /** The connection is gone, but bytes that came before may still be held: they go first. */
  #outcomeAfterHeld(outcome: "end" | MidStreamError): void {
    this.#detach();
    this.#finish(outcome);
  }

  #fail(error: MidStreamError): void {
    const { status } = this;
    this.#close();
    if (status > 0) this.#finish(error);
    else this.#settleHead({ reason: error });
  }

  #finish(outcome: "end" | MidStreamError): void {
    this.#outcome = outcome;
    this.#flush();
  }

  #close(): void {
    this.#held = [];
    this.#detach()?.close();
  }

  /** From here on the exchange needs no connection, timer or signal. */
  #detach(): Connection | undefined {
    const connection = this.#connection;
    this.#connection = undefined;
    if (this.#phase === "over") return connection;
    this.#phase = "over";
    this.#host.deadlines.cancel(this.#deadline);
    this.#cancellation.delete(this);
    this.#host.over(this);
    return connection;
  }
}

function concat(first: Uint8Array, second: Uint8Array): Uint8Array {
  const all = new Uint8Array(first.length + second.length);
  all.set(first);
  all.set(second, first.length);
  return all;
}
