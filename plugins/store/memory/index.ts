/**
 * `store/memory`: state of this process, bounded, gone when it ends.
 *
 * Must not know what the keys mean.
 */
import * as v from "valibot";
import { definePlugin } from "../../../core/plugin/contract.ts";
import { MemoryStore } from "./memory-store.ts";

const count = (fallback: number, minimum: number, maximum: number, description: string) =>
  v.pipe(v.optional(v.pipe(v.number(), v.integer(), v.minValue(minimum), v.maxValue(maximum)), fallback), v.description(description));

const config = v.strictObject({
  maxEntries: count(10_000, 1, 10_000_000, "Most entries; the least recently used leaves first"),
  maxBytes: count(67_108_864, 1_024, 2 ** 36, "Most memory of keys and values, in bytes, estimated as two a UTF-16 unit and 128 an entry"),
  ttlMs: count(0, 0, 31_536_000_000, "Lifetime of entries that come without one, in milliseconds; 0 = no end"),
});

export default definePlugin({
  api: 1,
  role: "store",
  type: "memory",
  description: "Keys and values in this process: bounded by entries and bytes, least recently used leave first",
  config,
  capabilities: { reads: [], holdBytes: 0, streams: true, cost: "light", onFailure: "closed" },
  async setup(settings, context) {
    const store = new MemoryStore({ ...settings, now: context.now });
    return {
      get: (key) => store.get(key),
      set: (key, value, more) => store.set(key, value, more),
      delete: (key) => store.delete(key),
      increment: (key, by, more) => store.increment(key, by, more),
      async [Symbol.asyncDispose]() {
        store.clear();
      },
    };
  },
});
