/**
 * Lets a block's text go at a pace. Text leaves where deltas met, so that no character is halved.
 *
 * Must not know levels.
 */

/** A pace. */
export interface PaceSettings {
  readonly bytesPerSecond: number;
  /** Milliseconds after which all may leave. */
  readonly maxDelayMs: number;
  /** Most bytes that wait. */
  readonly maxHeldBytes: number;
}

/** One block's text. */
export class PacedBlock {
  private total = 0;
  /** Ends of deltas that wait, in order. */
  private readonly ends: number[] = [];
  /** Text before it may leave. */
  private free = 0;
  /** When and where the pace began. */
  private since: { readonly ms: number; readonly bytes: number } | undefined;

  take(delta: string): void {
    this.total += Buffer.byteLength(delta);
    if (this.since !== undefined) this.ends.push(this.total);
  }

  /** The pace holds for all text that comes from here on. */
  slow(nowMs: number): void {
    if (this.since !== undefined) return;
    this.since = { ms: nowMs, bytes: this.total };
    this.free = this.total;
  }

  /** First byte that waits at a moment; undefined: none. */
  holdFrom(nowMs: number, { bytesPerSecond, maxDelayMs, maxHeldBytes }: PaceSettings): number | undefined {
    if (this.since === undefined) return undefined;
    const passedMs = nowMs - this.since.ms;
    const paced = passedMs >= maxDelayMs ? this.total : this.since.bytes + Math.floor((passedMs * bytesPerSecond) / 1_000);
    for (let [end] = this.ends; end !== undefined && (end <= paced || this.total - this.free > maxHeldBytes); [end] = this.ends) {
      this.ends.shift();
      this.free = end;
    }
    return this.free < this.total ? this.free : undefined;
  }
}
