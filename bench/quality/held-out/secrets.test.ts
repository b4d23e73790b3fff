import assert from "node:assert/strict";
import { test } from "node:test";
import { loadNative } from "../../../native/bindings/load.ts";
import { analyserPlan } from "../plan.ts";
import { cases } from "./secret-cases.ts";
import { formats, makeValue, Numbers, prefixOf } from "./secret-values.ts";
import { run } from "./secrets.ts";

test("values of all stated forms are found in every kind of text, and near misses are not, as far as the gates say", async () => {
  const native = await loadNative();
  const plan = native.compile({ analysers: [await analyserPlan("secrets")], actions: [] });
  const { failures, gates } = await run((_, text) => plan.scan(text));
  assert.deepEqual(failures, []);
  assert.ok(gates > 300);
});

test("a value has the length and the letters that its form states", () => {
  const numbers = new Numbers(1);
  assert.match(makeValue("ab_{6:h}.{2-4:d}", numbers), /^ab_[0-9a-f]{6}\.[0-9]{2,4}$/);
  assert.match(makeValue("{uuid}", numbers), /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.equal(prefixOf("{SSHA}{32:b}"), "{SSHA}");
});

test("every form leaves nothing unexpanded, and every text holds its value once", () => {
  const all = formats();
  assert.ok(all.length > 380);
  for (const { text, value, rule } of cases(all, 3)) {
    assert.equal(text.split(value).length, 2, rule);
    assert.ok(!/\{\d+(?::\w)?\}/.test(value), rule);
  }
});

test("of a key whose vendor has no rule, the random part behind a usual prefix is found", async () => {
  const native = await loadNative();
  const plan = native.compile({ analysers: [await analyserPlan("secrets")], actions: [] });
  const random = makeValue("{32}", new Numbers(9));
  for (const prefix of ["acme_live_", "acme_sk_", "zz-secret-", "acme_pat_"]) {
    const text = `The value is ${prefix}${random}.`;
    const found = plan.scan(text).map(({ rule, range }) => [rule, text.slice(range.start, range.end)]);
    assert.deepEqual(found, [["prefixed-token", random]], prefix);
  }
  assert.deepEqual(plan.scan("call handle_live_updateTheRunningServerConfiguration2() or test_api_getUserByIdentifierAndName"), []);
});

test("a token that is longer than its vendor issues today is found whole", async () => {
  const native = await loadNative();
  const plan = native.compile({ analysers: [await analyserPlan("secrets")], actions: [] });
  const numbers = new Numbers(11);
  const longer = [
    "ghp_{80}",
    "github_pat_{22}_{70}",
    "gsk_{64}",
    "npm_{48}",
    "r8_{48}",
    "HRKU-{72:w}",
    "GOCSPX-{36:w}",
    "NRAK-{32:U}",
    "dckr_pat_{27:w}",
    "SG.{22:w}.{50:w}",
  ];
  for (const shape of longer) {
    const value = makeValue(shape, numbers);
    const text = `key=${value} is set`;
    const found = plan.scan(text).map(({ range }) => text.slice(range.start, range.end));
    assert.deepEqual(found, [value], shape);
  }
});
