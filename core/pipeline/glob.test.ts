import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { globMatches, ruleMatches } from "./glob.ts";

test("only a star is special", () => {
  assert.ok(globMatches("gpt-*", "gpt-4.1"));
  assert.ok(globMatches("*mini*", "gpt-mini-1"));
  assert.ok(!globMatches("gpt-4.1", "gpt-4x1"));
  assert.ok(!globMatches("gpt-?", "gpt-4"));
  assert.ok(globMatches("a(b)*", "a(b)\nc"));
  assert.ok(!globMatches("gpt-*", "my-gpt-4"));
});

test("a glob matches what the regular expression of the same meaning matches", () => {
  const of = (letters: readonly string[]) => fc.string({ unit: fc.constantFrom(...letters), maxLength: 8 });
  fc.assert(
    fc.property(of(["a", "b", "*"]), of(["a", "b"]), (glob, name) => {
      assert.equal(globMatches(glob, name), new RegExp(`^${glob.replaceAll("*", ".*")}$`).test(name));
    }),
    { numRuns: 5_000 },
  );
});

test("the stars of a config and a client's name take no more than one look at each character", () => {
  // As a regular expression that goes back this takes longer than the universe has.
  assert.ok(!globMatches(`${"*a".repeat(40)}*b`, "a".repeat(100_000)));
});

test("rules are named with or without their analyser's type, and exclusions win wherever they stand", () => {
  assert.ok(ruleMatches(["pii/*"], "pii", "email"));
  assert.ok(ruleMatches(["email"], "pii", "email"));
  assert.ok(!ruleMatches(["email"], "pii", "email-hash"));
  assert.ok(!ruleMatches(["!email", "pii/*"], "pii", "email"));
  assert.ok(!ruleMatches(["*", "!secrets/aws-*"], "secrets", "aws-key"));
  assert.ok(!ruleMatches(["!phone"], "pii", "email"));
});
