import assert from "node:assert/strict";
import { test } from "node:test";
import * as v from "valibot";
import { parseStrict } from "./issues.ts";
import { formatProblem } from "./problem.ts";

const secret = v.union([v.strictObject({ env: v.string() }), v.strictObject({ file: v.string() })]);
const schema = v.strictObject({
  baseUrl: v.pipe(v.string(), v.url(), v.regex(/^h/, "must begin with h")),
  count: v.pipe(v.optional(v.pipe(v.number(), v.integer(), v.minValue(1)), 3), v.description("x")),
  key: v.optional(secret),
  mode: v.optional(v.picklist(["enforce", "monitor"]), "enforce"),
  headers: v.optional(v.record(v.pipe(v.string(), v.regex(/^x-/, "must begin with x-")), v.string()), {}),
  nested: v.optional(v.array(v.strictObject({ name: v.string() })), []),
});

const lines = (value: unknown) => parseStrict(schema, value, ["plugins", "provider/p/x"]).problems.map(formatProblem);
const at = 'plugins["provider/p/x"]';

test("all problems come at once, with path, class and suggestion, and without a value", () => {
  const found = lines({
    cuont: 1,
    mod: 2,
    count: 0,
    key: { enf: "hunter2" },
    mode: "monitr",
    headers: { bad: 4 },
    nested: [{ name: "a", nmae: "hunter2" }],
  });
  assert.deepEqual(found.sort(), [
    `${at}.baseUrl: is required`,
    `${at}.count: must be at least 1`,
    `${at}.cuont: unknown key (did you mean "count"?)`,
    `${at}.headers.bad: key must begin with x-`,
    `${at}.headers.bad: must be a string, not a number`,
    `${at}.key.enf: unknown key (did you mean "env"?)`,
    `${at}.key.env: is required`,
    `${at}.mod: unknown key (did you mean "mode"?)`,
    `${at}.mode: must be "enforce" or "monitor", not a string (did you mean "monitor"?)`,
    `${at}.nested[0].nmae: unknown key (did you mean "name"?)`,
  ]);
  assert.ok(!found.join().includes("hunter2"));
});

test("a union names its options to a value of a wrong class", () => {
  assert.deepEqual(lines({ baseUrl: "http://a", key: "literal-secret" }), [`${at}.key: must be { env } or { file }, not a string`]);
});

test("a schema's own words are kept", () => {
  assert.deepEqual(lines({ baseUrl: "ftp://a" }), [`${at}.baseUrl: must begin with h`]);
});

test("a good value comes back with its defaults", () => {
  const { problems, value } = parseStrict(schema, { baseUrl: "http://a" });
  assert.deepEqual(problems, []);
  assert.deepEqual(value, { baseUrl: "http://a", count: 3, mode: "enforce", headers: {}, nested: [] });
});
