import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import * as v from "valibot";
import { isMidStreamError } from "../../../core/errors/midstream-error.ts";
import type { AnalyserFinding, AnalyserSession } from "../../../core/plugin/contract.ts";
import { emptyConversation, type Message } from "../../../core/stream/conversation.ts";
import { block, type FakeRun, fakePlan, planPolicy, redact, runParts, wordAnalyser } from "../../../core/testing/fake-plan.ts";
import { testContext } from "../../../core/testing/plugin-context.ts";
import { testSession } from "../../../core/testing/session.ts";
import { loadNative } from "../../../native/bindings/load.ts";
import pattern from "./index.ts";

const native = loadNative();
const done = ["e0", "."];
const clock = { ms: 0 };
const context = testContext("analyser/pattern/test", { native, now: () => clock.ms });
const setUp = (patterns: unknown, more: object = {}) => pattern.setup(v.parse(pattern.config, { patterns, ...more }), context);

/** Runs lines through words and patterns; returns what the patterns said, and what left. */
async function run(patterns: unknown, lines: readonly string[], more: FakeRun & { readonly settings?: object } = {}) {
  await using analyser = await setUp(patterns, more.settings);
  const plan = fakePlan({
    analysers: { "analyser/words/w": wordAnalyser({ NAME: ["alice", "bob"] }), "analyser/pattern/p": analyser },
    policies: { "policy/redact/r": planPolicy([redact("name")]), "policy/block/b": planPolicy([block("pattern/stop-*", "stopped")]) },
    capabilities: { reads: pattern.capabilities.reads },
  });
  const { out, records } = runParts(plan, lines, more);
  const found = records.flatMap(({ finding }) => (finding?.analyser === "analyser/pattern/p" ? [finding] : []));
  return { out, found: found.map(({ rule, range, score }) => `${rule}@${range.start}-${range.end} ${score.toFixed(2)}`), findings: found };
}

test("a phrase with errors in it is found where it stands, with how near it is", async () => {
  const refund = { "asks-for-refund": { phrases: ["give me my money back", "chargeback"], maxEdits: 3 } };
  const { found, findings } = await run(refund, ["t0 Please give me ", "t0 my monney bakc now.", ...done]);
  assert.deepEqual(found, ["asks-for-refund@7-29 0.86"]);
  assert.deepEqual(findings[0]?.data, { kind: "phrase", edits: 3 });
  assert.deepEqual((await run(refund, ["t0 Give me the money", ...done])).found, []);
});

test("a phrase ends the answer after its last byte", async () => {
  const { out } = await run({ "stop-here": { phrases: ["open sesame"] } }, ["t0 say Open  Sesame", "t0 , and more", ...done]);
  assert.ok(out.join("").includes("stopped"), out.join("|"));
  assert.ok(!out.join("").includes("and more"));
});

test("every chunking gives the same phrases, sentences and events", async () => {
  const patterns = {
    words: { phrases: ["the red door"], maxEdits: 2 },
    rhythm: { signal: "sentence-words", shape: [2, 4, 2, 4], minConfidence: 0.9 },
    order: { events: ["answer", "name", "end:stop"] },
  };
  const text = "Go now. The red dor opened. Ask alice. He has ré keys. Go on. Yes";
  const lines = [`t0 ${text}`, 'k0 {"a":1}', ...done];
  const once = await run(patterns, lines);
  assert.deepEqual(once.findings.map(({ rule }) => rule).sort(), ["order", "rhythm", "words"]);
  for (const chunk of [1, 3, 8])
    assert.deepEqual((await run(patterns, lines, { chunk })).found.sort(), once.found.toSorted(), `chunk ${chunk}`);
});

const say = (role: Message["role"], more: Partial<Message> = {}): Message => ({ role, text: role, toolCalls: [], ...more });
const call = (name: string, id: string) => say("assistant", { toolCalls: [{ id, name, arguments: "{}" }] });

test("events of earlier turns count, and the answer's own event completes the template", async () => {
  const order = { retries: { events: ["tool-call:search", "tool-result:search", "tool-call:search", "tool-result", "answer"] } };
  const messages = [
    say("user"),
    call("search", "1"),
    say("tool", { toolCallId: "1" }),
    call("search", "2"),
    say("tool", { toolCallId: "2" }),
  ];
  const session = { conversation: { ...emptyConversation, messages } };
  const { findings } = await run(order, ["t0 no luck", ...done], { session });
  assert.deepEqual(
    findings.map(({ rule, score, data }) => ({ rule, score, data })),
    [{ rule: "retries", score: 1, data: { kind: "events", matched: 5, of: 5, events: 7 } }],
  );
  assert.deepEqual((await run(order, ["t0 no luck", ...done], { session, settings: { conversation: false } })).found, []);
});

test("a template is found with a part of it missing, with the share that came as its score", async () => {
  const order = (minConfidence: number) => ({ order: { events: ["user", "name", "refusal", "end"], minConfidence } });
  const session = { conversation: { ...emptyConversation, messages: [say("user")] } };
  const lines = ["t0 by alice", ...done];
  assert.deepEqual((await run(order(0.75), lines, { session })).found, ["order@8-8 0.75"]);
  assert.deepEqual((await run(order(0.8), lines, { session })).found, []);
});

test("a template that came is told once, and again when it comes again", async () => {
  const order = { pair: { events: ["name", "name"] } };
  assert.equal((await run(order, ["t0 alice bob alice", ...done])).found.length, 1);
  assert.equal((await run(order, ["t0 alice bob alice bob", ...done])).found.length, 2);
  assert.equal((await run({ pair: { events: ["name", "name"], within: 2 } }, ["t0 alice", "r0 hm", "t0  bob", ...done])).found.length, 0);
});

/** Drives a session's gaps by the test's clock. */
async function gaps(shape: number[], seconds: readonly number[]): Promise<readonly AnalyserFinding[]> {
  await using analyser = await setUp({ rhythm: { signal: "gap", shape } });
  clock.ms = 0;
  const session = analyser.begin?.(testSession()) as AnalyserSession;
  const found: AnalyserFinding[] = [];
  for (const gap of seconds) {
    clock.ms += gap * 1000;
    found.push(...session.push({ type: "text-delta", choice: 0, block: 0, delta: "x" }));
  }
  found.push(...session.push({ type: "choice-end", choice: 0, reason: "stop" }));
  session[Symbol.dispose]?.();
  return found;
}

test("a shape of gaps is found in its rhythm and in a slower one", async () => {
  const shape = [0.1, 2, 0.1, 2];
  const [fast] = await gaps(shape, [0.5, 0.5, 0.1, 2, 0.1, 2, 0.5]);
  assert.deepEqual([fast?.rule, fast?.score, fast?.data], ["rhythm", 1, { kind: "signal", signal: "gap", samples: 4 }]);
  const [slow] = await gaps(shape, [0.1, 0.1, 2, 2, 0.1, 0.1, 2.1]);
  assert.ok((slow?.score ?? 0) > 0.9);
  assert.deepEqual(await gaps(shape, [0.5, 0.5, 0.5, 0.5, 0.5, 0.5]), []);
});

test("scores of findings are a signal, by type, rule or both", async () => {
  for (const [signal, count] of Object.entries({ "words.score": 1, "name.score": 1, "words/name.score": 1, "other.score": 0 })) {
    await using analyser = await setUp({ rising: { signal, shape: [0.2, 0.5, 0.9] } });
    using session = analyser.begin?.(testSession()) as AnalyserSession & Disposable;
    const place = { tag: "NAME", channel: "content", choice: 0, block: 0, range: { start: 0, end: 5 }, from: 5 } as const;
    const scores = [0.9, 0.2, 0.3, 0.5, 0.9, 0.1];
    const found = scores.flatMap((score) => session.settled?.({ analyser: "analyser/words/w", rule: "name", score, ...place }, []) ?? []);
    assert.equal(found.length, count, signal);
  }
});

test("messages of the request are searched where the config says so", async () => {
  const asks = { asks: { phrases: ["ignore all rules"], maxEdits: 2 } };
  const session = testSession({ conversation: { ...emptyConversation, messages: [say("user", { text: "Now ignore al rules!" })] } });
  await using analyser = await setUp(asks, { requestRoles: ["user"] });
  const [found] = (await analyser.request?.(session)) ?? [];
  assert.deepEqual(
    [found?.rule, found?.message, found?.range, found?.data],
    ["asks", 0, { start: 4, end: 19 }, { kind: "phrase", edits: 1 }],
  );
  await using silent = await setUp(asks);
  assert.equal(silent.request, undefined);
});

test("a phrase with too many edits is refused by its name", async () => {
  await assert.rejects(
    async () => setUp({ ok: { phrases: ["long enough"] }, bad: { phrases: ["abcde"], maxEdits: 2 } }),
    (error) => isMidStreamError(error) && error.code === "CONFIG_INVALID" && error.message.includes("patterns.bad"),
  );
});

for (const wrong of [
  {},
  { Bad: { phrases: ["long enough"] } },
  { a: { phrases: [] } },
  { a: { phrases: ["abc"] } },
  { a: { events: ["user"] } },
  { a: { events: ["user", "No Event"] } },
  { a: { signal: "mood", shape: [1, 2] } },
  { a: { signal: "gap", shape: [1] } },
  { a: { signal: "gap", shape: [1, 2], minConfidence: 0 } },
  { a: { phrases: ["long enough"], events: ["user", "end"] } },
]) {
  test(`refuses ${JSON.stringify(wrong)}`, () => assert.equal(v.safeParse(pattern.config, { patterns: wrong }).success, false));
}

test("every field has a description", () => {
  for (const field of Object.values(pattern.config.entries)) assert.ok(v.getDescription(field));
});

test("an answer without any of the patterns has no finding, whatever is said", async () => {
  const patterns = {
    p: { phrases: ["zzzzzzzz"], maxEdits: 1 },
    s: { signal: "sentence-words", shape: [900, 1] },
    e: { events: ["refusal", "refusal"] },
  };
  await fc.assert(
    fc.asyncProperty(fc.array(fc.stringMatching(/^[a-y .!é]{1,12}$/), { maxLength: 6 }), async (deltas) => {
      assert.deepEqual((await run(patterns, [...deltas.map((delta) => `t0 ${delta}`), ...done])).found, []);
    }),
    { numRuns: 20 },
  );
});
