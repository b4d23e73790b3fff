import assert from "node:assert/strict";
import { test } from "node:test";
import * as v from "valibot";
import type { AnalyserFinding, AnalyserSession } from "../../../core/plugin/contract.ts";
import { testContext } from "../../../core/testing/plugin-context.ts";
import { testSession } from "../../../core/testing/session.ts";
import { loadNative } from "../../../native/bindings/load.ts";
import dynamics from "./index.ts";

const native = loadNative();
const context = testContext("analyser/dynamics/test");

test("an empty config plans the documented defaults", async () => {
  await using instance = await dynamics.setup(v.parse(dynamics.config, {}), context);
  assert.deepEqual(instance.plan, {
    dynamics: {
      repeatedShare: 0.65,
      repeatedWords: 120,
      periodRepeats: 6,
      driftDistance: 0.48,
      driftWords: 250,
      stallMs: 10_000,
      stallFactor: 20,
    },
    channels: ["content", "reasoning"],
  });
  assert.equal(instance.begin, undefined);
});

test("what the config says reaches the plan", async () => {
  const settings = { stallMs: 500, driftDistance: 0.3, channels: ["content" as const] };
  await using instance = await dynamics.setup(v.parse(dynamics.config, settings), context);
  assert.equal(instance.plan?.dynamics?.stallMs, 500);
  assert.equal(instance.plan?.dynamics?.driftDistance, 0.3);
  assert.deepEqual(instance.plan?.channels, ["content"]);
});

for (const wrong of [
  { repeatedShare: 0.09 },
  { repeatedShare: 0.91 },
  { repeatedWords: 15 },
  { repeatedWords: 20.5 },
  { periodRepeats: 2 },
  { driftDistance: 0.61 },
  { driftWords: 15 },
  { stallMs: 99 },
  { stallMs: 3_600_001 },
  { stallFactor: 1 },
  { channels: [] },
  { channels: ["tool"] },
  { exploratory: true },
  { scope: "turn" },
  { sessionHeader: "X-Session" },
  { maxSessions: 0 },
  { sessionTtlMs: 10 },
  { turnSimilarity: 0.4 },
  { turnRepeats: 1 },
  { shrinkTurns: 2 },
  { regimes: 1 },
  { collapseNats: -1 },
  { collapseTokens: 15 },
]) {
  test(`refuses ${JSON.stringify(wrong)}`, () => assert.equal(v.safeParse(dynamics.config, wrong).success, false));
}

test("every field has a description", () => {
  for (const field of Object.values(dynamics.config.entries)) assert.ok(v.getDescription(field));
});

test("declares that it may hold a tool call back", () => assert.equal(dynamics.capabilities.holdBytes, 65_536));

/** Everything that an analyser with these settings reports of one text, given as tokens with their log-probabilities. */
async function explore(
  settings: object,
  tokens: readonly (readonly [token: string, logprob?: number])[],
): Promise<readonly AnalyserFinding[]> {
  await using instance = await dynamics.setup(
    v.parse(dynamics.config, settings),
    testContext("analyser/dynamics/test", { native: await native }),
  );
  using session = instance.begin?.(testSession()) as AnalyserSession & Disposable;
  const place = { choice: 0, block: 0 };
  const found = tokens.flatMap(([token, logprob]) => {
    const logprobs = logprob === undefined ? undefined : [{ token, logprob }];
    return session.push({ type: "text-delta", ...place, delta: token, ...(logprobs && { logprobs }) });
  });
  return [...found, ...session.push({ type: "text-end", ...place })];
}

test("a model that is sure of every token for long has collapsed", async () => {
  const tokens = [...Array(20).fill(["ab ", -1]), ...Array(60).fill(["cd ", -0.001])] as [string, number][];
  const [found, ...others] = await explore({ collapseNats: 0.05, collapseTokens: 32 }, tokens);
  assert.deepEqual(others, []);
  assert.deepEqual(
    [found?.rule, found?.tag, found?.range, found?.data?.meanNats],
    ["collapse", "DYNAMICS", { start: 57, end: 153 }, 0.032219],
  );
  assert.deepEqual(
    await explore(
      { collapseNats: 0.05, collapseTokens: 32 },
      tokens.map(([token]) => [token]),
    ),
    [],
  );
});

test("a regime is told at the end of a text only, and labelled exploratory", async () => {
  const found = await explore({ regimes: true }, [["Go. It is late now. We sleep here. ".repeat(100)]]);
  const words = found.find(({ data }) => data?.series === "sentence-words");
  assert.deepEqual(words?.data, { exploratory: true, series: "sentence-words", verdict: "periodic", points: 300, period: 3 });
  assert.ok(found.every(({ rule, range }) => rule === "exploratory-regime" && range.start === 3500 && range.end === 3500));
  assert.deepEqual(await explore({ regimes: true }, [["Too short for a regime."]]), []);
});

test("disposing twice is harmless", async () => {
  const instance = await dynamics.setup(v.parse(dynamics.config, {}), context);
  await instance[Symbol.asyncDispose]();
  await instance[Symbol.asyncDispose]();
});
