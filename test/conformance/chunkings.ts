/** Ways to cut a text into deltas: each must give the same outcome. */

/** Seeds of the random cuts; a failure names its own. */
const seeds = [1, 2, 3, 4, 5];

/** Whole, one character each, and random pieces. Never inside of a character: a delta is text, not bytes. */
export function chunkings(text: string): { readonly name: string; readonly pieces: readonly string[] }[] {
  const characters = Array.from(text);
  return [
    { name: "whole", pieces: [text] },
    { name: "one character each", pieces: characters },
    ...seeds.map((seed) => ({ name: `random pieces, seed ${seed}`, pieces: randomPieces(characters, seed) })),
  ];
}

function randomPieces(characters: readonly string[], seed: number): string[] {
  const random = generator(seed);
  const pieces: string[] = [];
  for (let at = 0; at < characters.length; ) {
    const length = 1 + Math.floor(random() * 12);
    pieces.push(characters.slice(at, at + length).join(""));
    at += length;
  }
  return pieces;
}

/** Mulberry32: small, seeded, good enough to choose lengths. */
export function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Cuts bytes anywhere, also inside of characters and line ends. */
export function byteChunkings(bytes: Uint8Array): { readonly name: string; readonly pieces: readonly Uint8Array[] }[] {
  const cut = (length: () => number) => {
    const pieces: Uint8Array[] = [];
    for (let at = 0; at < bytes.length; ) {
      const step = length();
      pieces.push(bytes.slice(at, at + step));
      at += step;
    }
    return pieces;
  };
  return [
    { name: "whole", pieces: [bytes] },
    { name: "one byte each", pieces: cut(() => 1) },
    ...seeds.map((seed) => {
      const random = generator(seed);
      return { name: `random pieces, seed ${seed}`, pieces: cut(() => 1 + Math.floor(random() * 40)) };
    }),
  ];
}
