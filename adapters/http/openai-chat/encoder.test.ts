import assert from "node:assert/strict";
import { test } from "node:test";
import { openaiChatDecoder } from "../../../core/dialects/openai-chat/index.ts";
import { MidStreamError } from "../../../core/errors/midstream-error.ts";
import type { DeltaPart, Frame, Part } from "../../../core/stream/part.ts";
import { createEncoder } from "./encoder.ts";

const encode = (text: string) => new TextEncoder().encode(text);
const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const stream = createEncoder("stream");
const unary = createEncoder("unary");

const partsOf = (text: string, mode: "stream" | "unary" = "stream"): Part[] => {
  const decoder = openaiChatDecoder(mode);
  return [...decoder.push(encode(text)), ...decoder.end()];
};
const frameOf = (parts: readonly Part[]): Frame => parts.find((part) => part.frame !== undefined)!.frame!;
const deltas = (parts: readonly Part[]): string[] => parts.filter((part): part is DeltaPart => "delta" in part).map((part) => part.delta);

test("replaces one text in place and keeps every other byte", () => {
  const event = 'event: x\r\ndata:  { "id" :"1", "choices":[ {"index":0,"delta":{"content":"a\\/b \\u00e9"},"x":"\\/" } ] }\r\n\r\n';
  const parts = partsOf(event);
  assert.deepEqual(deltas(parts), ["a/b é"]);
  const rewritten = decode(stream.rewrite(frameOf(parts), ['say "é"\n\u0001\\']));
  assert.equal(rewritten, event.replace('"a\\/b \\u00e9"', '"say \\"é\\"\\n\\u0001\\\\"'));
});

test("finds each of several texts by the order of the frame's delta parts", () => {
  const event = `data: ${JSON.stringify({
    choices: [
      {
        index: 1,
        delta: {
          tool_calls: [{ index: 0, id: "t", function: { name: "f", arguments: '{"a"' } }],
          refusal: "no",
          content: [
            { type: "text", text: "one" },
            { type: "thinking", thinking: [{ type: "text", text: "hm" }] },
          ],
          reasoning_content: "why",
        },
      },
      { index: 0, delta: { content: "zero", function_call: { arguments: "{}" } } },
    ],
  })}\n\n`;
  const parts = partsOf(event);
  assert.deepEqual(deltas(parts), ["hm", "why", "one", "no", '{"a"', "zero", "{}"]);
  const out = decode(stream.rewrite(frameOf(parts), ["A", "B", "C", "D", "E", undefined, ""]));
  assert.deepEqual(deltas(partsOf(out)), ["A", "B", "C", "D", "E", "zero"]);
  assert.ok(out.includes('"id":"t"'));
});

test("nulls log-probabilities of a choice whose text changed, and of no other", () => {
  const logprobs = { content: [{ token: "secret", logprob: -1, bytes: [1], top_logprobs: [] }] };
  const choice = (index: number, content: string) => ({ index, delta: { content }, logprobs, finish_reason: null });
  const event = `data: ${JSON.stringify({ choices: [choice(0, "secret"), choice(1, "fine"), { ...choice(2, "x"), logprobs: null }] })}\n\n`;
  const out = decode(stream.rewrite(frameOf(partsOf(event)), ["[X]", undefined, "y"]));
  const { choices } = JSON.parse(out.slice(6)) as { choices: { logprobs: unknown }[] };
  assert.deepEqual(
    choices.map((c) => c.logprobs),
    [null, logprobs, null],
  );
});

test("rewrites data that spread over several lines", () => {
  const event = 'data: {"choices":[{"index":0,\ndata: "delta":{"content":\ndata: "mail"},\ndata: "logprobs":{"content":\ndata: []}}]}\n\n';
  const out = decode(stream.rewrite(frameOf(partsOf(event)), ["[E]"]));
  assert.equal(out, 'data: {"choices":[{"index":0,\ndata: "delta":{"content":\ndata: "[E]"},\ndata: "logprobs":null}]}\n\n');
});

test("keeps arguments that came as an object JSON, or makes them a string", () => {
  const event = 'data: {"choices":[{"index":0,"delta":{"tool_calls":[{"function":{"arguments":{"mail": "a@b.c"}}}]}}]}\n\n';
  const parts = partsOf(event);
  assert.deepEqual(deltas(parts), ['{"mail": "a@b.c"}']);
  assert.ok(decode(stream.rewrite(frameOf(parts), ['{"mail": "[E]"}'])).includes('"arguments":{"mail": "[E]"}}'));
  assert.ok(decode(stream.rewrite(frameOf(parts), ['{"mail": [E]'])).includes('"arguments":"{\\"mail\\": [E]"}'));
});

test("ends a blocked choice with the message and a content_filter chunk like those of the answer", () => {
  const like = frameOf(
    partsOf('data: {"id":"c1","created":7,"model":"m","system_fingerprint":null,"choices":[{"index":0,"delta":{"content":"x"}}]}\n\n'),
  );
  assert.equal(
    decode(stream.blocked(2, 'No "x"', like)),
    'data: {"id":"c1","object":"chat.completion.chunk","created":7,"model":"m","system_fingerprint":null,"choices":[{"index":2,"delta":{"content":"No \\"x\\""},"logprobs":null,"finish_reason":null}]}\n\n' +
      'data: {"id":"c1","object":"chat.completion.chunk","created":7,"model":"m","system_fingerprint":null,"choices":[{"index":2,"delta":{},"logprobs":null,"finish_reason":"content_filter"}]}\n\n',
  );
  assert.equal(
    decode(stream.blocked(0, "")),
    'data: {"id":"","object":"chat.completion.chunk","created":0,"model":"","choices":[{"index":0,"delta":{},"logprobs":null,"finish_reason":"content_filter"}]}\n\n',
  );
});

test("rewrites and blocks choices of a whole answer", () => {
  const body = `{ "id":"u", "choices":[ {"index":0,"message":{"role":"assistant","content":"mail a@b.c"},"logprobs":{"content":[]},"finish_reason":"stop"},{"index":1,"message":{"role":"assistant","content":null,"tool_calls":[]},"finish_reason":"tool_calls"},{"index":2,"message":{}} ], "usage":{} }`;
  const frame = frameOf(partsOf(body, "unary"));
  const out = decode(
    unary.rewrite(
      frame,
      ["mail [E]"],
      new Map([
        [1, "No."],
        [2, "No."],
      ]),
    ),
  );
  assert.equal(
    out,
    `{ "id":"u", "choices":[ {"index":0,"message":{"role":"assistant","content":"mail [E]"},"logprobs":null,"finish_reason":"stop"},{"index":1,"message":{"role":"assistant","content":"No.","tool_calls":[]},"finish_reason":"content_filter"},{"index":2,"message":{"content":"No."},"finish_reason":"content_filter"} ], "usage":{} }`,
  );
  const blocked = JSON.parse(decode(unary.rewrite(frame, ["mail "], new Map([[0, "Stopped."]])))) as {
    choices: { message: { content: string } }[];
  };
  assert.equal(blocked.choices[0]!.message.content, "mail Stopped.");
});

test("takes the finish reason and log-probabilities of a blocked choice out of a stream's frame", () => {
  const event =
    'data: {"choices":[{"index":0,"delta":{"content":"a"},"logprobs":{},"finish_reason":"stop"},{"index":1,"delta":{},"finish_reason":"stop"}]}\n\n';
  const out = decode(stream.rewrite(frameOf(partsOf(event)), [""], new Map([[0, "No."]])));
  assert.equal(
    out,
    'data: {"choices":[{"index":0,"delta":{"content":""},"logprobs":null,"finish_reason":null},{"index":1,"delta":{},"finish_reason":"stop"}]}\n\n',
  );
});

test("empties a whole message that a stream repeats, and adds a policy's message as the last item of a content list", () => {
  const event = 'data: {"choices":[{"index":0,"delta":{"content":"b"},"message":{"role":"assistant","content":"ab"}}]}\n\n';
  const frame = frameOf(partsOf(event));
  assert.equal(frame.repeats, true);
  assert.equal(decode(stream.rewrite(frame, [])), event.replace('"ab"', '""'));
  const body =
    '{"choices":[{"index":0,"message":{"content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]},"finish_reason":"stop"}]}';
  const out = decode(unary.rewrite(frameOf(partsOf(body, "unary")), [undefined, ""], new Map([[0, "!"]])));
  assert.equal(out, body.replace('"b"}', '""},{"type":"text","text":"!"}').replace('"stop"', '"content_filter"'));
});

test("says errors, ends and silence in the forms that SDKs read", () => {
  const error = new MidStreamError("PROVIDER_CUT", "https://upstream closed the connection inside a body");
  const object =
    '{"error":{"message":"The upstream ended its answer before it was complete","type":"upstream_error","param":null,"code":"PROVIDER_CUT"}}';
  assert.equal(decode(stream.error(error)), `data: ${object}\n\n`);
  assert.equal(decode(unary.error(error)), object);
  assert.equal(decode(stream.done()), "data: [DONE]\n\n");
  assert.equal(decode(stream.keepAlive()), ": keep-alive\n\n");
  assert.equal(unary.done().length + unary.keepAlive().length, 0);
});

test("annotates a stream by a chunk without choices and a whole answer by one more field", () => {
  const annotation = { findings: [], verdicts: [] };
  const chunk = JSON.parse(decode(stream.annotate!(annotation, {})).slice(6)) as Record<string, unknown>;
  assert.deepEqual(chunk.choices, []);
  assert.deepEqual(chunk.midstream, annotation);
  // Clients that group chunks by their id must not see a second answer.
  const bytes = encode('data: {"id":"c1","created":7,"model":"m","choices":[]}\n\n');
  const like = { bytes, payload: decode(bytes).slice(6) } as Frame;
  const alike = JSON.parse(decode(stream.annotate!(annotation, { like })).slice(6)) as Record<string, unknown>;
  assert.deepEqual([alike.id, alike.created, alike.model], ["c1", 7, "m"]);
  assert.equal(decode(unary.annotate!(annotation, { body: encode('{"a":1} ') })), '{"a":1,"midstream":{"findings":[],"verdicts":[]}} ');
  assert.equal(decode(unary.annotate!(annotation, { body: encode("{}") })), '{"midstream":{"findings":[],"verdicts":[]}}');
});
