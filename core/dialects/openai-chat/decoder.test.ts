import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { Part } from "../../stream/part.ts";
import { openaiChatDecoder } from "./decoder.ts";

const encode = (text: string) => new TextEncoder().encode(text);
const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

function read(text: string, { mode = "stream", size = text.length }: { mode?: "stream" | "unary"; size?: number } = {}): Part[] {
  const decoder = openaiChatDecoder(mode);
  const bytes = encode(text);
  const parts: Part[] = [];
  for (let at = 0; at < bytes.length; at += Math.max(1, size)) parts.push(...decoder.push(bytes.subarray(at, at + size)));
  return [...parts, ...decoder.end()];
}

/** A part without its frame, as one line. */
const line = (part: Part): string => {
  const { frame: _, type, ...rest } = part;
  return [type, ...Object.values(rest).map((value) => JSON.stringify(value))].join(" ");
};
const event = (payload: unknown) => `data: ${JSON.stringify(payload)}\n\n`;
const chunk = (delta: object, more: object = {}) =>
  event({ id: "c", model: "m", choices: [{ index: 0, delta, finish_reason: null, ...more }] });
const finish = (reason = "stop") => chunk({}, { finish_reason: reason });
const done = "data: [DONE]\n\n";
const linesOf = (text: string, mode?: "stream" | "unary") => read(text, mode === undefined ? {} : { mode }).map(line);

test("turns a plain stream into starts, deltas, ends and usage, each with its frame", () => {
  const usage = event({ choices: [], usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 } });
  const text = chunk({ role: "assistant", content: "" }) + chunk({ content: "Hel" }) + chunk({ content: "lo" }) + finish() + usage + done;
  const parts = read(text);
  assert.deepEqual(parts.map(line), [
    'response-start "c" "m"',
    'text-delta 0 0 ""',
    "text-start 0 0",
    'text-delta 0 0 "Hel"',
    'text-delta 0 0 "lo"',
    "text-end 0 0",
    'choice-end 0 "stop"',
    'usage {"inputTokens":3,"outputTokens":2,"totalTokens":5}',
    "response-end",
  ]);
  const frames = [...new Set(parts.map((part) => part.frame))];
  assert.equal(frames.map((frame) => decode(frame!.bytes)).join(""), text);
});

test("numbers blocks by channel and tool call, and opens each once", () => {
  const call = (more: object) => chunk({ tool_calls: [more] });
  const text =
    chunk({ reasoning_content: "hm" }) +
    chunk({ reasoning: "hm", content: "a" }) +
    call({ index: 0, id: "t0", function: { name: "f", arguments: "" } }) +
    call({ index: 0, function: { arguments: '{"x"' } }) +
    call({ index: 0, id: "t1", function: { name: "g", arguments: ":1}" } }) +
    call({ id: "t2", function: { name: "h", arguments: "{}" } }) +
    call({ index: 2, id: "t3", custom: { name: "c", input: "in" } }) +
    chunk({ refusal: "no" }) +
    finish("tool_calls") +
    done;
  assert.deepEqual(linesOf(text).slice(1), [
    "reasoning-start 0 1",
    'reasoning-delta 0 1 "hm"',
    'reasoning-delta 0 1 "hm"',
    "text-start 0 0",
    'text-delta 0 0 "a"',
    'tool-input-start 0 3 "t0" "f"',
    'tool-input-delta 0 3 "{\\"x\\""',
    'tool-input-delta 0 3 ":1}"',
    'tool-input-delta 0 3 "{}"',
    'tool-input-start 0 5 "t3" "c"',
    'tool-input-delta 0 5 "in"',
    'refusal-delta 0 2 "no"',
    "reasoning-end 0 1",
    "text-end 0 0",
    "tool-input-end 0 3",
    "tool-input-end 0 5",
    'choice-end 0 "tool-calls"',
    "response-end",
  ]);
});

test("reads lists of text and thinking, details, transcripts and arguments given as an object", () => {
  const delta = {
    content: [{ type: "text", text: "t" }, { type: "thinking", thinking: [{ type: "text", text: "h" }] }, "bare"],
    reasoning_details: [{ type: "reasoning.text", index: 4, text: "d" }],
    audio: { transcript: "said" },
    tool_calls: [{ function: { name: "f", arguments: { a: [1] } } }],
  };
  const deltas = linesOf(chunk(delta) + finish() + done).filter((text) => text.includes("delta"));
  assert.deepEqual(deltas, [
    'reasoning-delta 0 1 "h"',
    `reasoning-delta 0 ${2 ** 30 + 20} "d"`,
    'text-delta 0 0 "t"',
    'text-delta 0 0 "bare"',
    `text-delta 0 ${2 ** 30 + 1} "said"`,
    'tool-input-delta 0 3 "{\\"a\\":[1]}"',
  ]);
});

test("puts log-probabilities on the delta that they belong to", () => {
  const logprobs = { content: [{ token: "a", logprob: -1, top_logprobs: [] }], refusal: null };
  const parts = read(chunk({ content: "a", reasoning: "r" }, { logprobs }) + finish() + done);
  const withLogprobs = parts.filter((part) => "logprobs" in part);
  assert.deepEqual(withLogprobs.map(line), ['text-delta 0 0 "a" [{"token":"a","logprob":-1}]']);
});

test("gives the entropy over a token's alternatives, never more than there is", () => {
  const entropyOf = (shares: readonly unknown[]) => {
    const top = shares.map((share, at) => ({ token: `t${at}`, logprob: typeof share === "number" ? Math.log(share) : share }));
    const logprobs = { content: [{ token: "a", logprob: -1, top_logprobs: top }] };
    const [delta] = read(chunk({ content: "a" }, { logprobs }) + finish() + done).filter((part) => "logprobs" in part);
    return delta !== undefined && "logprobs" in delta ? delta.logprobs?.[0]?.entropy : undefined;
  };
  const near = (shares: readonly unknown[], nats: number) => assert.ok(Math.abs((entropyOf(shares) ?? -1) - nats) < 1e-9, `${shares}`);
  near([0.25, 0.25, 0.25, 0.25], Math.log(4));
  near([0.5, 0.25], 1.5 * Math.log(2));
  near([1, 1e-300], 0);
  // Half of the probability is on tokens that were not given: as one token it says least.
  assert.ok((entropyOf([0.25, 0.25]) ?? 9) < Math.log(4));
  for (const none of [[], [1], ["x", 0.5], [null, 0.5], [2, 0.5]]) assert.equal(entropyOf(none), undefined);
});

test("counts usage in the shapes that vendors send", () => {
  const usageOf = (more: object) => linesOf(event({ choices: [], ...more })).find((text) => text.startsWith("usage"));
  const full = 'usage {"inputTokens":1,"outputTokens":2,"totalTokens":3}';
  assert.equal(usageOf({ usage: { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 } }), full);
  assert.equal(usageOf({ x_groq: { usage: { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 } } }), full);
  assert.equal(usageOf({ usage: { input_tokens: 1, output_tokens: 2 } }), full);
  assert.equal(usageOf({ usage: { prompt_tokens: 1, completion_tokens: 2 } }), full);
  assert.equal(usageOf({ usage: null }), undefined);
  assert.equal(usageOf({ usage: { cost: 3 } }), undefined);
});

test("passes on what it does not know as raw, with the frame", () => {
  const unknown = [
    ": comment\n\n",
    "event: ping\n\n",
    'data: {"foo":1}\n\n',
    "data: 5\n\n",
    "data: {broken\n\n",
    'data: {"choices":[1]}\n\n',
  ];
  const parts = read(unknown.join("") + chunk({ content: "x" }) + finish() + done).filter((part) => part.type === "raw");
  assert.deepEqual(
    parts.map((part) => decode(part.frame!.bytes)),
    unknown,
  );
});

test("ends at an upstream's error event with its code and frame, and reads nothing after it", () => {
  for (const [text, code, message] of [
    [event({ error: { message: "busy", type: "server_error", code: "overloaded" } }), "overloaded", "busy"],
    [event({ error: { message: "busy", type: "server_error", code: 503 } }), "503", "busy"],
    [event({ error: "plain" }), "upstream_error", "plain"],
    ["event: error\ndata: {broken\n\n", "upstream_error", "The upstream sent an error"],
  ] as const) {
    const parts = read(chunk({ content: "x" }) + text + chunk({ content: "late" }) + done);
    const last = parts.at(-1)!;
    assert.deepEqual(line(last), `error "${code}" "${message}"`);
    assert.equal(decode(last.frame!.bytes), text);
  }
});

test("tells a complete end from a broken one", () => {
  const ends: [string, string][] = [
    [chunk({ content: "x" }) + finish(), "response-end"],
    [chunk({ content: "x" }) + finish().trimEnd(), "response-end"],
    [`${chunk({ content: "x" }) + finish()}data: [DONE]`, "response-end"],
    [chunk({ content: "x" }), "PROVIDER_CUT"],
    [`${chunk({ content: "x" }) + finish()}data: {"choices":[{"ind`, "PROVIDER_CUT"],
    [chunk({ content: "x" }) + event({ choices: [{ index: 1, delta: {} }] }) + finish(), "PROVIDER_CUT"],
    ["", "PROVIDER_CUT"],
    [done, "PROVIDER_CUT"],
  ];
  for (const [text, expected] of ends) {
    const last = read(text).at(-1)!;
    assert.equal(last.type === "error" ? last.code : last.type, expected, text);
  }
});

test("drops what comes after the end", () => {
  const parts = read(chunk({ content: "x" }) + finish() + done + done + chunk({ content: "junk" }));
  assert.equal(parts.at(-1)!.type, "response-end");
  assert.ok(!parts.map(line).join().includes("junk"));
});

test("what Python reads as JSON and JavaScript does not is refused, so that no text passes unseen", () => {
  const lenient = '{"choices":[{"index":0,"delta":{"content":"a"},"logprobs":{"content":[{"token":"a","logprob":-Infinity}]}}]}';
  for (const mode of ["stream", "unary"] as const) {
    const decoder = openaiChatDecoder(mode);
    const bytes = new TextEncoder().encode(mode === "stream" ? `data: ${lenient}\n\n` : lenient);
    const parts = [...decoder.push(bytes), ...decoder.end()];
    assert.deepEqual(
      parts.map((part) => [part.type, "code" in part && part.code]),
      [["error", "PROVIDER_BAD_RESPONSE"]],
    );
  }
});

test("an answer has no more choices than on the wire path, however they come", () => {
  const said = (index: number) => `{"choices":[{"index":${index},"delta":{"content":"x"}}]}`;
  const decoder = openaiChatDecoder("stream");
  const push = (text: string) => decoder.push(new TextEncoder().encode(text));
  for (let index = 0; index < 1024; index += 1) {
    assert.ok(!push(`data: ${said(index)}\n\n`).some((part) => part.type === "error"), String(index));
  }
  assert.ok(!push(`data: ${said(7)}\n\n`).some((part) => part.type === "error"));
  const [last] = push(`data: ${said(1024)}\n\n`).slice(-1);
  assert.deepEqual([last?.type, last && "code" in last && last.code], ["error", "PROVIDER_BAD_RESPONSE"]);
});

test("a last text beside an error is a text", () => {
  const decoder = openaiChatDecoder("stream");
  const parts = decoder.push(
    new TextEncoder().encode('data: {"error":{"message":"m"},"choices":[{"index":0,"delta":{"content":"last"}}]}\n\n'),
  );
  assert.deepEqual(
    parts.map((part) => part.type),
    ["response-start", "text-start", "text-delta", "error"],
  );
});

test("reads a whole answer in the order reasoning, content, refusal, tool calls", () => {
  const message = {
    tool_calls: [{ id: "t", function: { name: "f", arguments: "{}" } }],
    refusal: "no",
    content: "yes",
    reasoning_content: "hm",
  };
  const body = JSON.stringify({
    id: "u",
    model: "m",
    choices: [{ index: 0, message, finish_reason: "stop" }],
    usage: { prompt_tokens: 1, completion_tokens: 1 },
  });
  assert.deepEqual(linesOf(body, "unary"), [
    'response-start "u" "m"',
    "reasoning-start 0 1",
    'reasoning-delta 0 1 "hm"',
    "text-start 0 0",
    'text-delta 0 0 "yes"',
    'refusal-delta 0 2 "no"',
    'tool-input-start 0 3 "t" "f"',
    'tool-input-delta 0 3 "{}"',
    "reasoning-end 0 1",
    "text-end 0 0",
    "tool-input-end 0 3",
    'choice-end 0 "stop"',
    'usage {"inputTokens":1,"outputTokens":1,"totalTokens":2}',
    "response-end",
  ]);
  assert.deepEqual(linesOf('{"error":{"message":"no","code":"x"}}', "unary"), ['error "x" "no"']);
  assert.deepEqual(linesOf("<html>", "unary"), ["raw", "response-end"]);
});

test("gives the same parts for every partition of recorded streams, and all of their bytes", () => {
  const folder = join(process.env.MIDSTREAM_DATA ?? join(import.meta.dirname, "../../../../shared/data"), "streams");
  if (!existsSync(folder)) {
    console.log("skipped: no recorded streams; set MIDSTREAM_DATA");
    return;
  }
  const index = readFileSync(join(folder, "index.jsonl"), "utf8").trim().split("\n");
  const files = index
    .map((text) => JSON.parse(text) as { file: string; gateway_relevant: boolean })
    .filter((entry) => entry.gateway_relevant);
  assert.ok(files.length > 0);
  for (const { file } of files) {
    const payloads = readFileSync(join(folder, "..", file), "utf8")
      .split("\n")
      .filter((text) => text !== "");
    // A few frames of each kind are enough for the one-byte partition.
    const text = `${[...payloads.slice(0, 12), ...payloads.slice(-12)].map((payload) => `data: ${payload}\r\n\r\n`).join("")}data: [DONE]\r\n\r\n`;
    const whole = read(text);
    assert.equal([...new Set(whole.map((part) => part.frame))].map((frame) => decode(frame!.bytes)).join(""), text, file);
    assert.equal(whole.at(-1)!.type, "response-end", file);
    assert.ok(!whole.some((part) => part.type === "raw"), file);
    for (const size of [1, 7, 1000]) assert.deepEqual(read(text, { size }).map(line), whole.map(line), `${file} in reads of ${size}`);
  }
});
