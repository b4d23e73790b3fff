import assert from "node:assert/strict";
import { test } from "node:test";
import * as v from "valibot";
import { isMidStreamError } from "../../../core/errors/midstream-error.ts";
import { actionsFor, rulesOf } from "../../../core/pipeline/actions.ts";
import { testContext } from "../../../core/testing/plugin-context.ts";
import redact from "./index.ts";

const key = "0123456789abcdef";
const context = testContext("policy/redact/test", {
  secret: (reference) => ("env" in reference && reference.env === "SHORT" ? "short" : key),
});

const planOf = async (config: Record<string, unknown>) => {
  const { plan } = await redact.setup(v.parse(redact.config, config), context);
  assert.ok(plan);
  return plan;
};
const replacementOf = async (config: Record<string, unknown>, tag = "EMAIL") => (await planOf(config)).rules[0]?.replacement?.(tag);

test("by default every finding becomes its tag in brackets", async () => {
  const plan = await planOf({});
  assert.equal(plan.monitor, false);
  assert.deepEqual(plan.rules[0]?.match, ["*"]);
  assert.deepEqual(await replacementOf({}), { kind: "tag", text: "[EMAIL]" });
});

test("by default it acts on patterns and literals but not on loops, which have left", async () => {
  const pattern = { id: "email", tag: "EMAIL", pattern: "x", score: 1, maxBytes: 8 };
  const literal = { id: "names", tag: "NAME", words: ["x"] };
  const rules = rulesOf("analyser/any/all", { rules: [pattern], literals: [literal], repetition: {} });
  const plan = await planOf({});
  const acted = rules.filter((rule) => actionsFor([{ id: context.id, plan }], rule).length > 0);
  assert.deepEqual(
    acted.map(({ rule }) => rule),
    ["email", "names"],
  );
});

test("the tag's text is the operator's", async () => {
  assert.deepEqual(await replacementOf({ tag: "<{tag} removed, {tag}>" }), { kind: "tag", text: "<EMAIL removed, EMAIL>" });
});

test("a tag with a replacement pattern in it is taken literally", async () => {
  assert.deepEqual(await replacementOf({ tag: "$&{tag}$1" }), { kind: "tag", text: "$&EMAIL$1" });
});

test("masks, removes, numbers and hashes", async () => {
  assert.deepEqual(await replacementOf({ with: "mask", keepLast: 4, maskChar: "•" }), { kind: "mask", char: "•", keepLast: 4 });
  assert.deepEqual(await replacementOf({ with: "remove" }), { kind: "remove" });
  assert.deepEqual(await replacementOf({ with: "pseudonym" }), { kind: "pseudonym", tag: "EMAIL" });
  const hash = await replacementOf({ with: "hash", key: { env: "KEY" }, hashLength: 16 });
  assert.deepEqual(hash, { kind: "hash", tag: "EMAIL", key, length: 16 });
});

test("a mask keeps nothing unless told to", async () => {
  assert.deepEqual(await replacementOf({ with: "mask" }), { kind: "mask", char: "*", keepLast: 0 });
});

test("monitor mode and least score reach the plan", async () => {
  const plan = await planOf({ mode: "monitor", minScore: 0.5, rules: ["pii/*", "!phone"] });
  assert.equal(plan.monitor, true);
  assert.equal(plan.rules[0]?.minScore, 0.5);
  assert.deepEqual(plan.rules[0]?.match, ["pii/*", "!phone"]);
});

test("a hash without a key is refused at the key", () => {
  const result = v.safeParse(redact.config, { with: "hash" });
  assert.equal(result.success, false);
  assert.deepEqual(
    result.issues?.map((issue) => v.getDotPath(issue)),
    ["key"],
  );
});

test("a key that is too short is refused at set-up without being told", async () => {
  await assert.rejects(planOf({ with: "hash", key: { env: "SHORT" } }), (error) => {
    assert.ok(isMidStreamError(error));
    assert.equal(error.code, "CONFIG_INVALID");
    assert.doesNotMatch(error.message, /short(?!er)/);
    return true;
  });
});

for (const wrong of [
  { rules: [] },
  { rules: ["pii/a/b"] },
  { rules: ["PII/*"] },
  { mode: "audit" },
  { with: "stars" },
  { tag: "" },
  { keepLast: 65 },
  { maskChar: "**" },
  { maskChar: " " },
  { key: "literal", with: "hash" },
  { hashLength: 7 },
  { minScore: 1.5 },
  { rule: ["*"] },
]) {
  test(`refuses ${JSON.stringify(wrong)}`, () => assert.equal(v.safeParse(redact.config, wrong).success, false));
}

test("every field has a description", () => {
  for (const field of Object.values(redact.config.entries)) assert.ok(v.getDescription(field));
});

test("disposing twice is harmless", async () => {
  const instance = await redact.setup(v.parse(redact.config, {}), context);
  await instance[Symbol.asyncDispose]();
  await instance[Symbol.asyncDispose]();
});
