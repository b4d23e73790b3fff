import assert from "node:assert/strict";
import { test } from "node:test";
import { isMidStreamError } from "../../core/errors/midstream-error.ts";
import { Admission } from "./admission.ts";

test("the answer over the limit is refused with a hint when to come back, and a leaver makes room", () => {
  const admission = new Admission(2);
  const ticket = admission.enter();
  admission.enter();
  assert.throws(
    () => admission.enter(),
    (error: unknown) => isMidStreamError(error) && error.code === "KERNEL_OVERLOADED" && error.retryAfterS === 1,
  );
  ticket.leave();
  admission.enter();
  assert.equal(admission.open, 2);
});

test("leaving twice counts once", () => {
  const admission = new Admission(5);
  const ticket = admission.enter();
  admission.enter();
  ticket.leave();
  ticket.leave();
  assert.equal(admission.open, 1);
});
