/** The conformance suite of stores. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Plugin, Store } from "../../core/plugin/contract.ts";
import { instanceId, type PluginSettings, setUpPlugin, testPlugin } from "./plugin.ts";

/** Tests one store. Call it at the top of a test file. */
export function testStore(plugin: Plugin<"store">, settings: PluginSettings = {}): void {
  const id = instanceId(plugin);
  testPlugin(plugin, settings);

  const open = async () => {
    const { instance, advance } = await setUpPlugin(plugin, settings);
    return { store: instance as Store & AsyncDisposable, advance };
  };

  test(`${id}: gives back what was set, and nothing that was not`, async () => {
    const { store } = await open();
    await store.set("key", "välue");
    await store.set("", "");
    assert.deepEqual([await store.get("key"), await store.get(""), await store.get("__proto__")], ["välue", "", undefined]);
    await store.set("key", "other");
    assert.equal(await store.get("key"), "other");
    await store.delete("key");
    await store.delete("key");
    assert.equal(await store.get("key"), undefined);
    await store[Symbol.asyncDispose]();
  });

  test(`${id}: adds up, from nothing too, whatever comes at once`, async () => {
    const { store } = await open();
    assert.equal(await store.increment("n", 2), 2);
    await Promise.all(Array.from({ length: 100 }, () => store.increment("n", 1)));
    assert.equal(await store.increment("n", -2), 100);
    assert.equal(await store.get("n"), "100");
    await store[Symbol.asyncDispose]();
  });

  test(`${id}: forgets when the lifetime is over, not before`, async () => {
    const { store, advance } = await open();
    await store.set("key", "value", { ttlMs: 1_000 });
    await store.increment("n", 5, { ttlMs: 1_000 });
    advance(999);
    assert.deepEqual([await store.get("key"), await store.get("n")], ["value", "5"]);
    advance(2);
    assert.deepEqual([await store.get("key"), await store.get("n")], [undefined, undefined]);
    assert.equal(await store.increment("n", 1), 1);
    await store[Symbol.asyncDispose]();
  });
}
