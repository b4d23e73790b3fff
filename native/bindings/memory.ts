/** Buffers that live as long as the core of a thread, shared by all its calls: a call allocates no memory. */
import { addressOf } from "#native";
import { words } from "./flat-abi.ts";
import type { Address } from "./platform.ts";

/** Output bytes of one call at first; a read of 64 KB, the largest of most sockets, leaves in one piece. */
const firstOutBytes = 64 * 1024;
/** Above this, output leaves in several calls: Bun reads up to 512 KB at once. */
const maxOutBytes = 256 * 1024;
/** Text of one push. Longer text is pushed in pieces, which changes nothing. */
const textBytes = 64 * 1024;
/** Words for findings, records and heads: 512 findings, or the 100 headers that a head may have. */
const firstListWords = 4096;

const encoder = new TextEncoder();

/** A buffer with its address. */
interface Block<T> {
  readonly view: T;
  readonly address: Address;
}

const bytes = (length: number): Block<Uint8Array> => {
  const view = new Uint8Array(new ArrayBuffer(length));
  return { view, address: addressOf(view) };
};

const wordBlock = (length: number): Block<Uint32Array> => {
  const view = new Uint32Array(new ArrayBuffer(length * 4));
  return { view, address: addressOf(view) };
};

const numberBlock = (length: number): Block<Float64Array> => {
  const view = new Float64Array(new ArrayBuffer(length * 8));
  return { view, address: addressOf(view) };
};

/** Numbers of the longest result of an analysis. */
const numberCount = 16;

/** The buffers of one thread. What a call wrote is valid until the next call. */
export class Memory {
  readonly text = bytes(textBytes);
  readonly push = wordBlock(words.push);
  readonly state = wordBlock(words.state);
  /** The state's words as signed numbers. */
  readonly signedState = new Int32Array(this.state.view.buffer);
  readonly numbers = numberBlock(numberCount);
  out = bytes(firstOutBytes);
  list = wordBlock(firstListWords);
  /** `list` as floats: scores. */
  listFloats = new Float32Array(this.list.view.buffer);

  /**
   * Writes as much of a text into `text` as has room. Whole characters: half of one, at the end of a piece that was cut by UTF-16 units,
   * would cross as another character of another length.
   */
  encode(text: string): { readonly read: number; readonly written: number } {
    return encoder.encodeInto(text, this.text.view);
  }

  /** More room for output from the next call on; views of the old one stay valid. */
  growOut(): void {
    if (this.out.view.length < maxOutBytes) this.out = bytes(this.out.view.length * 2);
  }

  /** More room for lists from the next call on. */
  growList(): void {
    this.list = wordBlock(this.list.view.length * 2);
    this.listFloats = new Float32Array(this.list.view.buffer);
  }
}
