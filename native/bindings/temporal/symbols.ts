/** Sequences of symbols as the flat ABI takes them. */
import { refuse } from "./settings.ts";

/**
 * A string (its symbols are code points, as they are: nothing is normalised, and a lone surrogate counts as U+FFFD), bytes, or tokens. Both sides of a
 * comparison are of the same kind.
 */
export type Symbols = string | Uint8Array | Uint32Array;

/** Characters that are encoded without allocating. */
const scratchCharacters = 4096;
const encoder = new TextEncoder();

/** Kind of symbols: 0 bytes, 1 text, 2 tokens. */
export function kindOf(symbols: Symbols): number {
  if (typeof symbols === "string") return 1;
  if (symbols instanceof Uint32Array) return 2;
  if (symbols instanceof Uint8Array) return 0;
  throw refuse("Symbols are not a string, a Uint8Array or a Uint32Array");
}

/** Two sequences, ready for one call. */
export class Encoded {
  /** Memory of each; never empty, so that every runtime has an address for it. */
  readonly views: [Uint8Array | Uint32Array, Uint8Array | Uint32Array];
  /** Bytes or tokens of each. */
  readonly lengths: [number, number] = [0, 0];
  readonly #scratch = [0, 1].map(() => new Uint8Array(new ArrayBuffer(3 * scratchCharacters))) as [Uint8Array, Uint8Array];

  constructor() {
    this.views = [...this.#scratch];
  }

  /** Takes both up; returns their kind. */
  take(a: Symbols, b: Symbols): number {
    const kind = kindOf(a);
    if (kind !== kindOf(b)) throw refuse("Both sides must be strings, or both Uint8Array, or both Uint32Array");
    this.#place(0, a);
    this.#place(1, b);
    return kind;
  }

  #place(side: 0 | 1, symbols: Symbols): void {
    const scratch = this.#scratch[side];
    if (typeof symbols !== "string") {
      this.views[side] = symbols.length === 0 ? scratch : symbols;
      this.lengths[side] = symbols.length;
    } else if (symbols.length <= scratchCharacters) {
      this.views[side] = scratch;
      this.lengths[side] = encoder.encodeInto(symbols, scratch).written;
    } else {
      const bytes = encoder.encode(symbols);
      this.views[side] = bytes;
      this.lengths[side] = bytes.length;
    }
  }
}
