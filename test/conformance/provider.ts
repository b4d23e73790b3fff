/** The conformance suite of providers: decoders that do not care how bytes were cut, honest ends, and cancellation. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Plugin, Provider, UpstreamResponse } from "../../core/plugin/contract.ts";
import type { ModelRequest } from "../../core/stream/model-request.ts";
import type { Part } from "../../core/stream/part.ts";
import { testSession } from "../../core/testing/session.ts";
import { byteChunkings } from "./chunkings.ts";
import { instanceId, type PluginSettings, setUpPlugin, testPlugin } from "./plugin.ts";

/** One recorded answer. */
export interface ProviderCase {
  readonly name: string;
  readonly mode: "stream" | "unary";
  /** The upstream's body. */
  readonly body: string | Uint8Array;
  /** Text of choice 0's content; not checked where absent. */
  readonly text?: string;
  /** Whether the body is a complete answer; default true. */
  readonly complete?: boolean;
}

/** What the suite needs. */
export interface ProviderSettings extends PluginSettings {
  readonly cases: readonly ProviderCase[];
  /** A request that the instance can answer without a network; checks `open` and its cancellation. */
  readonly request?: ModelRequest;
}

const bytesOf = (body: string | Uint8Array): Uint8Array => (typeof body === "string" ? new TextEncoder().encode(body) : body);

function decodeAll(provider: Provider, mode: "stream" | "unary", pieces: readonly Uint8Array[]): Part[] {
  const decoder = provider.decoder(mode);
  return [...pieces.flatMap((piece) => [...decoder.push(piece)]), ...decoder.end()];
}

const withoutFrames = (parts: readonly Part[]) => parts.map(({ frame: _, ...rest }) => rest);

/** Bytes of all frames, each once, in their order. */
function frameBytes(parts: readonly Part[]): string {
  const frames = [...new Set(parts.flatMap(({ frame }) => (frame === undefined ? [] : [frame])))];
  const decoder = new TextDecoder();
  return frames.map((frame) => decoder.decode(frame.bytes, { stream: true })).join("");
}

/** Reads a response to its end; what it was cut to if it fails. */
function readAll(response: UpstreamResponse): Promise<"end" | "failed"> {
  return new Promise((resolve) => response.read({ chunk() {}, end: () => resolve("end"), fail: () => resolve("failed") }));
}

/** Tests one provider. Call it at the top of a test file. */
export function testProvider(plugin: Plugin<"provider">, settings: ProviderSettings): void {
  const id = instanceId(plugin);
  testPlugin(plugin, settings);
  const setUp = async () => {
    const { instance } = await setUpPlugin(plugin, settings);
    return instance as Provider & AsyncDisposable;
  };

  for (const { name, mode, body, text, complete = true } of settings.cases) {
    test(`${id}: ${name}`, async () => {
      const provider = await setUp();
      const bytes = bytesOf(body);
      const whole = decodeAll(provider, mode, [bytes]);
      for (const { name: cut, pieces } of byteChunkings(bytes)) {
        assert.deepEqual(withoutFrames(decodeAll(provider, mode, pieces)), withoutFrames(whole), `same parts: ${cut}`);
        assert.equal(frameBytes(decodeAll(provider, mode, pieces)), frameBytes(whole), `same frames: ${cut}`);
      }
      assert.ok(new TextDecoder().decode(bytes).startsWith(frameBytes(whole).trimEnd()), "frames are the bytes that came");
      assert.equal(
        whole.some((part) => part.type === "error"),
        !complete,
        "an error part where the answer is not complete, and only there",
      );
      assert.equal(
        whole.some((part) => part.type === "response-end"),
        complete,
        "response-end where it is complete, and only there",
      );
      const content = whole.flatMap((part) => (part.type === "text-delta" && part.choice === 0 ? [part.delta] : [])).join("");
      if (text !== undefined) assert.equal(content, text);
    });
  }

  const { request } = settings;
  if (request === undefined) return;
  const session = (signal: AbortSignal) => testSession({ signal, request });

  test(`${id}: answers, with and without the raw body`, async () => {
    const provider = await setUp();
    assert.equal(typeof provider.addsUsage(request), "boolean");
    for (const rawBody of [false, true]) {
      const response = await provider.open(request, session(new AbortController().signal), { rawBody });
      if (!rawBody) assert.equal(response.framing, "identity");
      if (response.framing === "identity") assert.equal(await readAll(response), "end");
      response.cancel();
      response.cancel();
    }
    await provider[Symbol.asyncDispose]();
  });

  test(`${id}: stops when the session's signal says so`, async () => {
    const provider = await setUp();
    const controller = new AbortController();
    controller.abort();
    const opened = await provider.open(request, session(controller.signal), { rawBody: false }).then(
      () => "answered",
      (error: Error) => error.name,
    );
    assert.equal(opened, "AbortError");
    await provider[Symbol.asyncDispose]();
  });
}
