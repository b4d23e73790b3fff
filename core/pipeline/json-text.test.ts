import assert from "node:assert/strict";
import { test } from "node:test";
import { escapeJson, JsonCursor, unescapeJson } from "./json-text.ts";

test("escapes are read as JSON reads them", () => {
  assert.equal(unescapeJson(String.raw`a\u0040b\/c\n`), "a@b/c\n");
  assert.equal(unescapeJson(String.raw`\ud83d\ude00`), "😀");
  assert.equal(unescapeJson(String.raw`\ud83dx`), "\ufffdx");
  assert.equal(unescapeJson(String.raw`\u12`), String.raw`\u12`);
  assert.equal(unescapeJson("\\"), "\\");
  assert.equal(unescapeJson(String.raw`\\n`), String.raw`\n`);
});

test("the cursor knows strings across pieces", () => {
  const cursor = new JsonCursor();
  cursor.advance('{"a\\');
  assert.equal(cursor.inString, true);
  cursor.advance('":');
  assert.equal(cursor.inString, true);
  cursor.advance('":4');
  assert.equal(cursor.inString, false);
});

test("escaping is minimal", () => {
  assert.equal(escapeJson('"\\/\u0001\u044f'), '\\"\\\\/\\u0001\u044f');
});
