import assert from "node:assert/strict";
import { test } from "node:test";
import * as v from "valibot";
import { testContext } from "../../../core/testing/plugin-context.ts";
import repetition from "./index.ts";

const context = testContext("analyser/repetition/test");

test("an empty config plans the documented defaults", async () => {
  await using instance = await repetition.setup(v.parse(repetition.config, {}), context);
  assert.deepEqual(instance.plan, { repetition: { minRepeats: 3, minChars: 48, maxPeriod: 400 } });
  assert.equal(instance.begin, undefined);
});

test("what the config says reaches the plan", async () => {
  const settings = { minRepeats: 9, minChars: 200, maxPeriod: 2_000 };
  await using instance = await repetition.setup(v.parse(repetition.config, settings), context);
  assert.deepEqual(instance.plan?.repetition, settings);
});

for (const wrong of [
  { minRepeats: 1 },
  { minRepeats: 101 },
  { minRepeats: 2.5 },
  { minChars: 15 },
  { minChars: 10_001 },
  { maxPeriod: 15 },
  { maxPeriod: 2_001 },
  { minRepeat: 3 },
]) {
  test(`refuses ${JSON.stringify(wrong)}`, () => assert.equal(v.safeParse(repetition.config, wrong).success, false));
}

test("every field has a description", () => {
  for (const field of Object.values(repetition.config.entries)) assert.ok(v.getDescription(field));
});

test("declares that it holds nothing back and reads no parts", () => {
  assert.deepEqual(repetition.capabilities.reads, []);
  assert.equal(repetition.capabilities.holdBytes, 0);
});

test("disposing twice is harmless", async () => {
  const instance = await repetition.setup(v.parse(repetition.config, {}), context);
  await instance[Symbol.asyncDispose]();
  await instance[Symbol.asyncDispose]();
});
