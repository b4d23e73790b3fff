/** Idle connections by origin, the most recently used first: the one least likely to be closed by its peer. */
import { Deadline, type Deadlines, type Due } from "../../../core/kernel/deadlines.ts";
import type { Connection } from "./connection.ts";

/** How long an unused connection keeps the process alive, in milliseconds: letting go and taking hold again costs two calls into the runtime. */
const holdMs = 100;

/** Keeps at most `limit` idle connections for one origin. */
export class Pool implements Due {
  readonly #idle = new Map<string, Connection[]>();
  readonly #limit: number;
  readonly #deadlines: Deadlines;
  readonly #deadline = new Deadline(this);

  constructor(limit: number, deadlines: Deadlines) {
    this.#limit = limit;
    this.#deadlines = deadlines;
  }

  take(origin: string): Connection | undefined {
    return this.#idle.get(origin)?.pop();
  }

  /** Keeps a connection for `keepMs`, or closes it where there is no room. */
  put(connection: Connection, keepMs: number): void {
    let waiting = this.#idle.get(connection.origin);
    if (keepMs <= 0 || (waiting?.length ?? 0) >= this.#limit || !connection.clean) {
      connection.close();
      return;
    }
    if (waiting === undefined) {
      waiting = [];
      this.#idle.set(connection.origin, waiting);
    }
    connection.detach();
    const soonMs = Math.min(holdMs, keepMs);
    if (this.#deadline.slot < 0 || this.#deadlines.nowMs + soonMs < this.#deadline.dueMs) this.#deadlines.set(this.#deadline, soonMs);
    connection.expiresMs = this.#deadlines.nowMs + keepMs;
    waiting.push(connection);
  }

  /** Forgets a connection that ended while idle. */
  remove(connection: Connection): void {
    const waiting = this.#idle.get(connection.origin);
    const at = waiting?.indexOf(connection) ?? -1;
    if (at >= 0) waiting!.splice(at, 1);
  }

  due(nowMs: number): void {
    let nextMs = Number.POSITIVE_INFINITY;
    for (const [origin, waiting] of this.#idle) {
      for (const connection of waiting) {
        if (connection.expiresMs <= nowMs) connection.close();
        else {
          connection.letGo();
          nextMs = Math.min(nextMs, connection.expiresMs - nowMs);
        }
      }
      const kept = waiting.filter((connection) => !connection.closed);
      if (kept.length > 0) this.#idle.set(origin, kept);
      else this.#idle.delete(origin);
    }
    if (nextMs < Number.POSITIVE_INFINITY) this.#deadlines.set(this.#deadline, nextMs);
  }

  close(): void {
    for (const waiting of this.#idle.values()) for (const connection of waiting) connection.close();
    this.#idle.clear();
    this.#deadlines.cancel(this.#deadline);
  }
}
