import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import * as v from "valibot";
import { isMidStreamError } from "../../../core/errors/midstream-error.ts";
import { testContext } from "../../../core/testing/plugin-context.ts";
import memory from "./index.ts";
import { MemoryStore } from "./memory-store.ts";

function clock() {
  let now = 0;
  return { now: () => now, pass: (ms: number) => (now += ms) };
}

const storeOf = (settings: Partial<ConstructorParameters<typeof MemoryStore>[0]> = {}) =>
  new MemoryStore({ maxEntries: 3, maxBytes: 100_000, ttlMs: 0, now: () => 0, ...settings });

const contextOf = (now: () => number) => testContext("store/memory/test", { now });

test("keeps, replaces and deletes values", async () => {
  const store = storeOf();
  assert.equal(await store.get("a"), undefined);
  await store.set("a", "1");
  await store.set("a", "2");
  assert.equal(await store.get("a"), "2");
  await store.delete("a");
  await store.delete("a");
  assert.equal(await store.get("a"), undefined);
  assert.equal(store.bytes, 0);
});

test("the least recently used entry leaves first, and reading is use", async () => {
  const store = storeOf();
  for (const key of ["a", "b", "c"]) await store.set(key, key);
  await store.get("a");
  await store.set("d", "d");
  assert.equal(await store.get("b"), undefined);
  assert.equal(await store.get("a"), "a");
});

test("entries leave until the bytes fit", async () => {
  const store = storeOf({ maxEntries: 100, maxBytes: 1_024 });
  for (let key = 0; key < 50; key++) await store.set(`key-${key}`, "x".repeat(100));
  assert.ok(store.bytes <= 1_024);
  assert.ok(store.size >= 1);
  assert.equal(await store.get("key-49"), "x".repeat(100));
});

test("an entry that can never fit is refused and costs nothing that is there", async () => {
  const store = storeOf({ maxBytes: 1_024 });
  await store.set("a", "1");
  await assert.rejects(store.set("b", "x".repeat(1_000)), (error) => isMidStreamError(error) && error.code === "PLUGIN_FAILED");
  assert.equal(await store.get("a"), "1");
});

test("an entry ends with its lifetime, not before", async () => {
  const { now, pass } = clock();
  const store = storeOf({ now });
  await store.set("a", "1", { ttlMs: 100 });
  pass(99);
  assert.equal(await store.get("a"), "1");
  pass(1);
  assert.equal(await store.get("a"), undefined);
  assert.equal(store.bytes, 0);
});

test("the configured lifetime holds for entries without one of their own, and 0 means no end", async () => {
  const { now, pass } = clock();
  const store = storeOf({ now, ttlMs: 10 });
  await store.set("a", "1");
  await store.set("b", "1", { ttlMs: 0 });
  pass(10);
  assert.equal(await store.get("a"), undefined);
  assert.equal(await store.get("b"), "1");
});

test("counts from 0, with negative steps too", async () => {
  const store = storeOf();
  assert.equal(await store.increment("n", 2), 2);
  assert.equal(await store.increment("n", -5), -3);
  assert.equal(await store.get("n"), "-3");
});

test("a counter's window ends though it is counted on", async () => {
  const { now, pass } = clock();
  const store = storeOf({ now });
  await store.increment("n", 1, { ttlMs: 100 });
  pass(60);
  assert.equal(await store.increment("n", 1, { ttlMs: 100 }), 2);
  pass(40);
  assert.equal(await store.increment("n", 1, { ttlMs: 100 }), 1);
});

test("increments that run at once are all counted", async () => {
  const store = storeOf();
  await Promise.all(Array.from({ length: 100 }, () => store.increment("n", 1)));
  assert.equal(await store.get("n"), "100");
});

test("counting a word or by no number is refused and changes nothing", async () => {
  const store = storeOf();
  await store.set("a", "word");
  await assert.rejects(store.increment("a", 1), isMidStreamError);
  assert.equal(await store.get("a"), "word");
  await assert.rejects(store.increment("n", Number.NaN), isMidStreamError);
  assert.equal(await store.get("n"), undefined);
});

test("keys that objects own are keys like any other", async () => {
  const store = storeOf();
  assert.equal(await store.get("__proto__"), undefined);
  await store.set("constructor", "1");
  assert.equal(await store.get("constructor"), "1");
});

test("whatever is done, it stays within its bounds and agrees with a plain map of what it kept", async () => {
  const step = fc.record({
    do: fc.constantFrom("set", "get", "delete", "pass"),
    key: fc.constantFrom("a", "b", "c", "d", "e"),
    size: fc.nat(200),
    ttlMs: fc.nat(5),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      const { now, pass } = clock();
      const store = storeOf({ now, maxBytes: 1_024 });
      const model = new Map<string, { value: string; end: number }>();
      for (const { do: action, key, size, ttlMs } of steps) {
        if (action === "pass") pass(1);
        else if (action === "delete") {
          await store.delete(key);
          model.delete(key);
        } else if (action === "set") {
          await store.set(key, "x".repeat(size), { ttlMs });
          model.set(key, { value: "x".repeat(size), end: ttlMs === 0 ? Number.POSITIVE_INFINITY : now() + ttlMs });
        } else {
          const found = await store.get(key);
          const known = model.get(key);
          const live = known !== undefined && known.end > now() ? known.value : undefined;
          // It may forget, but never make up or outlive.
          assert.ok(found === undefined || found === live);
        }
        assert.ok(store.size <= 3 && store.bytes <= 1_024 && store.bytes >= 0);
      }
    }),
    { seed: 20, numRuns: 200 },
  );
});

test("the plugin keeps within its config and forgets everything when disposed, twice", async () => {
  const { now } = clock();
  const store = await memory.setup(v.parse(memory.config, { maxEntries: 1 }), contextOf(now));
  await store.set("a", "1");
  await store.set("b", "2");
  assert.equal(await store.get("a"), undefined);
  await store[Symbol.asyncDispose]();
  await store[Symbol.asyncDispose]();
  assert.equal(await store.get("b"), undefined);
});

for (const wrong of [{ maxEntries: 0 }, { maxBytes: 10 }, { ttlMs: -1 }, { entries: 5 }]) {
  test(`refuses ${JSON.stringify(wrong)}`, () => assert.equal(v.safeParse(memory.config, wrong).success, false));
}
