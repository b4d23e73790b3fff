import assert from "node:assert/strict";
import { test } from "node:test";
import * as v from "valibot";
import { block, fakePlan, planPolicy, runParts } from "../../../core/testing/fake-plan.ts";
import { testContext } from "../../../core/testing/plugin-context.ts";
import { loadNative } from "../../../native/bindings/load.ts";
import toxicity from "./index.ts";

const context = testContext("analyser/toxicity/test", { native: await loadNative() });

/** Runs lines; returns what was found, and what left where a policy ends threats. */
async function run(config: unknown, lines: readonly string[]) {
  await using analyser = await toxicity.setup(v.parse(toxicity.config, config), context);
  const plan = fakePlan({
    analysers: { "analyser/toxicity/t": analyser },
    policies: { "policy/block/b": planPolicy([block("toxicity/threat", "over")]) },
    capabilities: { reads: toxicity.capabilities.reads },
  });
  const { out, records } = runParts(plan, [...lines, "e0", "."]);
  return { out, found: records.map(({ finding }) => finding) };
}

test("a threat ends the answer at the end of its sentence, however it was cut", async () => {
  const whole = await run({ debounce: 1 }, ["t0 Hello. I will kill you. And more. "]);
  const cut = await run({ debounce: 1 }, ["t0 Hel", "t0 lo. I wi", "t0 ll ki", "t0 ll you", "t0 . A", "t0 nd more. "]);
  for (const { found } of [whole, cut]) {
    assert.equal(found[0]?.rule, "threat");
    assert.deepEqual(found[0]?.range, { start: 7, end: 23 });
    assert.ok((found[0]?.score ?? 0) > 0.8);
    assert.deepEqual(Object.keys(found[0]?.data ?? {}).sort(), ["categories", "sentence", "sentences", "severity"]);
  }
  assert.ok(cut.out.join("\n").includes("b0 over"));
  assert.ok(!cut.out.join("\n").includes("more"));
});

test("one sentence is not enough where two are asked for", async () => {
  assert.deepEqual((await run({ atOnce: 2 }, ["t0 I will kill you. The sky is blue. "])).found, []);
  assert.equal((await run({ atOnce: 2 }, ["t0 I will kill you. I will kill them. "])).found[0]?.rule, "threat");
});

test("channels that are not named are not read", async () => {
  assert.deepEqual((await run({ debounce: 1, channels: ["content"] }, ["r0 I will kill you. "])).found, []);
  assert.equal((await run({ debounce: 1, channels: ["reasoning"] }, ["r0 I will kill you. "])).found.length, 1);
});

test("a threshold out of bounds is a problem of the config", () => {
  assert.equal(v.safeParse(toxicity.config, { thresholds: { hate: 2 } }).success, false);
  assert.equal(v.safeParse(toxicity.config, { thresholds: { rudeness: 0.5 } }).success, false);
  assert.equal(v.safeParse(toxicity.config, { thresholds: { hate: 0.5 } }).success, true);
});
