import assert from "node:assert/strict";
import { test } from "node:test";
import * as v from "valibot";
import { emptyConversation, type MessageRole } from "../../../core/stream/conversation.ts";
import { block, fakePlan, planPolicy, runParts } from "../../../core/testing/fake-plan.ts";
import { testContext } from "../../../core/testing/plugin-context.ts";
import { loadNative } from "../../../native/bindings/load.ts";
import grounding from "./index.ts";

const context = testContext("analyser/grounding/test", { native: await loadNative() });
const tower = "The tower opened on 31 March 1889 and is 330 metres tall.";

/** Runs lines after messages; returns what was found, and what left where a policy ends sentences without ground. */
async function run(config: unknown, said: readonly (readonly [MessageRole, string])[], lines: readonly string[]) {
  await using analyser = await grounding.setup(v.parse(grounding.config, config), context);
  const plan = fakePlan({
    analysers: { "analyser/grounding/g": analyser },
    policies: { "policy/block/b": planPolicy([block("grounding/unsupported-number", "over")]) },
    capabilities: { reads: grounding.capabilities.reads },
  });
  const messages = said.map(([role, text]) => ({ role, text, toolCalls: [] }));
  const { out, records } = runParts(plan, [...lines, "e0", "."], { session: { conversation: { ...emptyConversation, messages } } });
  return { out, found: records.map(({ finding }) => finding) };
}

test("a number that no document has ends the answer behind its sentence, however it was cut", async () => {
  const said = [["user", "How tall is it?"] as const, ["document", tower] as const];
  const whole = await run({}, said, ["t0 The tower is 324 metres tall. And more. "]);
  const cut = await run({}, said, ["t0 The tower is 3", "t0 24 met", "t0 res tall", "t0 . A", "t0 nd more. "]);
  for (const { found } of [whole, cut]) {
    const number = found.find((finding) => finding?.rule === "unsupported-number");
    assert.deepEqual(number?.range, { start: 13, end: 23 });
    assert.deepEqual(number?.data, { regime: "grounded", reason: "value" });
  }
  assert.ok(cut.out.join("\n").includes("b0 over"));
  assert.ok(!cut.out.join("\n").includes("more"));
});

test("what documents and tools say is left alone, in other words for numbers and dates too", async () => {
  const said = [["user", "When?"] as const, ["tool", tower] as const];
  assert.deepEqual((await run({}, said, ["t0 The tower opened on March 31, 1889. It is 330 m tall. "])).found, []);
});

test("a sentence has its probability and features, never its text", async () => {
  const { found } = await run({ minScore: 0 }, [["document", tower]], ["t0 Giants under the sea mined its iron. "]);
  assert.equal(found[0]?.rule, "ungrounded-sentence");
  assert.ok((found[0]?.score ?? 0) > 0.8);
  const features = found[0]?.data?.features as Record<string, number>;
  assert.equal(features.novelWords, 1);
  assert.ok(!JSON.stringify(found[0]).includes("Giants"));
});

test("without evidence the regime is ungrounded and no number is unsupported", async () => {
  const { found } = await run({ minScore: 0 }, [["user", "How tall?"]], ["t0 The tower is 324 metres tall. "]);
  assert.deepEqual(
    found.map((finding) => [finding?.rule, finding?.data?.regime]),
    [["ungrounded-sentence", "ungrounded"]],
  );
});

test("instructions are evidence only where the config says so", async () => {
  const said = [["instructions", tower] as const];
  const lines = ["t0 The tower is 324 metres tall. "];
  assert.deepEqual((await run({}, said, lines)).found, []);
  const { found } = await run({ evidence: ["instructions"] }, said, lines);
  assert.deepEqual(found.map((finding) => finding?.rule).sort(), ["ungrounded-sentence", "unsupported-number"]);
});

test("settings out of bounds are problems of the config", () => {
  assert.equal(v.safeParse(grounding.config, { minScore: 2 }).success, false);
  assert.equal(v.safeParse(grounding.config, { evidence: ["content"] }).success, false);
  assert.equal(v.safeParse(grounding.config, { minscore: 0.5 }).success, false);
});
