import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { NativeSession } from "../../core/native/native-core.ts";
import type { Finding } from "../../core/stream/finding.ts";
import { loadNative } from "./load.ts";
import { pinPlan } from "./test-plan.ts";

const native = loadNative();
const plan = native.compile(pinPlan);

/** Cuts the text into pieces; never inside a surrogate pair. */
const pieces = (text: string, cuts: readonly number[]): string[] => {
  const characters = [...text];
  const places = [...new Set(cuts.map((cut) => cut % (characters.length + 1)))].sort((one, other) => one - other);
  return [0, ...places].map((from, index) => characters.slice(from, places[index] ?? characters.length).join(""));
};

function analyse(session: NativeSession, parts: readonly string[], takeEach: boolean): Finding[] {
  const findings: Finding[] = [];
  for (const part of parts) {
    session.push(0, 0, "content", part);
    if (takeEach) findings.push(...session.takeFindings());
  }
  session.end(0, 0);
  return [...findings, ...session.takeFindings()];
}

test("every partition of a text gives the findings of the whole", () => {
  const text = fc
    .array(fc.oneof(fc.constantFrom("pin 1234", "ABC-12", " ", "12", "34", "ß", "😀", ", "), fc.string({ maxLength: 4 })))
    .map((parts) => parts.join(""))
    .filter((joined) => joined.isWellFormed());
  fc.assert(
    fc.property(text, fc.array(fc.nat({ max: 200 })), fc.boolean(), (whole, cuts, takeEach) => {
      using session = plan.openSession();
      assert.deepEqual(analyse(session, pieces(whole, cuts), takeEach), plan.scan(whole));
    }),
  );
});

test("the safe offset never lies behind what may still become a finding", () => {
  using session = plan.openSession();
  assert.ok(session.push(0, 0, "content", "see 12") <= 4);
  session.push(0, 0, "content", "34 end");
  session.end(0, 0);
  assert.deepEqual(
    session.takeFindings().map(({ range }) => range),
    [{ start: 4, end: 8 }],
  );
});

test("blocks of one session and sessions of one plan do not mix", () => {
  using one = plan.openSession();
  using other = plan.openSession();
  one.push(0, 0, "content", "12");
  one.push(1, 0, "content", "ab 12");
  other.push(0, 0, "content", "34 ");
  one.push(0, 1, "reasoning", "34 ");
  one.push(1, 0, "content", "34 ");
  for (const [choice, block] of [
    [0, 0],
    [0, 1],
    [1, 0],
  ] as const)
    one.end(choice, block);
  other.end(0, 0);
  assert.deepEqual(
    one.takeFindings().map(({ choice, block, channel, range }) => ({ choice, block, channel, range })),
    [{ choice: 1, block: 0, channel: "content", range: { start: 3, end: 7 } }],
  );
  assert.deepEqual(other.takeFindings(), []);
});

test("text longer than the shared buffer is taken whole", () => {
  const filler = "wörd ".repeat(30_000);
  const text = `${filler}1234 ${filler}ABC-12 `;
  using session = plan.openSession();
  const found = analyse(session, [text], false);
  assert.deepEqual(found, plan.scan(text));
  assert.deepEqual(
    found.map(({ rule }) => rule),
    ["pin", "code"],
  );
});

test("more findings than the shared list holds all arrive, in their order", () => {
  using session = plan.openSession();
  session.push(0, 0, "content", "1234 ".repeat(2_000));
  session.end(0, 0);
  const starts = session.takeFindings().map(({ range }) => range.start);
  assert.deepEqual(
    starts,
    Array.from({ length: 2_000 }, (_, index) => index * 5),
  );
  assert.deepEqual(session.takeFindings(), []);
});

test("a session that was disposed of refuses calls, and disposing twice does nothing", () => {
  const session = plan.openSession();
  session[Symbol.dispose]();
  session[Symbol.dispose]();
  assert.throws(() => session.push(0, 0, "content", "x"), { code: "NATIVE_BAD_HANDLE" });
  assert.throws(() => session.end(0, 0), { code: "NATIVE_BAD_HANDLE" });
  assert.deepEqual(session.takeFindings(), []);
});

test("sessions that are disposed of give their handles back", () => {
  // More than the 262,144 handles that there are.
  for (let round = 0; round < 300_000; round++) plan.openSession()[Symbol.dispose]();
});
