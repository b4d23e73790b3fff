import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { isMidStreamError } from "../../../core/errors/midstream-error.ts";
import { loadTemporal } from "./index.ts";

const temporal = loadTemporal();

/** Tags of what is due. */
function due(scheduler: ReturnType<typeof temporal.openScheduler>, nowMs: number): number[] {
  const tags: number[] = [];
  scheduler.tick(nowMs, (tag) => tags.push(tag));
  return tags;
}

test("tasks come in the order of their deadlines, once, and cancelled ones never", () => {
  using scheduler = temporal.openScheduler({ capacity: 16 });
  const late = scheduler.schedule(30, { tag: 3 });
  const gone = scheduler.schedule(10, { tag: 1 });
  scheduler.schedule(20, { tag: 2 });
  assert.equal(scheduler.next(), 10);
  assert.equal(scheduler.cancel(gone), true);
  assert.equal(scheduler.cancel(gone), false);
  assert.equal(scheduler.reschedule(late, 15), true);
  assert.deepEqual(due(scheduler, 19), [3]);
  assert.deepEqual(due(scheduler, 100), [2]);
  assert.equal(scheduler.next(), undefined);
  assert.equal(scheduler.reschedule(late, 50), false);
});

test("a periodic task comes again, and says what it has missed", () => {
  using scheduler = temporal.openScheduler({ capacity: 4 });
  scheduler.schedule(10, { tag: 7, periodMs: 10 });
  const missed: number[] = [];
  scheduler.tick(45, (_tag, _task, folded) => missed.push(folded));
  assert.deepEqual(missed, [3]);
  assert.equal(scheduler.next(), 50);
});

test("any schedule is delivered as a sorted list would be", () => {
  const operations = fc.array(fc.record({ deadline: fc.integer({ min: 0, max: 5000 }), cancel: fc.boolean() }), { maxLength: 700 });
  fc.assert(
    fc.property(operations, fc.integer({ min: 0, max: 6000 }), (list, now) => {
      using scheduler = temporal.openScheduler({ capacity: 1000 });
      const tasks = list.map(({ deadline }, tag) => scheduler.schedule(deadline, { tag }));
      for (const [tag, { cancel }] of list.entries()) if (cancel) scheduler.cancel(tasks[tag] ?? -1);
      const expected = list.map((each, tag) => ({ ...each, tag })).filter(({ cancel, deadline }) => !cancel && deadline <= now);
      expected.sort((a, b) => a.deadline - b.deadline || a.tag - b.tag);
      assert.deepEqual(
        due(scheduler, now),
        expected.map(({ tag }) => tag),
      );
      assert.equal(scheduler.statistics().delivered, expected.length);
    }),
    { numRuns: 50 },
  );
});

test("a callback may schedule, and what has no room is refused", () => {
  using scheduler = temporal.openScheduler({ capacity: 2 });
  scheduler.schedule(1, { tag: 1 });
  const seen: number[] = [];
  scheduler.tick(5, (tag) => {
    seen.push(tag);
    if (tag < 5) scheduler.schedule(2, { tag: tag + 1 });
  });
  assert.deepEqual(seen, [1]);
  scheduler.schedule(9);
  assert.throws(
    () => scheduler.schedule(9),
    (error) => isMidStreamError(error) && error.code === "KERNEL_OVERLOADED",
  );
  assert.equal(scheduler.statistics().refused, 1);
});

test("times and classes that are none are errors or count as 0, and a closed scheduler is known no more", () => {
  assert.throws(() => temporal.openScheduler({ capacity: 0 }), isMidStreamError);
  const scheduler = temporal.openScheduler({ capacity: 8 });
  assert.throws(() => scheduler.schedule(1, { class: 9 }), isMidStreamError);
  scheduler.schedule(Number.NaN, { tag: 4 });
  assert.deepEqual(due(scheduler, 0), [4]);
  scheduler[Symbol.dispose]();
  assert.throws(() => scheduler.next(), isMidStreamError);
});
