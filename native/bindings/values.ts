/** Values inside a buffer of the typed ABI: one after the other, big-endian. */
import { MidStreamError } from "../../core/errors/midstream-error.ts";
import type { TypedAbi } from "./typed.ts";

/** Bytes that a writer begins with; most records fit. */
const firstBytes = 256;

/** Appends values. */
export class Writer {
  #view = new DataView(new ArrayBuffer(firstBytes));
  #length = 0;

  scalar(size: number, put: (view: DataView, offset: number) => void): void {
    this.#reserve(size);
    put(this.#view, this.#length);
    this.#length += size;
  }

  /** A length, then the bytes. */
  bytes(bytes: Uint8Array): void {
    this.scalar(4, (view, offset) => view.setInt32(offset, bytes.length));
    this.#reserve(bytes.length);
    new Uint8Array(this.#view.buffer, this.#length).set(bytes);
    this.#length += bytes.length;
  }

  written(): Uint8Array {
    return new Uint8Array(this.#view.buffer, 0, this.#length);
  }

  #reserve(size: number): void {
    const needed = this.#length + size;
    if (needed <= this.#view.byteLength) return;
    const grown = new Uint8Array(Math.max(needed, 2 * this.#view.byteLength));
    grown.set(this.written());
    this.#view = new DataView(grown.buffer);
  }
}

/** Reads values in their order. */
export class Reader {
  readonly abi: TypedAbi;
  readonly view: DataView;
  #at = 0;

  constructor(abi: TypedAbi, bytes: Uint8Array) {
    this.abi = abi;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Offset of the next `size` bytes, which are then read. */
  advance(size: number): number {
    const at = this.#at;
    this.#at += size;
    return at;
  }

  /** A length, then a copy of the bytes. */
  bytes(): Uint8Array {
    const length = this.view.getInt32(this.advance(4));
    const at = this.view.byteOffset + this.advance(length);
    return new Uint8Array(this.view.buffer, at, length).slice();
  }

  /** @throws MidStreamError SETUP_NATIVE_MISMATCH if bytes are left: library and bindings disagree about a type. */
  end(): void {
    if (this.#at === this.view.byteLength) return;
    throw new MidStreamError("SETUP_NATIVE_MISMATCH", "Native library and generated bindings disagree; run `npm start`");
  }
}
