import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  SelftestCounter,
  SelftestError,
  type SelftestRecord,
  type SelftestShape,
  selftestBytes,
  selftestFail,
  selftestIsNegative,
  selftestLargest,
  selftestPanic,
  selftestRecord,
  selftestShape,
  selftestSum,
  selftestText,
} from "./generated/midstream.ts";
import { loadLibrary } from "./library.ts";

const abi = loadLibrary().typed;

// Records are plain objects on both sides.
const whole = { noNullPrototype: true };
const colour = fc.constantFrom("red" as const, "deep-blue" as const, "green" as const);
const u32 = fc.integer({ min: 0, max: 0xffff_ffff });
const i32 = fc.integer({ min: -0x8000_0000, max: 0x7fff_ffff });
// NaN is not equal to itself in a map's values; its crossing has a test of its own.
const f64 = fc.double({ noNaN: true });
const text = fc.string({ unit: "binary" });
const bytes = fc.uint8Array({ maxLength: 300 });

const { shape } = fc.letrec<{ shape: SelftestShape }>((tie) => ({
  shape: fc.oneof(
    { depthSize: "small" },
    fc.constant({ kind: "point" as const }),
    fc.record({ kind: fc.constant("circle" as const), radius: f64 }, whole),
    fc.record({ kind: fc.constant("rectangle" as const), value0: u32, value1: u32 }, whole),
    fc.record({ kind: fc.constant("painted" as const), shape: tie("shape"), colour }, whole),
  ),
}));

const inner = fc.record({ longName: text, maybe: fc.option(u32, { nil: undefined }) }, whole);
const record: fc.Arbitrary<SelftestRecord> = fc.record(
  {
    flag: fc.boolean(),
    byte: fc.integer({ min: 0, max: 0xff }),
    small: fc.integer({ min: -0x80, max: 0x7f }),
    port: fc.integer({ min: 0, max: 0xffff }),
    depth: fc.integer({ min: -0x8000, max: 0x7fff }),
    count: u32,
    delta: i32,
    bigCount: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
    bigDelta: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    ratio: fc.float({ noNaN: true }),
    exact: f64,
    text,
    bytes,
    inner: fc.option(inner, { nil: undefined }),
    table: fc.array(fc.array(i32)),
    scores: fc.array(fc.tuple(text, f64)).map((entries) => new Map(entries)),
    colours: fc.array(fc.tuple(u32, colour)).map((entries) => new Map(entries)),
    shapes: fc.array(shape),
  },
  whole,
);

test("a record with a field of every kind comes back as it went", () => {
  fc.assert(
    fc.property(record, (value) => {
      const back = selftestRecord(abi, value);
      // Maps have no order in Rust; assert compares them without one.
      assert.deepStrictEqual(back, value);
    }),
  );
});

test("text, bytes and enums with data come back as they went", () => {
  fc.assert(
    fc.property(text, bytes, fc.option(shape, { nil: undefined }), (one, two, three) => {
      assert.equal(selftestText(abi, one), one);
      assert.deepEqual(selftestBytes(abi, two), two);
      assert.deepStrictEqual(selftestShape(abi, three), three);
    }),
  );
});

test("large text and bytes cross whole", () => {
  const long = "größer ".repeat(200_000);
  assert.equal(selftestText(abi, long), long);
  const many = new Uint8Array(3_000_000).fill(7);
  assert.deepEqual(selftestBytes(abi, many), many);
});

test("numbers of every width arrive as arguments and as results", () => {
  assert.equal(
    selftestSum(abi, true, 255, -128, 65_535, -32_768, 4_294_967_295, -2_147_483_648, 2n ** 40n, -(2n ** 41n), 0.5, 0.25),
    1 + 255 - 128 + 65_535 - 32_768 + 4_294_967_295 - 2_147_483_648 + 2 ** 40 - 2 ** 41 + 0.75,
  );
  assert.equal(selftestLargest(abi, 2n ** 64n - 1n, 1n), 2n ** 64n - 1n);
  assert.equal(selftestIsNegative(abi, -1n), true);
  assert.equal(selftestIsNegative(abi, 2n ** 63n - 1n), false);
});

test("a lone surrogate becomes the replacement character and never reaches Rust as invalid UTF-8", () => {
  assert.equal(selftestText(abi, "a\ud83d"), "a\ufffd");
});

test("an argument out of its type's range is refused before anything crosses, and the next call is clean", () => {
  const bad = { code: "NATIVE_BAD_ARGUMENT" };
  assert.throws(() => selftestSum(abi, true, 256, 0, 0, 0, 0, 0, 0n, 0n, 0, 0), bad);
  assert.throws(() => selftestSum(abi, true, 1.5, 0, 0, 0, 0, 0, 0n, 0n, 0, 0), bad);
  assert.throws(() => selftestLargest(abi, -1n, 0n), bad);
  assert.throws(() => selftestShape(abi, { kind: "cube" } as unknown as SelftestShape), bad);
  assert.throws(() => selftestText(abi, 5 as unknown as string), bad);
  assert.equal(selftestText(abi, "next"), "next");
});

test("a declared error arrives as its class with its fields", () => {
  selftestFail(abi, 0, []);
  assert.throws(
    () => selftestFail(abi, 0, ["x"]),
    (error) => error instanceof SelftestError && error.detail.kind === "plain",
  );
  assert.throws(
    () => selftestFail(abi, 7, ["one", "two"]),
    (error) => {
      assert.ok(error instanceof SelftestError);
      assert.deepEqual(error.detail, { kind: "detailed", code: 7, reasons: ["one", "two"] });
      return true;
    },
  );
});

test("a panic in a typed function names its place and not its message", () => {
  assert.throws(
    () => selftestPanic(abi, "hunter2"),
    (error: Error & { code: string }) => {
      assert.equal(error.code, "NATIVE_PANIC");
      assert.match(error.message, /Panic at .*selftest\.rs:\d+$/);
      assert.doesNotMatch(error.message, /hunter2/);
      return true;
    },
  );
  assert.equal(selftestText(abi, "next"), "next");
});

test("an object keeps its state, passes as an argument and comes in lists", () => {
  using counter = SelftestCounter.create(abi, 40);
  assert.equal(counter.add(2), 42n);
  using other = SelftestCounter.parse(abi, "-2");
  assert.equal(counter.merge(other), 40n);
  assert.equal(other.add(1), -1n);
  assert.equal(counter.merge(counter), 80n);
  const many = counter.spawn([1, 2, 3]);
  assert.deepEqual(
    many.map((one) => one.add(0)),
    [1n, 2n, 3n],
  );
  for (const one of many) one[Symbol.dispose]();
  assert.throws(() => SelftestCounter.parse(abi, "x"), SelftestError);
});

test("an object that was disposed of refuses calls, and disposing twice does nothing", () => {
  const counter = SelftestCounter.create(abi, 1);
  counter[Symbol.dispose]();
  counter[Symbol.dispose]();
  assert.throws(() => counter.add(1), { code: "NATIVE_BAD_HANDLE" });
  using living = SelftestCounter.create(abi, 1);
  assert.throws(() => living.merge(counter), { code: "NATIVE_BAD_HANDLE" });
  assert.equal(living.add(1), 2n);
});
