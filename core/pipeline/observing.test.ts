import assert from "node:assert/strict";
import { test } from "node:test";
import type { Analyser, AnalyserFinding, AnalyserSession, Policy } from "../plugin/contract.ts";
import { block, fakePlan, planPolicy, redact, runParts, wordAnalyser } from "../testing/fake-plan.ts";

const words = wordAnalyser({ NAME: ["alice", "bob"], CITY: ["rome"] });
const done = ["e0", "."];

const finding = (rule: string, at: number): AnalyserFinding => ({
  rule,
  tag: "RULE",
  channel: "content",
  choice: 0,
  block: 0,
  range: { start: at, end: at },
  from: at,
  score: 1,
});

/** Reports the n-th name where it stands. */
const counting = (n: number): Analyser => ({
  begin(): AnalyserSession {
    let count = 0;
    return {
      push: () => [],
      settled(seen, verdicts) {
        count += Number(seen.tag === "NAME");
        if (seen.tag !== "NAME" || count !== n) return [];
        const redacted = verdicts.some(({ action, outcome }) => action === "rewrite" && outcome === "applied");
        return [{ ...finding(redacted ? "nth-redacted" : "nth-open", seen.range.start), data: { count } }];
      },
    };
  },
});

test("an analyser behind another one sees its findings with what the policies did", () => {
  const policies = { "policy/redact/r": planPolicy([redact("name")]) };
  const plan = fakePlan({ analysers: { "analyser/words/a": words, "analyser/counting/c": counting(1) }, policies });
  const { records } = runParts(plan, ["t0 rome alice", ...done]);
  assert.deepEqual(
    records.map((record) => [record.finding?.rule, record.finding?.data]),
    [
      ["city", undefined],
      ["name", undefined],
      ["nth-redacted", { count: 1 }],
    ],
  );
});

test("what an observer reports acts before the text behind it, in every chunking", () => {
  const policies = { "policy/block/b": planPolicy([block("nth-open", "stopped")]) };
  const plan = fakePlan({ analysers: { "analyser/words/a": words, "analyser/counting/c": counting(2) }, policies });
  const lines = ["t0 alice and b", "t0 ob then alice, rome", ...done];
  const once = runParts(plan, lines);
  assert.deepEqual(once.out, ["t0 alice and ", "b0 stopped", "."]);
  assert.deepEqual(
    once.records.map((record) => record.finding?.rule),
    ["name", "name", "nth-open"],
  );
  for (const chunk of [1, 2, 3, 7]) {
    const split = runParts(plan, lines, { chunk });
    assert.deepEqual([split.out, split.records], [once.out, once.records], `chunk ${chunk}`);
  }
});

test("an analyser before the reporting one sees nothing, so that two observers cannot go on for ever", () => {
  const plan = fakePlan({ analysers: { "analyser/counting/c": counting(1), "analyser/words/a": words } });
  assert.equal(runParts(plan, ["t0 alice", ...done]).records.length, 1);
});

test("what an analyser notices while nothing comes can end the answer at once", () => {
  const patient: Analyser = {
    begin() {
      let bytes = 0;
      return {
        push: (part) => {
          if ("delta" in part) bytes += part.delta.length;
          return [];
        },
        tick: (nowMs) => (nowMs >= 1000 ? [finding("stall", bytes)] : []),
      };
    },
  };
  const policies = { "policy/block/b": planPolicy([block("stall", "too slow")]) };
  const plan = fakePlan({ analysers: { "analyser/patient/p": patient }, policies });
  const lines = ["t0 one", "t0 two", ...done];
  const { out, state } = runParts(plan, lines, { chunk: 7, tickAt: 7 });
  assert.equal(out[0], "t0 one");
  assert.ok(out.join("\n").includes("too slow") && !out.join("\n").includes("two"));
  assert.equal(state.blocked, true);
});

test("what a block's end brings is seen before the last word, however the answer ends and was cut", () => {
  const atEnd: Analyser = {
    begin() {
      let bytes = 0;
      return {
        push(part) {
          if (part.type === "text-delta") bytes += part.delta.length;
          return part.type === "text-end" ? [finding("last", bytes)] : [];
        },
      };
    },
  };
  const observing: Analyser = {
    begin() {
      const seen: string[] = [];
      return {
        push: () => [],
        settled: ({ rule }) => {
          seen.push(rule);
          return [];
        },
        end: () => [finding(`saw-${seen.join("-")}`, 0)],
      };
    },
  };
  const plan = fakePlan({ analysers: { "analyser/words/w": words, "analyser/late/l": atEnd, "analyser/observing/o": observing } });
  for (const [lines, run] of [
    [["t0 to rome", ...done], {}],
    [["t0 to rome", ...done], { chunk: 1 }],
    [["t0 to rome", "e0"], { mode: "unary" }],
    [["t0 to rome", "."], {}],
    [["t0 to rome"], {}],
  ] as const) {
    const { records } = runParts(plan, lines, run);
    assert.deepEqual(
      records.map(({ finding: found }) => found?.rule),
      ["city", "last", "saw-city-last"],
      JSON.stringify([lines, run]),
    );
  }
});

test("an observer that throws is left out, and the answer goes on", () => {
  const broken: Analyser = {
    begin: () => ({
      push: () => [],
      settled: () => {
        throw new Error("no");
      },
    }),
  };
  const plan = fakePlan({ analysers: { "analyser/words/a": words, "analyser/broken/b": broken }, onFailure: "open" });
  const { out, failures } = runParts(plan, ["t0 alice", "t0 bob", ...done]);
  assert.deepEqual(out, ["t0 alice", "t0 bob", ...done]);
  assert.deepEqual(
    failures.map(({ plugin }) => plugin),
    ["analyser/broken/b"],
  );
});

test("an analyser that waits for something outside can let its text go without another part", () => {
  const waiting: Analyser = {
    begin() {
      let isSettled = false;
      return {
        push: () => [],
        holdFrom: () => (isSettled ? undefined : 0),
        tick() {
          isSettled = true;
          return [];
        },
      };
    },
  };
  const plan = fakePlan({ analysers: { "analyser/waiting/w": waiting } });
  const lines = ["t0 one", "t0 two", ...done];
  assert.equal(runParts(plan, lines, { chunk: 7 }).writes[0], "t0 one\nt0 two\ne0\n.\n");
  assert.equal(runParts(plan, lines, { chunk: 7, tickAt: 7 }).writes[0], "t0 one\n");
});

/** Reports at the first tick; holds nothing. */
const late = (rule: string): Analyser => ({
  begin() {
    let told = false;
    return {
      push: () => [],
      tick() {
        if (told) return [];
        told = true;
        return [finding(rule, 0)];
      },
    };
  },
});

test("a policy that decides by itself is asked about findings that come while no text does", () => {
  const asked: (readonly [string, number])[] = [];
  const policy: Policy = {
    begin: () => ({
      decide(part, found) {
        asked.push([part.delta, found.length]);
        return found.length > 0 ? { action: "block", from: 0, rule: "late", message: "stopped" } : { action: "release" };
      },
    }),
  };
  const plan = fakePlan({ analysers: { "analyser/late/l": late("seen-late") }, policies: { "policy/own/o": policy } });
  const { out } = runParts(plan, ["t0 one", "t0 two", ...done], { chunk: 7, tickAt: 7 });
  assert.deepEqual(asked, [
    ["one", 0],
    ["", 1],
  ]);
  assert.deepEqual(out, ["t0 one", "b0 stopped", "."]);
});

test("a policy's hold stands while time passes, until its next verdict", () => {
  const policy: Policy = {
    begin: () => ({ decide: (part) => (part.delta === "one" ? { action: "hold", from: 0 } : { action: "release" }) }),
  };
  const patient: Analyser = { begin: () => ({ push: () => [], tick: () => [] }) };
  const plan = fakePlan({ analysers: { "analyser/patient/p": patient }, policies: { "policy/own/o": policy } });
  const { writes } = runParts(plan, ["t0 one", "t0 two", ...done], { chunk: 7, tickAt: 7 });
  assert.equal(writes[0], "t0 one\nt0 two\n");
});
