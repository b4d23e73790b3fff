/** Leaves a judge alone that keeps failing: closed, open for a while, then half open for one call (Nygard, "Release It!", 2007, 5.2). */

/** Bounds of a breaker. */
export interface BreakerSettings {
  /** Failures in a row that open it. */
  readonly failures: number;
  readonly openMs: number;
  readonly now: () => number;
  /** Hears of each change. */
  readonly changed: (state: "open" | "closed", failures: number) => void;
}

/** Longest wait that a judge's own `retry-after` can ask for, in milliseconds. */
const maxRetryAfterMs = 60_000;

/** One judge's breaker. */
export class Breaker {
  private readonly settings: BreakerSettings;
  private failed = 0;
  private openUntil: number | undefined;
  private isProbing = false;

  constructor(settings: BreakerSettings) {
    this.settings = settings;
  }

  /** Whether a call may be made now. The one that tries an open breaker must end in `succeeded`, `failure` or `abandoned`. */
  admit(): boolean {
    if (this.openUntil === undefined) return true;
    if (this.isProbing || this.settings.now() < this.openUntil) return false;
    this.isProbing = true;
    return true;
  }

  get isOpen(): boolean {
    return this.openUntil !== undefined;
  }

  succeeded(): void {
    this.isProbing = false;
    this.failed = 0;
    if (this.openUntil === undefined) return;
    this.openUntil = undefined;
    this.settings.changed("closed", 0);
  }

  /** `retryAfterMs`: what the judge asked for; it is left alone at once then. */
  failure(retryAfterMs = 0): void {
    this.isProbing = false;
    this.failed += 1;
    const { failures, openMs, now, changed } = this.settings;
    if (this.failed < failures && retryAfterMs === 0 && this.openUntil === undefined) return;
    const wasOpen = this.isOpen;
    const waitMs = retryAfterMs > 0 ? Math.min(retryAfterMs, maxRetryAfterMs) : openMs;
    this.openUntil = Math.max(this.openUntil ?? 0, now() + waitMs);
    if (!wasOpen) changed("open", this.failed);
  }

  /** The call came to nothing without the judge's doing: its answer was not wanted any more. */
  abandoned(): void {
    this.isProbing = false;
  }
}
