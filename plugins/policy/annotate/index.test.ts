import assert from "node:assert/strict";
import { test } from "node:test";
import * as v from "valibot";
import { testContext } from "../../../core/testing/plugin-context.ts";
import annotate from "./index.ts";

const context = testContext("policy/annotate/test");

test("by default findings travel to clients that ask, and no text is touched", async () => {
  await using instance = await annotate.setup(v.parse(annotate.config, {}), context);
  assert.equal(instance.annotates, true);
  assert.deepEqual(instance.plan, { rules: [], monitor: false });
});

test("in monitor mode nothing travels", async () => {
  await using instance = await annotate.setup(v.parse(annotate.config, { mode: "monitor" }), context);
  assert.equal(instance.annotates, false);
  assert.deepEqual(instance.plan, { rules: [], monitor: true });
});

for (const wrong of [{ mode: "on" }, { rules: ["*"] }]) {
  test(`refuses ${JSON.stringify(wrong)}`, () => assert.equal(v.safeParse(annotate.config, wrong).success, false));
}

test("every field has a description", () => {
  for (const field of Object.values(annotate.config.entries)) assert.ok(v.getDescription(field));
});

test("disposing twice is harmless", async () => {
  const instance = await annotate.setup(v.parse(annotate.config, {}), context);
  await instance[Symbol.asyncDispose]();
  await instance[Symbol.asyncDispose]();
});
