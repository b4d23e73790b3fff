/** What all sessions and answers of one thread share. */
import type { FlatTable } from "./flat-abi.ts";
import { Memory } from "./memory.ts";
import type { Calls } from "./platform.ts";

/** Functions that close a handle. */
export type Closing =
  | "ms_rules_close"
  | "ms_scheduler_close"
  | "ms_regime_close"
  | "ms_pattern_bank_close"
  | "ms_pattern_close"
  | "ms_edit_close"
  | "ms_sequence_close"
  | "ms_cache_close"
  | "ms_guard_close"
  | "ms_detector_close";

/**
 * Functions, buffers, and the safety net for what nobody disposed of. Answers on the wire path have none: their deliveries are known
 * to the kernel until they have been disposed of, and registering costs 3 us for each.
 */
export class Thread {
  readonly flat: Calls<FlatTable>;
  readonly memory = new Memory();
  readonly lostSessions: FinalizationRegistry<number>;
  /** Banks, schedulers and streams. */
  readonly lost: FinalizationRegistry<{ readonly handle: number; readonly close: Closing }>;

  constructor(flat: Calls<FlatTable>) {
    this.flat = flat;
    this.lostSessions = new FinalizationRegistry((handle) => void flat.ms_session_close(handle));
    this.lost = new FinalizationRegistry(({ handle, close }) => void flat[close](handle));
  }
}
