/** Removes the chunked transfer coding (RFC 9112 section 7.1), incrementally. Must not know sockets. */
import { MidStreamError } from "../../../core/errors/midstream-error.ts";

/** Bytes of a chunk-size line, extensions included, and of all trailers together. */
const maxLineBytes = 8_192;
const maxTrailerBytes = 65_536;
/** Hex digits of a size that a double holds exactly. */
const maxSizeDigits = 13;

const lineFeed = 10;
const carriageReturn = 13;
const semicolon = 59;

const bad = (what: string): MidStreamError =>
  new MidStreamError("PROVIDER_BAD_RESPONSE", `The upstream's chunked body is malformed: ${what}`);

type State = "size" | "extension" | "data" | "data-end" | "trailer" | "done";

function hexValue(byte: number): number {
  if (byte >= 48 && byte <= 57) return byte - 48;
  const lower = byte | 32;
  return lower >= 97 && lower <= 102 ? lower - 87 : -1;
}

/** Takes reads as they come, gives the content of each as one view. */
export class ChunkedDecoder {
  #state: State = "size";
  #digits = 0;
  /** Content bytes left in the chunk. */
  #left = 0;
  #lineBytes = 0;
  #trailerBytes = 0;
  /** Whether the trailer line under way has a character. */
  #lineHasText = false;
  #afterReturn = false;

  /** The last chunk and the trailers have been read. */
  get done(): boolean {
    return this.#state === "done";
  }

  /** Bytes of the last input that the body used; the rest came after its end. */
  used = 0;

  /**
   * The content in `bytes`: a view of them where they hold one run of content, else a copy.
   * @throws MidStreamError PROVIDER_BAD_RESPONSE
   */
  decode(bytes: Uint8Array): Uint8Array {
    const runs: Uint8Array[] = [];
    let at = 0;
    while (at < bytes.length && this.#state !== "done") {
      if (this.#state === "data") {
        const run = bytes.subarray(at, at + Math.min(this.#left, bytes.length - at));
        runs.push(run);
        at += run.length;
        this.#left -= run.length;
        if (this.#left === 0) this.#state = "data-end";
      } else {
        this.#step(bytes[at]!);
        at += 1;
      }
    }
    this.used = at;
    return joined(runs);
  }

  #step(byte: number): void {
    switch (this.#state) {
      case "size":
        this.#size(byte);
        break;
      case "extension":
        this.#countLine();
        if (byte === lineFeed) this.#sizeEnd();
        break;
      case "data-end":
        if (byte === lineFeed) this.#startSize();
        else if (byte !== carriageReturn || this.#afterReturn) throw bad("no line end after a chunk");
        this.#afterReturn = byte === carriageReturn;
        break;
      default:
        this.#trailer(byte);
    }
  }

  #size(byte: number): void {
    const digit = hexValue(byte);
    if (digit >= 0 && !this.#afterReturn) {
      this.#digits += 1;
      if (this.#digits > maxSizeDigits) throw bad("a chunk size is too large");
      this.#left = this.#left * 16 + digit;
      return;
    }
    if (this.#digits === 0) throw bad("a chunk has no size");
    if (byte === lineFeed) this.#sizeEnd();
    else if (this.#afterReturn) throw bad("a carriage return inside a chunk size line");
    else if (byte === carriageReturn) this.#afterReturn = true;
    // Some servers pad the size with blanks; extensions mean nothing to us.
    else if (byte === semicolon || byte === 32 || byte === 9) this.#state = "extension";
    else throw bad("a chunk size is no hexadecimal number");
  }

  #sizeEnd(): void {
    this.#afterReturn = false;
    this.#lineBytes = 0;
    this.#digits = 0;
    this.#state = this.#left === 0 ? "trailer" : "data";
  }

  #startSize(): void {
    this.#state = "size";
    this.#left = 0;
    this.#digits = 0;
  }

  #countLine(): void {
    this.#lineBytes += 1;
    if (this.#lineBytes > maxLineBytes) throw bad("a chunk extension is too long");
  }

  #trailer(byte: number): void {
    this.#trailerBytes += 1;
    if (this.#trailerBytes > maxTrailerBytes) throw bad("the trailers are too long");
    if (byte === lineFeed) {
      if (!this.#lineHasText) this.#state = "done";
      this.#lineHasText = false;
    } else if (byte !== carriageReturn) {
      this.#lineHasText = true;
    }
  }
}

const nothing = new Uint8Array(0);

function joined(runs: readonly Uint8Array[]): Uint8Array {
  if (runs.length <= 1) return runs[0] ?? nothing;
  const all = new Uint8Array(runs.reduce((sum, run) => sum + run.length, 0));
  let at = 0;
  for (const run of runs) {
    all.set(run, at);
    at += run.length;
  }
  return all;
}
