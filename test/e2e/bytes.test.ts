/** The law of bytes: what no policy rewrote leaves as it came, whatever the framing; ends are honest. */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { startTestGateway } from "./gateway.ts";
import { answerOf, chunk, jsonResponse, last, piece, type Step, startUpstream, streamHead } from "./upstream.ts";

const root = join(import.meta.dirname, "..", "..");
const data = process.env.MIDSTREAM_DATA ?? join(root, "..", "shared", "data");

async function throughGateway(steps: readonly Step[], pipeline: object = {}, request: object = {}): Promise<string> {
  await using upstream = await startUpstream(() => steps);
  await using gateway = await startTestGateway(upstream.url, pipeline);
  const response = await fetch(`${gateway.url}/v1/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ model: "m", stream: true, stream_options: { include_usage: true }, messages: [], ...request }),
  });
  return await response.text();
}

/** The wire as pieces of `size` bytes, each its own HTTP chunk. */
function inPieces(wire: string, size: number): Step[] {
  const bytes = new TextEncoder().encode(wire);
  const steps: Step[] = [{ send: streamHead }];
  for (let at = 0; at < bytes.byteLength; at += size) steps.push(piece(bytes.subarray(at, at + size)));
  return [...steps, last];
}

const sse = (payloads: readonly string[], lineEnd = "\n") => payloads.map((payload) => `data: ${payload}${lineEnd}${lineEnd}`).join("");
const plain = [
  chunk({ role: "assistant", content: "" }),
  chunk({ content: "Grüße, 你好 🙂 a" }),
  chunk({ content: 'll is "well"' }),
  chunk({}, "stop"),
].map((one) => JSON.stringify(one));

for (const lineEnd of ["\n", "\r\n", "\r"]) {
  for (const size of [1, 2, 7, 1000]) {
    test(`an untouched stream with ${JSON.stringify(lineEnd)} in pieces of ${size} bytes leaves byte for byte`, async () => {
      const wire = sse([...plain, "[DONE]"], lineEnd);
      assert.equal(await throughGateway(inPieces(wire, size)), wire);
    });
  }
}

test("comments, ids, and data without a space leave as they came", async () => {
  const wire = `: hello\n\nid: 7\ndata:${plain[1]}\n\nevent: message\ndata: ${plain[3]}\n\ndata: [DONE]\n\n`;
  assert.equal(await throughGateway(inPieces(wire, 3)), wire);
});

test("what follows [DONE] never reaches the client", async () => {
  const wire = sse([...plain, "[DONE]"]);
  assert.equal(await throughGateway(inPieces(`${wire}data: [DONE]\n\ndata: {"junk":true}\n\n`, 50)), wire);
});

for (const at of [0, 1, 5, 20, 60, 150, 300]) {
  test(`a stream cut ${at} bytes after its first text ends with an error event and without [DONE]`, async () => {
    const wire = sse([...plain, "[DONE]"]);
    const cut = Math.min(sse(plain.slice(0, 2)).length + at, wire.length - 30);
    const received = await throughGateway([{ send: streamHead }, piece(wire.slice(0, cut)), { end: true }]);
    const lines = received.trimEnd().split("\n\n");
    assert.match(lines.at(-1) ?? "", /^data: \{"error":\{.*"code":"PROVIDER_CUT"\}\}$/);
    assert.equal(received.includes("[DONE]"), false);
  });
}

test("a stream cut before its first text is an honest status, not a 200", async () => {
  await using upstream = await startUpstream(() => [{ send: streamHead }, piece(sse(plain.slice(0, 1))), { end: true }]);
  await using gateway = await startTestGateway(upstream.url);
  const body = JSON.stringify({ model: "m", stream: true, messages: [] });
  const response = await fetch(`${gateway.url}/v1/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body,
  });
  assert.equal(response.status, 502);
  assert.equal(((await response.json()) as { error: { code: string } }).error.code, "PROVIDER_CUT");
});

test("recorded streams leave byte for byte through the gateway", async () => {
  if (!existsSync(data)) {
    console.log("skipped: recorded streams (no data at MIDSTREAM_DATA)");
    return;
  }
  const index = readFileSync(join(data, "streams", "index.jsonl"), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { file: string; api: string; all_chunk_objects: boolean });
  const files = index.filter((entry) => entry.api === "chat-completions" && entry.all_chunk_objects);
  assert.equal(files.length >= 10, true);
  for (const { file } of files) {
    const payloads = readFileSync(join(data, file), "utf8").split("\n").filter(Boolean);
    const wire = sse([...payloads, "[DONE]"]);
    for (const size of [1021, 64]) {
      assert.equal(await throughGateway(inPieces(wire, size), { analysers: ["analyser/secrets/all"] }), wire, file);
    }
  }
});

for (const stream of [true, false]) {
  test(`a block is recorded as blocked, ${stream ? "streamed" : "whole"}`, async () => {
    const text = "Mail one@example.com now";
    const whole = {
      id: "c",
      object: "chat.completion",
      choices: [{ index: 0, message: { role: "assistant", content: text }, finish_reason: "stop" }],
    };
    await using upstream = await startUpstream(() => (stream ? answerOf([text]) : jsonResponse(200, whole)));
    await using gateway = await startTestGateway(upstream.url, { policies: ["policy/block/stop"] });
    const response = await fetch(`${gateway.url}/v1/chat/completions`, {
      method: "POST",
      body: JSON.stringify({ model: "m", stream, messages: [] }),
    });
    const answer = await response.text();
    assert.match(answer, /content_filter/);
    assert.doesNotMatch(answer, /one@/);
    assert.match(gateway.kernel.exposition(), /midstream_requests_total\{[^}]*path="wire"[^}]*outcome="blocked"[^}]*\} 1/);
  });
}
