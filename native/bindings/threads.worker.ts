/** A thread of `threads.test.ts`: pushes to the session of another thread, and opens one of its own. */
import { parentPort, workerData } from "node:worker_threads";
import { addressOf } from "#native";
import { words } from "./flat-abi.ts";
import { loadLibrary } from "./library.ts";

const { session, plan, block } = workerData as { session: number; plan: number; block: number };
const { flat } = loadLibrary();
const text = new TextEncoder().encode("pin 1234 ");
const textAddress = addressOf(text);
const out = new Uint32Array(new ArrayBuffer(words.push * 4));
const outAddress = addressOf(out);

let pushed = 0;
for (let round = 0; round < 2_000; round++) {
  if (flat.ms_session_push(session, 0, block, 0, textAddress, text.length, outAddress, words.push) === 0) pushed++;
}
const own = flat.ms_session_open(plan);
flat.ms_session_push(own, 0, 0, 0, textAddress, text.length, outAddress, words.push);
flat.ms_session_end(own, 0, 0, outAddress, words.push);
parentPort!.postMessage({ pushed, own: out[1] });
flat.ms_session_close(own);
