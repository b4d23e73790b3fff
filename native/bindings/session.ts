/** One answer on the parts path. */
import type { NativeSession } from "../../core/native/native-core.ts";
import type { Finding } from "../../core/stream/finding.ts";
import type { Channel } from "../../core/stream/part.ts";
import { failure } from "./failure.ts";
import { channelCodes, flatFinding, type Names, noFindings } from "./findings.ts";
import { words } from "./flat-abi.ts";
import type { Thread } from "./thread.ts";

/** Opens a session on the plan's handle. */
export function openSession(thread: Thread, plan: number, names: Names): NativeSession {
  const handle = thread.flat.ms_session_open(plan);
  if (handle < 0) throw failure(thread.flat, "ms_session_open", handle);
  return new Session(thread, handle, names);
}

class Session implements NativeSession {
  readonly #thread: Thread;
  readonly #names: Names;
  /** 0 once closed; the library knows no such handle. */
  #handle: number;
  #waiting = 0;

  constructor(thread: Thread, handle: number, names: Names) {
    this.#thread = thread;
    this.#handle = handle;
    this.#names = names;
    thread.lostSessions.register(this, handle, this);
  }

  push(choice: number, block: number, channel: Channel, text: string): number {
    let rest = text;
    for (;;) {
      const { read, written } = this.#thread.memory.encode(rest);
      const safe = this.#push(choice, block, channel, written);
      if (read === rest.length) return safe;
      rest = rest.slice(read);
    }
  }

  end(choice: number, block: number): void {
    const { flat, memory } = this.#thread;
    const result = flat.ms_session_end(this.#handle, choice, block, memory.push.address, words.push);
    if (result < 0) throw failure(flat, "ms_session_end", result);
    this.#waiting = memory.push.view[1]!;
  }

  takeFindings(): readonly Finding[] {
    if (this.#waiting === 0) return noFindings;
    const { flat, memory } = this.#thread;
    const findings: Finding[] = [];
    while (findings.length < this.#waiting) {
      const count = flat.ms_session_findings(this.#handle, memory.list.address, memory.list.view.length);
      if (count < 0) throw failure(flat, "ms_session_findings", count);
      for (let index = 0; index < count; index++) findings.push(flatFinding(memory, index * words.finding, this.#names));
      if (count === 0) break;
    }
    this.#waiting = 0;
    return findings;
  }

  [Symbol.dispose](): void {
    const handle = this.#handle;
    if (handle === 0) return;
    this.#handle = 0;
    this.#thread.lostSessions.unregister(this);
    // A poisoned session closes too; nothing is left to be done about a failure here.
    this.#thread.flat.ms_session_close(handle);
  }

  #push(choice: number, block: number, channel: Channel, length: number): number {
    const { flat, memory } = this.#thread;
    const { text, push } = memory;
    const code = channelCodes[channel];
    const result = flat.ms_session_push(this.#handle, choice, block, code, text.address, length, push.address, words.push);
    if (result < 0) throw failure(flat, "ms_session_push", result);
    this.#waiting = push.view[1]!;
    return push.view[0]!;
  }
}
