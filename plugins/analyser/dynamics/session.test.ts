/** The plugin over the turns of a session: what it reads, what it keeps, what it holds. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import * as v from "valibot";
import type { AnalyserFinding, AnalyserSession } from "../../../core/plugin/contract.ts";
import { emptyConversation, type Message } from "../../../core/stream/conversation.ts";
import type { Part } from "../../../core/stream/part.ts";
import { lineRequest } from "../../../core/testing/lines-dialect.ts";
import { testContext } from "../../../core/testing/plugin-context.ts";
import { testSession } from "../../../core/testing/session.ts";
import { loadNative } from "../../../native/bindings/load.ts";
import dynamics from "./index.ts";

const native = await loadNative();
const clock = { ms: 0 };

const setUp = (settings: object = {}) =>
  dynamics.setup(
    v.parse(dynamics.config, { scope: "session", ...settings }),
    testContext("analyser/dynamics/test", { native, now: () => clock.ms }),
  );

type Analyser = Awaited<ReturnType<typeof setUp>>;
interface Asked {
  readonly id?: string;
  readonly messages?: readonly Message[];
}

const begin = (analyser: Analyser, { id, messages = [] }: Asked) => {
  const request = lineRequest({ headers: id === undefined ? {} : { "x-session-id": id } });
  return analyser.begin?.(testSession({ request, conversation: { ...emptyConversation, messages } })) as AnalyserSession & Disposable;
};

/** A text in pieces of so many characters. */
function piecesOf(text: string, size: number): string[] {
  const characters = [...text];
  return Array.from({ length: Math.ceil(characters.length / size) }, (_, at) => characters.slice(at * size, (at + 1) * size).join(""));
}

/** Parts of an answer that calls a tool. */
const calling = (input: string, { name = "search", choice = 0, size = 1000 } = {}): Part[] => [
  { type: "tool-input-start", choice, block: 3, toolCallId: "c", toolName: name },
  ...piecesOf(input, size).map((delta): Part => ({ type: "tool-input-delta", choice, block: 3, delta })),
  { type: "tool-input-end", choice, block: 3 },
  { type: "choice-end", choice, reason: "tool-calls" },
];

const saying = (text: string, size = 1000): Part[] => [
  ...piecesOf(text, size).map((delta): Part => ({ type: "text-delta", choice: 0, block: 0, delta })),
  { type: "text-end", choice: 0, block: 0 },
  { type: "choice-end", choice: 0, reason: "stop" },
];

function answer(analyser: Analyser, parts: readonly Part[], asked: Asked): readonly AnalyserFinding[] {
  using session = begin(analyser, asked);
  return parts.flatMap((part) => session.push(part));
}

const rules = (found: readonly AnalyserFinding[]) => found.map(({ rule }) => rule).join();
const assistant = (text: string, toolCalls: Message["toolCalls"] = []): Message => ({ role: "assistant", text, toolCalls });
const user: Message = { role: "user", text: "Go on.", toolCalls: [] };

test("a session that a header names is followed over its requests, and others are not mixed in", async () => {
  await using analyser = await setUp();
  const told = Array.from({ length: 5 }, (_, turn) => {
    assert.equal(rules(answer(analyser, calling('{"q":1}', { name: "other" }), { id: `x${turn}` })), "");
    return rules(answer(analyser, calling('{"q":1}'), { id: "a" }));
  });
  assert.deepEqual(told, ["", "", "", "turn-loop", "turn-loop"]);
});

test("a finding stands on the arguments of the call that made it certain", async () => {
  await using analyser = await setUp();
  for (let turn = 0; turn < 3; turn += 1) answer(analyser, calling('{"q":"\u00e9"}'), { id: "a" });
  const data = { period: 1, copies: 4, turns: 4, of: "tool-calls" };
  assert.deepEqual(answer(analyser, calling('{"q":"\u00e9"}'), { id: "a" }), [
    { rule: "turn-loop", tag: "DYNAMICS", channel: "tool-input", choice: 0, block: 3, range: { start: 0, end: 10 }, score: 1, data },
  ]);
});

test("a request without the header is a session of its own, read from its messages", async () => {
  await using analyser = await setUp();
  const call = (id: string) => [assistant("", [{ id, name: "search", arguments: '{ "q": 1 }' }]), user];
  const before = [user, ...call("a"), ...call("b"), ...call("c")];
  assert.equal(rules(answer(analyser, calling('{"q":1}'), { messages: before })), "turn-loop");
  assert.equal(rules(answer(analyser, calling('{"q":1}'), { messages: before.slice(2) })), "");
  assert.equal(rules(answer(analyser, calling('{"q":1}'), {})), "");
  const said = "I have looked at the pump, and the pump does not answer, so I look at it again.";
  const repeated = [user, assistant(said), user, assistant(said), user, assistant(said), user];
  const [found] = answer(analyser, saying(said), { messages: repeated });
  assert.deepEqual([found?.rule, found?.range.start === found?.range.end, found?.data?.of], ["turn-loop", true, "answer"]);
});

test("a session that is not known any more is read from its messages", async () => {
  await using analyser = await setUp();
  const messages = [user, ...Array.from({ length: 3 }, (_, at) => assistant("", [{ id: `${at}`, name: "search", arguments: "{}" }]))];
  assert.equal(rules(answer(analyser, calling("{}"), { id: "a", messages })), "turn-loop");
});

test("sessions leave by count and by age, the least recently used first", async () => {
  clock.ms = 0;
  await using analyser = await setUp({ maxSessions: 2, sessionTtlMs: 1000 });
  const turn = (id: string) => rules(answer(analyser, calling("{}"), { id }));
  for (const id of ["a", "b", "a", "b", "a", "c"]) turn(id);
  assert.deepEqual([turn("a"), turn("b")], ["turn-loop", ""]);
  clock.ms = 999;
  turn("a");
  clock.ms = 1998;
  assert.equal(turn("a"), "turn-loop");
  clock.ms = 3000;
  assert.equal(turn("a"), "");
});

test("a session whose answer is open stays, however many others come and however long it takes", async () => {
  clock.ms = 0;
  await using analyser = await setUp({ maxSessions: 1, sessionTtlMs: 1000 });
  const turn = (id: string) => rules(answer(analyser, calling("{}"), { id }));
  for (let at = 0; at < 2; at += 1) turn("a");
  {
    using open = begin(analyser, { id: "a" });
    for (const part of calling("{}")) assert.deepEqual(open.push(part), []);
    clock.ms = 5000;
    for (const id of ["b", "c", "b"]) turn(id);
  }
  assert.deepEqual([turn("b"), turn("a")], ["", ""], "b came last, so a has left");
  for (let at = 0; at < 2; at += 1) turn("a");
  {
    using open = begin(analyser, { id: "a" });
    clock.ms = 9000;
    turn("b");
    const found = calling("{}").flatMap((part) => open.push(part));
    assert.equal(rules(found), "turn-loop");
  }
  assert.equal(turn("a"), "turn-loop");
});

test("an answer that was cut short, and any choice but the first, is no turn", async () => {
  await using analyser = await setUp();
  for (let turn = 0; turn < 5; turn += 1) {
    assert.equal(rules(answer(analyser, calling("{}").slice(0, 3), { id: "a" })), "");
    assert.equal(rules(answer(analyser, calling("{}", { choice: 1 }), { id: "a" })), "");
  }
});

test("a tool call waits only where it may close a loop, and until it has ended", async () => {
  await using analyser = await setUp();
  for (let turn = 0; turn < 3; turn += 1) {
    using session = begin(analyser, { id: "a" });
    assert.equal(session.holdFrom, undefined);
    for (const part of calling('{"q":1}')) session.push(part);
  }
  using session = begin(analyser, { id: "a" });
  const [start, delta, end] = calling('{"q":2}');
  for (const part of [start, delta]) if (part !== undefined) session.push(part);
  assert.deepEqual([session.holdFrom?.(0, 3), session.holdFrom?.(0, 0), session.holdFrom?.(1, 3)], [0, undefined, undefined]);
  session.push({ type: "tool-input-delta", choice: 0, block: 3, delta: " ".repeat(70_000) });
  assert.equal(session.holdFrom?.(0, 3), undefined);
  if (end !== undefined) assert.deepEqual(session.push(end), []);
  assert.equal(session.holdFrom?.(0, 3), undefined);
});

test("regimes of a session are told with the next answer, labelled exploratory", async () => {
  await using analyser = await setUp({ regimes: true });
  const told = Array.from({ length: 258 }, (_, at) => {
    clock.ms += 100;
    using session = begin(analyser, { id: "a" });
    const found = saying(`${"word ".repeat(20 + 30 * (at % 3))}${at}.`).flatMap((part) => {
      clock.ms += 1;
      return session.push(part);
    });
    return found.filter(({ rule }) => rule === "exploratory-regime");
  });
  assert.equal(told.slice(0, 256).flat().length, 0);
  const bytes = told[256]?.find(({ data }) => data?.series === "answer-bytes");
  assert.deepEqual(
    [bytes?.data?.verdict, bytes?.data?.exploratory, bytes?.data?.scope, bytes?.data?.points],
    ["periodic", true, "session", 256],
  );
});

test("with scope answer nothing is kept and no turn is found", async () => {
  await using analyser = await setUp({ scope: "answer" });
  assert.equal(analyser.begin, undefined);
});

test("every partition of the answers of a session gives the same findings", async () => {
  await using analyser = await setUp({ turnRepeats: 2 });
  let sessions = 0;
  const findings = (turns: readonly (readonly Part[])[]) => {
    sessions += 1;
    return turns.map((parts) => answer(analyser, parts, { id: `s${sessions}` }));
  };
  const turn = fc.oneof(
    fc.constantFrom("{}", '{"q":"\u00e9\u{1f600}"}').map((input) => (size: number) => calling(input, { size })),
    fc
      .constantFrom("I look at the pump again now, and again.", "水は好き。".repeat(3), "Done.")
      .map((text) => (size: number) => saying(text, size)),
  );
  fc.assert(
    fc.property(fc.array(turn, { minLength: 3, maxLength: 12 }), fc.integer({ min: 1, max: 9 }), (turns, size) => {
      assert.deepEqual(findings(turns.map((parts) => parts(size))), findings(turns.map((parts) => parts(1000))));
    }),
    { numRuns: 60 },
  );
});
