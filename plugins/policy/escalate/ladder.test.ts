import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { added, decayed, levelOf, type Rung, rungOf, type Standing } from "./ladder.ts";
import { PacedBlock } from "./pace.ts";

const seed = 20_261_128;

const rungs: readonly Rung[] = [
  { at: 1, down: 0.5, action: "annotate" },
  { at: 2, down: 1, action: "slow" },
  { at: 4, down: 3, action: "block" },
];

const anyLadder: fc.Arbitrary<Rung[]> = fc
  .array(fc.tuple(fc.integer({ min: 1, max: 8 }), fc.double({ min: 0.01, max: 1, noNaN: true })), { minLength: 1, maxLength: 5 })
  .map((steps) => {
    let at = 0;
    let down = 0;
    return steps.map(([step, share]) => {
      at += step;
      down += (at - down) * share;
      return { at, down, action: "annotate" as const };
    });
  });
const amount = fc.double({ min: 0, max: 50, noNaN: true });

test("a level rises at its bound, and falls only below the lower one", () => {
  let level = 0;
  const levels = [0.9, 1, 2, 1.5, 0.9, 0.5, 0.4, 9].map((evidence) => {
    level = levelOf(rungs, evidence, level);
    return level;
  });
  assert.deepEqual(levels, [0, 1, 2, 2, 1, 1, 0, 3]);
});

test("evidence halves in each half-life, and a clock that goes back changes nothing", () => {
  const standing: Standing = { evidence: 4, level: 3, atMs: 1_000 };
  assert.deepEqual(decayed(rungs, standing, { nowMs: 3_000, halfLifeMs: 2_000 }), { evidence: 2, level: 2, atMs: 3_000 });
  assert.deepEqual(decayed(rungs, standing, { nowMs: 500, halfLifeMs: 2_000 }), standing);
});

test("what a lower rung does goes on above it, and of two alike the higher one counts", () => {
  assert.equal(rungOf(rungs, 3, "slow"), rungs[1]);
  assert.equal(rungOf(rungs, 1, "slow"), undefined);
  const twice = [...rungs, { at: 9, down: 8, action: "slow" as const }];
  assert.equal(rungOf(twice, 4, "slow"), twice[3]);
});

test("more evidence never means a lower level, whatever the level was", () => {
  fc.assert(
    fc.property(anyLadder, amount, amount, fc.nat(5), (ladder, one, more, before) => {
      const low = levelOf(ladder, one, before);
      assert.ok(levelOf(ladder, one + more, before) >= low);
      assert.ok(levelOf(ladder, one, before + 1) >= low);
    }),
    { seed, numRuns: 500 },
  );
});

test("evidence that moves between a rung's two bounds never changes the level", () => {
  fc.assert(
    fc.property(anyLadder, fc.nat(4), fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 20 }), (ladder, pick, moves) => {
      const index = pick % ladder.length;
      const rung = ladder[index] as Rung;
      const next = ladder[index + 1]?.at ?? rung.at + 1;
      let level = levelOf(ladder, rung.at, 0);
      for (const move of moves) {
        const evidence = rung.down + (Math.min(rung.at, next) - rung.down) * move;
        const after = levelOf(ladder, evidence, level);
        assert.equal(after, level);
        level = after;
      }
    }),
    { seed, numRuns: 500 },
  );
});

test("with time alone levels only fall, to none in the end, and waiting at once is waiting in parts", () => {
  const times = fc.array(fc.integer({ min: 0, max: 10_000 }), { maxLength: 10 });
  fc.assert(
    fc.property(anyLadder, amount, times, (ladder, evidence, waits) => {
      const start = added(ladder, { evidence: 0, level: 0, atMs: 0 }, evidence);
      let standing = start;
      for (const wait of waits) {
        const after = decayed(ladder, standing, { nowMs: standing.atMs + wait, halfLifeMs: 1_000 });
        assert.ok(after.level <= standing.level && after.evidence <= standing.evidence);
        standing = after;
      }
      const once = decayed(ladder, start, { nowMs: standing.atMs, halfLifeMs: 1_000 });
      assert.ok(Math.abs(once.evidence - standing.evidence) < 1e-9);
      const late = decayed(ladder, standing, { nowMs: standing.atMs + 10_000_000, halfLifeMs: 1_000 });
      assert.equal(late.level, 0);
    }),
    { seed, numRuns: 300 },
  );
});

test("a paced text leaves at its pace, at the ends of deltas, all of it in the end, and never more than so much waits", () => {
  const pace = { bytesPerSecond: 10, maxDelayMs: 5_000, maxHeldBytes: 30 };
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.string({ unit: "grapheme", minLength: 1, maxLength: 4 }), fc.integer({ min: 0, max: 900 })), { maxLength: 20 }),
      (steps) => {
        const block = new PacedBlock();
        block.slow(0);
        const ends = new Set([0]);
        let [now, total, free] = [0, 0, 0];
        for (const [delta, wait] of steps) {
          block.take(delta);
          total += Buffer.byteLength(delta);
          ends.add(total);
          now += wait;
          const from = block.holdFrom(now, pace) ?? total;
          assert.ok(ends.has(from) && from >= free && total - from <= 30);
          // Ahead of its pace only where more would wait than may.
          const before = Math.max(...[...ends].filter((end) => end < from), 0);
          assert.ok(now >= 5_000 || from <= (now * 10) / 1_000 || total - before > 30);
          free = from;
        }
        assert.equal(block.holdFrom(now + 5_000, pace), undefined);
      },
    ),
    { seed, numRuns: 300 },
  );
  const block = new PacedBlock();
  block.slow(0);
  for (const delta of ["abcde", "fghij", "klmno"]) block.take(delta);
  assert.deepEqual(
    [0, 499, 500, 1_000, 1_400, 1_500].map((now) => block.holdFrom(now, pace)),
    [0, 0, 5, 10, 10, undefined],
  );
});
