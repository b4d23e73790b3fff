import assert from "node:assert/strict";
import { test } from "node:test";
import { isMidStreamError } from "../../../core/errors/midstream-error.ts";
import { openaiChat } from "./index.ts";

const bytes = (value: unknown) => new TextEncoder().encode(typeof value === "string" ? value : JSON.stringify(value));
const messages = [{ role: "user", content: "Hello" }];

test("keeps every field of a request, and the bytes as received", () => {
  const body = bytes({ model: "m", messages, stream: true, n: 3, stream_options: { include_usage: true }, custom: { a: [1, null] } });
  const request = openaiChat.toRequest(body, {});
  assert.equal(request.model, "m");
  assert.equal(request.stream, true);
  assert.equal(request.choiceCount, 3);
  assert.equal(request.wantsUsage, true);
  assert.equal(request.dialect, "openai-chat");
  assert.deepEqual(request.body.custom, { a: [1, null] });
  assert.equal(request.bytes, body);
});

test("takes null for optional fields, as some clients send it", () => {
  const request = openaiChat.toRequest(bytes({ model: "m", messages, stream: null, n: null, stream_options: null }), {});
  assert.deepEqual([request.stream, request.choiceCount, request.wantsUsage], [false, 1, false]);
});

test("names the field that is wrong, and never its value", () => {
  const cases: [unknown, string | undefined, RegExp][] = [
    ["secret text", undefined, /no JSON$/],
    ["[1]", undefined, /no JSON object/],
    [{ messages }, "model", /is required/],
    [{ model: "", messages }, "model", /must not be empty/],
    [{ model: 5, messages }, "model", /must be a string/],
    [{ model: "m" }, "messages", /is required/],
    [{ model: "m", messages: "secret text" }, "messages", /must be an array/],
    [{ model: "m", messages: ["secret text"] }, "messages.0", /must be an object/],
    [{ model: "m", messages, stream: "yes" }, "stream", /must be true or false/],
    [{ model: "m", messages, n: 0 }, "n", /from 1 to 128/],
    [{ model: "m", messages, n: 129 }, "n", /from 1 to 128/],
    [{ model: "m", messages, n: 1.5 }, "n", /from 1 to 128/],
    [{ model: "m", messages, stream_options: { include_usage: 1 } }, "stream_options.include_usage", /must be true or false/],
  ];
  for (const [body, field, message] of cases) {
    assert.throws(
      () => openaiChat.toRequest(bytes(body), {}),
      (error) => {
        assert.ok(isMidStreamError(error));
        assert.equal(error.code, "REQUEST_INVALID");
        assert.equal(error.field, field);
        assert.match(error.publicMessage, message);
        assert.doesNotMatch(`${error.message}${error.publicMessage}`, /secret text/);
        return true;
      },
    );
  }
  assert.throws(() => openaiChat.toRequest(new Uint8Array([123, 34, 255, 34, 58, 49, 125]), {}), { code: "REQUEST_INVALID" });
});

test("freezes the body to its depths", () => {
  const request = openaiChat.toRequest(bytes({ model: "m", messages: [{ role: "user", content: [{ text: "x" }] }] }), {});
  const [message] = request.body.messages as { content: { text: string }[] }[];
  assert.throws(() => {
    message!.content[0]!.text = "y";
  }, TypeError);
});

test("freezes no more members than a request of real size has", () => {
  const many = openaiChat.toRequest(bytes({ model: "m", messages, numbers: Array(30_000).fill(0) }), {}).body;
  assert.equal((many.numbers as number[]).length, 30_000);
  assert.equal(Object.isFrozen(many.numbers), false);
  const usual = openaiChat.toRequest(bytes({ model: "m", messages, numbers: Array(3000).fill(0) }), {}).body;
  assert.equal(Object.isFrozen(usual.numbers), true);
});

test("lets no header through that may hold a key", () => {
  const headers = {
    Authorization: "a",
    "x-api-key": "b",
    Cookie: "c",
    "X-Tenant": "blue",
    "X-Keycloak-User": "u",
    "x-auth-token": "d",
    "user-agent": "curl",
  };
  assert.deepEqual(openaiChat.toRequest(bytes({ model: "m", messages }), { headers: () => headers }).headers, {
    "x-tenant": "blue",
    "x-keycloak-user": "u",
    "user-agent": "curl",
  });
});
