/** Aborting what has no signal of its own. Signatures of @std/async. */

/** Why a signal was aborted. */
export const abortReason = (signal: AbortSignal | undefined): unknown => signal?.reason ?? new DOMException("Aborted", "AbortError");

/** Settles as the promise does, or rejects with the signal's reason. The work itself goes on. */
export function abortable<T>(p: Promise<T>, signal: AbortSignal): Promise<T>;
/** Yields what the iterable yields, until the signal is aborted; then throws its reason. */
export function abortable<T>(p: AsyncIterable<T>, signal: AbortSignal): AsyncGenerator<T>;
export function abortable<T>(p: Promise<T> | AsyncIterable<T>, signal: AbortSignal): Promise<T> | AsyncGenerator<T> {
  return p instanceof Promise ? abortablePromise(p, signal) : abortableIterable(p, signal);
}

async function abortablePromise<T>(p: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const abort = () => reject(abortReason(signal));
  if (signal.aborted) abort();
  signal.addEventListener("abort", abort, { once: true });
  try {
    return await Promise.race([promise, p]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

async function* abortableIterable<T>(iterable: AsyncIterable<T>, signal: AbortSignal): AsyncGenerator<T> {
  const iterator = iterable[Symbol.asyncIterator]();
  let isOver = false;
  try {
    for (;;) {
      const next = await abortablePromise(iterator.next(), signal);
      if (next.done) {
        isOver = true;
        return;
      }
      yield next.value;
    }
  } finally {
    // Not awaited: an iterator that hangs in `next` would hang here too.
    if (!isOver) iterator.return?.()?.catch?.(() => {});
  }
}
