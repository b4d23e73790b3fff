import assert from "node:assert/strict";
import { test } from "node:test";
import { isMidStreamError } from "../../core/errors/midstream-error.ts";
import { readBody } from "./read-body.ts";

const tooLarge = (error: unknown) => isMidStreamError(error) && error.code === "REQUEST_TOO_LARGE";

function streamed(pieces: readonly string[]): Request {
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const piece of pieces) controller.enqueue(new TextEncoder().encode(piece));
      controller.close();
    },
  });
  return new Request("http://x/", { method: "POST", body, duplex: "half" } as RequestInit);
}

test("a body in pieces arrives whole", async () => {
  assert.equal(new TextDecoder().decode(await readBody(streamed(["ab", "", "c"]), 3)), "abc");
});

test("a body without a declared length is refused as soon as it passes the bound", async () => {
  await assert.rejects(readBody(streamed(["ab", "cd"]), 3), tooLarge);
});

test("a declared length over the bound is refused before anything is read", async () => {
  const request = new Request("http://x/", { method: "POST", body: "x", headers: { "content-length": "10" } });
  await assert.rejects(readBody(request, 3), tooLarge);
});
