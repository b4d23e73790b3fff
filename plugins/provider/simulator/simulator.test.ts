import assert from "node:assert/strict";
import { test } from "node:test";
import * as v from "valibot";
import { openaiChatDecoder } from "../../../core/dialects/openai-chat/index.ts";
import { isMidStreamError, type MidStreamError } from "../../../core/errors/midstream-error.ts";
import type { UpstreamResponse } from "../../../core/plugin/contract.ts";
import type { ModelRequest } from "../../../core/stream/model-request.ts";
import type { Part } from "../../../core/stream/part.ts";
import type { PlayClock } from "../../../core/stream/play.ts";
import { createRandom } from "./random.ts";
import { directives } from "./scenario.ts";
import { simulatorConfig } from "./schema.ts";
import { simulate } from "./simulate.ts";
import { serveSimulator } from "./testing.ts";

/** Time that passes when somebody waits for it. */
class FakeClock implements PlayClock {
  ms = 0;
  readonly waiting: { readonly atMs: number; readonly callback: () => void }[] = [];
  now(): number {
    return this.ms;
  }
  after(ms: number, callback: () => void): () => void {
    const entry = { atMs: this.ms + ms, callback };
    this.waiting.push(entry);
    return () => {
      const at = this.waiting.indexOf(entry);
      if (at >= 0) this.waiting.splice(at, 1);
    };
  }
  /** Lets the next waiter run, and time pass up to it. */
  step(): boolean {
    const next = this.waiting.sort((a, b) => a.atMs - b.atMs).shift();
    if (next === undefined) return false;
    this.ms = Math.max(this.ms, next.atMs);
    next.callback();
    return true;
  }
}

interface Got {
  readonly text: string;
  readonly chunks: number;
  readonly outcome: "end" | "open" | MidStreamError;
}

function readAll(response: UpstreamResponse, clock: FakeClock): Got {
  const decoder = new TextDecoder();
  let text = "";
  let chunks = 0;
  let outcome: Got["outcome"] = "open";
  response.read({
    chunk(bytes) {
      chunks += 1;
      text += decoder.decode(bytes, { stream: true });
    },
    end() {
      outcome = "end";
    },
    fail(error) {
      outcome = error;
    },
  });
  // A stall without an end is longer than any test waits.
  while (outcome === "open" && clock.ms < 3_600_000 && clock.step());
  return { text, chunks, outcome };
}

function requestFor(prompt: string, more: Record<string, unknown> = {}): ModelRequest {
  const body = { model: "simulator", stream: true, messages: [{ role: "user", content: prompt }], ...more };
  return {
    model: body.model,
    stream: body.stream,
    choiceCount: typeof more.n === "number" ? more.n : 1,
    wantsUsage: more.stream_options !== undefined,
    dialect: "openai-chat",
    body,
    headers: {},
  };
}

interface Run extends Got {
  readonly response: UpstreamResponse;
  readonly parts: readonly Part[];
  readonly clock: FakeClock;
}

async function run(
  prompt: string,
  more: { request?: Record<string, unknown>; config?: v.InferInput<typeof simulatorConfig>; framing?: "chunked" | "identity" } = {},
): Promise<Run> {
  const clock = new FakeClock();
  const request = requestFor(prompt, more.request);
  const response = await simulate(request, {
    config: v.parse(simulatorConfig, more.config ?? {}),
    clock,
    signal: new AbortController().signal,
    framing: more.framing ?? "identity",
  });
  const got = readAll(response, clock);
  const decoder = openaiChatDecoder(request.stream ? "stream" : "unary");
  const parts = [...decoder.push(new TextEncoder().encode(got.text)), ...decoder.end()];
  return { ...got, response, parts, clock };
}

const textOf = (parts: readonly Part[], type: Part["type"] = "text-delta", choice = 0): string =>
  parts.map((part) => (part.type === type && "delta" in part && part.choice === choice ? part.delta : "")).join("");

test("answers a plain prompt with an address, a number and a card to redact, the same on every run", async () => {
  const first = await run("Hello");
  assert.match(textOf(first.parts), /[a-z]+\.[a-z]+\d+@[a-z]+\.[a-z]+.*\+\d.*card (?:\d{4} ){3}\d{4}/);
  assert.equal(first.parts.at(-1)!.type, "response-end");
  assert.equal(first.outcome, "end");
  assert.equal((await run("Hello")).text, first.text);
  assert.notEqual((await run("Hello #seed:2")).text, first.text);
  assert.notEqual((await run("Other")).text, first.text);
});

test("says the same in a stream and in a whole answer, for every choice", async () => {
  for (const prompt of [
    "Hello",
    "#pii",
    "#secrets",
    "#reasoning",
    "#refusal",
    "#tools",
    "#function-call",
    "#unicode",
    "#content-parts #reasoning",
  ]) {
    const stream = await run(prompt, { request: { n: 2 } });
    const whole = await run(prompt, { request: { n: 2, stream: false } });
    for (const type of ["text-delta", "reasoning-delta", "refusal-delta", "tool-input-delta"] as const) {
      for (const choice of [0, 1]) assert.equal(textOf(stream.parts, type, choice), textOf(whole.parts, type, choice), `${prompt} ${type}`);
    }
    assert.equal(whole.parts.at(-1)!.type, "response-end");
  }
});

test("makes personal data with valid check digits", async () => {
  const text = textOf((await run("#pii")).parts);
  const number = /card ((?:\d{4} ?){4})/.exec(text)![1]!.replaceAll(" ", "");
  const luhn = [...number]
    .reverse()
    .reduce((sum, digit, at) => sum + (at % 2 ? (Number(digit) * 2 > 9 ? Number(digit) * 2 - 9 : Number(digit) * 2) : Number(digit)), 0);
  assert.equal(luhn % 10, 0);
  const iban = /IBAN (DE\d{20})/.exec(text)![1]!;
  assert.equal(BigInt(`${iban.slice(4)}1314${iban.slice(2, 4)}`) % 97n, 1n);
});

test("makes secrets in their vendors' formats, without any of them in its sources", async () => {
  const text = textOf((await run("#secrets")).parts);
  const formats = [
    /AK{1}IA[A-Z2-7]{16}/,
    /g{1}hp_\w{36}/,
    /sk{1}_live_\w{24}/,
    /AI{1}za[\w-]{35}/,
    /ey{1}J\w+\.ey{1}J\w+\.\w+/,
    /-{5}BEGIN [A-Z ]+-{5}/,
  ];
  for (const format of formats) assert.match(text, format);
});

test("understands directives in the model's name, the config and the message, and takes them out of the prompt", async () => {
  assert.match(textOf((await run("Hi", { request: { model: "simulator-pii-usage-finish" } })).parts), /IBAN/);
  assert.match(textOf((await run("Hi", { config: { directives: ["pii"] } })).parts), /IBAN/);
  assert.equal(textOf((await run("#echo Hello #cut-nothing you")).parts), "Hello  you");
});

test("keeps to the length that the client asks for", async () => {
  const { parts } = await run("#plain #tokens:500", { request: { max_tokens: 7 } });
  assert.equal(parts.filter((part) => part.type === "text-delta" && part.delta !== "").length, 7);
  assert.ok(parts.some((part) => part.type === "choice-end" && part.reason === "length"));
});

test("keeps the pace, with the wait before the first token", async () => {
  const { clock, chunks } = await run("#plain #tokens:11 #rate:10 #first:500", { config: { jitter: 0 } });
  assert.equal(Math.round(clock.ms), 500 + 10 * 100);
  assert.ok(chunks >= 11);
  assert.equal((await run("#plain #rate:0")).clock.ms, 0);
});

test("gives usage in each shape that vendors have, where it was asked for", async () => {
  const usageParts = async (prompt: string, asked = true) =>
    (await run(prompt, { request: asked ? { stream_options: { include_usage: true } } : {} })).parts.filter((part) => part.type === "usage")
      .length;
  assert.equal(await usageParts("Hi"), 1);
  assert.equal(await usageParts("Hi", false), 0);
  for (const shape of ["usage-finish", "usage-groq"]) assert.equal(await usageParts(`Hi #${shape}`), 1, shape);
  assert.ok((await usageParts("Hi #usage-every")) > 5);
  assert.equal(await usageParts("Hi #usage-none"), 0);
});

test("fails in every way that it is told to", async () => {
  const last = async (prompt: string) => {
    const { parts, outcome } = await run(prompt);
    const part = parts.at(-1)!;
    return [part.type === "error" ? part.code : part.type, isMidStreamError(outcome) ? outcome.code : outcome];
  };
  assert.deepEqual(await last("#cut"), ["PROVIDER_CUT", "PROVIDER_CUT"]);
  assert.deepEqual(await last("#cut-frame"), ["PROVIDER_CUT", "PROVIDER_CUT"]);
  assert.deepEqual(await last("#half-line"), ["PROVIDER_CUT", "end"]);
  assert.deepEqual(await last("#no-finish"), ["PROVIDER_CUT", "end"]);
  assert.deepEqual(await last("#empty"), ["PROVIDER_CUT", "end"]);
  assert.deepEqual(await last("#not-sse"), ["PROVIDER_CUT", "end"]);
  assert.deepEqual(await last("#error-event"), ["model_unavailable", "end"]);
  assert.deepEqual(await last("#error-late"), ["overloaded", "end"]);
  assert.deepEqual(await last("#stall"), ["PROVIDER_CUT", "open"]);
  for (const shape of [
    "no-done",
    "no-end",
    "double-done",
    "junk",
    "crlf",
    "cr",
    "bom",
    "comments",
    "events",
    "multi-data",
    "no-space",
    "split",
    "split:3",
    "whole",
    "empty-choices",
    "stall:1000",
  ]) {
    assert.deepEqual(await last(`#${shape}`), ["response-end", "end"], shape);
    assert.equal(textOf((await run(`x #${shape}`)).parts), textOf((await run("x")).parts), shape);
  }
  const { status, headers } = (await run("#error:429")).response;
  assert.deepEqual([status, headers.get("retry-after")], [429, "2"]);
  assert.match((await run("#error:503")).text, /"message":"The engine is overloaded"/);
  await assert.rejects(run("#refuse"), { code: "PROVIDER_UNREACHABLE" });
});

test("has no directive that breaks it, alone or with a whole answer", async () => {
  for (const directive of Object.keys(directives)) {
    if (directive === "hang" || directive === "refuse") continue;
    for (const stream of [true, false]) await run(`Hi #${directive}`, { request: { stream, n: 2 } });
  }
});

test("sends no head when told to hang, until the client leaves", async () => {
  const left = new AbortController();
  const hanging = simulate(requestFor("#hang"), {
    config: v.parse(simulatorConfig, {}),
    clock: new FakeClock(),
    signal: left.signal,
    framing: "identity",
  });
  left.abort();
  await assert.rejects(hanging, { name: "AbortError" });
});

test("stops between tokens when cancelled, aborted or paused, and goes on when resumed", async () => {
  const start = async (signal: AbortSignal) => {
    const clock = new FakeClock();
    const response = await simulate(requestFor("#plain #rate:10"), {
      config: v.parse(simulatorConfig, {}),
      clock,
      signal,
      framing: "identity",
    });
    const seen = { chunks: 0, failed: false };
    response.read({
      chunk() {
        seen.chunks += 1;
      },
      end() {},
      fail() {
        seen.failed = true;
      },
    });
    for (let step = 0; step < 3; step++) clock.step();
    assert.ok(seen.chunks > 0);
    return { clock, response, seen, before: seen.chunks };
  };
  const never = new AbortController().signal;
  const cancelled = await start(never);
  cancelled.response.cancel();
  assert.equal(cancelled.clock.step(), false);
  assert.equal(cancelled.seen.failed, false);

  const left = new AbortController();
  const aborted = await start(left.signal);
  left.abort();
  await Promise.resolve();
  assert.equal(aborted.seen.failed, true);
  assert.equal(aborted.clock.waiting.length, 0);

  const paused = await start(never);
  paused.response.pause();
  while (paused.clock.step());
  assert.equal(paused.seen.chunks, paused.before);
  paused.response.resume();
  while (paused.clock.step());
  assert.ok(paused.seen.chunks > paused.before);
});

test("frames raw bodies as chunks of the transfer coding", async () => {
  const { text, response } = await run("Hi #rate:0", { framing: "chunked" });
  assert.equal(response.framing, "chunked");
  assert.match(text, /^[0-9a-f]+\r\ndata: /);
  assert.ok(text.endsWith("\r\n0\r\n\r\n"));
});

test("draws the same numbers from a seed on every runtime, evenly", () => {
  const random = createRandom(1);
  assert.deepEqual(
    Array.from({ length: 4 }, () => random.below(1_000)),
    Array.from(
      { length: 4 },
      (
        (again) => () =>
          again.below(1_000)
      )(createRandom(1)),
    ),
  );
  const counts = new Array<number>(10).fill(0);
  for (let draw = 0; draw < 10_000; draw++) counts[random.below(10)]! += 1;
  assert.ok(
    counts.every((count) => count > 850 && count < 1_150),
    counts.join(),
  );
});

test("serves the same bytes over HTTP, and sees clients leave", async () => {
  await using server = await serveSimulator();
  const ask = (content: string, signal?: AbortSignal) =>
    fetch(`${server.url}/chat/completions`, {
      method: "POST",
      body: JSON.stringify({ model: "simulator", stream: true, messages: [{ role: "user", content }] }),
      ...(signal === undefined ? {} : { signal }),
    });
  assert.equal(await (await ask("Hello")).text(), (await run("Hello")).text);
  assert.equal((await ask("#error:429")).status, 429);
  await assert.rejects(async () => (await ask("#cut")).text());
  await assert.rejects(ask("#refuse"));
  assert.equal(server.cancelled, 0);
  const left = new AbortController();
  const stalled = await ask("#stall", left.signal);
  const reader = stalled.body!.getReader();
  await reader.read();
  left.abort();
  await assert.rejects(async () => {
    for (;;) await reader.read();
  });
  while (server.cancelled === 0) await new Promise((resolve) => setImmediate(resolve));
  assert.equal(server.requests.length, 5);
});
