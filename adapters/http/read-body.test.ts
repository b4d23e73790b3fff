import assert from "node:assert/strict";
import { test } from "node:test";
import { isMidStreamError } from "../../core/errors/midstream-error.ts";
import { BodyReader } from "./read-body.ts";

const readBody = (request: Request, limits: ConstructorParameters<typeof BodyReader>[0]) => new BodyReader(limits).read(request);

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
  assert.equal(new TextDecoder().decode(await readBody(streamed(["ab", "", "c"]), { maxBytes: 3, timeoutMs: 1000 })), "abc");
});

test("a body without a declared length is refused as soon as it passes the bound", async () => {
  await assert.rejects(readBody(streamed(["ab", "cd"]), { maxBytes: 3, timeoutMs: 1000 }), tooLarge);
});

test("a body that ends with an error is the client's fault, and its cause is kept", async () => {
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => controller.error(new TypeError("connection reset")),
  });
  const request = new Request("http://x/", { method: "POST", body, duplex: "half" } as RequestInit);
  await assert.rejects(readBody(request, { maxBytes: 3, timeoutMs: 1000 }), (error) => {
    assert.ok(isMidStreamError(error));
    assert.equal(error.code, "REQUEST_INVALID");
    return error.cause instanceof TypeError;
  });
});

test("a body that does not come is waited for no longer than allowed", async () => {
  const body = new ReadableStream<Uint8Array>({ pull: () => new Promise(() => {}) });
  const request = new Request("http://x/", { method: "POST", body, duplex: "half" } as RequestInit);
  await assert.rejects(
    readBody(request, { maxBytes: 3, timeoutMs: 1 }),
    (error) => isMidStreamError(error) && error.code === "REQUEST_TIMEOUT",
  );
});

test("a declared length over the bound is refused before anything is read", async () => {
  const request = new Request("http://x/", { method: "POST", body: "x", headers: { "content-length": "10" } });
  await assert.rejects(readBody(request, { maxBytes: 3, timeoutMs: 1000 }), tooLarge);
});
