import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { conversationOf } from "./conversation.ts";

test("roles, texts of parts, tool calls and their results are told in the kernel's words", () => {
  const call = { id: "call_1", type: "function", function: { name: "find", arguments: '{"q":1}' } };
  const { messages } = conversationOf({
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

test("tools and the wanted output are read in the shapes that vendors know", () => {
  const parameters = { type: "object", properties: { q: { type: "integer" } } };
  const { tools, output } = conversationOf({
    tools: [{ type: "function", function: { name: "find", parameters } }, { type: "web_search" }],
    functions: [{ name: "old" }],
    response_format: { type: "json_schema", json_schema: { name: "x", schema: parameters } },
  });
  assert.deepEqual(tools, [{ name: "find", parameters }, { name: "old" }]);
  assert.deepEqual(output, { json: true, schema: parameters });
  assert.deepEqual(conversationOf({ response_format: { type: "json_object" } }).output, { json: true });
  assert.deepEqual(conversationOf({ response_format: { type: "text" } }).output, { json: false });
});

test("a body of any shape gives a list", () => {
  fc.assert(fc.property(fc.object(), (body) => Array.isArray(conversationOf(body).messages)));
  const odd = fc.array(fc.anything());
  fc.assert(
    fc.property(odd, (messages) =>
      conversationOf({ messages, tools: messages }).messages.every((message) => typeof message.text === "string"),
    ),
  );
});

test("what a request brings along to answer from stands behind its messages, in our shape and in a vendor's", () => {
  const texts = (body: Record<string, unknown>) => conversationOf(body).messages.map(({ role, text }) => `${role}: ${text}`);
  const messages = [{ role: "user", content: "Why?" }];
  assert.deepEqual(texts({ messages, context: "One." }), ["user: Why?", "document: One."]);
  assert.deepEqual(texts({ messages, context: ["One.", { text: "Two.", title: "II" }] }), [
    "user: Why?",
    "document: One.",
    "document: Two.",
  ]);
  assert.deepEqual(texts({ messages, documents: [{ title: "t", text: "Three." }, { id: 4 }, 5] }), ["user: Why?", "document: Three."]);
  for (const other of [5, {}, { id: 1 }, ["One.", 2], [{}], null]) assert.deepEqual(texts({ messages, context: other }), ["user: Why?"]);
});
