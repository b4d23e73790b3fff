import assert from "node:assert/strict";
import { test } from "node:test";
import { Canceller, ConnectSettings, cancellationOf } from "./cancellation.ts";

const listener = (heard: unknown[], name: string) => ({ cancelled: (reason: unknown) => void heard.push([name, reason]) });

test("listeners hear once, in their order, and not after they were removed", () => {
  const heard: unknown[] = [];
  const canceller = new Canceller();
  const [first, second, third] = ["first", "second", "third"].map((name) => listener(heard, name));
  canceller.add({ cancelled: () => canceller.delete(third!) });
  canceller.add(first!);
  canceller.add(second!);
  canceller.add(third!);
  canceller.delete(second!);
  canceller.abort("why");
  canceller.abort("again");
  canceller.add(first!);
  assert.deepEqual(heard, [["first", "why"]]);
  assert.deepEqual([canceller.aborted, canceller.reason], [true, "why"]);
});

test("a signal is aborted with the same reason, whether it was made before or after", () => {
  const before = new Canceller();
  const { signal } = before;
  before.abort("why");
  assert.deepEqual([signal.aborted, signal.reason], [true, "why"]);
  const after = new Canceller();
  after.abort("why");
  assert.deepEqual([after.signal.aborted, after.signal.reason], [true, "why"]);
});

test("a signal as a cancellation tells and forgets its listeners", () => {
  const heard: unknown[] = [];
  const controller = new AbortController();
  const cancellation = cancellationOf(controller.signal);
  const [kept, gone] = [listener(heard, "kept"), listener(heard, "gone")];
  cancellation.add(kept);
  cancellation.add(gone);
  cancellation.delete(gone);
  assert.equal(cancellation.aborted, false);
  controller.abort("why");
  assert.deepEqual(heard, [["kept", "why"]]);
  assert.deepEqual([cancellation.aborted, cancellation.reason], [true, "why"]);
});

test("connecting makes no signal for a transport that does not ask for one", () => {
  let made = 0;
  const canceller = new Canceller();
  const session = {
    cancellation: canceller,
    get signal() {
      made += 1;
      return canceller.signal;
    },
  };
  const settings = new ConnectSettings(session, { rawBody: true });
  assert.deepEqual([settings.rawBody, settings.cancellation, made], [true, canceller, 0]);
  assert.equal(settings.signal.aborted, false);
  assert.equal(made, 1);
});
