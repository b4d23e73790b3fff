/** The conformance suite of sinks. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Plugin, Sink, SinkEvent } from "../../core/plugin/contract.ts";
import { instanceId, type PluginSettings, setUpPlugin, testPlugin } from "./plugin.ts";

const finding = {
  analyser: "analyser/pii/x",
  rule: "email",
  tag: "EMAIL",
  channel: "content",
  choice: 0,
  block: 0,
  range: { start: 1, end: 9 },
  from: 1,
  score: 0.9,
} as const;

const end = {
  type: "request-end",
  session: "s1",
  pipeline: "default",
  model: "m",
  provider: "provider/p/x",
  stream: true,
  path: "wire",
  status: 200,
  outcome: "finished",
  usage: { inputTokens: 1, outputTokens: 2, totalTokens: 3 },
  findings: 1,
  rewrites: 1,
  maxHeldBytes: 8,
  durationMs: 12.5,
  firstByteMs: 3.5,
  gatewayMs: 0.25,
} as const;

/** One event of every kind, frozen. */
export const sinkEvents: readonly SinkEvent[] = [
  { type: "finding", session: "s1", pipeline: "default", finding },
  {
    type: "verdict",
    session: "s1",
    pipeline: "default",
    verdict: { policy: "policy/redact/x", action: "rewrite", analyser: "analyser/pii/x", rule: "email", outcome: "applied" },
  },
  {
    type: "provider-failure",
    session: "s1",
    pipeline: "default",
    provider: "provider/up/a",
    code: "PROVIDER_STATUS",
    message: "up: the upstream answered with status 503",
  },
  { type: "plugin-failure", session: "s1", plugin: "analyser/own/x", code: "PLUGIN_FAILED" },
  { type: "plugin-failure", plugin: "analyser/own/x", code: "PLUGIN_FAILED" },
  end,
  {
    ...end,
    path: "none",
    outcome: "failed",
    status: 502,
    errorCode: "PROVIDER_CUT",
    errorMessage: "p: the upstream ended its answer",
    firstByteMs: -1,
  },
].map((event) => Object.freeze(event) as SinkEvent);

/** Tests one sink. Call it at the top of a test file. */
export function testSink(plugin: Plugin<"sink">, settings: PluginSettings = {}): void {
  const id = instanceId(plugin);
  testPlugin(plugin, settings);

  test(`${id}: takes every kind of event at once, and any number of them`, async () => {
    const { instance } = await setUpPlugin(plugin, settings);
    const sink = instance as Sink & AsyncDisposable;
    for (let round = 0; round < 100; round += 1) {
      for (const event of sinkEvents) assert.equal(sink.write(event) as unknown, undefined, "write returns at once, and nothing");
    }
    const text = sink.exposition?.();
    assert.ok(text === undefined || typeof text === "string");
    await sink[Symbol.asyncDispose]();
  });

  test(`${id}: does not throw for what comes after its disposal`, async () => {
    const { instance } = await setUpPlugin(plugin, settings);
    const sink = instance as Sink & AsyncDisposable;
    await sink[Symbol.asyncDispose]();
    for (const event of sinkEvents) sink.write(event);
  });
}
