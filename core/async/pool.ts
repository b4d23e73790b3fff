/** Mapping with a bound on what runs at once. Signatures of @std/async. */

/**
 * Maps an iterable with at most `poolLimit` calls under way; yields in the order of the input. The first failure ends it when those under
 * way have settled. @throws AggregateError with every failure
 */
export async function* pooledMap<T, R>(
  poolLimit: number,
  array: Iterable<T> | AsyncIterable<T>,
  iteratorFn: (data: T) => Promise<R>,
): AsyncIterableIterator<R> {
  const source = Symbol.asyncIterator in array ? array[Symbol.asyncIterator]() : array[Symbol.iterator]();
  const running: Promise<{ readonly value: R } | { readonly error: unknown }>[] = [];
  const start = async () => {
    const next = await source.next();
    if (next.done) return false;
    running.push(
      (async () => iteratorFn(next.value))().then(
        (value) => ({ value }),
        (error: unknown) => ({ error }),
      ),
    );
    return true;
  };
  let hasMore = true;
  for (;;) {
    while (hasMore && running.length < poolLimit) hasMore = await start();
    const first = await running.shift();
    if (first === undefined) return;
    if ("error" in first) {
      const rest = await Promise.all(running);
      const errors = [first, ...rest].flatMap((settled) => ("error" in settled ? [settled.error] : []));
      throw new AggregateError(errors, "Cannot complete the mapping as an error was thrown from an item");
    }
    yield first.value;
  }
}
