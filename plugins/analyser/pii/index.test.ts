import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import * as v from "valibot";
import { testContext } from "../../../core/testing/plugin-context.ts";
import pii from "./index.ts";
import { phoneMetadata, phoneMetadataPath } from "./phone-metadata.ts";

const context = testContext("analyser/pii/test");

const plan = async (settings: unknown) => (await pii.setup(v.parse(pii.config, settings), context)).plan;
const names = async (settings: unknown) => ((await plan(settings))?.rules ?? []).map((rule) => rule.id);

test("an empty config enables every rule at a score of 0.5 on all channels", async () => {
  const defaults = await plan({});
  assert.equal(defaults?.minScore, 0.5);
  assert.equal(defaults?.channels, undefined);
  assert.ok((defaults?.rules?.length ?? 0) >= 70);
});

test("names, labels and rules are unique and well formed", async () => {
  const rules = (await plan({}))?.rules ?? [];
  assert.equal(new Set(rules.map((rule) => rule.id)).size, rules.length);
  for (const rule of rules) {
    assert.match(rule.id, /^[a-z0-9]+(-[a-z0-9]+)*$/);
    assert.match(rule.tag, /^[A-Z][A-Z0-9_]*$/);
    assert.ok(rule.description && rule.source, rule.id);
    assert.ok(rule.score > 0 && rule.score <= 1 && rule.maxBytes <= 254, rule.id);
  }
});

test("globs choose, exclude, and an excluding one alone leaves the rest", async () => {
  assert.deepEqual(await names({ rules: ["email", "us-*", "!us-aba"] }), ["email", "us-ssn", "us-itin", "us-npi", "us-mbi", "us-dea"]);
  const rest = await names({ rules: ["!us-*"] });
  assert.ok(rest.includes("email") && !rest.includes("us-ssn"));
});

test("countries leave out the identifiers of others and nothing else", async () => {
  const german = await names({ countries: ["de"] });
  assert.ok(german.includes("email") && german.includes("ip-address") && german.includes("mac-address"));
  assert.ok(german.includes("de-tax-id") && !german.includes("us-ssn") && !german.includes("ru-inn"));
});

test("a glob without a rule, and globs and countries without one together, are config errors", async () => {
  await assert.rejects(plan({ rules: ["emial"] }), { code: "CONFIG_RULE_INVALID" });
  await assert.rejects(plan({ rules: ["us-*"], countries: ["de"] }), { code: "CONFIG_RULE_INVALID" });
});

for (const wrong of [{ rules: [] }, { rules: [""] }, { minScore: 1.1 }, { countries: ["xx"] }, { channels: [] }, { minscore: 0.5 }]) {
  test(`refuses ${JSON.stringify(wrong)}`, () => assert.equal(v.safeParse(pii.config, wrong).success, false));
}

test("score and channels reach the plan", async () => {
  const chosen = await plan({ minScore: 0.2, channels: ["content"] });
  assert.equal(chosen?.minScore, 0.2);
  assert.deepEqual(chosen?.channels, ["content"]);
});

test("every field has a description", () => {
  for (const field of Object.values(pii.config.entries)) assert.ok(v.getDescription(field));
});

test("the README names every rule with its label and hold bound", async () => {
  const readme = readFileSync(new URL("README.md", import.meta.url), "utf8");
  for (const rule of (await plan({}))?.rules ?? []) {
    const row = readme.split("\n").find((line) => line.startsWith(`| \`${rule.id}\` `));
    assert.ok(row?.includes(`\`${rule.tag}\``) && row.includes(` ${rule.maxBytes} `), rule.id);
  }
});

test("the number plans in the native core are those of the installed metadata", () => {
  assert.equal(readFileSync(phoneMetadataPath, "utf8"), phoneMetadata());
});

test("disposing twice is harmless", async () => {
  const instance = await pii.setup(v.parse(pii.config, {}), context);
  await instance[Symbol.asyncDispose]();
  await instance[Symbol.asyncDispose]();
});
