import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ByteQueue } from "./byte-queue.ts";
import { type Reader, ReadOrder, sliceBytes } from "./read-order.ts";

/** A loop whose turns the test runs, and readers that tell what they read. */
class Rig {
  readonly served: { readonly name: string; readonly bytes: number; readonly turn: number }[] = [];
  readonly order = new ReadOrder((callback) => this.#soon.push(callback));
  turns = 0;
  #soon: (() => void)[] = [];

  /** A reader with so many bytes, which adds itself. */
  reader(name: string, bytes: number, isUrgent = false): Reader {
    let left = bytes;
    const { order, served } = this;
    const rig = this;
    const reader: Reader = {
      virtualDeadline: 0,
      arrival: 0,
      readSlice() {
        const slice = Math.min(left, sliceBytes);
        left -= slice;
        served.push({ name, bytes: slice, turn: rig.turns });
        if (left > 0) order.add(reader, left, isUrgent);
        return slice;
      },
    };
    order.add(reader, left, isUrgent);
    return reader;
  }

  /** Runs turns until nothing is asked for any more. */
  run(most = Number.POSITIVE_INFINITY): void {
    for (let count = 0; this.#soon.length > 0 && count < most; count += 1) {
      this.turns += 1;
      const due = this.#soon;
      this.#soon = [];
      for (const callback of due) callback();
    }
  }

  get names(): string {
    return this.served.map(({ name }) => name).join("");
  }
}

test("large reads are analysed where they come until a turn has had its bytes, small ones always", () => {
  const { order } = new Rig();
  let admitted = 0;
  while (order.admits(5_000)) admitted += 5_000;
  assert.ok(admitted > 4 * sliceBytes - 5_000 && admitted <= 4 * sliceBytes);
  assert.ok(order.admits(300));
});

test("what is small goes before what is large, however late it came", () => {
  const rig = new Rig();
  for (const name of "ABC") rig.reader(name, 10 * sliceBytes);
  for (const name of "xyz") rig.reader(name, 100);
  rig.run();
  assert.equal(rig.names.slice(0, 3), "xyz");
  assert.equal(rig.names.slice(3, 9), "ABCABC");
});

test("what comes during a flood waits for less than two turns", () => {
  const rig = new Rig();
  for (let flood = 0; flood < 500; flood += 1) rig.reader("F", 1_000 * sliceBytes);
  rig.run(20);
  rig.reader("x", 200);
  rig.run(2);
  const at = rig.served.find(({ name }) => name === "x");
  assert.equal(at?.turn, 21);
});

test("an answer that is about to time out goes before all others", () => {
  const rig = new Rig();
  rig.reader("A", 10);
  rig.reader("B", 3 * sliceBytes, true);
  rig.reader("C", 20);
  rig.run();
  assert.equal(rig.names, "BBBAC");
});

test("a turn takes its bytes and one slice more at most, and all is read in the end", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 12 * sliceBytes }), { minLength: 1, maxLength: 60 }), (sizes) => {
      const rig = new Rig();
      sizes.forEach((size, index) => {
        rig.reader(String(index), size);
      });
      rig.run();
      const turns = new Map<number, number>();
      const read = new Map<string, number>();
      for (const { name, bytes, turn } of rig.served) {
        turns.set(turn, (turns.get(turn) ?? 0) + bytes);
        read.set(name, (read.get(name) ?? 0) + bytes);
      }
      assert.deepEqual(
        sizes.map((_, index) => read.get(String(index))),
        sizes,
      );
      assert.ok([...turns.values()].every((bytes) => bytes < 5 * sliceBytes));
    }),
  );
});

test("of those that always have more, none gets more than a slice more than another", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 20, max: 40 }), { minLength: 2, maxLength: 30 }), (slices) => {
      const rig = new Rig();
      slices.forEach((count, index) => {
        rig.reader(String(index), count * sliceBytes);
      });
      rig.run();
      // While everybody is there: the first 20 rounds.
      const got = new Map<string, number>();
      for (const { name, bytes } of rig.served.slice(0, 20 * slices.length)) {
        got.set(name, (got.get(name) ?? 0) + bytes);
        const shares = slices.map((_, index) => got.get(String(index)) ?? 0);
        assert.ok(Math.max(...shares) - Math.min(...shares) <= sliceBytes);
      }
    }),
  );
});

test("a reader that fails keeps nobody from being read", () => {
  const rig = new Rig();
  const broken: Reader = {
    virtualDeadline: 0,
    arrival: 0,
    readSlice() {
      throw new TypeError("broken");
    },
  };
  rig.order.add(broken, 1, true);
  rig.reader("A", 3 * sliceBytes);
  assert.throws(() => rig.run(1), { message: "broken" });
  rig.run();
  assert.equal(rig.names, "AAA");
  assert.ok(rig.order.admits(5_000));
});

test("the order is that of a plain search for the earliest deadline", () => {
  const entry = fc.record({ bytes: fc.integer({ min: 1, max: sliceBytes }), isUrgent: fc.boolean() });
  fc.assert(
    fc.property(fc.array(entry, { minLength: 1, maxLength: 200 }), (entries) => {
      const rig = new Rig();
      entries.forEach(({ bytes, isUrgent }, index) => {
        rig.reader(`${index}`, bytes, isUrgent);
      });
      rig.run();
      const wanted = entries.map(({ bytes, isUrgent }, index) => ({ name: `${index}`, deadline: isUrgent ? 0 : bytes, index }));
      wanted.sort((a, b) => a.deadline - b.deadline || a.index - b.index);
      assert.deepEqual(
        rig.served.map(({ name }) => name),
        wanted.map(({ name }) => name),
      );
    }),
  );
});

test("a queue of bytes gives what was pushed, in any portions", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 20 })), fc.array(fc.integer({ min: 1, max: 12 })), (pieces, portions) => {
      const queue = new ByteQueue();
      const all = pieces.flatMap((piece) => [...piece]);
      for (const piece of pieces) queue.push(piece);
      const taken: number[] = [];
      for (const portion of portions) {
        const next = queue.take(portion);
        assert.ok(next.byteLength <= portion);
        taken.push(...next);
        assert.equal(queue.byteLength, all.length - taken.length);
        assert.deepEqual([...queue.whole()], all.slice(taken.length));
      }
      assert.deepEqual(taken, all.slice(0, taken.length));
    }),
  );
});
