import assert from "node:assert/strict";
import { test } from "node:test";
import * as v from "valibot";
import type { SinkEvent } from "../../../core/plugin/contract.ts";
import { testContext } from "../../../core/testing/plugin-context.ts";
import log, { createLog } from "./index.ts";
import { LineWriter } from "./line-writer.ts";

const context = testContext("sink/log/test");

type RequestEnd = Extract<SinkEvent, { readonly type: "request-end" }>;

const end = (more: Partial<RequestEnd> = {}): RequestEnd => ({
  type: "request-end",
  session: "session-1",
  pipeline: "default",
  model: "gpt-x",
  provider: "provider/up/a",
  stream: true,
  path: "wire",
  status: 200,
  outcome: "finished",
  findings: 3,
  rewrites: 2,
  maxHeldBytes: 11,
  durationMs: 1500.12345,
  firstByteMs: 120,
  gatewayMs: 0.2,
  ...more,
});

const finding = (rule: string, session = "session-1"): SinkEvent => ({
  type: "finding",
  session,
  pipeline: "default",
  finding: {
    analyser: "analyser/pii/all",
    rule,
    tag: "EMAIL",
    channel: "content",
    choice: 0,
    block: 0,
    range: { start: 0, end: 4 },
    from: 0,
    score: 1,
  },
});

const verdict = (outcome: "applied" | "too-late"): SinkEvent => ({
  type: "verdict",
  session: "session-1",
  pipeline: "default",
  verdict: { policy: "policy/redact/mask", action: "rewrite", analyser: "analyser/pii/all", rule: "email", outcome },
});

/** A stream that says how many writes it takes, a timer that is turned by hand. */
function harness({ flushMs = 0, maxPending = 100_000, takes = Number.POSITIVE_INFINITY } = {}) {
  const writes: string[] = [];
  const lost: unknown[] = [];
  const ends: ((error?: Error | null) => void)[] = [];
  let room = takes;
  let drain: (() => void) | undefined;
  let due: (() => void) | undefined;
  const writer = new LineWriter({
    stream: {
      write(text, done) {
        writes.push(text);
        ends.push(done);
        room -= 1;
        return room > 0;
      },
      once(_, listener) {
        drain = listener;
      },
    },
    flushMs,
    maxPending,
    later(_, callback) {
      due = callback;
      return () => {
        due = undefined;
      };
    },
    onLost: (error) => lost.push(error),
  });
  return {
    writes,
    lost,
    /** Fails the latest write. */
    fail: () => ends.at(-1)?.(new RangeError("gone")),
    writer,
    send: createLog(writer, () => "2026-01-02T03:04:05.000Z"),
    lines: () =>
      writes
        .join("")
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => JSON.parse(line)),
    drain: () => drain?.(),
    turn: () => due?.(),
    isDue: () => due !== undefined,
  };
}

test("a failed request's line says what failed, as one line of JSON and of bounded length", () => {
  const { send, lines } = harness();
  send(end({ outcome: "failed", status: 502, errorCode: "PROVIDER_UNREACHABLE", errorMessage: `Could not "connect"\n${"x".repeat(600)}` }));
  assert.equal(lines().length, 1);
  const { errorCode, error } = lines()[0] as { errorCode: string; error: string };
  assert.equal(errorCode, "PROVIDER_UNREACHABLE");
  assert.match(error, /^Could not "connect"\nx+$/);
  assert.equal(error.length, 512);
});

test("one line for each request, with its documented fields and nothing else", () => {
  const { send, lines } = harness();
  for (const event of [finding("email"), finding("email"), finding("iban"), verdict("applied"), verdict("too-late")]) send(event);
  send(end({ usage: { inputTokens: 1, outputTokens: 2, totalTokens: 3 } }));
  assert.deepEqual(lines(), [
    {
      time: "2026-01-02T03:04:05.000Z",
      level: "info",
      event: "request",
      session: "session-1",
      pipeline: "default",
      model: "gpt-x",
      provider: "provider/up/a",
      stream: true,
      path: "wire",
      status: 200,
      outcome: "finished",
      inputTokens: 1,
      outputTokens: 2,
      totalTokens: 3,
      findings: 3,
      rewrites: 2,
      rules: { "pii/email": 2, "pii/iban": 1 },
      verdicts: { "policy/redact/mask": { applied: 1, "too-late": 1 } },
      maxHeldBytes: 11,
      durationMs: 1500.123,
      firstByteMs: 120,
      gatewayMs: 0.2,
    },
  ]);
});

test("counts of one request do not reach another's line, nor a second line of its own", () => {
  const { send, lines } = harness();
  send(finding("email", "session-2"));
  send(end());
  send(end({ session: "session-2" }));
  send(end({ session: "session-2" }));
  assert.deepEqual(
    lines().map(({ rules }) => rules),
    [undefined, { "pii/email": 1 }, undefined],
  );
});

test("a failed request is an error, a rejected one a warning, a client that left neither", () => {
  const { send, lines } = harness();
  for (const outcome of ["failed", "rejected", "cancelled", "blocked"] as const) send(end({ outcome }));
  assert.deepEqual(
    lines().map(({ level }) => level),
    ["error", "warning", "info", "info"],
  );
});

test("a provider that was passed over is a line of its own, which says why", () => {
  const { send, lines } = harness();
  const failure = { session: "session-1", pipeline: "default", provider: "provider/up/a", code: "PROVIDER_STATUS" };
  send({ type: "provider-failure", ...failure, message: "status 503" });
  assert.deepEqual(lines(), [
    { time: "2026-01-02T03:04:05.000Z", level: "warning", event: "provider-failure", ...failure, error: "status 503" },
  ]);
});

test("a plugin's failure is a line of its own", () => {
  const { send, lines } = harness();
  send({ type: "plugin-failure", plugin: "analyser/own/x", code: "PLUGIN_FAILED", session: "session-1" });
  assert.deepEqual(lines(), [
    {
      time: "2026-01-02T03:04:05.000Z",
      level: "error",
      event: "plugin-failure",
      session: "session-1",
      plugin: "analyser/own/x",
      code: "PLUGIN_FAILED",
    },
  ]);
});

test("a model's name cannot begin a line of its own or fill the log", () => {
  const { send, writes, lines } = harness();
  send(end({ model: `x\n{"level":"error"}\u2028${"y".repeat(10_000)}` }));
  assert.equal(writes.join("").split("\n").length, 2);
  assert.equal(lines()[0].model.length, 128);
});

test("names in a line are bounded, and names that objects own are names", () => {
  const { send, lines } = harness();
  send(finding("constructor"));
  for (let rule = 0; rule < 200; rule++) send(finding(`rule-${rule}`));
  send(end());
  const { rules } = lines()[0];
  assert.equal(rules["pii/constructor"], 1);
  assert.equal(Object.keys(rules).length, 65);
  assert.equal(
    Object.values<number>(rules).reduce((sum, count) => sum + count, 0),
    201,
  );
});

test("lines of one interval leave with one write", () => {
  const { send, writes, turn, isDue } = harness({ flushMs: 50 });
  send(end());
  send(end());
  assert.equal(writes.length, 0);
  turn();
  assert.equal(writes.length, 1);
  assert.equal(isDue(), false);
});

test("flushing writes what waits and calls the timer off", () => {
  const { send, writes, writer, isDue } = harness({ flushMs: 50 });
  send(end());
  writer.flush();
  assert.equal(writes.length, 1);
  assert.equal(isDue(), false);
});

test("a reader that does not read costs bounded memory, and is told what it missed", () => {
  const { send, lines, drain, writes } = harness({ takes: 1, maxPending: 1_000 });
  for (let request = 0; request < 50; request++) send(end());
  assert.equal(writes.length, 1);
  drain();
  assert.ok((writes[1]?.length ?? 0) <= 1_001);
  const written = lines().length;
  send(end());
  drain();
  const told = lines().find(({ event }) => event === "log-dropped");
  assert.equal(told?.lines, 50 - written);
});

test("a write that fails is told once; its lines and all later ones are counted and not kept", () => {
  for (const takes of [1, Number.POSITIVE_INFINITY]) {
    const { send, writes, writer, fail, lost, drain, isDue, turn } = harness({ flushMs: 50, takes });
    send(end());
    send(end());
    turn();
    send(end());
    fail();
    assert.equal(isDue(), false);
    send(end());
    drain();
    writer.flush();
    assert.equal(writes.length, 1);
    assert.equal(lost.length, 1);
    assert.equal(writer.takeDropped(), 4);
  }
});

test("a write that throws, or fails before it returns, is a write that fails", () => {
  for (const isThrown of [true, false]) {
    const lost: unknown[] = [];
    const writer = new LineWriter({
      stream: {
        write(_, done) {
          if (isThrown) throw new RangeError("gone");
          done(new RangeError("gone"));
          return false;
        },
        once: () => assert.fail("nothing will drain"),
      },
      flushMs: 0,
      maxPending: 1_000,
      later: () => () => {},
      onLost: (error) => lost.push(error),
    });
    for (let line = 0; line < 3; line++) writer.line("x");
    assert.equal(lost.length, 1);
    assert.equal(writer.takeDropped(), 3);
  }
});

test("set-ups add one listener to a stream of the process, however many there are", async () => {
  const before = process.stderr.listenerCount("error");
  for (let round = 0; round < 20; round++) {
    const sink = await log.setup(v.parse(log.config, { to: "stderr" }), context);
    await sink[Symbol.asyncDispose]();
  }
  assert.ok(process.stderr.listenerCount("error") <= before + 1);
});

test("the plugin sets up with its defaults and disposes twice", async () => {
  const sink = await log.setup(v.parse(log.config, {}), context);
  await sink[Symbol.asyncDispose]();
  await sink[Symbol.asyncDispose]();
  assert.equal(sink.exposition, undefined);
});

for (const wrong of [{ to: "file" }, { flushMs: -1 }, { maxPending: 10 }, { level: "debug" }]) {
  test(`refuses ${JSON.stringify(wrong)}`, () => assert.equal(v.safeParse(log.config, wrong).success, false));
}
