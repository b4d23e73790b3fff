/** Trying again. Signatures of @std/async. */
import { delay } from "./delay.ts";

/** All attempts failed; `cause` is the last failure. */
export class RetryError extends Error {
  constructor(cause: unknown, attempts: number) {
    super(`Retrying exceeded the maxAttempts (${attempts}).`, { cause });
    this.name = "RetryError";
  }
}

/** Options of {@linkcode retry}. */
export interface RetryOptions {
  /** Growth of the wait from attempt to attempt; default 2. */
  readonly multiplier?: number;
  /** Longest wait in milliseconds; default 60,000. */
  readonly maxTimeout?: number;
  /** Default 5. */
  readonly maxAttempts?: number;
  /** First wait in milliseconds; default 1,000. */
  readonly minTimeout?: number;
  /** Share of the wait that is random, 0 to 1; default 1. */
  readonly jitter?: number;
  readonly signal?: AbortSignal;
}

/** Calls `fn` until it succeeds. @throws RetryError, TypeError for options out of bounds, the signal's reason */
export async function retry<T>(fn: (() => Promise<T>) | (() => T), options: RetryOptions = {}): Promise<T> {
  const { multiplier = 2, maxTimeout = 60_000, maxAttempts = 5, minTimeout = 1_000, jitter = 1, signal } = options;
  if (maxTimeout <= 0) throw new TypeError(`Cannot retry as 'maxTimeout' must be positive: current value is ${maxTimeout}`);
  if (minTimeout > maxTimeout) throw new TypeError("Cannot retry as 'minTimeout' must be <= 'maxTimeout'");
  if (jitter > 1) throw new TypeError(`Cannot retry as 'jitter' must be <= 1: current value is ${jitter}`);
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await fn();
    } catch (error) {
      if (attempt + 1 >= maxAttempts) throw new RetryError(error, maxAttempts);
      const wait = Math.min(maxTimeout, minTimeout * multiplier ** attempt);
      await delay(wait * (1 - jitter * Math.random()), signal === undefined ? {} : { signal });
    }
  }
}
