/** The same promises with the Vercel `ai` SDK, which is stricter about what it accepts. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { generateText, streamText } from "ai";
import { startTestGateway } from "./gateway.ts";
import { answerOf, chunk, event, jsonResponse, last, type Step, startUpstream, streamHead } from "./upstream.ts";

async function streamed(steps: readonly Step[], pipeline: object = {}): Promise<{ text: string; finish: string; errors: unknown[] }> {
  await using upstream = await startUpstream(() => steps);
  await using gateway = await startTestGateway(upstream.url, pipeline);
  const provider = createOpenAICompatible({ name: "midstream", baseURL: `${gateway.url}/v1` });
  const errors: unknown[] = [];
  const result = streamText({
    model: provider("test-model"),
    prompt: "hi",
    maxRetries: 0,
    onError: ({ error }) => void errors.push(error),
  });
  let text = "";
  let finish = "";
  for await (const part of result.fullStream) {
    if (part.type === "text-delta") text += part.text;
    if (part.type === "finish") finish = part.finishReason;
    if (part.type === "error") errors.push(part.error);
  }
  return { text, finish, errors };
}

test("streamText gets the redacted answer and a normal finish", async () => {
  const result = await streamed(answerOf(["Mail jo", "hn@exa", "mple.com", " please"]));
  assert.deepEqual(result, { text: "Mail [EMAIL] please", finish: "stop", errors: [] });
});

test("streamText sees a policy's block as content-filter and raises nothing", async () => {
  const result = await streamed(answerOf(["Mail john@example.com now"]), { policies: ["policy/block/stop"] });
  assert.equal(result.finish, "content-filter");
  assert.deepEqual(result.errors, []);
});

test("streamText sees an error when the upstream dies in the middle", async () => {
  const result = await streamed([{ send: streamHead }, event(chunk({ content: "Hello" })), { destroy: true }]);
  assert.equal(result.text, "Hello");
  assert.equal(result.errors.length > 0, true);
});

test("reasoning text is redacted like content", async () => {
  const steps = [
    { send: streamHead },
    event(chunk({ reasoning_content: "user is jo" })),
    event(chunk({ reasoning_content: "e@example.com " })),
    event(chunk({ content: "Done" })),
    event(chunk({}, "stop")),
    event("[DONE]"),
    last,
  ];
  await using upstream = await startUpstream(() => steps);
  await using gateway = await startTestGateway(upstream.url);
  const provider = createOpenAICompatible({ name: "midstream", baseURL: `${gateway.url}/v1` });
  const result = streamText({ model: provider("test-model"), prompt: "hi", maxRetries: 0 });
  assert.equal(await result.reasoningText, "user is [EMAIL] ");
});

test("generateText gets the redacted answer", async () => {
  const body = {
    id: "1",
    object: "chat.completion",
    created: 1,
    model: "m",
    choices: [{ index: 0, message: { role: "assistant", content: "Mail a@example.com" }, finish_reason: "stop" }],
  };
  await using upstream = await startUpstream(() => jsonResponse(200, body));
  await using gateway = await startTestGateway(upstream.url);
  const provider = createOpenAICompatible({ name: "midstream", baseURL: `${gateway.url}/v1` });
  const result = await generateText({ model: provider("test-model"), prompt: "hi", maxRetries: 0 });
  assert.equal(result.text, "Mail [EMAIL]");
});
