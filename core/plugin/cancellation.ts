/**
 * Cancellation without the cost of an `AbortSignal`: making one, and a listener on it, is 4 to 8 us of a short request's 40
 * (Bun 1.4.5). A real signal is made only for whom needs one: `fetch`, or a plugin that asks for it.
 */

/** Who hears of a cancellation. One object, so that subscribing makes no closure. */
export interface CancelListener {
  /** Called at most once for each `add`. */
  cancelled(reason: unknown): void;
}

/** What can be cancelled: `AbortSignal` as far as the gateway's own parts need it. */
export interface Cancellation {
  readonly aborted: boolean;
  /** Why; undefined while not aborted. */
  readonly reason: unknown;
  /** Does nothing once aborted: look at `aborted` first. */
  add(listener: CancelListener): void;
  delete(listener: CancelListener): void;
}

/** A cancellation with its switch. */
export class Canceller implements Cancellation {
  aborted = false;
  reason: unknown = undefined;
  /** A session has two or three: its upstream's exchange and its delivery. */
  private readonly listeners: CancelListener[] = [];
  private controller: AbortController | undefined;

  /** The same as a signal, made when first asked for. */
  get signal(): AbortSignal {
    if (this.controller === undefined) {
      this.controller = new AbortController();
      if (this.aborted) this.controller.abort(this.reason);
    }
    return this.controller.signal;
  }

  add(listener: CancelListener): void {
    if (!this.aborted) this.listeners.push(listener);
  }

  delete(listener: CancelListener): void {
    const { listeners } = this;
    const at = listeners.lastIndexOf(listener);
    if (at < 0) return;
    // In place: `splice` would make a list of what it takes out.
    for (let next = at + 1; next < listeners.length; next += 1) listeners[next - 1] = listeners[next]!;
    listeners.pop();
  }

  /** Tells the listeners in the order in which they came; one that another removes meanwhile hears nothing. Idempotent. */
  abort(reason: unknown): void {
    if (this.aborted) return;
    this.aborted = true;
    this.reason = reason;
    for (let next = this.listeners.shift(); next !== undefined; next = this.listeners.shift()) next.cancelled(reason);
    this.controller?.abort(reason);
  }
}

/** An `AbortSignal` as a cancellation. */
class SignalCancellation implements Cancellation {
  private readonly signal: AbortSignal;
  private readonly heard = new Map<CancelListener, () => void>();

  constructor(signal: AbortSignal) {
    this.signal = signal;
  }

  get aborted(): boolean {
    return this.signal.aborted;
  }

  get reason(): unknown {
    return this.signal.reason;
  }

  add(listener: CancelListener): void {
    const hear = () => {
      this.heard.delete(listener);
      listener.cancelled(this.signal.reason);
    };
    this.heard.set(listener, hear);
    this.signal.addEventListener("abort", hear, { once: true });
  }

  delete(listener: CancelListener): void {
    const hear = this.heard.get(listener);
    if (hear === undefined) return;
    this.heard.delete(listener);
    this.signal.removeEventListener("abort", hear);
  }
}

/** Whatever a caller has, as a cancellation. */
export const cancellationOf = (source: Cancellation | AbortSignal): Cancellation =>
  source instanceof AbortSignal ? new SignalCancellation(source) : source;

/** What `Transport.connect` is told beside the request; `signal` is made only if the transport reads it. */
export class ConnectSettings {
  readonly rawBody: boolean;
  readonly cancellation: Cancellation;
  private readonly source: { readonly signal: AbortSignal };

  constructor(session: { readonly signal: AbortSignal; readonly cancellation?: Cancellation }, { rawBody }: { readonly rawBody: boolean }) {
    this.source = session;
    this.cancellation = session.cancellation ?? cancellationOf(session.signal);
    this.rawBody = rawBody;
  }

  get signal(): AbortSignal {
    return this.source.signal;
  }
}
