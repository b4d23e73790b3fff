/** The contract of `#std/async`; it must hold for @std/async itself too. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { abortable, deadline, debounce, delay } from "#std/async";

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
