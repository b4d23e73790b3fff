import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import * as v from "valibot";
import { isMidStreamError } from "../../../core/errors/midstream-error.ts";
import { testContext } from "../../../core/testing/plugin-context.ts";
import secrets from "./index.ts";

const context = testContext("analyser/secrets/test");
const planOf = async (config: unknown) => {
  await using instance = await secrets.setup(v.parse(secrets.config, config) as never, context);
  assert.equal(instance.begin, undefined);
  assert.ok(instance.plan?.rules);
  return { ...instance.plan, rules: instance.plan.rules };
};
const namesOf = async (config: unknown) => (await planOf(config)).rules.map((rule) => rule.id);
const fault = (config: unknown) =>
  planOf(config).then(
    () => assert.fail("set up"),
    (error: unknown) => {
      assert.ok(isMidStreamError(error));
      assert.equal(error.code, "CONFIG_RULE_INVALID");
      return error.message;
    },
  );
const all = (await planOf({ minScore: 0 })).rules;

test("there are rules for more than 300 formats, and a name stands for one rule only", () => {
  assert.ok(all.length > 300, `${all.length}`);
  assert.equal(new Set(all.map((rule) => rule.id)).size, all.length);
});

test("every rule says what it finds, where its facts come from and what a redaction writes", () => {
  for (const rule of all) {
    assert.match(rule.id, /^[a-z0-9]+(-[a-z0-9]+)*$/);
    assert.match(rule.tag, /^[A-Z][A-Z0-9_]*$/, rule.id);
    assert.match(rule.source ?? "", /^https:\/\/[a-z0-9.-]+\//, rule.id);
    assert.ok((rule.description ?? "").length > 10, rule.id);
    assert.ok(rule.score > 0 && rule.score <= 1, rule.id);
  }
});

test("no rule holds more than the plugin declares", () => {
  for (const rule of all) assert.ok(rule.maxBytes <= secrets.capabilities.holdBytes, rule.id);
});

test("a rule that could begin at any word waits for a keyword or a context word", () => {
  // These begin with a digit, with a fixed capital or with a fixed letter and `prv`: few words do.
  const free = ["discord-bot-token-alone", "google-oauth-client-id", "telegram-bot-token", "twilio-api-key", "twilio-account-sid"];
  const rare = ["bitcoin-wif-key", "bitcoin-extended-private-key"];
  for (const rule of all.filter((each) => each.score >= 0.5 && each.keywords === undefined && each.context?.required !== true)) {
    assert.ok([...free, ...rare].includes(rule.id), rule.id);
  }
});

test("the README lists every rule and no other", () => {
  const readme = readFileSync(new URL("./README.md", import.meta.url), "utf8");
  const rules = readme.slice(readme.indexOf("## Rules"), readme.indexOf("## Limits"));
  const listed = [...rules.matchAll(/^\| `([a-z0-9-]+)`/gm)].map((match) => match[1]);
  assert.deepEqual(
    listed,
    all.map((rule) => rule.id),
  );
});

test("by default all rules but those for names that are no secrets are used", async () => {
  const plan = await planOf({});
  assert.equal(plan.minScore, 0.5);
  assert.equal("channels" in plan, false);
  const used = plan.rules.map((rule) => rule.id);
  assert.ok(used.includes("github-token") && used.includes("password-bare") && !used.includes("aws-arn"));
  assert.ok((await namesOf({ minScore: 0.3 })).includes("aws-arn"));
});

test("globs choose rules, and a leading ! excludes", async () => {
  const aws = await namesOf({ rules: ["aws-*", "!aws-account-*"] });
  assert.ok(aws.includes("aws-access-key-id") && aws.every((id) => id.startsWith("aws-") && id !== "aws-account-id"));
  const rest = await namesOf({ rules: ["!aws-*"] });
  assert.ok(rest.includes("github-token") && !rest.some((id) => id.startsWith("aws-")));
});

test("rules that cannot reach minScore are left out, those whose check sets the score are not", async () => {
  const strict = await namesOf({ minScore: 0.7 });
  assert.ok(strict.includes("github-token") && !strict.includes("generic-secret") && strict.includes("password-double-quoted"));
});

test("a glob without a rule, and a choice without any rule, are errors that name the place", async () => {
  assert.match(await fault({ rules: ["aws-*", "gihtub-*"] }), /rules\[1\] "gihtub-\*" names no rule/);
  assert.match(await fault({ rules: ["aws-arn"] }), /minScore 0\.5 leave no rule/);
});

test("channels reach the plan", async () => {
  assert.deepEqual((await planOf({ channels: ["content", "tool-input"] })).channels, ["content", "tool-input"]);
});

for (const wrong of [
  { rules: [] },
  { rules: "aws-*" },
  { minScore: 1.1 },
  { minScore: -0.1 },
  { channels: ["text"] },
  { channels: [] },
  { rule: ["*"] },
]) {
  test(`refuses ${JSON.stringify(wrong)}`, () => assert.equal(v.safeParse(secrets.config, wrong).success, false));
}

test("every field has a description", () => {
  for (const field of Object.values(secrets.config.entries)) assert.ok(v.getDescription(field));
});

// Made at run time, so that no scanner is alarmed by this file.
const base62 = "q7Rk2ZpX0vLm8TnB5cWy3HsJd9FgA1eUoKiYx4Cb6QrVtMzNwPlGuEaDhSfOjI";
const of = (alphabet: string) => (length: number) => Array.from({ length }, (_, at) => alphabet[(at * 7 + 3) % alphabet.length]).join("");
const mixed = of(base62);
const capitals = of("Q7RK2ZPX0VLM8TNB5CWY3HSJD9FGA1EUOKIX4B6");
const hex = of("9f3c07a1e5b2d486");
const digits = of("4815162342");

/** A token of the vendor's form; all have a fixed length. */
const tokens: readonly (readonly [rule: string, token: string])[] = [
  ["github-token", `gh${"p_"}${mixed(36)}`],
  ["github-fine-grained-token", `github${"_pat_"}${mixed(22)}_${mixed(59)}`],
  ["aws-access-key-id", `AK${"IA"}${capitals(16)}`],
  ["google-api-key", `AI${"za"}${mixed(35)}`],
  ["google-oauth-client-secret", `GOC${"SPX-"}${mixed(28)}`],
  ["groq-api-key", `gs${"k_"}${mixed(52)}`],
  ["huggingface-organization-token", `api${"_org_"}${mixed(34).replaceAll(/[0-9]/g, "x")}`],
  ["npm-token", `np${"m_"}${mixed(36)}`],
  ["digitalocean-token", `dop${"_v1_"}${hex(64)}`],
  ["rubygems-token", `ruby${"gems_"}${hex(48)}`],
  ["sendgrid-api-key", `S${"G."}${mixed(22)}.${mixed(43)}`],
  ["square-oauth-secret", `sq0${"csp-"}${mixed(43)}`],
  ["shopify-token", `shp${"at_"}${hex(32)}`],
  ["mailgun-api-key", `ke${"y-"}${hex(32)}`],
  ["openrouter-api-key", `sk-${"or-v1-"}${hex(64)}`],
  ["newrelic-user-key", `NR${"AK-"}${capitals(27)}`],
  ["airtable-token", `pa${"t"}${mixed(14)}.${hex(64)}`],
  ["twilio-api-key", `S${"K"}${hex(32)}`],
  ["rapidapi-key", `${hex(10)}${"msh"}${hex(15)}p${hex(6)}jsn${hex(12)}`],
  ["asana-token", `1/${digits(16)}:${hex(32)}`],
  ["terraform-cloud-token", `${mixed(14)}.${"atlas"}v1.${mixed(60)}`],
  ["grafana-service-account-token", `gl${"sa_"}${mixed(32)}_${hex(8)}`],
];

for (const [id, token] of tokens) {
  test(`${id} matches a token of its form, and none that lacks its last character`, () => {
    const rule = all.find((each) => each.id === id);
    const pattern = new RegExp(`^(?:${rule?.pattern})$`);
    assert.match(token, pattern);
    assert.doesNotMatch(token.slice(0, -1), pattern);
    assert.ok(token.length <= (rule?.maxBytes ?? 0));
  });
}

test("disposing twice is harmless", async () => {
  const instance = await secrets.setup(v.parse(secrets.config, {}) as never, context);
  await instance[Symbol.asyncDispose]();
  await instance[Symbol.asyncDispose]();
});
