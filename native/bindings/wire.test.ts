import assert from "node:assert/strict";
import { test } from "node:test";
import { addressOf } from "#native";
import type { NativeWire } from "../../core/native/native-core.ts";
import { stateFlags, status, words } from "./flat-abi.ts";
import { Plan } from "./generated/midstream.ts";
import { loadLibrary } from "./library.ts";
import { loadNative } from "./load.ts";
import { pinPlan, sse, streamSettings } from "./test-plan.ts";

const library = loadLibrary();
const { flat } = library;
const rawPlan = Plan.compile(library.typed, JSON.stringify(pinPlan));
const plan = loadNative().compile(pinPlan);

const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const answer = sse(["Your pin is 12", "34", ". Keep it ", "größer", " 56", "78 ", "end"]);

/** All that an answer gives, by the core's own door. */
function through(wire: NativeWire, chunks: readonly Uint8Array[]): string {
  const out: string[] = [];
  const take = (bytes: Uint8Array) => {
    out.push(decode(bytes));
    while (wire.state.more) out.push(decode(wire.drain()));
  };
  for (const chunk of chunks) take(wire.feed(chunk));
  take(wire.end("eof"));
  return out.join("");
}

const whole = () => {
  using wire = plan.openWire(streamSettings);
  return through(wire, [answer]);
};

test("a finding is redacted in flight and recorded with its verdict", () => {
  using wire = plan.openWire(streamSettings);
  const out = through(wire, [answer]);
  assert.match(out, /\[PIN\]/);
  assert.doesNotMatch(out, /12|34|56|78/);
  assert.ok(out.endsWith("data: [DONE]\n\n"));
  assert.equal(wire.state.done, true);
  assert.equal(wire.state.failed, false);
  assert.equal(wire.state.records, true);
  const records = wire.takeRecords();
  assert.deepEqual(
    records.map(({ finding, verdicts }) => ({ rule: finding.rule, score: finding.score, range: finding.range, verdicts })),
    [
      {
        rule: "pin",
        score: 0.95,
        range: { start: 12, end: 16 },
        verdicts: [{ policy: "policy/test/mask", action: "rewrite", outcome: "applied" }],
      },
      {
        rule: "pin",
        score: 0.95,
        range: { start: 35, end: 39 },
        verdicts: [{ policy: "policy/test/mask", action: "rewrite", outcome: "applied" }],
      },
    ],
  );
  assert.deepEqual(wire.takeRecords(), []);
});

test("reads of any size give the same bytes", () => {
  const expected = whole();
  for (const size of [1, 2, 3, 7, 64, 100]) {
    const chunks = Array.from({ length: Math.ceil(answer.length / size) }, (_, index) => answer.subarray(index * size, (index + 1) * size));
    using wire = plan.openWire(streamSettings);
    assert.equal(through(wire, chunks), expected, `reads of ${size}`);
  }
});

test("output buffers of any size give the same bytes, and nothing is written behind them", () => {
  const expected = whole();
  const guard = 0xaa;
  const state = new Uint32Array(new ArrayBuffer(words.state * 4));
  for (const cap of [0, 1, 2, 3, 7, 64, 1000]) {
    const memory = new Uint8Array(new ArrayBuffer(cap + 16));
    const address = addressOf(memory);
    const stateAddress = addressOf(state);
    const wire = flat.ms_wire_open(rawPlan.handle(), 0, 0, 1, -1);
    let out = "";
    const take = (call: (cap: number) => number, room: number) => {
      memory.fill(guard);
      const count = call(room);
      assert.ok(count >= 0 && count <= room, `${count} of ${room}`);
      assert.ok(
        memory.subarray(room).every((byte) => byte === guard),
        "wrote behind the buffer",
      );
      out += String.fromCharCode(...memory.subarray(0, count));
    };
    const feed = (bytes: Uint8Array) => (room: number) =>
      flat.ms_wire_feed(wire, bytes, bytes.length, address, room, stateAddress, words.state);
    take(feed(answer), cap);
    take((room) => flat.ms_wire_end(wire, 0, address, room, stateAddress, words.state), cap);
    // With no room at all the flow keeps everything; then it is given one byte at a time.
    while ((state[0]! & stateFlags.more) !== 0) take(feed(new Uint8Array(0)), Math.max(cap, 1));
    assert.equal(decode(Uint8Array.from(out, (character) => character.charCodeAt(0))), expected, `room of ${cap}`);
    assert.equal(flat.ms_wire_close(wire), 0);
  }
});

test("a read far larger than the shared buffer leaves whole, and memory grows to its bound only", () => {
  const text = "lorem ipsum dolor sit amet ".repeat(4);
  const large = sse(Array.from({ length: 8_000 }, () => text));
  assert.ok(large.length > 1_000_000);
  using wire = plan.openWire(streamSettings);
  assert.equal(through(wire, [large]), decode(large));
});

test("records that do not fit wait, and one that can never fit says so", () => {
  const wire = flat.ms_wire_open(rawPlan.handle(), 0, 0, 1, -1);
  const out = new Uint8Array(new ArrayBuffer(65_536));
  const state = new Uint32Array(new ArrayBuffer(words.state * 4));
  const list = new Uint32Array(new ArrayBuffer(256));
  const listAddress = addressOf(list);
  assert.ok(flat.ms_wire_feed(wire, answer, answer.length, addressOf(out), out.length, addressOf(state), words.state) > 0);
  const one = words.record + words.verdict;
  assert.equal(flat.ms_wire_records(wire, listAddress, one - 1), status.tooSmall);
  assert.equal(flat.ms_wire_records(wire, listAddress, 2 * one - 1), one);
  assert.equal(list[4], 12);
  assert.equal(flat.ms_wire_records(wire, listAddress, 2 * one - 1), one);
  assert.equal(list[4], 35);
  assert.equal(flat.ms_wire_records(wire, listAddress, one), 0);
  assert.equal(flat.ms_wire_close(wire), 0);
});

test("an upstream that is cut never ends silently", () => {
  using wire = plan.openWire(streamSettings);
  const out = through(wire, [answer.subarray(0, 300)]);
  assert.match(out, /PROVIDER_CUT/);
  assert.doesNotMatch(out, /\[DONE\]/);
  assert.equal(wire.state.failed, true);
});

test("bytes behind the HTTP message are counted, not passed on", () => {
  using wire = plan.openWire({ ...streamSettings, framing: "content-length", contentLength: answer.length });
  const out = decode(wire.feed(Uint8Array.of(...answer, 1, 2, 3)));
  assert.equal(wire.state.messageEnd, true);
  assert.equal(wire.state.trailing, 3);
  assert.equal(out + decode(wire.end("eof")), whole());
});

test("an answer that was disposed of refuses calls, and disposing twice does nothing", () => {
  const wire = plan.openWire(streamSettings);
  wire[Symbol.dispose]();
  wire[Symbol.dispose]();
  assert.throws(() => wire.feed(answer), { code: "NATIVE_BAD_HANDLE" });
  assert.throws(() => wire.end("eof"), { code: "NATIVE_BAD_HANDLE" });
});
