/** One answer on the wire path. */
import {
  type Framing,
  type NativeRecord,
  type NativeWire,
  newState,
  type UpstreamEnd,
  type WireSettings,
} from "../../core/native/native-core.ts";
import { failure } from "./failure.ts";
import { flatRecords, type Names, noRecords } from "./findings.ts";
import { modeFlags, stateFlags, status, words } from "./flat-abi.ts";
import type { Thread } from "./thread.ts";

const framingCodes: Readonly<Record<Framing, number>> = { identity: 0, chunked: 1, "content-length": 2, close: 3 };
const endCodes: Readonly<Record<UpstreamEnd, number>> = { eof: 0, failed: 1, "timed-out": 2, cancelled: 3 };

const noBytes = new Uint8Array(0);

/** Opens an answer on the plan's handle. */
export function openWire(thread: Thread, plan: number, names: Names, settings: WireSettings): NativeWire {
  const mode =
    (settings.mode === "unary" ? modeFlags.unary : 0) |
    (settings.stripUsage ? modeFlags.stripUsage : 0) |
    (settings.passUnknown ? modeFlags.passUnknown : modeFlags.blockUnknown) |
    (settings.flow ? modeFlags.flow : 0);
  const framing = framingCodes[settings.framing];
  const handle = thread.flat.ms_wire_open(plan, mode, framing, settings.choiceCount, settings.contentLength);
  if (handle < 0) throw failure(thread.flat, "ms_wire_open", handle);
  return new Wire(thread, handle, names);
}

class Wire implements NativeWire {
  readonly state = newState();
  readonly #thread: Thread;
  readonly #names: Names;
  /** 0 once closed; the library knows no such handle. */
  #handle: number;

  constructor(thread: Thread, handle: number, names: Names) {
    this.#thread = thread;
    this.#handle = handle;
    this.#names = names;
  }

  feed(chunk: Uint8Array): Uint8Array {
    const { flat, memory } = this.#thread;
    const { out, state } = memory;
    const result = flat.ms_wire_feed(this.#handle, chunk, chunk.length, out.address, out.view.length, state.address, words.state);
    if (result < 0) throw failure(flat, "ms_wire_feed", result);
    return this.#deliver(out.view, result);
  }

  drain(): Uint8Array {
    return this.feed(noBytes);
  }

  end(reason: UpstreamEnd): Uint8Array {
    const { flat, memory } = this.#thread;
    const { out, state } = memory;
    const result = flat.ms_wire_end(this.#handle, endCodes[reason], out.address, out.view.length, state.address, words.state);
    if (result < 0) throw failure(flat, "ms_wire_end", result);
    return this.#deliver(out.view, result);
  }

  takeRecords(): readonly NativeRecord[] {
    if (!this.state.records) return noRecords;
    const { flat, memory } = this.#thread;
    const records: NativeRecord[] = [];
    for (;;) {
      const count = flat.ms_wire_records(this.#handle, memory.list.address, memory.list.view.length);
      if (count === 0) break;
      if (count === status.tooSmall) memory.growList();
      else if (count < 0) throw failure(flat, "ms_wire_records", count);
      else flatRecords(memory, count, this.#names, records);
    }
    this.state.records = false;
    return records;
  }

  [Symbol.dispose](): void {
    const handle = this.#handle;
    if (handle === 0) return;
    this.#handle = 0;
    // A poisoned answer closes too; nothing is left to be done about a failure here.
    this.#thread.flat.ms_wire_close(handle);
  }

  /** Reads the state and gives the client's bytes; the one view that a call makes. */
  #deliver(out: Uint8Array, count: number): Uint8Array {
    const { memory } = this.#thread;
    const words = memory.signedState;
    const flags = words[0]!;
    const state = this.state;
    state.more = (flags & stateFlags.more) !== 0;
    state.messageEnd = (flags & stateFlags.messageEnd) !== 0;
    state.done = (flags & stateFlags.done) !== 0;
    state.blocked = (flags & stateFlags.blocked) !== 0;
    state.records = (flags & stateFlags.records) !== 0;
    state.failed = (flags & stateFlags.failed) !== 0;
    state.started = (flags & stateFlags.started) !== 0;
    state.heldBytes = words[1]!;
    state.frames = words[2]!;
    state.deltas = words[3]!;
    state.inputTokens = words[4]!;
    state.outputTokens = words[5]!;
    state.totalTokens = words[6]!;
    state.trailing = words[7]!;
    if (state.more) memory.growOut();
    return count === 0 ? noBytes : out.subarray(0, count);
  }
}
