/** The SDK table of the wire behaviour, and the main job, with the real `openai` client. */
import assert from "node:assert/strict";
import { test } from "node:test";
import OpenAI from "openai";
import { startTestGateway } from "./gateway.ts";
import { answerOf, chunk, event, jsonResponse, last, type Step, startUpstream, streamHead } from "./upstream.ts";

const ask = { model: "test-model", messages: [{ role: "user" as const, content: "hi" }] };
const card = ["4111", "1111", "1111", "1111"].join(" ");

async function withClient<T>(steps: readonly Step[], use: (client: OpenAI) => Promise<T>, pipeline: object = {}): Promise<T> {
  await using upstream = await startUpstream(() => steps);
  await using gateway = await startTestGateway(upstream.url, pipeline);
  return await use(new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: "test", maxRetries: 0 }));
}

async function textOf(client: OpenAI): Promise<{ text: string; finish: string | null }> {
  let text = "";
  let finish: string | null = null;
  for await (const part of await client.chat.completions.create({ ...ask, stream: true })) {
    text += part.choices[0]?.delta.content ?? "";
    finish = part.choices[0]?.finish_reason ?? finish;
  }
  return { text, finish };
}

test("an e-mail address split over seven frames is redacted in the stream", async () => {
  const result = await withClient(answerOf(["Write to jo", "hn", ".doe", "@exam", "ple", ".com", " today."]), textOf);
  assert.deepEqual(result, { text: "Write to [EMAIL] today.", finish: "stop" });
});

test("a whole answer and a streamed one give the same text", async () => {
  const content = `Card ${card}, mail a.b@example.com.`;
  const streamed = await withClient(answerOf([...content]), textOf);
  const body = {
    id: "1",
    object: "chat.completion",
    created: 1,
    model: "m",
    choices: [{ index: 0, message: { role: "assistant", content }, finish_reason: "stop" }],
  };
  const whole = await withClient(jsonResponse(200, body), (client) => client.chat.completions.create(ask));
  assert.equal(streamed.text, whole.choices[0]?.message.content);
  assert.equal(streamed.text, "Card [CARD], mail [EMAIL].");
});

test("tool arguments are redacted and stay JSON", async () => {
  const call = (args: string) =>
    chunk({ tool_calls: [{ index: 0, id: "call_1", type: "function", function: { name: "send", arguments: args } }] });
  const more = (args: string) => chunk({ tool_calls: [{ index: 0, function: { arguments: args } }] });
  const steps = [
    { send: streamHead },
    event(call("")),
    event(more('{"to":"jo')),
    event(more('hn@example.com"}')),
    event(chunk({}, "tool_calls")),
    event("[DONE]"),
    last,
  ];
  const args = await withClient(steps, async (client) => {
    let all = "";
    for await (const part of await client.chat.completions.create({ ...ask, stream: true }))
      all += part.choices[0]?.delta.tool_calls?.[0]?.function?.arguments ?? "";
    return all;
  });
  assert.deepEqual(JSON.parse(args), { to: "[EMAIL]" });
});

test("a policy's block ends as content_filter, without an exception", async () => {
  const pipeline = { policies: ["policy/block/stop"] };
  const result = await withClient(answerOf(["Mail a", "@example.com now"]), textOf, pipeline);
  assert.equal(result.finish, "content_filter");
  assert.equal(result.text.startsWith("Mail "), true);
  assert.equal(result.text.includes("@"), false);
});

test("an upstream that dies in the middle raises an error after what had come", async () => {
  const steps = [{ send: streamHead }, event(chunk({ content: "Hello " })), event(chunk({ content: "wor" })), { destroy: true } as const];
  let text = "";
  await assert.rejects(
    withClient(steps, async (client) => {
      for await (const part of await client.chat.completions.create({ ...ask, stream: true })) text += part.choices[0]?.delta.content ?? "";
    }),
    OpenAI.APIError,
  );
  assert.equal(text, "Hello wor");
});

test("an upstream that closes in order but without a finish reason raises an error", async () => {
  const steps = [{ send: streamHead }, event(chunk({ content: "Hello" })), last];
  await assert.rejects(withClient(steps, textOf), OpenAI.APIError);
});

test("an error event of the upstream reaches the client as its error", async () => {
  const steps = [
    { send: streamHead },
    event(chunk({ content: "Hi" })),
    event({ error: { message: "overloaded", type: "server_error", code: "overloaded" } }),
    last,
  ];
  await assert.rejects(withClient(steps, textOf), /overloaded/);
});

test("a refused connection is a 502 in the OpenAI shape", async () => {
  await using gateway = await startTestGateway("http://127.0.0.1:1/v1");
  const client = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: "test", maxRetries: 0 });
  await assert.rejects(client.chat.completions.create(ask), (error: unknown) => error instanceof OpenAI.APIError && error.status === 502);
});

test("an upstream's 429 keeps its status", async () => {
  const steps = jsonResponse(429, { error: { message: "slow down", type: "rate_limit", code: "rate_limited" } }, "retry-after: 7\r\n");
  await assert.rejects(
    withClient(steps, (client) => client.chat.completions.create(ask)),
    (error: unknown) => error instanceof OpenAI.APIError && error.status === 429,
  );
});

test("a missing [DONE] after a finish reason is a normal end", async () => {
  const steps = answerOf(["fine"]).filter((_, index, all) => index !== all.length - 2);
  assert.deepEqual(await withClient(steps, textOf), { text: "fine", finish: "stop" });
});

test("usage reaches a client that asked, and only it", async () => {
  const usage = { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 };
  const steps = [
    { send: streamHead },
    event(chunk({ content: "ok" })),
    event(chunk({}, "stop")),
    event({ ...chunk({}), choices: [], usage }),
    event("[DONE]"),
    last,
  ];
  const chunksOf = (asked: boolean) =>
    withClient(steps, async (client) => {
      const seen: unknown[] = [];
      for await (const part of await client.chat.completions.create({
        ...ask,
        stream: true,
        ...(asked && { stream_options: { include_usage: true } }),
      })) {
        seen.push(part.usage ?? null);
      }
      return seen;
    });
  assert.deepEqual((await chunksOf(true)).at(-1), usage);
  assert.deepEqual(await chunksOf(false), [null, null]);
});
