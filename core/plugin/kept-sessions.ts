/**
 * What an analyser keeps of sessions of several answers: bounded by number and age; the least recently used leaves first, and none while
 * an answer reads it.
 *
 * Knows no requests and no parts, and not what is kept.
 */

/** Bounds of what is kept between answers. */
export interface KeptBounds {
  /** Sessions without an open answer; those with one are as many as there are answers. */
  readonly maxSessions: number;
  /** How long a session is kept after its last answer has closed, in milliseconds. */
  readonly ttlMs: number;
}

/** One answer's share in a session. Disposing it, which may be done twice, lets the session leave. */
export interface SessionUse<T> extends Disposable {
  readonly kept: T;
}

interface Entry<T> {
  readonly kept: T;
  /** Answers that are open. */
  users: number;
  closedAt: number;
}

/** Sessions by the key that clients send. A key is whatever a client likes: no number of them may end what another's answer still reads. */
export class KeptSessions<T> {
  private readonly bounds: KeptBounds;
  private readonly now: () => number;
  private readonly drop: (kept: T) => void;
  /** With an open answer. */
  private readonly open = new Map<string, Entry<T>>();
  /** Without one, in the order in which their last answers closed. */
  private readonly idle = new Map<string, Entry<T>>();

  /** @param of.drop called once for each session that leaves, when no answer reads it; must not throw */
  constructor(bounds: KeptBounds, of: { readonly now: () => number; readonly drop?: (kept: T) => void }) {
    this.bounds = bounds;
    this.now = of.now;
    this.drop = of.drop ?? (() => {});
  }

  /** All sessions that are kept, those with an open answer among them. */
  get size(): number {
    return this.open.size + this.idle.size;
  }

  /**
   * The session of this key, or what `make` makes where it is unknown or too old.
   *
   * @returns to be disposed when the answer closes: until then the session stays
   */
  use(key: string, make: () => T): SessionUse<T> {
    const entry = this.open.get(key) ?? this.resumed(key) ?? { kept: make(), users: 0, closedAt: 0 };
    entry.users += 1;
    this.open.set(key, entry);
    let isClosed = false;
    return {
      kept: entry.kept,
      [Symbol.dispose]: () => {
        if (!isClosed) this.close(key, entry);
        isClosed = true;
      },
    };
  }

  /** Drops all of them, those with an open answer too. */
  dispose(): void {
    for (const { kept } of [...this.open.values(), ...this.idle.values()]) this.drop(kept);
    this.open.clear();
    this.idle.clear();
  }

  private close(key: string, entry: Entry<T>): void {
    entry.users -= 1;
    // Another one of this key where everything was dropped meanwhile.
    if (entry.users > 0 || this.open.get(key) !== entry) return;
    this.open.delete(key);
    entry.closedAt = this.now();
    this.idle.set(key, entry);
    this.forget();
  }

  private resumed(key: string): Entry<T> | undefined {
    this.forget();
    const entry = this.idle.get(key);
    this.idle.delete(key);
    return entry;
  }

  private forget(): void {
    const now = this.now();
    for (const [key, { kept, closedAt }] of this.idle) {
      if (this.idle.size <= this.bounds.maxSessions && now - closedAt < this.bounds.ttlMs) return;
      this.idle.delete(key);
      this.drop(kept);
    }
  }
}
