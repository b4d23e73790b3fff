import assert from "node:assert/strict";
import { test } from "node:test";
import { globMatches, ruleMatches } from "./glob.ts";

test("only a star is special", () => {
  assert.ok(globMatches("gpt-*", "gpt-4.1"));
  assert.ok(globMatches("*mini*", "gpt-mini-1"));
  assert.ok(!globMatches("gpt-4.1", "gpt-4x1"));
  assert.ok(!globMatches("gpt-?", "gpt-4"));
  assert.ok(globMatches("a(b)*", "a(b)\nc"));
  assert.ok(!globMatches("gpt-*", "my-gpt-4"));
});

test("rules are named with or without their analyser's type, and exclusions win wherever they stand", () => {
  assert.ok(ruleMatches(["pii/*"], "pii", "email"));
  assert.ok(ruleMatches(["email"], "pii", "email"));
  assert.ok(!ruleMatches(["email"], "pii", "email-hash"));
  assert.ok(!ruleMatches(["!email", "pii/*"], "pii", "email"));
  assert.ok(!ruleMatches(["*", "!secrets/aws-*"], "secrets", "aws-key"));
  assert.ok(!ruleMatches(["!phone"], "pii", "email"));
});
