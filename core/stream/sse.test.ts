import assert from "node:assert/strict";
import { test } from "node:test";
import { dataSpans, maxFrameBytes, type SseFrame, SseFramer } from "./sse.ts";

const encode = (text: string) => new TextEncoder().encode(text);
const decode = (bytes: Uint8Array) => new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);

function framesOf(bytes: Uint8Array, size: number): SseFrame[] {
  const framer = new SseFramer();
  const frames: SseFrame[] = [];
  for (let at = 0; at < bytes.length; at += size) frames.push(...framer.push(bytes.subarray(at, at + size)));
  return frames;
}

const lines = [
  "\ufeffdata: a",
  "data:b",
  ":comment",
  "id: 1",
  "retry: 5",
  "",
  "event: error",
  "data",
  "",
  ": x",
  "",
  "database: no",
  "data:  é",
  "",
  "",
];

test("reads every line end in every partition, and its frames are the bytes that came", () => {
  for (const end of ["\n", "\r\n", "\r"]) {
    const bytes = encode(lines.join(end));
    for (let size = 1; size <= bytes.length; size++) {
      const frames = framesOf(bytes, size);
      assert.deepEqual(
        frames.map(({ payload, event }) => [payload, event]),
        [
          ["a\nb", ""],
          ["", "error"],
          ["", ""],
          [" é", ""],
        ],
        `${JSON.stringify(end)} in reads of ${size}`,
      );
      assert.ok(lines.join(end).startsWith(frames.map((frame) => decode(frame.bytes)).join("")));
    }
  }
});

test("cuts mixed line ends at the same places in every partition", () => {
  const bytes = encode("data: a\r\r\ndata: b\n\rdata: c\n\n\r\n\r\rx\n\n");
  const whole = framesOf(bytes, bytes.length).map((frame) => decode(frame.bytes));
  for (let size = 1; size < bytes.length; size++) {
    assert.deepEqual(
      framesOf(bytes, size).map((frame) => decode(frame.bytes)),
      whole,
    );
  }
});

test("ends an event at a lone carriage return without waiting for the next one", () => {
  assert.equal(framesOf(encode("data: a\r\r"), 1).length, 1);
  assert.equal(framesOf(encode("data: a\r\n\r"), 1).length, 0);
});

test("gives an unterminated event its line ends, and no event for comments", () => {
  for (const [text, expected] of [
    ["data: a", "data: a\n\n"],
    ["data: a\n", "data: a\n\n"],
    ["data: a\r", "data: a\r\n\n"],
    ["data: a\r\n", "data: a\r\n\n"],
    [": only", undefined],
    ["", undefined],
  ]) {
    const framer = new SseFramer();
    assert.deepEqual(framer.push(encode(text!)), []);
    const last = framer.end();
    assert.equal(last === undefined ? undefined : decode(last.bytes), expected);
  }
});

test("keeps frames as they were when later bytes arrive", () => {
  const framer = new SseFramer();
  const [first] = framer.push(encode("data: one\n\ndata: t"));
  const chunk = encode("wo\n\n");
  const [second] = framer.push(chunk);
  chunk.fill(0);
  assert.deepEqual([decode(first!.bytes), decode(second!.bytes)], ["data: one\n\n", "data: two\n\n"]);
});

test("stops at an event above the limit, after those before it", () => {
  const framer = new SseFramer();
  assert.equal(framer.push(encode(`data: a\n\ndata: ${"x".repeat(maxFrameBytes)}`)).length, 1);
  assert.equal(framer.isOverfull, true);
  assert.deepEqual(framer.push(encode("\n\n")), []);
});

test("finds the data lines of a frame", () => {
  const frame = encode("event: x\r\ndata:a\r\ndata\r\n: data: no\r\ndata: b\r\n\r\n");
  assert.deepEqual(
    dataSpans(frame).map(({ start, end }) => decode(frame.subarray(start, end))),
    ["a", "", "b"],
  );
});
