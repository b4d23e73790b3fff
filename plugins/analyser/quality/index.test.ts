import assert from "node:assert/strict";
import { test } from "node:test";
import * as v from "valibot";
import { emptyConversation } from "../../../core/stream/conversation.ts";
import { fakePlan, planPolicy, runParts } from "../../../core/testing/fake-plan.ts";
import { testContext } from "../../../core/testing/plugin-context.ts";
import { loadNative } from "../../../native/bindings/load.ts";
import quality from "./index.ts";

const context = testContext("analyser/quality/test", { native: await loadNative() });

async function run(config: unknown, question: string, lines: readonly string[]) {
  await using analyser = await quality.setup(v.parse(quality.config, config), context);
  const plan = fakePlan({
    analysers: { "analyser/quality/q": analyser },
    policies: { "policy/none/n": planPolicy([]) },
    capabilities: { reads: quality.capabilities.reads },
  });
  const conversation = { ...emptyConversation, messages: [{ role: "user", text: question, toolCalls: [] }] } as const;
  const { records } = runParts(plan, [...lines, "e0", "."], { session: { conversation } });
  return records.map(({ finding }) => finding);
}

test("a refusal is found with its sentence, before the answer has ended", async () => {
  const found = await run({}, "How?", ["t0 I'm sorry, but I ca", "t0 n't assist with that. Is there", "t0  more?"]);
  assert.equal(found[0]?.rule, "refusal");
  assert.deepEqual(found[0]?.range, { start: 0, end: 40 });
});

test("what the question asks for is what the answer is held to", async () => {
  const rules = async (question: string, text: string) => (await run({ threshold: 0 }, question, [`t0 ${text}`])).map((one) => one?.rule);
  assert.deepEqual(await rules("In at most 3 words, what is tea?", "Tea is a drink."), ["promise-length"]);
  assert.deepEqual(await rules("What is tea?", "Tea is a drink."), []);
});

test("the score comes with its parts where it is asked for", async () => {
  const found = await run({ report: "always" }, "What is tea?", ["t0 Tea is a drink."]);
  assert.equal(found[0]?.rule, "quality");
  assert.deepEqual(Object.keys((found[0]?.data?.parts ?? {}) as object).sort(), [
    "answers",
    "finished",
    "format",
    "language",
    "length",
    "novelty",
  ]);
});
