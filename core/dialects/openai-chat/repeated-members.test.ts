import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { repeatsMember } from "./repeated-members.ts";

const chunk = (delta: string, more = "") => `{"id":"c","choices":[{"index":0,"delta":${delta},"finish_reason":null}]${more}}`;

test("a member that is read and stands twice in one object is found, however it is written", () => {
  for (const json of [
    chunk('{"content":"a","content":"b"}'),
    chunk('{"content":"a","cont\\u0065nt" : "b"}'),
    chunk('{"tool_calls":[{"function":{"arguments":"a"}},{"function":{"arguments":"b","arguments":"c"}}]}'),
    chunk('{"content":[{"text":"a","type":"text"},{"text":"a","text":"b"}]}'),
    chunk("{}", ',"choices":[]'),
    '{"choices":5,"choices":[]}',
    '{"usage":{"total_tokens":1,"total_tokens":2}}',
  ]) {
    assert.equal(repeatsMember(json), true, json);
  }
});

test("names that only look alike, and members that are not read, are none", () => {
  for (const json of [
    chunk('{"content":"\\"content\\":","role":"content"}'),
    chunk('{"content":"a"}', ',"usage":{"total_tokens":1},"system_fingerprint":"x"'),
    chunk('{"tool_calls":[{"function":{"arguments":"a"}},{"function":{"arguments":"b"}}]}'),
    '{"choices":[{"index":0,"delta":{"content":"a"}},{"index":1,"delta":{"content":"b"}}]}',
    '{"other":{"content":1,"content":2},"own":1,"own":2,"choices":[{"logprobs":{"content":[],"content":[]},"delta":{"content":"a"}}]}',
    '{"error":{"message":"a","message":"b"}}',
  ]) {
    assert.equal(repeatsMember(json), false, json);
  }
});

test("no JSON of an object without such members repeats one", () => {
  fc.assert(fc.property(fc.json(), (json) => assert.equal(repeatsMember(json), false)));
});
