import assert from "node:assert/strict";
import { test } from "node:test";
import { fold } from "./decide.ts";

const rewrite = (start: number, end: number) => ({ action: "rewrite", edits: [{ start, end, replacement: "x" }] }) as const;
const block = (from: number) => ({ action: "block", from, rule: "r" }) as const;

test("the strictest action wins, and edits of all policies hold", () => {
  const decision = fold(
    [
      { policy: "a", verdict: { action: "release" } },
      { policy: "b", verdict: rewrite(4, 6) },
      { policy: "c", verdict: block(8) },
      { policy: "d", verdict: { action: "hold", from: 5 } },
      { policy: "e", verdict: rewrite(1, 2) },
    ],
    3,
  );
  assert.equal(decision.action, "block");
  assert.deepEqual(
    decision.edits.map(({ policy }) => policy),
    ["b"],
  );
  assert.deepEqual(
    decision.late.map(({ policy }) => policy),
    ["e"],
  );
  assert.equal(decision.holdFrom, 5);
});

test("of several blocks the first cut wins, then the earlier policy; none cuts what has left", () => {
  const of = (...froms: number[]) =>
    fold(
      froms.map((from, index) => ({ policy: `p${index}`, verdict: block(from) })),
      3,
    ).block;
  assert.deepEqual([of(9, 7)?.policy, of(9, 7)?.from], ["p1", 7]);
  assert.equal(of(7, 7)?.policy, "p0");
  assert.equal(of(1)?.from, 3);
});

test("no verdict is a release that holds nothing", () => {
  assert.deepEqual(fold([], 0), { action: "release", edits: [], late: [], holdFrom: Number.POSITIVE_INFINITY });
});
