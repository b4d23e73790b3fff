/*
 * The flat ABI of MidStream's native core. Written by hand; native/ffi/tests/header.rs compares every constant and
 * every prototype with the Rust source, and native/bindings/flat-abi.test.ts with the TypeScript tables.
 *
 * Rules
 *  - Every function that returns int32_t returns a count, a handle or 0 where it went well, and a negative status
 *    otherwise. No function throws, unwinds, or ends the process; a panic inside becomes MS_PANIC.
 *  - A handle is a number of 31 bits (18 of index, 13 of generation), never a pointer. A closed handle is unknown.
 *  - Handles may be used from any thread. Calls on one handle follow one another; calls on different ones do not wait.
 *  - Memory belongs to the caller and is used only during the call. A null pointer is fine where its length is 0.
 *    Lengths are bytes, or words of 32 bits where they are called words; none is larger than 2^31 - 1.
 *  - Arrays that are written must not overlap other arguments.
 *  - No 64-bit argument (a BigInt costs ten calls), no struct by value, no callback.
 *  - The typed ABI (uniffi_* symbols) is not described here: native/bindgen reads it from the library.
 */
#ifndef MIDSTREAM_H
#define MIDSTREAM_H

#include <stdint.h>

/* Refuse a library whose ms_abi_version() differs. */
#define MS_ABI_VERSION 1

/* ---- Statuses ---- */

#define MS_BAD_HANDLE (-1)   /* never given out, closed, or of another kind */
#define MS_BAD_ARGUMENT (-2) /* null with a length, a length too large, a code out of range */
#define MS_PANIC (-3)        /* this call panicked, or an earlier one: the handle is poisoned and can only be closed */
#define MS_TOO_SMALL (-4)    /* the caller's array has no room for one unit of the answer; nothing was lost */
#define MS_BAD_UTF8 (-5)     /* text is not UTF-8 */
#define MS_FULL (-6)         /* 262,144 handles are open */

/* ---- The library ---- */

/* The first call: from then on panics leave nothing on stderr (their messages may quote a prompt). */
uint32_t ms_abi_version(void);

/* Text of this thread's last error, UTF-8, at most 256 bytes, cut at a character where cap is short; its length. It
 * never holds text that was analysed. After a panic in a typed function: where it began. Reading forgets it. */
int32_t ms_last_error(uint8_t *out, uint32_t cap);

/* ---- Parts path: one session for one answer ----
 *
 * Channels: 0 content, 1 reasoning, 2 refusal, 3 tool-input (JSON).
 */

#define MS_PUSH_WORDS 2    /* safe offset, findings that wait */
#define MS_FINDING_WORDS 8 /* rule, choice, block, channel, start, end, from, score (bits of a float) */

/* plan: handle() of a typed Plan. The session keeps the plan alive. */
int32_t ms_session_open(uint32_t plan);

/* Takes the next text of a block, whole characters of UTF-8. out[0]: byte offset up to which nothing can become part of
 * a finding any more; out[1]: findings that wait. */
int32_t ms_session_push(uint32_t session, uint32_t choice, uint32_t block, uint32_t channel, const uint8_t *text,
                        uint32_t len, uint32_t *out, uint32_t out_words);

/* The block's text is complete. out[0]: its length in bytes; out[1]: findings that wait. */
int32_t ms_session_end(uint32_t session, uint32_t choice, uint32_t block, uint32_t *out, uint32_t out_words);

/* Moves findings to out, MS_FINDING_WORDS each, as many as have room; their number. The others wait. */
int32_t ms_session_findings(uint32_t session, uint32_t *out, uint32_t cap_words);

int32_t ms_session_close(uint32_t session);

/* ---- Wire path: one flow for one answer ----
 *
 * Framings: 0 identity, 1 chunked, 2 content-length, 3 close. Ends: 0 eof, 1 failed, 2 timed-out, 3 cancelled.
 * Outcomes of a verdict: 0 applied, 1 too-late, 2 monitored.
 */

#define MS_MODE_UNARY 1        /* one chat-completion object; else SSE */
#define MS_MODE_STRIP_USAGE 2  /* drop the usage-only chunk */
#define MS_MODE_PASS_UNKNOWN 4 /* let frames pass that cannot be read */
#define MS_MODE_FLOW 8         /* frames leave at once, with the text that may; the rest moves into the next */
#define MS_MODE_BLOCK_UNKNOWN 16 /* end the answer at a frame that is valid JSON but of no known shape */

/* State: flags, held bytes, frames, deltas, input tokens, output tokens, total tokens (int32_t, -1 unknown), bytes of
 * the last input after the end of the HTTP message. */
#define MS_STATE_WORDS 8
#define MS_STATE_MORE 1        /* output waits: call ms_wire_feed with len 0 until it is gone */
#define MS_STATE_MESSAGE_END 2 /* the HTTP message is complete: the connection may be reused */
#define MS_STATE_DONE 4        /* the client's answer is complete */
#define MS_STATE_BLOCKED 8     /* a policy ended the answer: cancel the upstream */
#define MS_STATE_RECORDS 16    /* records wait */
#define MS_STATE_FAILED 64     /* the upstream sent an error, died or was malformed */
#define MS_STATE_STARTED 128   /* a frame with text or with an end has been seen */

#define MS_RECORD_WORDS 9  /* a finding, then the number of its verdicts, which follow */
#define MS_VERDICT_WORDS 2 /* index into the plan's actions, outcome */

/* content_length counts only with framing 2. */
int32_t ms_wire_open(uint32_t plan, uint32_t mode_flags, uint32_t framing, uint32_t choice_count,
                     double content_length);

/* Takes one network read whole and writes the client's bytes, never more than cap; their number. What has no room waits
 * in the flow (MS_STATE_MORE). */
int32_t ms_wire_feed(uint32_t wire, const uint8_t *input, uint32_t len, uint8_t *out, uint32_t cap, uint32_t *state,
                     uint32_t state_words);

/* The upstream ended; writes the bytes that end the client's answer, as ms_wire_feed does. */
int32_t ms_wire_end(uint32_t wire, uint32_t reason, uint8_t *out, uint32_t cap, uint32_t *state,
                    uint32_t state_words);

/* Moves records to out, as many as have room; the number of words. The others wait; MS_TOO_SMALL if not one fits. */
int32_t ms_wire_records(uint32_t wire, uint32_t *out, uint32_t cap_words);

int32_t ms_wire_close(uint32_t wire);

/* ---- Temporal rules: one bank of monitors for one answer or session ----
 *
 * Verdicts: 0 false, 1 presumably false, 2 presumably true, 3 true, 4 unknown (a limit was reached). 0, 3, 4 are final.
 * A letter is 64 bits, the atoms of the set in order. Times are milliseconds since any fixed moment, never falling.
 */

#define MS_RULE_CHANGE_WORDS 2 /* index of the rule, verdict */

/* set: handle() of a typed RuleSet. The bank keeps the set alive. */
int32_t ms_rules_open(uint32_t set);

/* One position. Writes the rules whose verdict has changed, as many as have room; their number. The others wait. */
int32_t ms_rules_step(uint32_t bank, double time_ms, uint32_t letter_low, uint32_t letter_high, uint32_t *out,
                      uint32_t cap_words);

/* Time passes without a position: a bound that has run out decides. Writes changes as ms_rules_step does. */
int32_t ms_rules_advance(uint32_t bank, double time_ms, uint32_t *out, uint32_t cap_words);

/* The stream ends here: what is presumed becomes final. Writes changes as ms_rules_step does. */
int32_t ms_rules_finish(uint32_t bank, uint32_t *out, uint32_t cap_words);

/* Proof of a rule's final verdict as JSON; its bytes, or 0 where there is none: the verdict is open, or the trace was
 * longer than is remembered. MS_TOO_SMALL if it has no room. */
int32_t ms_rules_certificate(uint32_t bank, uint32_t rule, uint8_t *out, uint32_t cap);

int32_t ms_rules_close(uint32_t bank);

/* ---- Scheduler: many deadlines on one timer of the caller ----
 *
 * Times are milliseconds since any fixed moment. Classes 0 (served first) to 7. Overload: 0 refuse, 1 drop the lowest class, 2 drop
 * the latest deadline. A task's name is good until it is delivered for the last time, cancelled or dropped.
 */

#define MS_TASK_WORDS 2         /* index, generation */
#define MS_DUE_WORDS 5          /* index, generation, tag, class, periods folded into it */
#define MS_SCHEDULER_NUMBERS 11 /* held, accepted, delivered, missed, cancelled, moved, refused, dropped; lateness p50, p99, most */
#define MS_TICK_MORE 4096 /* due tasks were left behind: tick again */

int32_t ms_scheduler_open(uint32_t capacity, double ageing_ms, double tolerance_ms, uint32_t overload);

/* Schedules a task and writes its name; period_ms 0: once. MS_FULL if it is refused. */
int32_t ms_scheduler_set(uint32_t scheduler, double deadline_ms, double period_ms, uint32_t class, uint32_t tag,
                         uint32_t *out, uint32_t out_words);

/* 1, or 0 where there is no such task any more. */
int32_t ms_scheduler_move(uint32_t scheduler, uint32_t index, uint32_t generation, double deadline_ms);
int32_t ms_scheduler_cancel(uint32_t scheduler, uint32_t index, uint32_t generation);

/* Writes what is due, in order; the number of tasks, with MS_TICK_MORE. */
int32_t ms_scheduler_tick(uint32_t scheduler, double now_ms, uint32_t *out, uint32_t cap_words);

/* Writes the moment of the next task: 1, or 0 where there is none. */
int32_t ms_scheduler_next(uint32_t scheduler, double *out, uint32_t out_numbers);
int32_t ms_scheduler_statistics(uint32_t scheduler, double *out, uint32_t out_numbers);
int32_t ms_scheduler_close(uint32_t scheduler);

/* ---- Time series ----
 *
 * Values are read where they are. MS_BAD_ARGUMENT says in ms_last_error what is wrong with them: a value that is not finite, too few,
 * too many, a setting out of bounds.
 */

#define MS_REGIME_NUMBERS 10    /* verdict, three values of it, confidence, delay, dimension, forecast ratio, drift, K */
#define MS_EXPONENT_NUMBERS 7   /* lambda, low, high, rise, variance explained, straightness, pairs */
#define MS_RECURRENCE_NUMBERS 6 /* rate, determinism, laminarity, longest line, mean line, trapping time */
#define MS_STEP_NUMBERS 5       /* forecast error, permutation entropy, lambda, low, high; NaN for none */

/* Verdicts: 0 fixed-point, 1 periodic (period), 2 quasiperiodic, 3 chaotic (lambda, low, high), 4 stochastic; inconclusive: 5 too
 * short (points needed), 6 few cycles (cycles, needed), 7 not stationary (drift), 8 weak rule (ratio), 9 no scaling, 10 quantised. */
int32_t ms_series_regime(const double *values, uint32_t len, double *out, uint32_t out_numbers);
int32_t ms_series_exponent(const double *values, uint32_t len, uint32_t delay, uint32_t dimension, uint32_t theiler,
                           double *out, uint32_t out_numbers);
int32_t ms_series_entropy(const double *values, uint32_t len, uint32_t order, uint32_t delay, double *out,
                          uint32_t out_numbers);
int32_t ms_series_recurrence(const double *values, uint32_t len, uint32_t delay, uint32_t dimension, double radius,
                             uint32_t theiler, uint32_t line, double *out, uint32_t out_numbers);
int32_t ms_series_correlation(const double *values, uint32_t len, uint32_t delay, uint32_t dimension, uint32_t theiler,
                              double *out, uint32_t out_numbers);
int32_t ms_series_embedding(const double *values, uint32_t len, uint32_t most, double *out, uint32_t out_numbers);
int32_t ms_series_zero_one(const double *values, uint32_t len, uint32_t every, double *out, uint32_t out_numbers);

int32_t ms_regime_open(uint32_t window, uint32_t delay, uint32_t dimension, uint32_t theiler, uint32_t horizon,
                       uint32_t refit);

/* One sample; 1 where the exponent was fitted anew. */
int32_t ms_regime_push(uint32_t stream, double value, double *out, uint32_t out_numbers);
int32_t ms_regime_close(uint32_t stream);

/* ---- Comparing: distances, and patterns in series and text ----
 *
 * Costs: 0 squared, 1 absolute difference. A window is the half width of the Sakoe-Chiba band; 2^32 - 1 = none. A bound of infinity is
 * none. Series are read where they are; samples of several dimensions stand one after the other. MS_BAD_ARGUMENT says in ms_last_error
 * what is wrong with them. Kinds of symbols: 0 bytes, 1 UTF-8 text (its symbols are code points), 2 tokens (words, aligned). Lengths of
 * symbols are bytes or tokens; results count symbols.
 */

#define MS_PATTERN_NUMBERS 2  /* start, distance */
#define MS_PAIR_WORDS 2       /* an index of either side */
#define MS_MATCH_NUMBERS 3    /* start, end (not within it), distance */
#define MS_BANK_MATCH_NUMBERS 4 /* index of the pattern, start, end, distance */
#define MS_EVENT_NUMBERS 4    /* stamp, sequence number, tag, nanoseconds since the event before */
#define MS_SEQUENCE_NUMBERS 5 /* pushed, repaired, late, gaps, waiting */
#define MS_ORDER_NUMBERS 3    /* index of the first stamp out of order (-1: none), least and greatest difference of neighbours */
#define MS_CACHE_NUMBERS 6    /* hits, misses, evictions, oversized, entries, bytes */

/* out[0]: the distance. 1 where it is above the cutoff, and nothing is written. */
int32_t ms_dtw(const double *a, uint32_t a_len, const double *b, uint32_t b_len, uint32_t dims, uint32_t cost, uint32_t window,
               double cutoff, double *out, uint32_t out_numbers);

/* As ms_dtw, and the path; the number of its pairs, 0 above the cutoff. pairs: room for a pair for each sample of both. */
int32_t ms_dtw_path(const double *a, uint32_t a_len, const double *b, uint32_t b_len, uint32_t dims, uint32_t cost, uint32_t window,
                    double cutoff, double *out, uint32_t out_numbers, uint32_t *pairs, uint32_t pair_words);

/* Distances to count series that stand one after the other; infinity above the cutoff. */
int32_t ms_dtw_batch(const double *query, uint32_t query_len, const double *values, uint32_t values_len, const uint32_t *lengths,
                     uint32_t count, uint32_t cost, uint32_t window, double cutoff, double *out, uint32_t out_numbers);

/* Methods: 0 Levenshtein, 1 optimal string alignment, 2 Damerau, 3 length of the longest common subsequence, 4 weighted, which alone
 * knows the weights; likeness from 0 to 1 by 5 Levenshtein, 6 alignment, 7 common subsequence. */
int32_t ms_edit(uint32_t method, uint32_t kind, const uint8_t *a, uint32_t a_len, const uint8_t *b, uint32_t b_len, uint32_t insert,
                uint32_t delete, uint32_t substitute, double *out, uint32_t out_numbers);

/* One longest common subsequence; the number of its pairs. pairs: room for a pair for each byte or token of the shorter side. */
int32_t ms_edit_common(uint32_t kind, const uint8_t *a, uint32_t a_len, const uint8_t *b, uint32_t b_len, uint32_t *pairs,
                       uint32_t pair_words);

/* The stretches as long as the pattern that are nearest to it, nearest first; their number. exclusion: samples that two of them start
 * apart at least; 2^32 - 1 = half the pattern. */
int32_t ms_pattern_find(const double *series, uint32_t series_len, const double *pattern, uint32_t pattern_len, uint32_t most,
                        double max_distance, uint32_t exclusion, uint32_t cost, uint32_t window, double *out, uint32_t out_numbers);

/* A pattern in an unbounded series. max_distance infinity: nothing is reported, the best is kept. */
int32_t ms_pattern_open(const double *pattern, uint32_t len, double max_distance, uint32_t cost);

/* One sample; 1 where a match is complete. */
int32_t ms_pattern_push(uint32_t pattern, double value, double *out, uint32_t out_numbers);

/* Many samples; the number of matches. out: room for a match for each sample. All samples are taken, or none. */
int32_t ms_pattern_push_all(uint32_t pattern, const double *values, uint32_t len, double *out, uint32_t out_numbers);

/* The end of the stream, which then begins anew; 1 where a match was still waiting. */
int32_t ms_pattern_finish(uint32_t pattern, double *out, uint32_t out_numbers);

/* The nearest stretch so far; 0 where there is none. */
int32_t ms_pattern_best(uint32_t pattern, double *out, uint32_t out_numbers);
int32_t ms_pattern_close(uint32_t pattern);

/* At most 4,096 patterns over one unbounded series, one after the other in samples; lengths add up to len. most: the largest distance
 * that is reported of each; infinity: nothing is, and its best is kept. */
int32_t ms_pattern_bank_open(const double *samples, uint32_t len, const uint32_t *lengths, const double *most, uint32_t count,
                             uint32_t cost);

/* Samples; the number of matches. out: room for a match for each sample and pattern. All samples are taken, or none. */
int32_t ms_pattern_bank_push(uint32_t bank, const double *values, uint32_t len, double *out, uint32_t out_numbers);

/* The end of the stream, which then begins anew; the number of matches that were still waiting. out: room for one of each pattern. */
int32_t ms_pattern_bank_finish(uint32_t bank, double *out, uint32_t out_numbers);

/* The nearest stretch to one pattern so far, as for a single pattern; 0 where there is none. */
int32_t ms_pattern_bank_best(uint32_t bank, uint32_t pattern, double *out, uint32_t out_numbers);
int32_t ms_pattern_bank_close(uint32_t bank);

/* A pattern of symbols and a stream of them. anchor: 0 compares the whole stream, 1 any run of symbols that ends here. */
int32_t ms_edit_open(uint32_t kind, const uint8_t *pattern, uint32_t len, uint32_t anchor);

/* More symbols of the same kind, whole characters of text. out: the Levenshtein distance after each; returns how many they are. */
int32_t ms_edit_push(uint32_t edit, const uint8_t *data, uint32_t len, uint32_t *out, uint32_t out_words);

/* Forgets the stream, not the pattern. */
int32_t ms_edit_reset(uint32_t edit);
int32_t ms_edit_close(uint32_t edit);

/* Events that arrive a little out of order, put into order: by stamp, equal stamps as they arrived. Stamps are whole nanoseconds from 0
 * to 2^53. gap_ns: distances above it are counted. */
int32_t ms_sequence_open(double window_ns, double gap_ns, uint32_t capacity);

/* 0, and out[0] its sequence number; 1 where it is too late to be put in its place. MS_FULL where as many wait as may. */
int32_t ms_sequence_push(uint32_t sequence, double stamp_ns, uint32_t tag, double *out, uint32_t out_numbers);

/* Events in order, as many as fit: those that nothing can come before any more, or (all not 0) every one. Their number. */
int32_t ms_sequence_take(uint32_t sequence, uint32_t all, double *out, uint32_t out_numbers);
int32_t ms_sequence_statistics(uint32_t sequence, double *out, uint32_t out_numbers);
int32_t ms_sequence_close(uint32_t sequence);

/* Whole lists of stamps, nanoseconds: their order; the differences of neighbours (one fewer; exact up to 2^53), which it counts; indices
 * of those more than gap_ns behind the one before, as many as fit, and how many there are; indices in order with those more than
 * window_ns too late behind, and how many are in order. */
int32_t ms_stamps_check(const uint64_t *stamps, uint32_t len, double *out, uint32_t out_numbers);
int32_t ms_stamps_deltas(const uint64_t *stamps, uint32_t len, double *out, uint32_t out_numbers);
int32_t ms_stamps_gaps(const uint64_t *stamps, uint32_t len, double gap_ns, uint32_t *out, uint32_t out_words);
int32_t ms_stamps_repair(const uint64_t *stamps, uint32_t len, double window_ns, uint32_t *out, uint32_t out_words);

/* Comparisons that remember their answers, least recently used first to go; max_bytes bounds contents and bookkeeping. ms_cache_edit is
 * ms_edit with methods 0 to 4, ms_cache_dtw is ms_dtw of one number a sample. */
int32_t ms_cache_open(uint32_t max_bytes);
int32_t ms_cache_edit(uint32_t cache, uint32_t method, uint32_t kind, const uint8_t *a, uint32_t a_len, const uint8_t *b,
                      uint32_t b_len, uint32_t insert, uint32_t delete, uint32_t substitute, double *out, uint32_t out_numbers);
int32_t ms_cache_dtw(uint32_t cache, const double *a, uint32_t a_len, const double *b, uint32_t b_len, uint32_t cost, uint32_t window,
                     double cutoff, double *out, uint32_t out_numbers);
int32_t ms_cache_statistics(uint32_t cache, double *out, uint32_t out_numbers);
int32_t ms_cache_clear(uint32_t cache);
int32_t ms_cache_close(uint32_t cache);

/* ---- JSON guard: JSON and JSON Schema while the text is written ---- */

#define MS_GUARD_UNIQUE_NAMES 1 /* flag: a name twice in one object is broken */
#define MS_GUARD_OPEN 0         /* status: more text may follow */
#define MS_GUARD_COMPLETE 1     /* status: one whole value has been read */
#define MS_GUARD_BROKEN 2       /* status: no continuation is valid */

/* Compiles a schema (JSON; none where len is 0). Placement: 0 the whole text, 1 in a Markdown fence, 2 the first that is found. */
int32_t ms_guard_compile(const uint8_t *schema, uint32_t len, uint32_t placement, uint32_t flags, uint32_t max_bytes);
int32_t ms_guard_open(uint32_t guard);

/* Takes the next bytes of the text, cut anywhere; the status. */
int32_t ms_guard_push(uint32_t stream, const uint8_t *text, uint32_t len);
int32_t ms_guard_finish(uint32_t stream);

/* What is broken, as JSON: offset, path, schemaPath, kind, found, expected; its length, or 0 where nothing is. */
int32_t ms_guard_violation(uint32_t stream, uint8_t *out, uint32_t cap);

/* Closes a guard or a stream. */
int32_t ms_guard_close(uint32_t handle);

/* ---- Detectors that judge text: toxicity, injection, prompt-leak, grounding, quality; units of text ---- */

/* Compiles a detector by its name; settings are JSON. */
int32_t ms_detector_compile(const uint8_t *kind, uint32_t kind_len, const uint8_t *settings, uint32_t len);

/* Its kinds of findings as JSON, [{"id", "tag"}]; the length. */
int32_t ms_detector_rules(uint32_t detector, uint8_t *out, uint32_t cap);

/* Starts an answer; the context is JSON: {"messages": [{"origin", "text"}], "wantsJson"}. */
int32_t ms_detector_begin(uint32_t detector, const uint8_t *context, uint32_t len);

/* Takes the next text of a block. Origin: a channel, 4 user, 5 tool, 6 document, 7 instructions, 8 assistant. Writes MS_PUSH_WORDS:
 * the first byte that is held back (2^32 - 1: none), and how many findings wait. */
int32_t ms_texts_push(uint32_t texts, uint32_t choice, uint32_t block, uint32_t origin, const uint8_t *text, uint32_t len,
                      uint32_t *out, uint32_t out_words);

/* What the provider says of a token whose text has been pushed; entropy below 0: nothing. */
int32_t ms_texts_token(uint32_t texts, uint32_t choice, uint32_t block, uint32_t start, uint32_t end, double logprob,
                       double entropy);

/* The block's text is complete. Writes as ms_texts_push. */
int32_t ms_texts_end(uint32_t texts, uint32_t choice, uint32_t block, uint32_t *out, uint32_t out_words);

/* Moves findings out as JSON, as many as have room; the length, 0 where none waits. */
int32_t ms_texts_found(uint32_t texts, uint8_t *out, uint32_t cap);

/* Closes a detector or an answer. */
int32_t ms_detector_close(uint32_t handle);

/* ---- Buffers of the typed ABI ----
 *
 * Pointer-only twins of uniffi's functions, which pass structs by value. A buffer is three words of 64 bits: capacity,
 * length, address. Who hands the words to a typed function gives the buffer away.
 */

#define MS_BUFFER_WORDS 3

int32_t ms_buffer_alloc(uint32_t size, uint64_t *buffer);
int32_t ms_buffer_from_bytes(const uint8_t *bytes, uint32_t len, uint64_t *buffer);

/* As ms_buffer_from_bytes; MS_BAD_UTF8 if the bytes are not text. */
int32_t ms_buffer_from_text(const uint8_t *text, uint32_t len, uint64_t *buffer);

int32_t ms_buffer_reserve(uint64_t *buffer, uint32_t additional);

/* Copies the bytes to out, frees the buffer and zeroes its words; the number of bytes. Where cap is too small the
 * buffer stays as it was. */
int32_t ms_buffer_take(uint64_t *buffer, uint8_t *out, uint32_t cap);

/* Frees the buffer and zeroes its words; zeroed words are an empty buffer, so a second free does nothing. */
int32_t ms_buffer_free(uint64_t *buffer);

/* ---- For tests of the wall only ---- */

int32_t ms_test_open(void);
int32_t ms_test_panic(uint32_t handle);
int32_t ms_test_close(uint32_t handle);

#endif
