/** A bound on waiting. Signatures of @std/async. */
import { abortable } from "./abortable.ts";

/** Options of {@linkcode deadline}. */
export interface DeadlineOptions {
  readonly signal?: AbortSignal;
}

/** Longest delay that a timer can have (2^31 - 1 ms); longer ones would fire at once. */
const maxMs = 2_147_483_647;

/** Settles as the promise does, or rejects with a `TimeoutError` after `ms` milliseconds. The work itself goes on. */
export async function deadline<T>(p: Promise<T>, ms: number, options: DeadlineOptions = {}): Promise<T> {
  const timeOut = new AbortController();
  const timer = ms > maxMs ? undefined : setTimeout(() => timeOut.abort(new DOMException("Signal timed out.", "TimeoutError")), ms);
  const signals = [timeOut.signal, ...(options.signal ? [options.signal] : [])];
  try {
    return await abortable(p, AbortSignal.any(signals));
  } finally {
    clearTimeout(timer);
  }
}
