/**
 * What does crossing into the native core cost? An empty call, a push of one delta, a wire read, a typed method.
 *
 * `push, no rules` crosses and keeps books but scans nothing: the boundary itself. The baseline is `abi version`, a call
 * that does nothing. Run with `bun bench/ffi.ts` or `deno run -A bench/ffi.ts`.
 */
import assert from "node:assert/strict";
import { arch, cpus, platform } from "node:os";
import { Bench } from "tinybench";
import { SelftestCounter, selftestText } from "../native/bindings/generated/midstream.ts";
import { loadLibrary } from "../native/bindings/library.ts";
import { createNativeCore } from "../native/bindings/native-core.ts";
import { pinPlan, sse, streamSettings } from "../native/bindings/test-plan.ts";

/** Bar of issue 2 section 4: one 5-byte delta crosses and returns, scanning not counted. */
const barNs = 150;
/** Calls of one sample, so that the clock's own cost does not count. */
const batch = 1_000;

const library = loadLibrary();
const native = createNativeCore(library);
const scanning = native.compile(pinPlan);
const empty = native.compile({ analysers: [], actions: [] });

// Right before fast: the same session that is timed finds what it should.
using check = scanning.openSession();
check.push(0, 0, "content", "pin 1234 ");
check.end(0, 0);
assert.equal(check.takeFindings().length, 1);

const prose = "the quick brown fox jumps over the lazy dog and runs on ";
const deltas = [5, 64, 1_024].map((size) => prose.repeat(Math.ceil(size / prose.length)).slice(0, size));
const event = sse(["hello"]).subarray(0, 128);
const counter = SelftestCounter.create(library.typed, 0);

const bench = new Bench({ time: 400, warmupTime: 100 });
const add = (name: string, call: () => unknown) => {
  bench.add(name, () => {
    for (let round = 0; round < batch; round++) call();
  });
};

add("abi version (empty call)", library.flat.ms_abi_version);
for (const [name, plan] of [
  ["no rules", empty],
  ["2 rules", scanning],
] as const) {
  for (const text of deltas) {
    let session = plan.openSession();
    let pushed = 0;
    add(`push ${text.length} B, ${name}`, () => {
      session.push(0, 0, "content", text);
      // Offsets are 32 bits: a new answer long before they end.
      pushed += text.length;
      if (pushed > 1e8) {
        session[Symbol.dispose]();
        session = plan.openSession();
        pushed = 0;
      }
    });
  }
}
add("open and dispose of a session", () => empty.openSession()[Symbol.dispose]());
const wire = empty.openWire({ ...streamSettings, passUnknown: true });
const comment = new TextEncoder().encode(": keep-alive\n\n");
add("wire feed of a comment (14 B)", () => wire.feed(comment));
add("wire open, feed of an event, dispose", () => {
  using one = empty.openWire(streamSettings);
  one.feed(event);
});
add("typed method (number)", () => counter.add(1));
add("typed function (text of 5 B)", () => selftestText(library.typed, "hello"));

await bench.run();

const perCall = (ms: number) => (ms * 1e6) / batch;
const rows = bench.tasks.map((task) => {
  const { result } = task;
  if (!("latency" in result)) throw new Error(`${task.name} did not run`);
  return { call: task.name, "ns (p50)": perCall(result.latency.p50).toFixed(1), "ns (p99)": perCall(result.latency.p99).toFixed(1) };
});
const runtime =
  "Bun" in globalThis ? `Bun ${Bun.version}` : `Deno ${(globalThis as { Deno?: { version: { deno: string } } }).Deno?.version.deno}`;
console.log(`${runtime}, ${platform()} ${arch()}, ${cpus()[0]?.model ?? "unknown processor"}, library ${native.version}`);
console.table(rows);
const push = Number(rows.find(({ call }) => call === "push 5 B, no rules")?.["ns (p50)"]);
console.log(`push of 5 B without scanning: ${push} ns, bar ${barNs} ns on Bun`);
