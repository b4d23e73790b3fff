import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { fakeHost } from "../testing/fake-host.ts";
import { Deadline, Deadlines } from "./deadlines.ts";

const tickMs = 50;

/** A wheel, and what it called when. */
function wheel() {
  const host = fakeHost();
  const deadlines = new Deadlines(host, tickMs);
  const called: [name: string, atMs: number][] = [];
  const make = (name: string, then?: () => void) =>
    new Deadline({
      due(nowMs) {
        called.push([name, nowMs]);
        then?.();
      },
    });
  return { host, deadlines, called, make };
}

test("a deadline is called once, not before its time and at most a tick later", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 60_000 }), { maxLength: 50 }), fc.integer({ min: 0, max: 500 }), (delays, startMs) => {
      const { host, deadlines, called, make } = wheel();
      host.advance(startMs);
      for (const [index, ms] of delays.entries()) deadlines.set(make(String(index)), ms);
      host.advance(61_000);
      assert.equal(called.length, delays.length);
      for (const [name, atMs] of called) {
        const dueMs = startMs + (delays[Number(name)] ?? Number.NaN);
        assert.ok(atMs >= dueMs && atMs <= dueMs + tickMs, `due at ${dueMs}, called at ${atMs}`);
      }
    }),
  );
});

test("a deadline that is set anew counts from then on, and a cancelled one is not called", () => {
  const { host, deadlines, called, make } = wheel();
  const [moved, cancelled] = [make("moved"), make("cancelled")];
  deadlines.set(moved, 100);
  deadlines.set(cancelled, 100);
  host.advance(60);
  deadlines.set(moved, 100);
  deadlines.cancel(cancelled);
  deadlines.cancel(cancelled);
  host.advance(60);
  assert.deepEqual(called, []);
  host.advance(100);
  assert.deepEqual(called, [["moved", 200]]);
});

test("whoever is called may set and cancel others that are due in the same tick", () => {
  const { host, deadlines, called, make } = wheel();
  const other = make("other");
  const again = make("again", () => {
    deadlines.cancel(other);
    if (called.length < 3) deadlines.set(again, 0);
  });
  deadlines.set(other, 10);
  deadlines.set(again, 10);
  host.advance(500);
  assert.deepEqual(called, [
    ["again", 50],
    ["again", 100],
    ["again", 150],
  ]);
});

test("a clock that jumps over several turns calls everything that is due, and nothing else", () => {
  const { host, deadlines, called, make } = wheel();
  // A host whose interval was held up: one call for the whole jump.
  let late: (() => void) | undefined;
  const every = (_ms: number, callback: () => void) => {
    late = callback;
    return () => {};
  };
  const held = new Deadlines({ now: () => host.now(), every }, tickMs);
  held.set(make("soon"), 10);
  held.set(make("later"), 100_000);
  host.advance(40_000);
  late?.();
  assert.deepEqual(called, [["soon", 40_000]]);
  host.advance(60_000);
  late?.();
  assert.deepEqual(called.at(-1), ["later", 100_000]);
  deadlines.close();
});

test("the interval runs only while something is set", () => {
  const host = fakeHost();
  let running = 0;
  const counting = {
    now: () => host.now(),
    every(ms: number, callback: () => void) {
      running += 1;
      const stop = host.every(ms, callback);
      return () => {
        running -= 1;
        stop();
      };
    },
  };
  const deadlines = new Deadlines(counting, tickMs);
  assert.equal(running, 0);
  const deadline = new Deadline({ due: () => {} });
  deadlines.set(deadline, 10);
  deadlines.cancel(deadline);
  deadlines.set(deadline, 10);
  assert.equal(running, 1);
  host.advance(200);
  assert.equal(running, 0);
  deadlines.set(deadline, 10);
  assert.equal(running, 1);
  deadlines.close();
  assert.equal(running, 0);
});
