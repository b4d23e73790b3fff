import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { test } from "node:test";
import * as v from "valibot";
import { isMidStreamError } from "../../../core/errors/midstream-error.ts";
import type { Session } from "../../../core/plugin/contract.ts";
import type { ModelRequest } from "../../../core/stream/model-request.ts";
import { testContext } from "../../../core/testing/plugin-context.ts";
import plugin from "./index.ts";
import { readRecording } from "./recording.ts";
import { replayConfig } from "./schema.ts";

const encode = (text: string) => new TextEncoder().encode(text);
const chunk = (content: string) => `{"object":"chat.completion.chunk","choices":[{"index":0,"delta":{"content":"${content}"}}]}`;

const contextIn = (folder: string) =>
  testContext("provider/replay/r", { now: () => performance.now(), path: (file) => resolve(folder, file) });
const session = { signal: new AbortController().signal } as unknown as Session;
const request = (model: string, stream = true) => ({ model, stream }) as unknown as ModelRequest;

/** The plugin with one file that holds `text`. */
async function played(text: string, config: Partial<v.InferInput<typeof replayConfig>> = {}, ask = request("m")): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "midstream-replay-"));
  try {
    await writeFile(join(folder, "recording"), text);
    const settings = v.parse(replayConfig, { files: { m: "recording" }, framesPerSecond: 0, ...config });
    await using provider = await plugin.setup(settings, contextIn(folder));
    const response = await provider.open(ask, session, { rawBody: false });
    let got = "";
    await new Promise<void>((resolve, reject) =>
      response.read({
        chunk(bytes) {
          got += new TextDecoder().decode(bytes);
        },
        end: resolve,
        fail: reject,
      }),
    );
    return got;
  } finally {
    await rm(folder, { recursive: true });
  }
}

test("makes an event of each payload line and adds the end that recordings leave out", async () => {
  assert.equal(await played(`${chunk("a")}\n${chunk("b")}\n`), `data: ${chunk("a")}\n\ndata: ${chunk("b")}\n\ndata: [DONE]\n\n`);
  assert.equal(await played(`${chunk("a")}\r\n\r\n[DONE]`), `data: ${chunk("a")}\n\ndata: [DONE]\n\n`);
});

test("plays raw events byte for byte, with what stands behind the last blank line", async () => {
  const raw = `: hello\r\n\r\ndata: ${chunk("é")}\r\n\r\nevent: x\r\ndata: {"half`;
  assert.equal(await played(raw, { format: "sse" }), raw);
});

test("plays one whole body to a request without stream, and refuses the other kind", async () => {
  const body = '{"object":"chat.completion","choices":[]}';
  assert.equal(await played(body, {}, request("m", false)), body);
  await assert.rejects(played(body), { code: "REQUEST_INVALID" });
  await assert.rejects(played(chunk("a"), {}, request("m", false)), { code: "REQUEST_INVALID" });
  await assert.rejects(played(body, {}, request("other")), { code: "REQUEST_UNKNOWN_MODEL" });
});

test("sees from a file what it holds", () => {
  const kinds: [string, string, number][] = [
    [`${chunk("a")}\n${chunk("b")}`, "stream", 3],
    [chunk("a"), "stream", 2],
    [`data: ${chunk("a")}\n\ndata: [DONE]\n\n`, "stream", 2],
    [`\ufeffdata:${chunk("a")}\r\rdata: x\r\r`, "stream", 2],
    [": comment first\n\ndata: x\n\n", "stream", 2],
    ['{\n  "choices": []\n}', "body", 1],
  ];
  for (const [text, kind, pieces] of kinds) {
    const recording = readRecording(encode(text), "auto");
    assert.deepEqual([recording.kind, recording.pieces.length], [kind, pieces], text);
  }
});

test("names the model and the file that cannot be played", async () => {
  for (const [text, config, expected] of [
    ["", {}, /recording of model|empty/i],
    ["data: x\n\n", { maxFileBytes: 3 }, /above maxFileBytes 3/],
    ["data: x\n\n", { files: { m: "/nowhere/at/all" } }, /Recording \/nowhere\/at\/all of model m/],
  ] as const) {
    await assert.rejects(played(text, config), (error) => {
      assert.ok(isMidStreamError(error));
      assert.equal(error.code, "SETUP_FAILED");
      assert.match(error.message, expected);
      return true;
    });
  }
});
