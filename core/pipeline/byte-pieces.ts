/** Pieces of bytes as one. */

/** No bytes. */
export const nothing = new Uint8Array();

/** One array of all pieces; where there is only one, that one itself. */
export function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const [only] = pieces;
  if (only === undefined) return nothing;
  if (pieces.length === 1) return only;
  let length = 0;
  for (const piece of pieces) length += piece.byteLength;
  const whole = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.byteLength;
  }
  return whole;
}
