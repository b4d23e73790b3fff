/** Waiting. Signatures of @std/async. */
import { abortReason } from "./abortable.ts";

/** Options of {@linkcode delay}. */
export interface DelayOptions {
  readonly signal?: AbortSignal;
  /** Whether the process stays alive for it; default true. */
  readonly persistent?: boolean;
}

/** Resolves after `ms` milliseconds; rejects with the signal's reason. */
export function delay(ms: number, { signal, persistent = true }: DelayOptions = {}): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(abortReason(signal));
      return;
    }
    const timer = setTimeout(done, ms);
    if (!persistent && typeof timer === "object") timer.unref();
    const abort = () => {
      clearTimeout(timer);
      reject(abortReason(signal));
    };
    signal?.addEventListener("abort", abort, { once: true });
    function done() {
      signal?.removeEventListener("abort", abort);
      resolve();
    }
  });
}
