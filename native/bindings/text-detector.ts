/** Detectors that judge text, on the flat ABI. */
import type { TextAnswer, TextContext, TextDetector, TextDetectorKind, TextFound, TextOrigin } from "../../core/native/text-detector.ts";
import type { ByteRange } from "../../core/stream/finding.ts";
import { failure } from "./failure.ts";
import { words } from "./flat-abi.ts";
import { Owned } from "./owned.ts";
import type { Thread } from "./thread.ts";

/** Origins by their code. */
const origins: readonly TextOrigin[] = [
  "content",
  "reasoning",
  "refusal",
  "tool-input",
  "user",
  "tool",
  "document",
  "instructions",
  "assistant",
];
const codes = Object.fromEntries(origins.map((origin, code) => [origin, code])) as Readonly<Record<TextOrigin, number>>;

const encoder = new TextEncoder();
const decoder = new TextDecoder();
/** What `ms_texts_push` writes where nothing is held back. */
const nothingHeld = 0xffff_ffff;
const none: readonly TextFound[] = Object.freeze([]);

/** @throws MidStreamError NATIVE_BAD_ARGUMENT that names the setting */
export function compileDetector(thread: Thread, kind: TextDetectorKind, settings: object): TextDetector {
  const name = encoder.encode(kind);
  const json = encoder.encode(JSON.stringify(settings));
  const handle = thread.flat.ms_detector_compile(name, name.length, json, json.length);
  return new CompiledDetector(thread, kind, handle);
}

class CompiledDetector extends Owned implements TextDetector {
  readonly rules: TextDetector["rules"];

  constructor(thread: Thread, kind: string, handle: number) {
    super(thread, kind, handle, "ms_detector_close");
    const { address, view } = thread.memory.out;
    const length = thread.flat.ms_detector_rules(handle, address, view.length);
    if (length < 0) throw failure(thread.flat, "ms_detector_rules", length);
    this.rules = JSON.parse(decoder.decode(view.subarray(0, length)));
  }

  begin(context: TextContext): TextAnswer {
    const json = encoder.encode(JSON.stringify(context));
    const handle = this.thread.flat.ms_detector_begin(this.handle, json, json.length);
    return new Answer(this.thread, "ms_detector_begin", handle, "ms_detector_close");
  }
}

class Answer extends Owned implements TextAnswer {
  #waiting = 0;

  push(choice: number, block: number, origin: TextOrigin, text: string): number {
    const { flat, memory } = this.thread;
    const code = codes[origin];
    let rest = text;
    do {
      const { read, written } = memory.encode(rest);
      const result = flat.ms_texts_push(this.handle, choice, block, code, memory.text.address, written, memory.push.address, words.push);
      if (result < 0) throw failure(flat, "ms_texts_push", result);
      rest = read === rest.length ? "" : rest.slice(read);
    } while (rest !== "");
    return this.#held();
  }

  token(choice: number, block: number, range: ByteRange, logprob: number, entropy: number): void {
    const { flat } = this.thread;
    const result = flat.ms_texts_token(this.handle, choice, block, range.start, range.end, logprob, entropy);
    if (result < 0) throw failure(flat, "ms_texts_token", result);
  }

  end(choice: number, block: number): void {
    const { flat, memory } = this.thread;
    const result = flat.ms_texts_end(this.handle, choice, block, memory.push.address, words.push);
    if (result < 0) throw failure(flat, "ms_texts_end", result);
    this.#held();
  }

  take(): readonly TextFound[] {
    if (this.#waiting === 0) return none;
    const { flat, memory } = this.thread;
    const { address, view } = memory.out;
    const found: TextFound[] = [];
    while (found.length < this.#waiting) {
      const length = flat.ms_texts_found(this.handle, address, view.length);
      if (length < 0) throw failure(flat, "ms_texts_found", length);
      if (length === 0) break;
      const taken: (Omit<TextFound, "origin"> & { origin: number })[] = JSON.parse(decoder.decode(view.subarray(0, length)));
      for (const one of taken) found.push({ ...one, origin: origins[one.origin]! });
    }
    this.#waiting = 0;
    return found;
  }

  #held(): number {
    const [held = nothingHeld, waiting = 0] = this.thread.memory.push.view;
    this.#waiting = waiting;
    return held === nothingHeld ? Number.POSITIVE_INFINITY : held;
  }
}
