import assert from "node:assert/strict";
import { test } from "node:test";
import { MidStreamError } from "../../../core/errors/midstream-error.ts";
import { errorObject } from "./error-object.ts";

const refusal = (upstreamStatus: number, upstreamError: Readonly<Record<string, unknown>>) =>
  errorObject(new MidStreamError("PROVIDER_STATUS", "for the operator", { upstreamStatus, upstreamError }));

const neutral = { message: "The upstream refused the request", type: "upstream_error", param: null, code: "PROVIDER_STATUS" };

test("what an upstream says of the client's request reaches the client, what it says of the gateway's key does not", () => {
  const tooLong = { message: "too many tokens", type: "invalid_request_error", param: "messages", code: "context_length_exceeded" };
  for (const status of [400, 404, 409, 413, 422, 429]) assert.deepEqual(refusal(status, tooLong), tooLong, String(status));
  const key = { message: "Incorrect API key provided: abc***xyz", type: "invalid_request_error", code: "invalid_api_key" };
  for (const status of [401, 402, 403, 407, 500, 502, 503]) assert.deepEqual(refusal(status, key), neutral, String(status));
});

test("members that an upstream left out, or made of something else than text, are the gateway's own", () => {
  assert.deepEqual(refusal(400, { message: "no" }), { ...neutral, message: "no" });
  assert.deepEqual(refusal(400, { message: { deep: 1 }, code: 400, param: [], type: "" }), neutral);
  assert.equal(refusal(400, { message: "x".repeat(100_000) }).message.length, 2_000);
});

test("errors of the gateway's own say nothing but what is meant for clients", () => {
  const error = errorObject(new MidStreamError("KERNEL_INTERNAL", "secret detail"));
  assert.ok(!JSON.stringify(error).includes("secret"));
});
