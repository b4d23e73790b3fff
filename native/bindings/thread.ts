/** What all sessions and answers of one thread share. */
import type { FlatTable } from "./flat-abi.ts";
import { Memory } from "./memory.ts";
import type { Calls } from "./platform.ts";

/** Functions, buffers, and the safety net for what nobody disposed of. */
export class Thread {
  readonly flat: Calls<FlatTable>;
  readonly memory = new Memory();
  readonly lostSessions: FinalizationRegistry<number>;
  readonly lostWires: FinalizationRegistry<number>;

  constructor(flat: Calls<FlatTable>) {
    this.flat = flat;
    this.lostSessions = new FinalizationRegistry((handle) => void flat.ms_session_close(handle));
    this.lostWires = new FinalizationRegistry((handle) => void flat.ms_wire_close(handle));
  }
}
