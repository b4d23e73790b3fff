/** What a caller can do wrong with the flat ABI. None of it may take the process down. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { addressOf } from "#native";
import { lastError } from "./failure.ts";
import { status, words } from "./flat-abi.ts";
import { Plan } from "./generated/midstream.ts";
import { loadLibrary } from "./library.ts";
import type { Address } from "./platform.ts";
import { pinPlan } from "./test-plan.ts";

const library = loadLibrary();
const { flat } = library;
const plan = Plan.compile(library.typed, JSON.stringify(pinPlan));
const planHandle = plan.handle();

const block = (count: number) => {
  const view = new Uint32Array(new ArrayBuffer(count * 4));
  return { view, address: addressOf(view) };
};
const room = block(64);
const text = new Uint8Array(new ArrayBuffer(64));
const textAddress = addressOf(text);
const nowhere = null as unknown as Address;
const tooLong = 0x8000_0000;

const open = () => {
  const session = flat.ms_session_open(planHandle);
  assert.ok(session > 0);
  return session;
};
const push = (session: number, length: number, from: Address = textAddress, outWords: number = words.push) =>
  flat.ms_session_push(session, 0, 0, 0, from, length, room.address, outWords);

test("a handle that was never given out is unknown to every function", () => {
  for (const handle of [0, 1, 0x7fff_ffff, 0xffff_ffff]) {
    assert.equal(flat.ms_session_open(handle), status.badHandle);
    assert.equal(push(handle, 1), status.badHandle);
    assert.equal(flat.ms_session_end(handle, 0, 0, room.address, words.push), status.badHandle);
    assert.equal(flat.ms_session_findings(handle, room.address, 64), status.badHandle);
    assert.equal(flat.ms_session_close(handle), status.badHandle);
    assert.equal(flat.ms_wire_open(handle, 0, 0, 1, -1), status.badHandle);
    assert.equal(flat.ms_wire_feed(handle, text, 1, textAddress, 8, room.address, words.state), status.badHandle);
    assert.equal(flat.ms_wire_end(handle, 0, textAddress, 8, room.address, words.state), status.badHandle);
    assert.equal(flat.ms_wire_records(handle, room.address, 64), status.badHandle);
    assert.equal(flat.ms_wire_close(handle), status.badHandle);
  }
});

test("a handle of one kind is unknown to the functions of another", () => {
  const session = open();
  assert.equal(flat.ms_session_open(session), status.badHandle);
  assert.equal(flat.ms_wire_close(session), status.badHandle);
  assert.equal(flat.ms_session_close(planHandle), status.badHandle);
  assert.equal(flat.ms_session_close(session), 0);
});

test("closing twice and using after closing are refused", () => {
  const session = open();
  assert.equal(flat.ms_session_close(session), 0);
  assert.equal(flat.ms_session_close(session), status.badHandle);
  assert.equal(push(session, 1), status.badHandle);
});

test("null with a length, lengths over 2^31 - 1 and codes out of range are refused", () => {
  const session = open();
  assert.equal(push(session, 1, nowhere), status.badArgument);
  assert.equal(push(session, 0, nowhere), 0);
  assert.equal(push(session, tooLong), status.badArgument);
  assert.equal(flat.ms_session_push(session, 0, 0, 4, textAddress, 1, room.address, words.push), status.badArgument);
  assert.equal(flat.ms_session_push(session, 0, 0, 0, textAddress, 1, nowhere, words.push), status.badArgument);
  assert.equal(flat.ms_session_findings(session, room.address, tooLong), status.badArgument);
  assert.equal(flat.ms_wire_open(planHandle, 32, 0, 1, -1), status.badArgument);
  assert.equal(flat.ms_wire_open(planHandle, 0, 4, 1, -1), status.badArgument);
  assert.equal(flat.ms_wire_open(planHandle, 0, 0, 0, -1), status.badArgument);
  for (const length of [-1, Number.NaN, Number.POSITIVE_INFINITY]) {
    assert.equal(flat.ms_wire_open(planHandle, 0, 2, 1, length), status.badArgument);
  }
  const wire = flat.ms_wire_open(planHandle, 0, 0, 1, -1);
  assert.equal(flat.ms_wire_feed(wire, text, tooLong, textAddress, 8, room.address, words.state), status.badArgument);
  assert.equal(flat.ms_wire_feed(wire, text, 1, nowhere, 8, room.address, words.state), status.badArgument);
  assert.equal(flat.ms_wire_feed(wire, text, 1, textAddress, tooLong, room.address, words.state), status.badArgument);
  assert.equal(flat.ms_wire_end(wire, 4, textAddress, 8, room.address, words.state), status.badArgument);
  assert.equal(flat.ms_wire_close(wire), 0);
  assert.equal(flat.ms_session_close(session), 0);
});

test("an array that is too small is refused before anything is taken", () => {
  const session = open();
  assert.equal(push(session, 1, textAddress, words.push - 1), status.tooSmall);
  assert.equal(flat.ms_session_findings(session, room.address, words.finding - 1), status.tooSmall);
  assert.equal(flat.ms_session_close(session), 0);
  const wire = flat.ms_wire_open(planHandle, 0, 0, 1, -1);
  assert.equal(flat.ms_wire_feed(wire, text, 1, textAddress, 8, room.address, words.state - 1), status.tooSmall);
  assert.equal(flat.ms_wire_close(wire), 0);
});

test("an array that is not aligned is refused", () => {
  const session = open();
  const shifted = addressOf(new Uint8Array(room.view.buffer, 1, 16));
  assert.equal(flat.ms_session_push(session, 0, 0, 0, textAddress, 1, shifted, words.push), status.badArgument);
  assert.equal(flat.ms_session_close(session), 0);
});

test("text that is not UTF-8 is refused and the session goes on", () => {
  const session = open();
  for (const bytes of [[0xff], [0xc3], [0xed, 0xa0, 0x80], [0xf5, 0x80, 0x80, 0x80], [0xc0, 0xaf]]) {
    text.set(bytes);
    assert.equal(push(session, bytes.length), status.badUtf8);
  }
  text.set([0x61]);
  assert.equal(push(session, 1), 0);
  assert.equal(flat.ms_session_close(session), 0);
  const words64 = new BigUint64Array(words.buffer);
  assert.equal(flat.ms_buffer_from_text(new Uint8Array([0xff]), 1, words64), status.badUtf8);
});

test("a panic becomes a status, poisons its own handle and leaves the others alone", () => {
  const [bad, good] = [flat.ms_test_open(), flat.ms_test_open()];
  assert.equal(flat.ms_test_panic(bad), status.panic);
  assert.match(lastError(flat), /^Panic at .*selftest\.rs:\d+$/);
  assert.equal(flat.ms_test_panic(bad), status.panic);
  assert.match(lastError(flat), /poisoned/);
  assert.equal(flat.ms_session_close(good), status.badHandle);
  assert.equal(flat.ms_test_close(good), 0);
  assert.equal(flat.ms_test_close(bad), 0);
  assert.equal(flat.ms_test_close(bad), status.badHandle);
  assert.equal(flat.ms_test_panic(bad), status.badHandle);
});

test("a thousand panics cost no handle", () => {
  for (let round = 0; round < 1000; round++) {
    const handle = flat.ms_test_open();
    assert.equal(flat.ms_test_panic(handle), status.panic);
    assert.equal(flat.ms_test_close(handle), 0);
  }
});

test("the last error is read once, and is cut where the caller has no room", () => {
  assert.equal(push(0, 1), status.badHandle);
  const short = new Uint8Array(6);
  assert.equal(flat.ms_last_error(short, short.length), 6);
  assert.equal(new TextDecoder().decode(short), "Handle");
  assert.equal(lastError(flat), "");
});

test("a buffer of the typed ABI is freed once, however often that is asked for", () => {
  const buffer = new BigUint64Array(words.buffer);
  assert.equal(flat.ms_buffer_alloc(100, buffer), 0);
  assert.equal(Number(buffer[1]), 100);
  assert.equal(flat.ms_buffer_reserve(buffer, 1000), 0);
  assert.ok(Number(buffer[0]) >= 1100);
  assert.equal(flat.ms_buffer_take(buffer, text, text.length), status.tooSmall);
  assert.equal(Number(buffer[1]), 100);
  assert.equal(flat.ms_buffer_free(buffer), 0);
  assert.equal(flat.ms_buffer_free(buffer), 0);
  assert.equal(flat.ms_buffer_take(buffer, text, text.length), 0);
  buffer.set([1n, 2n, 0n]);
  assert.equal(flat.ms_buffer_free(buffer), status.badArgument);
});
