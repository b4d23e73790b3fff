/** The flat ABI of native/ffi/midstream.h as data; `flat-abi.test.ts` compares the two. */
import type { SymbolTable } from "./platform.ts";

/** `MS_ABI_VERSION` that these bindings are written for. */
export const abiVersion = 1;

/** Negative results. */
export const status = {
  badHandle: -1,
  badArgument: -2,
  panic: -3,
  tooSmall: -4,
  badUtf8: -5,
  full: -6,
} as const;

/** Words of each unit that crosses; see the header for their meaning. */
export const words = {
  push: 2,
  finding: 8,
  state: 8,
  record: 9,
  verdict: 2,
  buffer: 3,
  ruleChange: 2,
  task: 2,
  due: 5,
  pair: 2,
} as const;

/** Numbers (64-bit floats) of each result; see the header for their meaning. */
export const numbers = {
  scheduler: 11,
  regime: 10,
  exponent: 7,
  recurrence: 6,
  step: 5,
  pattern: 2,
  match: 3,
  bankMatch: 4,
  event: 4,
  sequence: 5,
  order: 3,
  cache: 6,
} as const;

/** `MS_TICK_MORE`. */
export const tickMore = 4096;

/** `MS_GUARD_*`: flags of a guard, and the status of its streams. */
export const guardCodes = { uniqueNames: 1, open: 0, complete: 1, broken: 2 } as const;

export const modeFlags = { unary: 1, stripUsage: 2, passUnknown: 4, flow: 8, blockUnknown: 16 } as const;

export const stateFlags = {
  more: 1,
  messageEnd: 2,
  done: 4,
  blocked: 8,
  records: 16,
  failed: 64,
  started: 128,
} as const;

/** Everything that the bindings call. Memory that is lent anew for each call is a `buffer`, what lives on an `address`. */
export const flatTable = {
  ms_abi_version: { args: [], result: "u32" },
  ms_last_error: { args: ["buffer", "u32"], result: "i32" },
  ms_session_open: { args: ["u32"], result: "i32" },
  ms_session_push: { args: ["u32", "u32", "u32", "u32", "address", "u32", "address", "u32"], result: "i32" },
  ms_session_end: { args: ["u32", "u32", "u32", "address", "u32"], result: "i32" },
  ms_session_findings: { args: ["u32", "address", "u32"], result: "i32" },
  ms_session_close: { args: ["u32"], result: "i32" },
  ms_wire_open: { args: ["u32", "u32", "u32", "u32", "f64"], result: "i32" },
  ms_wire_feed: { args: ["u32", "buffer", "u32", "address", "u32", "address", "u32"], result: "i32" },
  ms_wire_end: { args: ["u32", "u32", "address", "u32", "address", "u32"], result: "i32" },
  ms_wire_records: { args: ["u32", "address", "u32"], result: "i32" },
  ms_wire_close: { args: ["u32"], result: "i32" },
  ms_rules_open: { args: ["u32"], result: "i32" },
  ms_rules_step: { args: ["u32", "f64", "u32", "u32", "address", "u32"], result: "i32" },
  ms_rules_advance: { args: ["u32", "f64", "address", "u32"], result: "i32" },
  ms_rules_finish: { args: ["u32", "address", "u32"], result: "i32" },
  ms_rules_certificate: { args: ["u32", "u32", "address", "u32"], result: "i32" },
  ms_rules_close: { args: ["u32"], result: "i32" },
  ms_scheduler_open: { args: ["u32", "f64", "f64", "u32"], result: "i32" },
  ms_scheduler_set: { args: ["u32", "f64", "f64", "u32", "u32", "address", "u32"], result: "i32" },
  ms_scheduler_move: { args: ["u32", "u32", "u32", "f64"], result: "i32" },
  ms_scheduler_cancel: { args: ["u32", "u32", "u32"], result: "i32" },
  ms_scheduler_tick: { args: ["u32", "f64", "address", "u32"], result: "i32" },
  ms_scheduler_next: { args: ["u32", "address", "u32"], result: "i32" },
  ms_scheduler_statistics: { args: ["u32", "address", "u32"], result: "i32" },
  ms_scheduler_close: { args: ["u32"], result: "i32" },
  ms_series_regime: { args: ["buffer", "u32", "address", "u32"], result: "i32" },
  ms_series_exponent: { args: ["buffer", "u32", "u32", "u32", "u32", "address", "u32"], result: "i32" },
  ms_series_entropy: { args: ["buffer", "u32", "u32", "u32", "address", "u32"], result: "i32" },
  ms_series_recurrence: { args: ["buffer", "u32", "u32", "u32", "f64", "u32", "u32", "address", "u32"], result: "i32" },
  ms_series_correlation: { args: ["buffer", "u32", "u32", "u32", "u32", "address", "u32"], result: "i32" },
  ms_series_embedding: { args: ["buffer", "u32", "u32", "address", "u32"], result: "i32" },
  ms_series_zero_one: { args: ["buffer", "u32", "u32", "address", "u32"], result: "i32" },
  ms_regime_open: { args: ["u32", "u32", "u32", "u32", "u32", "u32"], result: "i32" },
  ms_regime_push: { args: ["u32", "f64", "address", "u32"], result: "i32" },
  ms_regime_close: { args: ["u32"], result: "i32" },
  ms_dtw: { args: ["buffer", "u32", "buffer", "u32", "u32", "u32", "u32", "f64", "address", "u32"], result: "i32" },
  ms_dtw_path: {
    args: ["buffer", "u32", "buffer", "u32", "u32", "u32", "u32", "f64", "address", "u32", "buffer", "u32"],
    result: "i32",
  },
  ms_dtw_batch: {
    args: ["buffer", "u32", "buffer", "u32", "buffer", "u32", "u32", "u32", "f64", "buffer", "u32"],
    result: "i32",
  },
  ms_edit: { args: ["u32", "u32", "buffer", "u32", "buffer", "u32", "u32", "u32", "u32", "address", "u32"], result: "i32" },
  ms_edit_common: { args: ["u32", "buffer", "u32", "buffer", "u32", "buffer", "u32"], result: "i32" },
  ms_pattern_find: {
    args: ["buffer", "u32", "buffer", "u32", "u32", "f64", "u32", "u32", "u32", "buffer", "u32"],
    result: "i32",
  },
  ms_pattern_open: { args: ["buffer", "u32", "f64", "u32"], result: "i32" },
  ms_pattern_push: { args: ["u32", "f64", "address", "u32"], result: "i32" },
  ms_pattern_push_all: { args: ["u32", "buffer", "u32", "buffer", "u32"], result: "i32" },
  ms_pattern_finish: { args: ["u32", "address", "u32"], result: "i32" },
  ms_pattern_best: { args: ["u32", "address", "u32"], result: "i32" },
  ms_pattern_close: { args: ["u32"], result: "i32" },
  ms_pattern_bank_open: { args: ["buffer", "u32", "buffer", "buffer", "u32", "u32"], result: "i32" },
  ms_pattern_bank_push: { args: ["u32", "buffer", "u32", "buffer", "u32"], result: "i32" },
  ms_pattern_bank_finish: { args: ["u32", "buffer", "u32"], result: "i32" },
  ms_pattern_bank_best: { args: ["u32", "u32", "address", "u32"], result: "i32" },
  ms_pattern_bank_close: { args: ["u32"], result: "i32" },
  ms_edit_open: { args: ["u32", "buffer", "u32", "u32"], result: "i32" },
  ms_edit_push: { args: ["u32", "buffer", "u32", "buffer", "u32"], result: "i32" },
  ms_edit_reset: { args: ["u32"], result: "i32" },
  ms_edit_close: { args: ["u32"], result: "i32" },
  ms_sequence_open: { args: ["f64", "f64", "u32"], result: "i32" },
  ms_sequence_push: { args: ["u32", "f64", "u32", "address", "u32"], result: "i32" },
  ms_sequence_take: { args: ["u32", "u32", "buffer", "u32"], result: "i32" },
  ms_sequence_statistics: { args: ["u32", "address", "u32"], result: "i32" },
  ms_sequence_close: { args: ["u32"], result: "i32" },
  ms_stamps_check: { args: ["buffer", "u32", "address", "u32"], result: "i32" },
  ms_stamps_deltas: { args: ["buffer", "u32", "buffer", "u32"], result: "i32" },
  ms_stamps_gaps: { args: ["buffer", "u32", "f64", "buffer", "u32"], result: "i32" },
  ms_stamps_repair: { args: ["buffer", "u32", "f64", "buffer", "u32"], result: "i32" },
  ms_cache_open: { args: ["u32"], result: "i32" },
  ms_cache_edit: {
    args: ["u32", "u32", "u32", "buffer", "u32", "buffer", "u32", "u32", "u32", "u32", "address", "u32"],
    result: "i32",
  },
  ms_cache_dtw: { args: ["u32", "buffer", "u32", "buffer", "u32", "u32", "u32", "f64", "address", "u32"], result: "i32" },
  ms_cache_statistics: { args: ["u32", "address", "u32"], result: "i32" },
  ms_cache_clear: { args: ["u32"], result: "i32" },
  ms_cache_close: { args: ["u32"], result: "i32" },
  ms_guard_compile: { args: ["buffer", "u32", "u32", "u32", "u32"], result: "i32" },
  ms_guard_open: { args: ["u32"], result: "i32" },
  ms_guard_push: { args: ["u32", "address", "u32"], result: "i32" },
  ms_guard_finish: { args: ["u32"], result: "i32" },
  ms_guard_violation: { args: ["u32", "address", "u32"], result: "i32" },
  ms_guard_close: { args: ["u32"], result: "i32" },
  ms_detector_compile: { args: ["buffer", "u32", "buffer", "u32"], result: "i32" },
  ms_detector_rules: { args: ["u32", "address", "u32"], result: "i32" },
  ms_detector_begin: { args: ["u32", "buffer", "u32"], result: "i32" },
  ms_texts_push: { args: ["u32", "u32", "u32", "u32", "address", "u32", "address", "u32"], result: "i32" },
  ms_texts_token: { args: ["u32", "u32", "u32", "u32", "u32", "f64", "f64"], result: "i32" },
  ms_texts_end: { args: ["u32", "u32", "u32", "address", "u32"], result: "i32" },
  ms_texts_found: { args: ["u32", "address", "u32"], result: "i32" },
  ms_detector_close: { args: ["u32"], result: "i32" },
  ms_buffer_alloc: { args: ["u32", "buffer"], result: "i32" },
  ms_buffer_from_bytes: { args: ["buffer", "u32", "buffer"], result: "i32" },
  ms_buffer_from_text: { args: ["buffer", "u32", "buffer"], result: "i32" },
  ms_buffer_reserve: { args: ["buffer", "u32"], result: "i32" },
  ms_buffer_take: { args: ["buffer", "buffer", "u32"], result: "i32" },
  ms_buffer_free: { args: ["buffer"], result: "i32" },
  ms_test_open: { args: [], result: "i32" },
  ms_test_panic: { args: ["u32"], result: "i32" },
  ms_test_close: { args: ["u32"], result: "i32" },
} as const satisfies SymbolTable;

export type FlatTable = typeof flatTable;
