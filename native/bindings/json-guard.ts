/** JSON guards on the flat ABI. */
import type { JsonGuard, JsonGuardSettings, JsonStream, JsonViolation } from "../../core/native/json-guard.ts";
import { failure } from "./failure.ts";
import { guardCodes } from "./flat-abi.ts";
import { Owned } from "./owned.ts";
import type { Thread } from "./thread.ts";

const placements = { strict: 0, fenced: 1, "find-first": 2 } as const;
const states = ["open", "complete", "broken"] as const;
const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** @throws MidStreamError NATIVE_BAD_ARGUMENT that names the place in the schema */
export function compileGuard(thread: Thread, settings: JsonGuardSettings): JsonGuard {
  const schema = encoder.encode(settings.schema === undefined ? "" : JSON.stringify(settings.schema));
  const flags = settings.uniqueNames ? guardCodes.uniqueNames : 0;
  const { flat } = thread;
  const handle = flat.ms_guard_compile(schema, schema.length, placements[settings.placement], flags, settings.maxBytes);
  return new NativeGuard(thread, "JSON guard", handle, "ms_guard_close");
}

class NativeGuard extends Owned implements JsonGuard {
  open(): JsonStream {
    const stream = this.thread.flat.ms_guard_open(this.handle);
    return new NativeStream(this.thread, "ms_guard_open", stream, "ms_guard_close");
  }
}

class NativeStream extends Owned implements JsonStream {
  push(text: string): "open" | "complete" | "broken" {
    const { flat, memory } = this.thread;
    let rest = text;
    for (;;) {
      const { read, written } = memory.encode(rest);
      const state = this.#state("ms_guard_push", flat.ms_guard_push(this.handle, memory.text.address, written));
      rest = rest.slice(read);
      if (rest === "" || state === "broken") return state;
    }
  }

  finish(): "open" | "complete" | "broken" {
    return this.#state("ms_guard_finish", this.thread.flat.ms_guard_finish(this.handle));
  }

  violation(): JsonViolation | undefined {
    const { flat, memory } = this.thread;
    const { address, view } = memory.out;
    const length = flat.ms_guard_violation(this.handle, address, view.length);
    if (length < 0) throw failure(flat, "ms_guard_violation", length);
    return length === 0 ? undefined : (JSON.parse(decoder.decode(view.subarray(0, length))) as JsonViolation);
  }

  #state(call: string, result: number): "open" | "complete" | "broken" {
    const state = states[result];
    if (state === undefined) throw failure(this.thread.flat, call, result);
    return state;
  }
}
