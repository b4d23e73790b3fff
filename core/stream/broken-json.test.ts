import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { brokenJsonAt, isLenientJson } from "./broken-json.ts";

const brokenJsonLine = (text: string) => {
  const at = brokenJsonAt(text);
  return at === undefined ? undefined : text.slice(0, at).split("\n").length;
};

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

test("what some readers take as JSON is told from what none does", () => {
  for (const text of [
    "NaN",
    "[NaN]",
    '{"a":NaN}',
    ' {"a":[1,-Infinity]}',
    '{"a":{"b":Infinity',
    '{"a":"x\ty"}',
    '{"a\u0001":1}',
    '{"a":"\\"\n"}',
  ]) {
    assert.equal(isLenientJson(text), true, text);
  }
  for (const text of ['{"a":1}', "nan", "Not", '{"a":nan}', '{"a":-NaN}', '{"a":1,}', '{"a":"x', '{"a":"\\x\n"}', ""]) {
    assert.equal(isLenientJson(text), false, text);
  }
});
