/**
 * Many deadlines on one coarse interval: a hashed timer wheel (Varghese and Lauck 1987, scheme 6). Setting and cancelling cost a few
 * list links; a tick costs what is due, not what is set.
 */

/** Time as deadlines need it; a `KernelHost` is one. */
export interface Clock {
  /** Milliseconds, monotonic. */
  now(): number;
  /** Calls back every `ms` until the returned function is called. */
  every(ms: number, callback: () => void): () => void;
}

/** Somebody with a deadline. */
export interface Due {
  /** The deadline has passed; it is not set any more. */
  due(nowMs: number): void;
}

/** One deadline, to be set again and again. */
export class Deadline {
  readonly owner: Due;
  dueMs = Number.POSITIVE_INFINITY;
  /** List that it stands in, or -1. */
  slot = -1;
  next: Deadline | undefined;
  previous: Deadline | undefined;

  constructor(owner: Due) {
    this.owner = owner;
  }
}

/** Slots of the wheel. Deadlines beyond a turn stay in their slot for another one. */
const slotCount = 256;
/** The list of those that are being called. */
const firing = slotCount;

/** A wheel. Its interval runs only while something is set. */
export class Deadlines {
  /** Time of the last tick, or of the last `set`: good enough for "when did something happen". */
  nowMs: number;
  private readonly clock: Clock;
  private readonly tickMs: number;
  private readonly heads: (Deadline | undefined)[] = new Array<undefined>(slotCount + 1).fill(undefined);
  private count = 0;
  /** When the interval started; ticks are counted from there. */
  private originMs = 0;
  private lastTick = 0;
  private stop: (() => void) | undefined;

  /** `tickMs`: as exactly a deadline is kept; none is called too early. */
  constructor(clock: Clock, tickMs: number) {
    this.clock = clock;
    this.tickMs = tickMs;
    this.nowMs = clock.now();
  }

  /** Sets a deadline `ms` from now, in place of an earlier setting. */
  set(deadline: Deadline, ms: number): void {
    this.now();
    if (deadline.slot >= 0) this.unlink(deadline);
    if (this.stop === undefined) {
      this.originMs = this.nowMs;
      this.lastTick = 0;
      this.stop = this.clock.every(this.tickMs, () => this.tick());
    }
    deadline.dueMs = this.nowMs + ms;
    this.link(deadline);
  }

  /** The exact time; sets `nowMs` too. */
  now(): number {
    this.nowMs = this.clock.now();
    return this.nowMs;
  }

  cancel(deadline: Deadline): void {
    if (deadline.slot >= 0) this.unlink(deadline);
  }

  /** Forgets everything. */
  close(): void {
    this.heads.fill(undefined);
    this.count = 0;
    this.stop?.();
    this.stop = undefined;
  }

  private tick(): void {
    this.nowMs = this.clock.now();
    const target = Math.floor((this.nowMs - this.originMs) / this.tickMs);
    const from = Math.max(this.lastTick + 1, target - slotCount + 2);
    this.lastTick = target;
    // A tick that comes late may find deadlines in the next slot that have passed. It is first, because what is set meanwhile goes there.
    this.visit((target + 1) % slotCount);
    for (let tick = from; tick <= target; tick += 1) this.visit(tick % slotCount);
    if (this.count > 0) return;
    this.stop?.();
    this.stop = undefined;
  }

  /** Calls what is due in a slot; the rest gets a place of its own again. */
  private visit(slot: number): void {
    const first = this.heads[slot];
    if (first === undefined) return;
    this.heads[slot] = undefined;
    this.heads[firing] = first;
    for (let each: Deadline | undefined = first; each !== undefined; each = each.next) each.slot = firing;
    for (let next = this.heads[firing]; next !== undefined; next = this.heads[firing]) {
      this.unlink(next);
      if (next.dueMs <= this.nowMs) next.owner.due(this.nowMs);
      else this.link(next);
    }
  }

  private link(deadline: Deadline): void {
    const tick = Math.ceil((deadline.dueMs - this.originMs) / this.tickMs);
    const slot = Math.min(Math.max(tick, this.lastTick + 1), this.lastTick + slotCount - 1) % slotCount;
    const head = this.heads[slot];
    deadline.slot = slot;
    deadline.next = head;
    deadline.previous = undefined;
    if (head !== undefined) head.previous = deadline;
    this.heads[slot] = deadline;
    this.count += 1;
  }

  private unlink(deadline: Deadline): void {
    const { next, previous, slot } = deadline;
    if (previous === undefined) this.heads[slot] = next;
    else previous.next = next;
    if (next !== undefined) next.previous = previous;
    deadline.slot = -1;
    deadline.next = undefined;
    deadline.previous = undefined;
    this.count -= 1;
  }
}
