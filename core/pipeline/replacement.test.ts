import assert from "node:assert/strict";
import { test } from "node:test";
import { Pseudonyms, replacementFor, replacementText } from "./replacement.ts";

const render = (replacement: Parameters<typeof replacementText>[0], matched: string) =>
  replacementText(replacement, matched, new Pseudonyms());

test("a mask keeps the last characters, not bytes or UTF-16 units", () => {
  assert.equal(render({ kind: "mask", char: "•", keepLast: 2 }, "пароль"), "••••ль");
  assert.equal(render({ kind: "mask", char: "•", keepLast: 2 }, "я"), "я");
  assert.equal(render({ kind: "mask", char: "*", keepLast: 1 }, "😀😀"), "*😀");
});

test("a hash is HMAC-SHA-256 of the text (RFC 4231, test case 2)", () => {
  assert.equal(render({ kind: "hash", tag: "T", key: "Jefe", length: 8 }, "what do ya want for nothing?"), "[T:5bdcc146]");
});

test("pseudonyms count the distinct texts of each tag", () => {
  const names = new Pseudonyms();
  assert.deepEqual(
    [names.name("A", "x"), names.name("A", "y"), names.name("B", "y"), names.name("A", "x")],
    ["[A_1]", "[A_2]", "[B_1]", "[A_1]"],
  );
});

test("a long object falls back to its tag where its text would be needed", () => {
  assert.deepEqual(replacementFor({ kind: "pseudonym", tag: "PEM" }, "PEM", "span"), { kind: "tag", text: "[PEM]" });
  assert.deepEqual(replacementFor({ kind: "remove" }, "PEM", "span"), { kind: "remove" });
});
