/** The contract of `#std/async`; it must hold for @std/async itself too. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { abortable, deadline, debounce, delay, MuxAsyncIterator, pooledMap, RetryError, retry, tee } from "#std/async";

const never = new Promise<never>(() => {});

async function* list<T>(...items: T[]): AsyncGenerator<T> {
  yield* items;
}

async function all<T>(iterable: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of iterable) items.push(item);
  return items;
}

const named = (name: string) => (error: Error) => error.name === name;

test("deadline settles as the promise does, or rejects with a TimeoutError", async () => {
  assert.equal(await deadline(Promise.resolve(1), 60_000), 1);
  assert.equal(await deadline(Promise.resolve(1), Number.MAX_SAFE_INTEGER), 1);
  await assert.rejects(deadline(Promise.reject(new RangeError("own")), 60_000), named("RangeError"));
  await assert.rejects(deadline(never, 1), named("TimeoutError"));
  await assert.rejects(deadline(never, 60_000, { signal: AbortSignal.abort() }), named("AbortError"));
});

test("delay resolves, or rejects with the signal's reason", async () => {
  assert.equal(await delay(0), undefined);
  await assert.rejects(delay(60_000, { signal: AbortSignal.abort() }), named("AbortError"));
  const controller = new AbortController();
  const waiting = delay(60_000, { signal: controller.signal });
  controller.abort(new RangeError("own"));
  await assert.rejects(waiting, named("RangeError"));
});

test("abortable ends promises and iterables by the signal", async () => {
  const { signal } = new AbortController();
  assert.equal(await abortable(Promise.resolve(1), signal), 1);
  assert.deepEqual(await all(abortable(list(1, 2), signal)), [1, 2]);
  await assert.rejects(abortable(never, AbortSignal.abort()), named("AbortError"));
  const controller = new AbortController();
  const endless = abortable(
    (async function* () {
      yield 1;
      await never;
    })(),
    controller.signal,
  );
  assert.deepEqual(await endless.next(), { done: false, value: 1 });
  const next = endless.next();
  controller.abort();
  await assert.rejects(next, named("AbortError"));
});

test("debounce calls once, with the latest arguments", async () => {
  const calls: number[] = [];
  const debounced = debounce((n: number) => calls.push(n), 60_000);
  debounced(1);
  debounced(2);
  assert.equal(debounced.pending, true);
  debounced.flush();
  assert.deepEqual(calls, [2]);
  assert.equal(debounced.pending, false);
  debounced(3);
  debounced.clear();
  debounced.flush();
  assert.deepEqual(calls, [2]);
  await new Promise<void>((resolve) => {
    const soon = debounce(() => resolve(), 0);
    soon();
  });
});

test("retry tries until it succeeds or the attempts are used up", async () => {
  let attempts = 0;
  const flaky = () => {
    attempts += 1;
    if (attempts < 3) throw new RangeError("again");
    return attempts;
  };
  assert.equal(await retry(flaky, { minTimeout: 0, maxTimeout: 1 }), 3);
  const failed = retry(
    () => {
      throw new RangeError("always");
    },
    { minTimeout: 0, maxTimeout: 1, maxAttempts: 2 },
  );
  await assert.rejects(failed, (error: unknown) => error instanceof RetryError && (error.cause as Error).name === "RangeError");
  await assert.rejects(retry(flaky, { minTimeout: 2, maxTimeout: 1 }), named("TypeError"));
});

test("pooledMap keeps the order and the bound, and reports every failure", async () => {
  let running = 0;
  let most = 0;
  const mapped = pooledMap(2, [3, 1, 2, 0], async (turns) => {
    running += 1;
    most = Math.max(most, running);
    for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
    running -= 1;
    return turns * 10;
  });
  assert.deepEqual(await all(mapped), [30, 10, 20, 0]);
  assert.equal(most, 2);
  assert.deepEqual(await all(pooledMap(2, list(1), async (n) => n)), [1]);
  const failing = pooledMap(2, [1, 2], async (n) => {
    throw new RangeError(`${n}`);
  });
  await assert.rejects(all(failing), (error: AggregateError) => error.errors.length >= 1);
});

test("MuxAsyncIterator yields all values of all iterables", async () => {
  const mux = new MuxAsyncIterator<number>();
  mux.add(list(1, 2));
  mux.add(list(3));
  assert.deepEqual((await all(mux)).sort(), [1, 2, 3]);
  const failing = new MuxAsyncIterator<number>();
  failing.add(
    // biome-ignore lint/correctness/useYield: it fails before it yields
    (async function* () {
      throw new RangeError("own");
    })(),
  );
  await assert.rejects(all(failing), named("RangeError"));
});

test("tee gives every branch everything, at its own pace", async () => {
  const [a, b] = tee(list(1, 2, 3));
  assert.deepEqual(await all(a), [1, 2, 3]);
  assert.deepEqual(await all(b), [1, 2, 3]);
  assert.equal(tee(list(1), 3).length, 3);
});
