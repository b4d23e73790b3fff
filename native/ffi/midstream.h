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
#define MS_MALFORMED (-7)    /* the HTTP head can never become a valid one */

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
#define MS_STATE_HOLDING 32    /* text is held back */
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

/* ---- HTTP ---- */

#define MS_HEAD_WORDS 3   /* status, bytes of the head, number of headers */
#define MS_HEADER_WORDS 4 /* name offset, name length, value offset, value length */

/* Parses the head of an HTTP/1.1 response: 1 complete, 0 not yet. At most 100 headers. */
int32_t ms_http_head(const uint8_t *input, uint32_t len, uint32_t *out, uint32_t cap_words);

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
