import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import * as v from "valibot";
import { isMidStreamError } from "../../../core/errors/midstream-error.ts";
import type { NativeCore } from "../../../core/native/native-core.ts";
import type { Analyser, AnalyserSession } from "../../../core/plugin/contract.ts";
import { emptyConversation, type Message } from "../../../core/stream/conversation.ts";
import { block, type FakeRun, fakePlan, planPolicy, redact, runParts, wordAnalyser } from "../../../core/testing/fake-plan.ts";
import { lineRequest } from "../../../core/testing/lines-dialect.ts";
import { testContext } from "../../../core/testing/plugin-context.ts";
import { testSession } from "../../../core/testing/session.ts";
import { loadNative } from "../../../native/bindings/load.ts";
import rules from "./index.ts";

const native = loadNative();
const done = ["e0", "."];
const words = wordAnalyser({ NAME: ["alice", "bob"], SOURCE: ["[1]"] });

/** A clock that a test moves. */
const clock = { ms: 0 };

async function setUp(config: unknown, core: NativeCore = native): Promise<Analyser & AsyncDisposable & { readonly warnings: string[] }> {
  const warnings: string[] = [];
  const context = testContext("analyser/rules/test", {
    native: core,
    now: () => clock.ms,
    log: (_event, fields) => warnings.push(String(fields?.warning)),
  });
  return Object.assign(await rules.setup(v.parse(rules.config, config), context), { warnings });
}

function begin(analyser: Analyser, id: string, messages: readonly Message[] = []): AnalyserSession & Disposable {
  const request = lineRequest({ headers: { "x-session-id": id } });
  const session = analyser.begin?.(testSession({ request, conversation: { ...emptyConversation, messages } }));
  assert.ok(session?.[Symbol.dispose] !== undefined);
  return session as AnalyserSession & Disposable;
}

const capabilities = { ...rules.capabilities, reads: [...rules.capabilities.reads] };

/** Runs lines through words, a redaction of names, and rules; returns what the rules said, and what left. */
async function run(written: unknown, lines: readonly string[], more: FakeRun = {}) {
  await using analyser = await setUp({ rules: written });
  const plan = fakePlan({
    analysers: { "analyser/words/w": words, "analyser/rules/r": analyser },
    policies: { "policy/redact/r": planPolicy([redact("name")]), "policy/block/b": planPolicy([block("rules/*", "against the rules")]) },
    capabilities: { reads: capabilities.reads },
  });
  const { out, records } = runParts(plan, lines, more);
  const broken = records.flatMap(({ finding }) => (finding?.analyser === "analyser/rules/r" ? [finding] : []));
  return { out, broken: broken.map(({ rule, range }) => `${rule}@${range.start}`), findings: broken };
}

test("a rule over findings ends the answer where it breaks, before the text that breaks it", async () => {
  const { out, broken } = await run({ "name-before-source": "!(words/name) W words/source" }, ["t0 by alice [1]", ...done]);
  assert.deepEqual(broken, ["name-before-source@3"]);
  assert.deepEqual(out, ["t0 by ", "b0 against the rules", "."]);
  const kept = await run({ "name-before-source": "!(words/name) W words/source" }, ["t0 [1] by alice", ...done]);
  assert.deepEqual([kept.broken, kept.out], [[], ["t0 [1] by [NAME]", ...done]]);
});

test("what a policy has redacted can be told from what it has not", async () => {
  const open = { "nothing-open": "G !(finding & !redacted)" };
  assert.deepEqual((await run(open, ["t0 alice", ...done])).broken, []);
  assert.deepEqual((await run(open, ["t0 alice [1]", ...done])).broken, ["nothing-open@6"]);
});

test("every chunking of an answer breaks the same rules at the same places", async () => {
  const written = { twice: "G(name -> X G !name)", long: "G(answer.bytes <= 12)", first: "!(tool-call) W answer" };
  const lines = ["t0 alice an", "t0 d bob, and more", 'k0 {"a":1}', ...done];
  const once = await run(written, lines);
  assert.deepEqual(once.broken, ["twice@10"]);
  for (const chunk of [1, 3, 8]) assert.deepEqual(await run(written, lines, { chunk }), once, `chunk ${chunk}`);
});

test("a size is passed at its very byte, wherever the text is cut", async () => {
  const text = "x".repeat(40);
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 39 }), { maxLength: 5 }), async (cuts) => {
      const places = [...new Set([0, ...cuts, 40])].sort((a, b) => a - b);
      const lines = places.slice(1).map((end, index) => `t0 ${text.slice(places[index], end)}`);
      assert.deepEqual((await run({ long: "G(answer.bytes < 25)" }, [...lines, ...done])).broken, ["long@24"]);
    }),
    { numRuns: 25 },
  );
});

test("a bound on time breaks while nothing comes, and the answer is ended there", async () => {
  clock.ms = 0;
  const written = { prompt: "G(request -> F[0,900ms] end)" };
  await using analyser = await setUp({ rules: written });
  const plan = fakePlan({
    analysers: { "analyser/rules/r": analyser },
    policies: { "policy/block/b": planPolicy([block("prompt", "too slow")]) },
    capabilities: { reads: capabilities.reads },
  });
  const late: Analyser = {
    begin: () => ({
      push: () => [],
      tick: () => {
        clock.ms = 1000;
        return [];
      },
    }),
  };
  const slow = fakePlan({
    analysers: { "analyser/late/l": late, "analyser/rules/r": analyser },
    policies: { "policy/block/b": planPolicy([block("prompt", "too slow")]) },
    capabilities: { reads: capabilities.reads },
  });
  const lines = ["t0 one", "t0 two", ...done];
  assert.deepEqual(runParts(plan, lines, { chunk: 7, tickAt: 7 }).out, lines);
  assert.deepEqual(runParts(slow, lines, { chunk: 7, tickAt: 7 }).out, ["t0 one", "b0 too slow", "."]);
  clock.ms = 0;
});

test("the end of the answer decides what was open, unless the rule says otherwise", async () => {
  const { broken, findings } = await run({ cites: "F words/source" }, ["t0 nothing", ...done]);
  assert.deepEqual(broken, ["cites@7"]);
  const { certificate, ...data } = findings[0]?.data ?? {};
  assert.deepEqual(data, { formula: "F words/source", positions: 3, elapsedMs: 0, atEnd: true });
  assert.equal((certificate as { readonly verdict: boolean }).verdict, false);
});

test("the request's messages are positions before the answer", async () => {
  const call = { id: "c1", name: "search", arguments: "{}" };
  const asked: readonly Message[] = [
    { role: "user", text: "find it", toolCalls: [] },
    { role: "assistant", text: "", toolCalls: [call] },
  ];
  const session = (messages: readonly Message[]) => ({ session: { conversation: { ...emptyConversation, messages } } });
  const written = { answered: "G(tool-call:search -> (!answer U tool-result:search))" };
  assert.deepEqual((await run(written, ["t0 well", ...done], session(asked))).broken, ["answered@0"]);
  const result: Message = { role: "tool", text: "42", toolCalls: [], toolCallId: "c1" };
  assert.deepEqual((await run(written, ["t0 well", ...done], session([...asked, result]))).broken, []);
});

test("choices are traces of their own", async () => {
  const { broken } = await run({ once: "G(name -> X G !name)" }, ["t0 alice", "t1 bob", "e0", "e1", "."], { choiceCount: 2 });
  assert.deepEqual(broken, []);
});

test("a session goes on from turn to turn, with its time", async () => {
  clock.ms = 0;
  await using analyser = await setUp({ rules: { reply: "G(tool-call -> F[0,30s] tool-result)" }, scope: "session" });
  const turn = (id: string, messages: readonly Message[]) => begin(analyser, id, messages);
  const user: Message = { role: "user", text: "go", toolCalls: [] };
  const own: Message = { role: "assistant", text: "", toolCalls: [{ id: "c1", name: "f", arguments: "{}" }] };
  const result: Message = { role: "tool", text: "1", toolCalls: [], toolCallId: "c1" };
  const usage = { type: "usage", usage: { inputTokens: 1, outputTokens: 1, totalTokens: 2 } } as const;
  for (const id of ["quick", "slow"]) {
    const first = turn(id, [user]);
    first.push({ type: "tool-input-start", choice: 0, block: 3, toolCallId: "c1", toolName: "f" });
    first[Symbol.dispose]?.();
  }
  clock.ms = 10_000;
  assert.deepEqual(turn("quick", [user, own, result]).push(usage), []);
  clock.ms = 31_000;
  assert.deepEqual(
    turn("slow", [user, own, result])
      .push(usage)
      .map(({ rule }) => rule),
    ["reply"],
  );
  assert.deepEqual(turn("quick", [user, own, result, { role: "assistant", text: "so", toolCalls: [] }, user]).push(usage), []);
  clock.ms = 0;
});

function bound(of: object, name: string | symbol): unknown {
  const value: unknown = Reflect.get(of, name);
  return typeof value === "function" ? value.bind(of) : value;
}

/** The native core, counting the banks of monitors that have been opened and not closed. */
function countingBanks() {
  const banks = { open: 0 };
  const counting: NativeCore = {
    ...native,
    compileRules(sources) {
      const set = native.compileRules(sources);
      const open = () => {
        const bank = set.open();
        banks.open += 1;
        const close = () => {
          banks.open -= 1;
          bank[Symbol.dispose]();
        };
        return new Proxy(bank, { get: (_, name) => (name === Symbol.dispose ? close : bound(bank, name)) });
      };
      return new Proxy(set, { get: (_, name) => (name === "open" ? open : bound(set, name)) });
    },
  };
  return { banks, counting };
}

test("sessions are bounded in number and age", async () => {
  clock.ms = 0;
  const { banks, counting } = countingBanks();
  const settings = { rules: { any: "G !blocked" }, scope: "session", maxSessions: 2, sessionTtlMs: 1000 };
  await using analyser = await setUp(settings, counting);
  for (let id = 0; id < 100; id += 1) {
    using _ = begin(analyser, `${id}`);
    assert.ok(banks.open <= 3, String(banks.open));
  }
  assert.equal(banks.open, 2);
  clock.ms = 1000;
  begin(analyser, "late")[Symbol.dispose]();
  assert.equal(banks.open, 1);
  await analyser[Symbol.asyncDispose]();
  assert.equal(banks.open, 0);
});

test("an answer keeps its session's rules, however many other sessions come and however long it takes", async () => {
  clock.ms = 0;
  const { banks, counting } = countingBanks();
  const settings = { rules: { once: "G(tool-call -> X G !tool-call)" }, scope: "session", maxSessions: 2, sessionTtlMs: 1000 };
  await using analyser = await setUp(settings, counting);
  const call = { type: "tool-input-start", choice: 0, block: 3, toolCallId: "c", toolName: "f" } as const;
  {
    using first = begin(analyser, "a");
    using second = begin(analyser, "a");
    assert.deepEqual(first.push(call), []);
    for (let id = 0; id < 20; id += 1) {
      clock.ms += 300;
      begin(analyser, `x${id}`)[Symbol.dispose]();
    }
    assert.deepEqual(
      [...first.push(call), ...second.push(call)].map(({ rule }) => rule),
      ["once"],
    );
  }
  begin(analyser, "a")[Symbol.dispose]();
  assert.equal(banks.open, 2);
});

test("a session whose request cannot be read is not kept open for ever", async () => {
  const { banks, counting } = countingBanks();
  const settings = { rules: { any: "G !blocked" }, scope: "session", maxSessions: 1 };
  await using analyser = await setUp(settings, counting);
  const messages = new Proxy<Message[]>([], {
    get() {
      throw new TypeError("no messages");
    },
  });
  for (let id = 0; id < 10; id += 1) assert.throws(() => begin(analyser, `${id}`, messages), TypeError);
  assert.equal(banks.open, 1);
});

test("a session makes no room for itself, and leaves by age", async () => {
  clock.ms = 0;
  const settings = { rules: { once: "G !(request & Y O request)" }, scope: "session", maxSessions: 1, sessionTtlMs: 1000 };
  await using analyser = await setUp(settings);
  const isBroken = (id: string) => {
    using session = begin(analyser, id);
    return session.push({ type: "choice-end", choice: 0, reason: "stop" }).length > 0;
  };
  assert.deepEqual([isBroken("a"), isBroken("a"), isBroken("b"), isBroken("a")], [false, true, false, false]);
  clock.ms = 1000;
  assert.deepEqual([isBroken("a"), isBroken("a")], [false, true]);
});

test("a rule that is none, and a signal that nobody sets, are config errors with the place", async () => {
  for (const [formula, message] of [
    ["G(", /rule "bad" at byte 2/],
    ["answer.length > 5", /no signal is called "answer.length"/],
  ] as const) {
    await assert.rejects(setUp({ rules: { bad: formula } }), (error) => isMidStreamError(error) && message.test(error.message));
  }
  assert.equal(v.safeParse(rules.config, { rules: {} }).success, false);
  assert.equal(v.safeParse(rules.config, { rules: { "Not Kebab": "G p" } }).success, false);
});

test("rules that cannot go together are logged with a trace that shows it", async () => {
  await using analyser = await setUp({ rules: { yes: "G(answer -> tool-call)", no: "G(answer -> !tool-call)" } });
  assert.match(analyser.warnings.join(), /"yes" and "no" only hold together where the condition of "yes" never occurs, as on: /);
});

test("a rule that no stream can decide is logged with the form that would", async () => {
  await using analyser = await setUp({ rules: { responds: "G(tool-call -> F tool-result)" } });
  assert.match(analyser.warnings[0] ?? "", /F\[0,30s\]/);
});
