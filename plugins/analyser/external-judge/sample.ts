/** Which answers are judged where only a share of them is. */

/** Whether an answer is among the share, 0 to 1; the same answer always or never (FNV-1a of its id, RFC draft-eastlake-fnv-17). */
export function isSampled(session: string, share: number): boolean {
  if (share >= 1) return true;
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(session)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  // FNV's high bits differ little between ids that count up: mixed once more (the finaliser of MurmurHash3).
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32 < share;
}
