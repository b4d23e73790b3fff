import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { NativeAction, NativePlanSpec } from "../../core/native/native-core.ts";
import { loadNative } from "./load.ts";
import { pinPlan } from "./test-plan.ts";

const native = loadNative();

const withRule = (rule: object): NativePlanSpec => ({
  analysers: [{ id: "analyser/test/bad", rules: [{ id: "bad", tag: "BAD", pattern: "a", score: 1, maxBytes: 8, ...rule }] }],
  actions: [],
});

test("the core says its version and ABI", () => {
  assert.match(native.version, /^\d+\.\d+\.\d+$/);
  assert.equal(native.abi, 1);
});

test("a plan names its rules in their order and its memory", () => {
  using plan = native.compile(pinPlan);
  assert.deepEqual(plan.rules, [
    { analyser: "analyser/test/pin", rule: "pin", tag: "PIN" },
    { analyser: "analyser/test/pin", rule: "code", tag: "CODE" },
  ]);
  assert.ok(plan.memoryBytes > 0);
});

test("an invalid rule is named with analyser, rule, field and remedy", () => {
  assert.throws(
    () => native.compile(withRule({ pattern: "(" })),
    (error: Error & { code: string; pluginId: string; field: string }) => {
      assert.equal(error.code, "CONFIG_RULE_INVALID");
      assert.equal(error.pluginId, "analyser/test/bad");
      assert.equal(error.field, "pattern");
      assert.match(error.message, /^analyser\/test\/bad, rule "bad", field "pattern": ./);
      return true;
    },
  );
});

test("an action on a rule that no analyser has is an error of the configuration", () => {
  const action: NativeAction = { ...pinPlan.actions[0]!, rule: "pim" };
  assert.throws(() => native.compile({ ...pinPlan, actions: [action] }), { code: "CONFIG_RULE_INVALID", field: "actions" });
});

test("whatever is compiled, the answer is a plan or an error of the configuration", () => {
  const rule = fc.record(
    { pattern: fc.string(), score: fc.double(), maxBytes: fc.integer(), keywords: fc.array(fc.string()) },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(rule, (fields) => {
      try {
        native.compile(withRule(fields))[Symbol.dispose]();
      } catch (error) {
        assert.equal((error as { code: string }).code, "CONFIG_RULE_INVALID");
      }
    }),
    { numRuns: 50 },
  );
});

test("a scan finds with byte offsets and the score as it was written", () => {
  using plan = native.compile(pinPlan);
  assert.deepEqual(plan.scan("größe 1234, ABC-12"), [
    {
      analyser: "analyser/test/pin",
      rule: "pin",
      tag: "PIN",
      channel: "content",
      choice: 0,
      block: 0,
      range: { start: 8, end: 12 },
      from: 8,
      score: 0.95,
    },
    {
      analyser: "analyser/test/pin",
      rule: "code",
      tag: "CODE",
      channel: "content",
      choice: 0,
      block: 0,
      range: { start: 14, end: 20 },
      from: 14,
      score: 0.7,
    },
  ]);
  assert.deepEqual(plan.scan(""), []);
});

test("a plan that was disposed of opens nothing, and its open sessions go on", () => {
  const plan = native.compile(pinPlan);
  using session = plan.openSession();
  plan[Symbol.dispose]();
  plan[Symbol.dispose]();
  assert.throws(() => plan.openSession(), { code: "NATIVE_BAD_HANDLE" });
  assert.throws(() => plan.scan("1234"), { code: "NATIVE_BAD_HANDLE" });
  session.push(0, 0, "content", "pin 1234 end");
  session.end(0, 0);
  assert.equal(session.takeFindings().length, 1);
});
