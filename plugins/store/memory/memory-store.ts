/** A bounded map: least recently used entries leave first, expired ones when they are met. */
import { MidStreamError } from "../../../core/errors/midstream-error.ts";
import type { Store } from "../../../core/plugin/contract.ts";

/** Bounds of a store. */
export interface MemoryStoreSettings {
  readonly maxEntries: number;
  readonly maxBytes: number;
  /** Lifetime of entries that come without one, in milliseconds; 0 = no end. */
  readonly ttlMs: number;
  /** Milliseconds, monotonic. */
  readonly now: () => number;
}

interface Entry {
  readonly value: string;
  readonly bytes: number;
  /** Moment of its end; Infinity = none. */
  readonly expiresAt: number;
}

/** Two bytes a UTF-16 unit, and what a Map entry with its object costs in JavaScriptCore and V8 (about 100 bytes, rounded up). */
const sizeOf = (key: string, value: string): number => 2 * (key.length + value.length) + 128;

/** State of one process. */
export class MemoryStore implements Store {
  /** In the order of use: the first is the least recently used. */
  private readonly entries = new Map<string, Entry>();
  private readonly settings: MemoryStoreSettings;
  private held = 0;

  constructor(settings: MemoryStoreSettings) {
    this.settings = settings;
  }

  /** Entries held, expired ones that nobody met included. */
  get size(): number {
    return this.entries.size;
  }

  /** Estimated bytes held. */
  get bytes(): number {
    return this.held;
  }

  async get(key: string): Promise<string | undefined> {
    const entry = this.live(key);
    if (entry === undefined) return undefined;
    // Used: back to the end of the order.
    this.entries.delete(key);
    this.entries.set(key, entry);
    return entry.value;
  }

  /** @throws MidStreamError PLUGIN_FAILED where the entry alone is over `maxBytes`: dropping it silently would lose state */
  async set(key: string, value: string, settings?: { readonly ttlMs?: number }): Promise<void> {
    const ttlMs = settings?.ttlMs ?? this.settings.ttlMs;
    this.put(key, value, ttlMs > 0 ? this.settings.now() + ttlMs : Number.POSITIVE_INFINITY);
  }

  async delete(key: string): Promise<void> {
    const entry = this.entries.get(key);
    if (entry !== undefined) this.drop(key, entry);
  }

  /**
   * A counter lives from its first increment: later ones do not prolong it, so that a quota's window ends.
   * @throws MidStreamError PLUGIN_FAILED where the key holds something else than a number
   */
  async increment(key: string, by: number, settings?: { readonly ttlMs?: number }): Promise<number> {
    const entry = this.live(key);
    if (entry === undefined) {
      await this.set(key, String(numberOf(by)), settings);
      return by;
    }
    const sum = numberOf(numberOf(entry.value) + by);
    this.put(key, String(sum), entry.expiresAt);
    return sum;
  }

  clear(): void {
    this.entries.clear();
    this.held = 0;
  }

  private put(key: string, value: string, expiresAt: number): void {
    const bytes = sizeOf(key, value);
    if (bytes > this.settings.maxBytes) {
      throw new MidStreamError(
        "PLUGIN_FAILED",
        `An entry of ${bytes} bytes is larger than the store's maxBytes of ${this.settings.maxBytes}`,
      );
    }
    const before = this.entries.get(key);
    if (before !== undefined) this.drop(key, before);
    this.entries.set(key, { value, bytes, expiresAt });
    this.held += bytes;
    for (const [oldest, entry] of this.entries) {
      const fits = this.entries.size <= this.settings.maxEntries && this.held <= this.settings.maxBytes;
      if (fits && entry.expiresAt > this.settings.now()) break;
      this.drop(oldest, entry);
    }
  }

  private live(key: string): Entry | undefined {
    const entry = this.entries.get(key);
    if (entry === undefined || entry.expiresAt > this.settings.now()) return entry;
    this.drop(key, entry);
    return undefined;
  }

  private drop(key: string, entry: Entry): void {
    this.entries.delete(key);
    this.held -= entry.bytes;
  }
}

function numberOf(value: string | number): number {
  const number = value === "" ? Number.NaN : Number(value);
  if (!Number.isFinite(number)) throw new MidStreamError("PLUGIN_FAILED", "A counter's value is not a finite number");
  return number;
}
