import assert from "node:assert/strict";
import { test } from "node:test";
import * as v from "valibot";
import { actionsFor, rulesOf } from "../../../core/pipeline/actions.ts";
import { testContext } from "../../../core/testing/plugin-context.ts";
import block from "./index.ts";

const context = testContext("policy/block/test");

const planOf = async (config: Record<string, unknown>) => (await block.setup(v.parse(block.config, config), context)).plan;

test("by default the first finding of any rule ends the answer without a message", async () => {
  assert.deepEqual(await planOf({}), {
    rules: [{ match: ["*"], action: "block", minScore: 0, minCount: 1, message: "" }],
    monitor: false,
  });
});

test("what the config says reaches the plan", async () => {
  const plan = await planOf({ rules: ["secrets/*"], minScore: 0.6, minCount: 3, message: "Stopped.", mode: "monitor" });
  assert.deepEqual(plan, {
    rules: [{ match: ["secrets/*"], action: "block", minScore: 0.6, minCount: 3, message: "Stopped." }],
    monitor: true,
  });
});

test("a loop can be blocked, though it cannot be redacted", async () => {
  const plan = await planOf({ rules: ["loop-*"] });
  assert.ok(plan);
  const rules = rulesOf("analyser/repetition/all", { repetition: {} });
  const actions = rules.flatMap((rule) => actionsFor([{ id: context.id, plan }], rule));
  assert.deepEqual(
    actions.map(({ rule, action }) => [rule, action]),
    ["loop-exact", "loop-noisy", "loop-numbered", "loop-alternating"].map((rule) => [rule, "block"]),
  );
});

for (const wrong of [
  { rules: [] },
  { rules: ["a b"] },
  { minScore: -0.1 },
  { minCount: 0 },
  { minCount: 1.5 },
  { message: "x".repeat(2_001) },
  { mode: "off" },
  { messages: "" },
]) {
  test(`refuses ${JSON.stringify(wrong).slice(0, 40)}`, () => assert.equal(v.safeParse(block.config, wrong).success, false));
}

test("every field has a description", () => {
  for (const field of Object.values(block.config.entries)) assert.ok(v.getDescription(field));
});

test("disposing twice is harmless", async () => {
  const instance = await block.setup(v.parse(block.config, {}), context);
  await instance[Symbol.asyncDispose]();
  await instance[Symbol.asyncDispose]();
});
