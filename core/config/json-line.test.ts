import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { brokenJsonLine } from "./json-line.ts";

test("the line of the first mistake is found", () => {
  for (const [text, line] of [
    ["", 1],
    ['{\n"a": 1,\n}', 3],
    ['{\n"a": 1,\n"b": }', 3],
    ["[1,\n2,,\n3]", 2],
    ['{"a": 1\n"b": 2}', 2],
    ['{\n// why\n"a": 1}', 2],
    ['{"a": "x\ny"}', 1],
    ["[1\n]]", 2],
    ["[}\n", 1],
    ['{"a": 1\n\n', 3],
    ["1 2", 1],
    ["{'a': 1}", 1],
    ["[01]", 1],
  ] as const) {
    assert.equal(brokenJsonLine(text), line, text);
  }
});

test("it agrees with JSON.parse on what is JSON", () => {
  const isJson = (text: string) => {
    try {
      JSON.parse(text);
      return true;
    } catch {
      return false;
    }
  };
  const broken = fc.tuple(fc.json(), fc.nat(), fc.constantFrom(...'{}[]:,"1-e.tn \\', "")).map(([text, at, sign]) => {
    const cut = at % (text.length + 1);
    return text.slice(0, cut) + sign + text.slice(cut + 1);
  });
  fc.assert(fc.property(fc.oneof(broken, fc.json(), fc.string()), (text) => isJson(text) === (brokenJsonLine(text) === undefined)));
});
