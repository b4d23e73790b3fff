import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type JsonPath, jsonString, locate, replaceSpans } from "./json-spans.ts";

const encode = (text: string) => new TextEncoder().encode(text);
const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

/** Every path of a JSON value with what stands there. */
function* paths(value: unknown, path: JsonPath = []): Generator<[JsonPath, unknown]> {
  yield [path, value];
  if (Array.isArray(value)) for (const [index, item] of value.entries()) yield* paths(item, [...path, index]);
  else if (typeof value === "object" && value !== null) {
    for (const [name, member] of Object.entries(value)) yield* paths(member, [...path, name]);
  }
}

test("finds every value of any JSON text, however it is spaced", () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.constantFrom(undefined, 1, "\t\r\n"), (value, space) => {
      const json = encode(JSON.stringify(value, undefined, space));
      const root: unknown = JSON.parse(decode(json));
      for (const [path, expected] of paths(root)) {
        const span = locate(json, path);
        assert.ok(span !== undefined, JSON.stringify(path));
        assert.deepEqual(JSON.parse(decode(json.subarray(span.start, span.end))), expected);
      }
    }),
    { seed: 7, numRuns: 300 },
  );
});

test("reads names with escapes, and of equal names the last", () => {
  const json = encode('{"a":1,"\\u0061":{"b\\"":[10,20]}}');
  const span = locate(json, ["a", 'b"', 1]);
  assert.equal(decode(json.subarray(span!.start, span!.end)), "20");
});

test("finds nothing where the path leads nowhere", () => {
  const json = encode('{"a":[1],"b":"text"}');
  for (const path of [["c"], ["a", 1], ["a", "x"], ["b", 0], [0]] as JsonPath[]) assert.equal(locate(json, path), undefined);
});

test("ends on any bytes", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), fc.string({ maxLength: 40 }), (bytes, text) => {
      for (const json of [bytes, encode(text), encode(`{"a":${text}`), encode(`{"a":"${text}\\`)]) locate(json, ["a", 0, "b"]);
    }),
    { seed: 8, numRuns: 500 },
  );
});

test("takes deep nesting without a stack", () => {
  const depth = 200_000;
  const json = encode(`{"a":${"[".repeat(depth)}${"]".repeat(depth)},"b":1}`);
  assert.equal(locate(json, ["b"])?.end, json.length - 1);
});

test("replaces ranges of any order and length and keeps the bytes between", () => {
  const out = replaceSpans(encode("0123456789"), [
    { span: { start: 7, end: 9 }, text: "é" },
    { span: { start: 2, end: 2 }, text: "++" },
    { span: { start: 3, end: 5 }, text: "" },
  ]);
  assert.equal(decode(out), "01++256é9");
});

test("escapes quotes, backslashes and control characters only", () => {
  assert.equal(jsonString('a"b\\c/é\u2028\u007f\n\u0001\ud800'), '"a\\"b\\\\c/é\u2028\u007f\\n\\u0001\ufffd"');
});
