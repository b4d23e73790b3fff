import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { CallResult } from "./call.ts";
import { JudgeQueue, type Outcome, type QueueSettings } from "./queue.ts";
import { FakeClock, SlowJudge } from "./testing.ts";

const good: CallResult = { kind: "body", body: "good" };
const bad: CallResult = { kind: "failed", reason: "unreachable", retryAfterMs: 0 };
const verdict = { label: "good", categories: [] };

function setUp(more: Partial<QueueSettings> = {}) {
  const clock = new FakeClock();
  const judge = new SlowJudge();
  const logged: string[] = [];
  const queue = new JudgeQueue({
    clock,
    maxInFlight: 2,
    maxQueued: 2,
    deadlineMs: 100,
    breaker: { failures: 3, openMs: 1_000 },
    log: (event) => logged.push(event),
    call: judge.call,
    ...more,
  });
  const outcomes: string[] = [];
  const word = (outcome: Outcome) => (outcome.kind === "verdict" ? outcome.verdict.label : outcome.reason);
  let submitted = 0;
  const submit = () => {
    const index = submitted++;
    return queue.submit({
      body: index,
      read: (body) => (body === "good" ? verdict : undefined),
      done: (outcome) => outcomes.push(`${index} ${word(outcome)}`),
    });
  };
  return { clock, judge, queue, outcomes, submit, logged };
}

test("so many calls are under way, so many wait, and further ones get no verdict at once", async () => {
  const { judge, queue, outcomes, submit } = setUp();
  for (let count = 0; count < 5; count += 1) submit();
  assert.deepEqual([queue.inFlight, queue.queued, outcomes], [2, 2, ["4 overloaded"]]);
  await judge.calls[1]?.answer(good);
  assert.deepEqual([queue.inFlight, queue.queued, judge.calls.length], [2, 1, 3]);
  assert.deepEqual(outcomes, ["4 overloaded", "1 good"]);
});

test("the deadline counts from the question on, for calls and for those that wait for one", async () => {
  const { clock, judge, queue, outcomes, submit } = setUp({ maxInFlight: 1 });
  submit();
  clock.advance(60);
  submit();
  clock.advance(40);
  assert.deepEqual([outcomes, judge.calls[0]?.isCancelled, queue.inFlight], [["0 timeout"], true, 1]);
  clock.advance(60);
  assert.deepEqual([outcomes, queue.inFlight, clock.pending], [["0 timeout", "1 timeout"], 0, 0]);
  await judge.calls[0]?.answer(good);
  assert.equal(outcomes.length, 2);
});

test("what is not wanted any more is cancelled, and its place is free", () => {
  const { judge, queue, outcomes, submit, clock } = setUp({ maxInFlight: 1 });
  const cancelFirst = submit();
  const cancelSecond = submit();
  submit();
  cancelSecond();
  cancelFirst();
  assert.deepEqual(
    [judge.calls.map(({ body, isCancelled }) => [body, isCancelled]), outcomes],
    [
      [
        [0, true],
        [2, false],
      ],
      [],
    ],
  );
  assert.deepEqual([queue.inFlight, queue.queued, clock.pending], [1, 0, 1]);
});

test("a judge that fails again and again is left alone, tried once after a while, and asked again when that goes well", async () => {
  const { clock, judge, outcomes, submit, logged } = setUp({ maxQueued: 9 });
  for (let count = 0; count < 3; count += 1) {
    submit();
    await judge.calls.at(-1)?.answer(bad);
  }
  submit();
  assert.deepEqual([outcomes.at(-1), judge.calls.length, logged], ["3 circuit-open", 3, ["judge-left-alone"]]);
  clock.advance(1_000);
  submit();
  submit();
  assert.deepEqual([outcomes.at(-1), judge.calls.length], ["5 circuit-open", 4]);
  await judge.calls[3]?.answer(bad);
  submit();
  assert.equal(outcomes.at(-1), "6 circuit-open");
  clock.advance(1_000);
  submit();
  await judge.calls[4]?.answer(good);
  submit();
  assert.deepEqual([judge.calls.length, logged], [6, ["judge-left-alone", "judge-back"]]);
});

test("a judge that is too slow counts as one that fails", () => {
  const { clock, outcomes, submit, logged } = setUp({ maxInFlight: 4 });
  for (let count = 0; count < 3; count += 1) submit();
  clock.advance(100);
  submit();
  assert.deepEqual([outcomes.at(-1), logged], ["3 circuit-open", ["judge-left-alone"]]);
});

test("a judge that asks for a pause gets it, but no longer one than a minute", async () => {
  const { clock, judge, outcomes, submit } = setUp();
  submit();
  await judge.calls[0]?.answer({ kind: "failed", reason: "rate-limited", retryAfterMs: 86_400_000 });
  submit();
  assert.deepEqual(outcomes, ["0 rate-limited", "1 circuit-open"]);
  clock.advance(60_000);
  submit();
  assert.equal(judge.calls.length, 2);
});

test("an answer that is no verdict is unreadable, and a failure", async () => {
  const { judge, outcomes, submit, logged } = setUp();
  for (let count = 0; count < 3; count += 1) {
    submit();
    await judge.calls.at(-1)?.answer({ kind: "body", body: "garbage" });
  }
  assert.deepEqual([outcomes.at(-1), logged], ["2 unreadable", ["judge-left-alone"]]);
});

test("a closed queue asks nobody, and has given everything up", () => {
  const { judge, queue, outcomes, submit, clock } = setUp();
  for (let count = 0; count < 3; count += 1) submit();
  queue.close();
  submit();
  assert.deepEqual([judge.calls.map(({ isCancelled }) => isCancelled), outcomes, clock.pending], [[true, true], ["3 overloaded"], 0]);
});

test("whatever the judge does, each question has one outcome within its deadline, and the bounds hold", async () => {
  const action = fc.oneof(
    fc.record({ kind: fc.constant("submit" as const) }),
    fc.record({ kind: fc.constant("advance" as const), ms: fc.integer({ min: 1, max: 150 }) }),
    fc.record({
      kind: fc.constant("answer" as const),
      index: fc.nat(20),
      how: fc.constantFrom(good, bad, { kind: "body", body: 0 } as const),
    }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(action, { maxLength: 40 }), async (actions) => {
      const { clock, judge, queue, outcomes, submit } = setUp();
      let submitted = 0;
      for (const each of actions) {
        if (each.kind === "submit") {
          submit();
          submitted += 1;
        } else if (each.kind === "advance") clock.advance(each.ms);
        else await judge.calls[each.index]?.answer(each.how);
        assert.ok(queue.inFlight <= 2 && queue.queued <= 2);
      }
      clock.advance(100);
      assert.equal(outcomes.length, submitted);
      assert.equal(new Set(outcomes.map((outcome) => outcome.split(" ")[0])).size, submitted);
      assert.deepEqual([queue.inFlight, queue.queued, clock.pending], [0, 0, 0]);
    }),
    { seed: 20_261_127, numRuns: 300 },
  );
});
