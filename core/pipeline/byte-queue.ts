/** Bytes that wait, first in, first out. */
import { joined, nothing } from "./byte-pieces.ts";

/** Pieces of bytes, taken whole or in parts. Whoever pushes gives the piece away. */
export class ByteQueue {
  /** What is left in it. */
  byteLength = 0;
  private pieces: Uint8Array[] = [];
  /** Index of the first piece that is left, and how much of it has been taken. */
  private first = 0;
  private taken = 0;

  push(piece: Uint8Array): void {
    if (piece.byteLength === 0) return;
    this.pieces.push(piece);
    this.byteLength += piece.byteLength;
  }

  /** The next bytes, at most `most` of them and never of two pieces; none where nothing is left. */
  take(most: number): Uint8Array {
    const piece = this.pieces[this.first];
    if (piece === undefined) return nothing;
    const next = piece.subarray(this.taken, this.taken + most);
    this.byteLength -= next.byteLength;
    this.taken += next.byteLength;
    if (this.taken < piece.byteLength) return next;
    this.taken = 0;
    this.first += 1;
    if (this.byteLength === 0) this.clear();
    return next;
  }

  /** All of it as one; it stays. */
  whole(): Uint8Array {
    // Nearly always one piece that nobody has begun to take.
    if (this.pieces.length === 1 && this.taken === 0) return this.pieces[0]!;
    const left = this.pieces.slice(this.first);
    const [head, ...rest] = left;
    return head === undefined || this.taken === 0 ? joined(left) : joined([head.subarray(this.taken), ...rest]);
  }

  clear(): void {
    if (this.pieces.length === 0) return;
    this.pieces = [];
    this.first = 0;
    this.taken = 0;
    this.byteLength = 0;
  }
}
