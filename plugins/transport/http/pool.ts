/** Idle connections by origin, the most recently used first: the one least likely to be closed by its peer. */
import type { Connection } from "./connection.ts";
import type { Deadlines, Timed } from "./deadlines.ts";

/** Keeps at most `limit` idle connections for one origin. */
export class Pool implements Timed {
  readonly #idle = new Map<string, Connection[]>();
  readonly #limit: number;
  readonly #deadlines: Deadlines;

  constructor(limit: number, deadlines: Deadlines) {
    this.#limit = limit;
    this.#deadlines = deadlines;
  }

  take(origin: string): Connection | undefined {
    const connection = this.#idle.get(origin)?.pop();
    if (connection !== undefined) this.#settle(origin);
    return connection;
  }

  /** Keeps a connection for `keepMs`, or closes it where there is no room. */
  put(connection: Connection, keepMs: number): void {
    const waiting = this.#idle.get(connection.origin) ?? [];
    if (keepMs <= 0 || waiting.length >= this.#limit || !connection.clean) {
      connection.close();
      return;
    }
    connection.detach();
    this.#deadlines.add(this);
    connection.expiresMs = this.#deadlines.nowMs + keepMs;
    waiting.push(connection);
    this.#idle.set(connection.origin, waiting);
  }

  /** Forgets a connection that ended while idle. */
  remove(connection: Connection): void {
    const waiting = this.#idle.get(connection.origin);
    const at = waiting?.indexOf(connection) ?? -1;
    if (at >= 0) waiting!.splice(at, 1);
    this.#settle(connection.origin);
  }

  check(nowMs: number): void {
    for (const [origin, waiting] of this.#idle) {
      const kept = waiting.filter((connection) => connection.expiresMs > nowMs);
      for (const connection of waiting) if (connection.expiresMs <= nowMs) connection.close();
      this.#idle.set(origin, kept);
      this.#settle(origin);
    }
  }

  close(): void {
    for (const waiting of this.#idle.values()) for (const connection of waiting) connection.close();
    this.#idle.clear();
    this.#deadlines.delete(this);
  }

  #settle(origin: string): void {
    if (this.#idle.get(origin)?.length === 0) this.#idle.delete(origin);
    if (this.#idle.size === 0) this.#deadlines.delete(this);
  }
}
