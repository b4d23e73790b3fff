import assert from "node:assert/strict";
import { test } from "node:test";
import * as v from "valibot";
import { testContext } from "../../../core/testing/plugin-context.ts";
import dynamics from "./index.ts";

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
]) {
  test(`refuses ${JSON.stringify(wrong)}`, () => assert.equal(v.safeParse(dynamics.config, wrong).success, false));
}

test("every field has a description", () => {
  for (const field of Object.values(dynamics.config.entries)) assert.ok(v.getDescription(field));
});

test("declares that it holds nothing back and reads no parts", () => {
  assert.deepEqual(dynamics.capabilities.reads, []);
  assert.equal(dynamics.capabilities.holdBytes, 0);
});

test("disposing twice is harmless", async () => {
  const instance = await dynamics.setup(v.parse(dynamics.config, {}), context);
  await instance[Symbol.asyncDispose]();
  await instance[Symbol.asyncDispose]();
});
