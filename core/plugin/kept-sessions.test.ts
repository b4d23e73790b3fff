import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { KeptSessions, type SessionUse } from "./kept-sessions.ts";

interface Thing {
  readonly key: string;
  dropped: number;
}

function setUp(maxSessions: number, ttlMs = 1000) {
  const clock = { ms: 0 };
  const made: Thing[] = [];
  const sessions = new KeptSessions<Thing>({ maxSessions, ttlMs }, { now: () => clock.ms, drop: (thing) => (thing.dropped += 1) });
  const use = (key: string) =>
    sessions.use(key, () => {
      const thing = { key, dropped: 0 };
      made.push(thing);
      return thing;
    });
  const visit = (key: string) => {
    using session = use(key);
    return session.kept;
  };
  return { clock, made, sessions, use, visit, alive: () => made.filter(({ dropped }) => dropped === 0).map(({ key }) => key) };
}

test("the least recently used session leaves first, and the one that comes makes no room for itself", () => {
  const { visit, made, alive } = setUp(2);
  for (const key of ["a", "b", "a", "c", "a"]) visit(key);
  assert.deepEqual([made.length, alive()], [3, ["a", "c"]]);
});

test("a session leaves by age, counted from the end of its last answer", () => {
  const { clock, use, visit, alive, made } = setUp(10);
  const long = use("long");
  clock.ms = 5000;
  visit("other");
  long[Symbol.dispose]();
  clock.ms = 5999;
  assert.equal(visit("long"), made[0]);
  clock.ms = 6998;
  visit("third");
  assert.deepEqual(alive(), ["long", "third"]);
  clock.ms = 6999;
  assert.notEqual(visit("long"), made[0]);
});

test("a session with an open answer stays, however many others come and however long it takes", () => {
  const { clock, use, visit, sessions, made } = setUp(1);
  const [one, two] = [use("a"), use("a")];
  assert.equal(one.kept, two.kept);
  for (let other = 0; other < 50; other += 1) visit(`x${other}`);
  clock.ms = 100_000;
  one[Symbol.dispose]();
  one[Symbol.dispose]();
  visit("y");
  assert.deepEqual([one.kept.dropped, visit("a") === made[0], sessions.size], [0, true, 2]);
  two[Symbol.dispose]();
  assert.equal(sessions.size, 1);
});

test("all are dropped with the store, once, and an answer that closes later drops nothing", () => {
  const { use, visit, sessions, made } = setUp(4);
  const open = use("a");
  visit("b");
  sessions.dispose();
  const next = use("a");
  open[Symbol.dispose]();
  assert.deepEqual(
    made.map(({ dropped }) => dropped),
    [1, 1, 0],
  );
  next[Symbol.dispose]();
  assert.equal(sessions.size, 1);
});

test("whatever comes and goes: nothing is dropped in use or twice, and no more are kept than may be", () => {
  const step = fc.record({ key: fc.constantFrom("a", "b", "c", "d", "e"), closes: fc.nat(3), waitMs: fc.constantFrom(0, 1, 600) });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 3 }), fc.array(step, { maxLength: 60 }), (most, steps) => {
      const { clock, use, sessions, made } = setUp(most);
      const open: SessionUse<Thing>[] = [];
      for (const { key, closes, waitMs } of steps) {
        clock.ms += waitMs;
        open.push(use(key));
        for (let at = 0; at < closes; at += 1) open.shift()?.[Symbol.dispose]();
        const used = new Set(open.map(({ kept }) => kept));
        assert.ok([...used].every(({ dropped }) => dropped === 0));
        assert.equal(new Set([...used].map((thing) => thing.key)).size, used.size);
        assert.ok(sessions.size <= most + used.size && made.every(({ dropped }) => dropped <= 1));
        assert.equal(made.filter(({ dropped }) => dropped === 0).length, sessions.size);
      }
    }),
  );
});
