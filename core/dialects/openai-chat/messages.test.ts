import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { messagesOf } from "./messages.ts";

test("roles, texts of parts, tool calls and their results are told in the kernel's words", () => {
  const call = { id: "call_1", type: "function", function: { name: "find", arguments: '{"q":1}' } };
  const messages = messagesOf({
    messages: [
      { role: "system", content: "Be brief." },
      { role: "developer", content: "In English." },
      {
        role: "user",
        content: [
          { type: "text", text: "What" },
          { type: "image_url", image_url: { url: "data:" } },
          { type: "text", text: "is it?" },
        ],
      },
      { role: "assistant", content: null, tool_calls: [call] },
      { role: "tool", tool_call_id: "call_1", content: "42" },
    ],
  });
  assert.deepEqual(messages, [
    { role: "instructions", text: "Be brief.", toolCalls: [] },
    { role: "instructions", text: "In English.", toolCalls: [] },
    { role: "user", text: "What\nis it?", toolCalls: [] },
    { role: "assistant", text: "", toolCalls: [{ id: "call_1", name: "find", arguments: '{"q":1}' }] },
    { role: "tool", text: "42", toolCalls: [], toolCallId: "call_1" },
  ]);
});

test("a body of any shape gives a list", () => {
  fc.assert(fc.property(fc.object(), (body) => Array.isArray(messagesOf(body))));
  const odd = fc.array(fc.anything());
  fc.assert(fc.property(odd, (messages) => messagesOf({ messages }).every((message) => typeof message.text === "string")));
});
