import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { Worker } from "node:worker_threads";
import { addressOf } from "#native";
import { words } from "./flat-abi.ts";
import { Plan } from "./generated/midstream.ts";
import { loadLibrary } from "./library.ts";
import { pinPlan } from "./test-plan.ts";

test("threads share the library: a plan and a session of one are used and closed by others", async () => {
  const { flat, typed } = loadLibrary();
  using plan = Plan.compile(typed, JSON.stringify(pinPlan));
  const session = flat.ms_session_open(plan.handle());
  const workers = [0, 1].map(
    (block) => new Worker(new URL("./threads.worker.ts", import.meta.url), { workerData: { session, plan: plan.handle(), block } }),
  );
  const answers = await Promise.all(workers.map(async (worker) => (await once(worker, "message"))[0] as { pushed: number; own: number }));
  await Promise.all(workers.map((worker) => worker.terminate()));
  assert.deepEqual(answers, [
    { pushed: 2_000, own: 1 },
    { pushed: 2_000, own: 1 },
  ]);
  const list = new Uint32Array(new ArrayBuffer(5_000 * words.finding * 4));
  // One finding a push; the last push of each block still waits for what may follow it.
  assert.ok(flat.ms_session_findings(session, addressOf(list), list.length) >= 3_998);
  assert.equal(flat.ms_session_close(session), 0);
});
