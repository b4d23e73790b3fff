import assert from "node:assert/strict";
import { test } from "node:test";
import { MidStreamError } from "../../../core/errors/midstream-error.ts";
import type { ByteSink, Transport, UpstreamResponse } from "../../../core/plugin/contract.ts";
import { createModelList } from "./models.ts";

const never = new AbortController().signal;

/** An upstream that answers when the test says so. */
function rig(settings: { readonly cacheMs?: number; readonly timeoutMs?: number } = {}) {
  const clock = { ms: 0 };
  const logged: string[] = [];
  const signals: AbortSignal[] = [];
  const sinks: ByteSink[] = [];
  const cancelled: number[] = [];
  const { promise: reached, resolve: reach } = Promise.withResolvers<void>();
  const transport: Transport = {
    async connect(_request, { signal }) {
      const number = signals.push(signal) - 1;
      const response: UpstreamResponse = {
        status: 200,
        headers: new Map(),
        framing: "identity",
        contentLength: -1,
        read(sink) {
          sinks[number] = sink;
          reach();
        },
        pause() {},
        resume() {},
        release() {},
        cancel: () => cancelled.push(number),
      };
      return response;
    },
  };
  const list = createModelList({
    transport,
    request: { method: "GET", url: "http://up.test/v1/models", headers: [] },
    cacheMs: 60_000,
    now: () => clock.ms,
    log: (event, { code }) => logged.push(`${event} ${code}`),
    ...settings,
  });
  const answer = (number: number, ...ids: string[]) => {
    sinks[number]?.chunk(new TextEncoder().encode(JSON.stringify({ data: ids.map((id) => ({ id, owned_by: "v" })) })));
    sinks[number]?.end();
  };
  return { list, clock, logged, signals, sinks, cancelled, reached, answer };
}

test("fifty that ask at once are one request, also where nothing is remembered", async () => {
  const { list, signals, answer, reached } = rig({ cacheMs: 0 });
  const asked = Array.from({ length: 50 }, () => list(never));
  await reached;
  answer(0, "a", "b");
  const lists = await Promise.all(asked);
  assert.equal(signals.length, 1);
  for (const each of lists) assert.deepEqual(each, lists[0]);
  assert.deepEqual(
    lists[0]?.map(({ id }) => id),
    ["a", "b"],
  );
  void list(never);
  assert.equal(signals.length, 2);
});

test("one that leaves is let go at once, and the others still get the list", async () => {
  const { list, signals, answer, reached } = rig();
  const leaving = new AbortController();
  const [first, second] = [list(leaving.signal), list(never)];
  await reached;
  leaving.abort();
  await assert.rejects(first, { name: "AbortError" });
  assert.equal(signals[0]?.aborted, false);
  answer(0, "a");
  assert.equal((await second).length, 1);
});

test("a failure is remembered for five seconds, and logged once", async () => {
  const { list, clock, logged, signals, sinks, reached } = rig();
  const asked = [list(never), list(never)];
  await reached;
  sinks[0]?.fail(new MidStreamError("PROVIDER_CUT", "cut"));
  assert.deepEqual(await Promise.all(asked), [[], []]);
  clock.ms = 4_999;
  assert.deepEqual(await list(never), []);
  assert.deepEqual([signals.length, logged], [1, ["models-unavailable PROVIDER_CUT"]]);
  clock.ms = 5_000;
  void list(never);
  assert.equal(signals.length, 2);
});

test("a silent upstream is given up, and its connection closed", async () => {
  const { list, logged, signals, cancelled } = rig({ timeoutMs: 1 });
  assert.deepEqual(await list(never), []);
  assert.deepEqual([signals[0]?.aborted, cancelled, logged], [true, [0], ["models-unavailable PROVIDER_TIMEOUT"]]);
});
