import assert from "node:assert/strict";
import { test } from "node:test";
import type { AnalyserSession, PolicySession } from "../plugin/contract.ts";
import { block, fakePlan, planPolicy, redact, runParts, wordAnalyser } from "../testing/fake-plan.ts";

const words = { "analyser/words/a": wordAnalyser({ NAME: ["alice", "bob"], CITY: ["rome"] }) };
const plan = fakePlan({ analysers: words, policies: { "policy/redact/r": planPolicy([redact()]) } });

const done = ["e0", "."];

test("frames that nobody touched leave as they came, in order, at once", () => {
  const lines = ["t0 hello", "? x", "u1,2", "e0", "."];
  const { out, state } = runParts(plan, lines);
  assert.deepEqual(out, lines);
  assert.equal(state.totalTokens, 3);
  assert.equal(state.heldBytes, 0);
});

test("a word split over frames is replaced in the frame where it starts, and later frames lose their part", () => {
  assert.deepEqual(runParts(plan, ["t0 hi al", "t0 ic", "t0 e!", ...done]).out, ["t0 hi [NAME]", "t0 ", "t0 !", ...done]);
});

test("text that only began like a word leaves unchanged when the block ends", () => {
  const { out, maxHeldBytes } = runParts(plan, ["t0 hi al", "t0 ic", ...done], { chunk: 1 });
  assert.deepEqual(out, ["t0 hi al", "t0 ic", ...done]);
  assert.equal(maxHeldBytes, 7);
});

test("every chunking gives the same bytes and the same findings", () => {
  const lines = ["t0 alice и bob", "r0 thinking of ro", "t0 , ro", 'k0 {"a":"ali', "r0 me", "t0 me", 'k0 ce"}', "u3,4", ...done];
  const once = runParts(plan, lines);
  assert.deepEqual(once.out, [
    "t0 [NAME] и [NAME]",
    "r0 thinking of [CITY]",
    "t0 , [CITY]",
    'k0 {"a":"[NAME]',
    "r0 ",
    "t0 ",
    'k0 "}',
    "u3,4",
    ...done,
  ]);
  for (const chunk of [1, 2, 3, 5, 7, 11]) {
    const split = runParts(plan, lines, { chunk });
    assert.deepEqual(split.out, once.out, `chunk ${chunk}`);
    assert.deepEqual(split.records, once.records, `chunk ${chunk}`);
  }
});

test("a replacement outside of a JSON string is put in quotes", () => {
  assert.deepEqual(runParts(plan, ['k0 {"a": ali', "k0 ce}", ...done]).out, ['k0 {"a": "[NAME]"', "k0 }", ...done]);
});

test("pseudonyms are numbered by distinct texts, and a merged edit spends no number", () => {
  const numbered = planPolicy([{ match: ["*"], action: "rewrite", replacement: (tag) => ({ kind: "pseudonym", tag }) }]);
  const numbering = fakePlan({ analysers: words, policies: { "policy/redact/r": numbered } });
  assert.deepEqual(runParts(numbering, ["t0 alice bob alice rome", ...done]).out, ["t0 [NAME_1] [NAME_2] [NAME_1] [CITY_1]", ...done]);
});

test("findings of two analysers that overlap become one edit with the first's text", () => {
  const two = fakePlan({
    analysers: { "analyser/words/a": wordAnalyser({ LONG: ["rome alice"] }), "analyser/words/b": wordAnalyser({ SHORT: ["alice smith"] }) },
    policies: { "policy/redact/r": planPolicy([redact()]) },
  });
  for (const chunk of [1, 1000])
    assert.deepEqual(runParts(two, ["t0 in rome al", "t0 ice smith.", ...done], { chunk }).out, ["t0 in [LONG]", "t0 .", ...done]);
});

test("a block lets the text before it leave, tells the client, and ends the answer", () => {
  const blocking = fakePlan({
    analysers: words,
    policies: { "policy/redact/r": planPolicy([redact("city")]), "policy/block/b": planPolicy([block("name")]) },
  });
  for (const chunk of [1, 1000]) {
    const { out, state } = runParts(blocking, ["t0 rome, ali", "t0 ce and more", "t0 more", ...done], { chunk });
    assert.deepEqual(out, ["t0 [CITY], ", "b0 stopped", "."], `chunk ${chunk}`);
    assert.equal(state.blocked, true);
    assert.equal(state.failed, false);
  }
});

test("a block ends its choice only; the others go on, and the end comes when all have ended", () => {
  const blocking = fakePlan({ analysers: words, policies: { "policy/block/b": planPolicy([block("name")]) } });
  const lines = ["t0 al", "t1 fine", "t0 ice", "t1 still", "t0 lost", "e0", "e1", "u1,1", "."];
  for (const chunk of [1, 1000]) {
    assert.deepEqual(
      runParts(blocking, lines, { chunk, choiceCount: 2 }).out,
      ["t0 ", "b0 stopped", "t1 fine", "t1 still", "e1", "."],
      `chunk ${chunk}`,
    );
  }
});

test("the strictest verdict counts, ties go to the earlier policy, and every verdict is recorded", () => {
  const both = fakePlan({
    analysers: words,
    policies: {
      "policy/redact/first": planPolicy([{ match: ["name"], action: "rewrite", replacement: () => ({ kind: "tag", text: "1" }) }]),
      "policy/redact/second": planPolicy([{ match: ["*"], action: "rewrite", replacement: () => ({ kind: "tag", text: "2" }) }]),
      "policy/block/b": planPolicy([block("city")], "monitor"),
    },
  });
  const { out, records } = runParts(both, ["t0 alice rome", ...done]);
  assert.deepEqual(out, ["t0 1 2", ...done]);
  assert.deepEqual(
    records.map(({ finding, verdicts }) => [finding?.rule, ...verdicts.map(({ policy, outcome }) => `${policy} ${outcome}`)]),
    [
      ["name", "policy/redact/first applied", "policy/redact/second applied"],
      ["city", "policy/redact/second applied", "policy/block/b monitored"],
    ],
  );
});

test("a verdict that comes with the n-th finding waits for it, for each choice", () => {
  const counting = fakePlan({ analysers: words, policies: { "policy/redact/r": planPolicy([{ ...redact(), minCount: 2 }]) } });
  assert.deepEqual(runParts(counting, ["t0 alice bob", "t1 alice", "e0", "e1", "."], { choiceCount: 2 }).out, [
    "t0 alice [NAME]",
    "t1 alice",
    "e0",
    "e1",
    ".",
  ]);
});

test("the usage frame that only the gateway asked for is dropped, its numbers are kept", () => {
  const { out, state } = runParts(plan, ["t0 x", "e0", "u1,2", "."], { stripUsage: true });
  assert.deepEqual(out, ["t0 x", "e0", "."]);
  assert.equal(state.inputTokens, 1);
});

test("an answer whose terminator is missing gets one; what follows a terminator is dropped", () => {
  assert.deepEqual(runParts(plan, ["t0 x", "e0"]).out, ["t0 x", "e0", "."]);
  assert.deepEqual(runParts(plan, ["t0 x", "e0", ".", ".", "t0 junk"]).out, ["t0 x", "e0", "."]);
});

test("an upstream that dies is said so after the held text, without a terminator", () => {
  for (const [end, code] of [
    ["eof", "PROVIDER_CUT"],
    ["failed", "PROVIDER_CUT"],
    ["timed-out", "PROVIDER_TIMEOUT"],
  ] as const) {
    const { out, state } = runParts(plan, ["t0 hi al"], { end });
    assert.deepEqual(out, ["t0 hi al", `!${code}`]);
    assert.equal(state.failed, true);
  }
});

test("a terminator without an end of every choice is no complete answer", () => {
  assert.deepEqual(runParts(plan, ["t0 hi", "."]).out, ["t0 hi", "!PROVIDER_CUT"]);
});

test("an upstream's own error passes as it came, after the held text, and nothing follows", () => {
  assert.deepEqual(runParts(plan, ["t0 al", "! boom", "t0 more", "."]).out, ["t0 al", "! boom"]);
});

test("unknown frames pass, or end the answer, as configured", () => {
  const strict = fakePlan({ analysers: words, config: { onUnknown: "block" } });
  assert.deepEqual(runParts(strict, ["t0 a", "? x", "."]).out.at(-1), "!PROVIDER_BAD_RESPONSE");
});

test("flowing frames leave with what may, and the rest moves into the next", () => {
  const flowing = fakePlan({ analysers: words, policies: { "policy/redact/r": planPolicy([redact()]) }, config: { frames: "flow" } });
  const { writes, out } = runParts(flowing, ["t0 hi ali", "t0 ce!", ...done], { chunk: 10 });
  assert.equal(writes[0], "t0 hi \n");
  assert.deepEqual(out, ["t0 hi ", "t0 [NAME]!", ...done]);
});

test("a whole answer is worked on as one frame, blocks included", () => {
  const lines = ["r0 of rome", "t0 alice!", "e0"];
  assert.deepEqual(runParts(plan, lines, { mode: "unary" }).out, ["r0 of [CITY]", "t0 [NAME]!", "e0"]);
  assert.deepEqual(runParts(plan, ["t0 clean", "e0"], { mode: "unary" }).out, ["t0 clean", "e0"]);
  const blocking = fakePlan({ analysers: words, policies: { "policy/block/b": planPolicy([block("city")]) } });
  assert.deepEqual(runParts(blocking, lines, { mode: "unary" }).out, ["r0 of ", "t0 ", "e0", "b0 stopped"]);
});

test("the side band comes before the terminator, and only if asked for", () => {
  assert.deepEqual(runParts(plan, ["t0 alice", ...done], { annotate: true }).out, ["t0 [NAME]", "e0", "@name", "."]);
  assert.deepEqual(runParts(plan, ["t0 alice", "e0"], { annotate: true, mode: "unary" }).out, ["t0 [NAME]", "e0", "@name"]);
});

// ---- TypeScript plugins -------------------------------------------------------------------------------------------

/** Finds "secret", holding back what may become it. */
const holder =
  (seen: unknown[] = []) =>
  (): AnalyserSession => {
    let text = "";
    const from = () => {
      for (let length = Math.min(5, text.length); length > 0; length -= 1)
        if ("secret".startsWith(text.slice(-length))) return text.length - length;
      return undefined;
    };
    return {
      push(part) {
        seen.push(part);
        if (part.type !== "text-delta") return [];
        const before = text.length;
        text += part.delta;
        const at = text.indexOf("secret", Math.max(before - 5, 0));
        if (at === -1) return [];
        return [{ rule: "word", tag: "WORD", channel: "content", choice: 0, block: 0, range: { start: at, end: at + 6 }, score: 1 }];
      },
      holdFrom: from,
    };
  };

test("a TypeScript analyser that holds gives the same bytes for every chunking", () => {
  const typed = fakePlan({
    analysers: { "analyser/own/x": { begin: holder() }, ...words },
    policies: { "policy/redact/r": planPolicy([redact()]) },
  });
  assert.equal(typed.path, "parts");
  for (const chunk of [1, 4, 1000]) {
    assert.deepEqual(
      runParts(typed, ["t0 a sec", "t0 ret of alice", ...done], { chunk }).out,
      ["t0 a [WORD]", "t0  of [NAME]", ...done],
      `chunk ${chunk}`,
    );
  }
});

test("plugins get only the parts that they declared, frozen and without the frame", () => {
  const seen: { type: string; frame?: unknown }[] = [];
  const typed = fakePlan({ analysers: { "analyser/own/x": { begin: holder(seen) } }, capabilities: { reads: ["text-delta"] } });
  runParts(typed, ["t0 a", "r0 b", "u1,1", ...done]);
  assert.deepEqual(
    seen.map((part) => part.type),
    ["text-delta"],
  );
  assert.ok(Object.isFrozen(seen[0]));
  assert.equal(seen[0]?.frame, undefined);
});

const failing = (what: string) => (): AnalyserSession => ({
  push(part) {
    if (what === "throw") throw new RangeError("user text");
    if (what === "mutate") (part as { type: string }).type = "usage";
    return what === "range"
      ? [{ rule: "r", tag: "T", channel: "content", choice: 0, block: 0, range: { start: 2, end: 1 }, score: 1 }]
      : [];
  },
  ...(what === "hold" && { holdFrom: () => 0 }),
});

test("a plugin that throws, mutates, over-holds or reports nonsense is named and contained", () => {
  for (const what of ["throw", "mutate", "hold", "range"]) {
    const lines = ["t0 a text of more than sixteen bytes", ...done];
    const code = what === "hold" ? "PLUGIN_OVERHELD" : "PLUGIN_FAILED";
    const open = runParts(fakePlan({ analysers: { "analyser/bad/x": { begin: failing(what) } }, onFailure: "open" }), lines);
    assert.deepEqual(open.out, lines, what);
    assert.deepEqual(open.failures, [{ plugin: "analyser/bad/x", code, session: "s" }], what);
    const closed = runParts(fakePlan({ analysers: { "analyser/bad/x": { begin: failing(what) } }, onFailure: "closed" }), lines);
    assert.deepEqual(closed.out, [`!${code}`], what);
    assert.equal(closed.failure?.pluginId, "analyser/bad/x");
    assert.ok(!closed.failure?.message.includes("user text"));
  }
});

const deciding = (decide: PolicySession["decide"]) =>
  fakePlan({ analysers: words, policies: { "policy/own/p": { begin: () => ({ decide }) } } });

test("a TypeScript policy rewrites, holds and blocks", () => {
  const upper = deciding((_part, _found, { heldFrom, text, last }) => {
    if (!last && !text.endsWith(".")) return { action: "hold", from: heldFrom };
    return { action: "rewrite", edits: [{ start: heldFrom, end: heldFrom + text.length, replacement: text.toUpperCase() }] };
  });
  assert.deepEqual(runParts(upper, ["t0 one", "t0  two.", "t0 thr", ...done]).out, ["t0 ONE TWO.", "t0 ", "t0 THR", ...done]);
  const stop = deciding((_, found) => {
    const first = found[0];
    return first === undefined ? { action: "release" } : { action: "block", from: first.range.start, rule: first.rule, message: "no" };
  });
  for (const chunk of [1, 1000]) assert.deepEqual(runParts(stop, ["t0 hi al", "t0 ice", ...done], { chunk }).out, ["t0 hi ", "b0 no", "."]);
});

test("a rewrite of text that has left is recorded as too late and changes nothing", () => {
  const late = deciding((part) =>
    part.delta === "two" ? { action: "rewrite", edits: [{ start: 0, end: 3, replacement: "X" }] } : { action: "release" },
  );
  const { out, records } = runParts(late, ["t0 one", "t0 two", ...done]);
  assert.deepEqual(out, ["t0 one", "t0 two", ...done]);
  assert.deepEqual(records, [{ verdicts: [{ policy: "policy/own/p", action: "rewrite", outcome: "too-late" }] }]);
});

test("an answer that is no verdict fails closed, and is named", () => {
  const answers: readonly [what: string, answer: unknown][] = [
    ["a promise", Promise.resolve({ action: "block", from: 0, rule: "" })],
    ["undefined", undefined],
    ["null", null],
    ["number", 42],
    ['"Block"', { action: "Block", from: 0, message: "no" }],
    ['"toString"', { action: "toString" }],
    ["without a place", { action: "block", rule: "", message: "no" }],
    ["without a place", { action: "hold", from: Number.NaN }],
    ["without edits", { action: "rewrite" }],
    ["of a block of 6", { action: "rewrite", edits: [{ start: 0, end: 999, replacement: "x" }] }],
    ["of a block of 6", { action: "rewrite", edits: [{ start: 3, end: 3, replacement: "x" }] }],
    ["of a block of 6", { action: "rewrite", edits: [{ start: 0, end: 6 }] }],
  ];
  for (const [what, answer] of answers) {
    const { out, failures, failure, records } = runParts(
      deciding(() => answer as never),
      ["t0 secret", ...done],
    );
    assert.ok(!out.join("\n").includes("secret"), what);
    assert.deepEqual(failures, [{ plugin: "policy/own/p", code: "PLUGIN_FAILED", session: "s" }], what);
    assert.ok(failure?.message.startsWith("policy/own/p answered ") && failure.message.includes(what), `${what}: ${failure?.message}`);
    assert.deepEqual(records, []);
  }
});

test("a policy that answers what this version cannot do is contained", () => {
  const { out, failures } = runParts(
    deciding(() => ({ action: "switch", reason: "r" })),
    ["t0 a", ...done],
  );
  assert.deepEqual(out, ["!PLUGIN_UNDECLARED"]);
  assert.equal(failures[0]?.plugin, "policy/own/p");
});

test("an analyser's findings at the end of the answer still count, where it held the text", () => {
  const atEnd = fakePlan({
    analysers: {
      "analyser/own/x": {
        begin: () => ({
          push: () => [],
          holdFrom: () => 0,
          end: () => [{ rule: "all", tag: "ALL", channel: "content", choice: 0, block: 0, range: { start: 0, end: 4 }, score: 1 }],
        }),
      },
    },
    policies: { "policy/redact/r": planPolicy([redact()]) },
  });
  assert.deepEqual(runParts(atEnd, ["t0 abcd", ...done]).out, ["t0 [ALL]", ...done]);
});

test("a whole answer that is blocked before its first byte of text is told so, and does not vanish", () => {
  const early = fakePlan({
    analysers: {
      "analyser/own/x": {
        begin: () => ({
          push: () => [{ rule: "call", tag: "CALL", channel: "tool-input", choice: 0, block: 3, range: { start: 0, end: 0 }, score: 1 }],
        }),
      },
    },
    policies: { "policy/block/b": planPolicy([block("call")]) },
  });
  const { out, failures } = runParts(early, ["t0 I look.", "k0 {}", "e0"], { mode: "unary" });
  assert.deepEqual([out, failures], [["t0 I look.", "k0 ", "e0", "b0 stopped"], []]);
});
