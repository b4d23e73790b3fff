/** Seeded random numbers: splitmix32 (public domain, by Sebastiano Vigna's splitmix64; 32-bit constants by Chris Wellons). */

/** One sequence. */
export interface Random {
  /** In [0, 1). */
  next(): number;
  /** Whole, in [0, limit). */
  below(limit: number): number;
  pick<T>(choices: readonly T[]): T;
  /** `length` characters of `alphabet`. */
  text(length: number, alphabet: string): string;
}

/** The same seed gives the same numbers on every runtime. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x9e3779b9) >>> 0;
    let mixed = state ^ (state >>> 16);
    mixed = Math.imul(mixed, 0x21f0aaad);
    mixed ^= mixed >>> 15;
    mixed = Math.imul(mixed, 0x735a2d97);
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 4_294_967_296;
  };
  const below = (limit: number): number => Math.floor(next() * limit);
  return {
    next,
    below,
    pick: (choices) => choices[below(choices.length)]!,
    text: (length, alphabet) => Array.from({ length }, () => alphabet[below(alphabet.length)]!).join(""),
  };
}

/** FNV-1a over UTF-16 units: a seed from a text. */
export function seedOf(text: string, seed: number): number {
  let hash = (2_166_136_261 ^ seed) >>> 0;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 16_777_619) >>> 0;
  return hash;
}
