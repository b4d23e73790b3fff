/** Ends that wait: an analyser or a policy may need time when all text has come, and nothing behind the end gets ahead of it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Guard } from "../kernel/guard.ts";
import type { Analyser, AnalyserFinding, Policy } from "../plugin/contract.ts";
import { FakeClient, fakePlugin, fakeProvider, makeGateway } from "../testing/fake-gateway.ts";
import { settled } from "../testing/fake-host.ts";
import { block, type FakeMembers, fakePlan, planPolicy, redact, wordAnalyser } from "../testing/fake-plan.ts";
import { FakeUpstream } from "../testing/fake-upstream.ts";
import { lineDecoder, lineEncoder } from "../testing/lines-dialect.ts";
import { testSession } from "../testing/session.ts";
import { PartsEngine } from "./parts-engine.ts";
import type { PipelinePlan } from "./plan.ts";

const seed = 20_261_123;
const frameModes = ["whole", "flow"] as const;

/** Holds text from `holdFrom` on (undefined: none) and all ends until it is open; reports what the test says. */
class Gate implements Analyser {
  isOpen = false;
  ended = 0;
  readonly asked: string[] = [];
  readonly seen: string[] = [];
  found: AnalyserFinding[] = [];
  last: AnalyserFinding[] = [];
  holdFrom: number | undefined;

  constructor(holds = true) {
    this.holdFrom = holds ? 0 : undefined;
  }

  begin() {
    return {
      push: (part: { readonly type: string }) => {
        this.seen.push(part.type);
        return [];
      },
      holdFrom: () => (this.isOpen ? undefined : this.holdFrom),
      mayEnd: (choice: number, number: number) => {
        this.asked.push(`${choice}/${number}`);
        return this.isOpen;
      },
      tick: () => this.found.splice(0),
      end: () => {
        this.ended += 1;
        return this.last.splice(0);
      },
    };
  }
}

const finding = (rule: string, start: number, more: Partial<AnalyserFinding> = {}): AnalyserFinding => ({
  rule,
  tag: "BAD",
  channel: "content",
  choice: 0,
  block: 0,
  range: { start, end: start + 1 },
  score: 1,
  ...more,
});

interface Run {
  readonly mode?: "stream" | "unary";
  readonly choiceCount?: number;
}

/** An engine that the test drives line by line; `text` is what has left. */
function open(plan: PipelinePlan, { mode = "stream", choiceCount = 1 }: Run = {}) {
  const failures: string[] = [];
  const engine = new PartsEngine({
    plan,
    session: testSession(),
    guard: new Guard(
      () => 0,
      ({ plugin, code }) => failures.push(`${plugin} ${code}`),
    ),
    provider: "provider/p/p",
    decoder: lineDecoder(mode),
    encoder: lineEncoder(mode),
    mode,
    stripUsage: false,
    choiceCount,
    annotate: false,
  });
  const decoder = new TextDecoder();
  const driver = {
    engine,
    failures,
    text: "",
    feed(...lines: readonly string[]) {
      for (const line of lines) driver.text += decoder.decode(engine.feed(new TextEncoder().encode(`${line}\n`)));
    },
    tick() {
      driver.text += decoder.decode(engine.tick(1000));
    },
    end(reason: "eof" | "failed" | "timed-out" = "eof") {
      driver.text += decoder.decode(engine.end(reason));
    },
  };
  return driver;
}

const gated = (gate: Gate, more: FakeMembers = {}) => fakePlan({ ...more, analysers: { "analyser/gate/g": gate, ...more.analysers } });

for (const frames of frameModes) {
  test(`frames ${frames}: an end waits with the text that is held, and both leave when they may`, () => {
    const gate = new Gate();
    const run = open(gated(gate, { config: { frames } }));
    run.feed("t0 one", "e0", "u1,2", ".");
    run.end();
    assert.doesNotMatch(run.text, /one|e0|u1|\./);
    assert.equal(run.engine.state.done, false);
    assert.equal(run.engine.state.heldBytes > 0, true);
    gate.isOpen = true;
    run.tick();
    assert.match(run.text, /one\n(t0 \n)?e0\nu1,2\n\.\n$/);
    assert.deepEqual([run.engine.state.done, run.engine.state.heldBytes, gate.ended], [true, 0, 1]);
  });

  test(`frames ${frames}: what is found while the end waits acts on the text that is held`, () => {
    const gate = new Gate();
    const run = open(gated(gate, { config: { frames }, policies: { "policy/block/b": planPolicy([block("bad", "stopped")]) } }));
    run.feed("t0 good ", "t0 evil", "e0", ".");
    gate.found = [finding("bad", 5)];
    gate.isOpen = true;
    run.tick();
    assert.equal(run.text.replaceAll(/t0 |\n/g, ""), "good b0 stopped.");
    assert.equal(run.engine.state.blocked, true);
  });

  test(`frames ${frames}: an end that waits holds back no text that may leave`, () => {
    const gate = new Gate(false);
    const run = open(gated(gate, { config: { frames } }));
    run.feed("t0 one", "t0 two", "e0", ".");
    assert.equal(run.text, "t0 one\nt0 two\n");
    gate.isOpen = true;
    run.tick();
    assert.equal(run.text, "t0 one\nt0 two\ne0\n.\n");
  });
}

test("the analysers see nothing behind an end that waits, and everything in order once it has ended", () => {
  const gate = new Gate();
  const run = open(gated(gate), { choiceCount: 2 });
  run.feed("t0 a", "t1 b", "e0", "t1 c", "e1", ".");
  assert.deepEqual(gate.seen, ["text-delta", "text-delta"]);
  assert.deepEqual([...new Set(gate.asked)], ["0/0"]);
  gate.isOpen = true;
  run.tick();
  assert.deepEqual(gate.seen, ["text-delta", "text-delta", "text-end", "text-delta", "text-end"]);
  assert.equal(run.text, "t0 a\nt1 b\ne0\nt1 c\ne1\n.\n");
});

test("a whole answer waits block by block", () => {
  const gate = new Gate();
  const run = open(gated(gate), { mode: "unary" });
  run.feed("r0 think", "t0 say", "e0");
  run.end();
  assert.deepEqual([run.text, gate.asked], ["", ["0/1"]]);
  gate.isOpen = true;
  run.tick();
  assert.equal(run.text, "r0 think\nt0 say\ne0\n");
  assert.deepEqual(gate.seen, ["reasoning-delta", "text-delta", "text-end"]);
});

test("when the upstream breaks off, held text still waits, and the error comes behind it", () => {
  for (const how of ["failed", "error"] as const) {
    const gate = new Gate();
    const run = open(gated(gate));
    run.feed("t0 half");
    if (how === "failed") run.end("failed");
    else run.feed("!");
    assert.equal(run.text, "");
    gate.isOpen = true;
    run.tick();
    assert.equal(run.text, how === "failed" ? "t0 half\n!PROVIDER_CUT\n" : "t0 half\n!\n");
    assert.equal(run.engine.state.failed, true);
  }
});

test("no end waits longer than the request may take, and an analyser has the last word on what it holds", () => {
  const gate = new Gate();
  gate.last = [finding("no-verdict", 0)];
  const run = open(gated(gate, { policies: { "policy/block/b": planPolicy([block("no-verdict", "unknown")]) } }));
  run.feed("t0 secret", "e0");
  assert.equal(run.text, "");
  run.end("timed-out");
  assert.doesNotMatch(run.text, /secret/);
  assert.match(run.text, /b0 unknown\n/);
  assert.deepEqual([run.engine.state.done, gate.ended], [true, 1]);
});

test("a choice that a policy ends while another end waits does not wait for it", () => {
  const gate = new Gate();
  const run = open(gated(gate, { policies: { "policy/block/b": planPolicy([block("bad", "stopped")]) } }));
  run.feed("t0 evil", "e0");
  gate.found = [finding("bad", 0)];
  gate.holdFrom = 4;
  run.tick();
  assert.equal(run.text, "t0 \nb0 stopped\n.\n");
  assert.equal(run.engine.state.done, true);
});

test("an analyser that fails when it is asked for an end is left out, and the answer goes on", () => {
  const broken: Analyser = {
    begin: () => ({
      push: () => [],
      holdFrom: () => 0,
      mayEnd: () => {
        throw new TypeError("no");
      },
    }),
  };
  const run = open(fakePlan({ analysers: { "analyser/broken/b": broken }, onFailure: "open" }));
  run.feed("t0 one", "e0", ".");
  assert.equal(run.text, "t0 one\ne0\n.\n");
  assert.deepEqual(run.failures, ["analyser/broken/b PLUGIN_FAILED"]);
});

test("what waits behind an end is bounded", () => {
  const run = open(gated(new Gate()), { choiceCount: 2 });
  run.feed("t0 a", "e0");
  const long = `t1 ${"x".repeat(1024 * 1024)}`;
  for (let mebibytes = 0; mebibytes < 9; mebibytes += 1) run.feed(long);
  assert.match(run.text, /^!PLUGIN_OVERHELD\n$/);
  assert.equal(run.engine.state.failed, true);
});

test("a policy lets text go as time passes, and the end waits for it", () => {
  let allowed = 0;
  const total = 6;
  const pacing: Policy = {
    begin: () => ({
      decide: () => ({ action: "release" }),
      holdFrom: () => allowed,
      mayEnd: () => allowed >= total,
    }),
  };
  for (const frames of frameModes) {
    allowed = 0;
    const run = open(fakePlan({ policies: { "policy/pace/p": pacing }, config: { frames } }));
    run.feed("t0 one", "t0 two", "e0", ".");
    const left: number[] = [];
    for (; allowed <= total; allowed += 2) {
      run.tick();
      left.push(run.text.replaceAll(/t0 |\n|e0|\./g, "").length);
    }
    assert.deepEqual(left, frames === "flow" ? [0, 2, 4, 6] : [0, 0, 3, 6]);
    assert.match(run.text, /e0\n\.\n$/);
  }
});

const words = ["ab", "abc", "bca", "é", " ", "x"];
const line = fc
  .tuple(fc.constantFrom("t0", "t1", "r0", "k0"), fc.array(fc.constantFrom(...words), { maxLength: 6 }))
  .map(([mark, pieces]) => `${mark} ${pieces.join("")}`);
const stream = fc.array(line, { minLength: 1, maxLength: 10 }).map((lines) => [...lines, "e0", "e1", "."]);

const members = (analysers: FakeMembers["analysers"], policies: FakeMembers["policies"] = {}): FakeMembers => ({
  analysers: { "analyser/words/w": wordAnalyser({ ONE: ["abc", "é"], TWO: ["bca"] }), ...analysers },
  policies: { "policy/redact/r": planPolicy([redact("one")]), ...policies },
  capabilities: { holdBytes: 1_000 },
});

/** The lines through a gate that opens and closes as `turns` says, and through a pipeline without it. */
function slowAndFree(gate: Gate, lines: readonly string[], turns: readonly boolean[], policies: FakeMembers["policies"] = {}) {
  const free = open(fakePlan(members({}, policies)), { choiceCount: 2 });
  free.feed(...lines);
  free.end();
  const slow = open(fakePlan(members({ "analyser/gate/g": gate }, policies)), { choiceCount: 2 });
  for (const [index, each] of lines.entries()) {
    slow.feed(each);
    gate.isOpen = turns[index] ?? false;
    slow.tick();
  }
  slow.end();
  gate.isOpen = true;
  slow.tick();
  return [slow, free].map((run) => ({ text: run.text, records: run.engine.takeRecords(), held: run.engine.state.heldBytes }));
}

const someTurns = fc.array(fc.boolean(), { maxLength: 16 });

test("whenever ends are let go, the client gets the bytes and the sinks the records of an answer without waiting", () => {
  const policies = { "policy/block/b": planPolicy([{ ...block("two"), minCount: 2 }]) };
  fc.assert(
    fc.property(stream, someTurns, (lines, turns) => {
      const [slow, free] = slowAndFree(new Gate(false), lines, turns, policies);
      assert.deepEqual(slow, free);
    }),
    { seed, numRuns: 300 },
  );
});

test("whenever held text is let go with its end, the client gets the same bytes", () => {
  // Findings of different blocks may come in another order then: one's text was held, the other's not.
  const sorted = ({ records, ...rest }: ReturnType<typeof slowAndFree>[number]) => ({
    ...rest,
    records: records.map((record) => JSON.stringify(record)).sort(),
  });
  fc.assert(
    fc.property(stream, someTurns, (lines, turns) => {
      const [slow, free] = slowAndFree(new Gate(), lines, turns).map(sorted);
      assert.deepEqual(slow, free);
    }),
    { seed, numRuns: 300 },
  );
});

async function delivering(gate: Gate, server: Readonly<Record<string, unknown>> = {}) {
  const upstream = new FakeUpstream();
  let wake = () => {};
  const analyser: Analyser = {
    begin(session) {
      wake = () => session.wake();
      return gate.begin();
    },
  };
  const gateway = await makeGateway(
    {
      "provider/p": fakePlugin(
        "provider",
        "p",
        fakeProvider(async () => upstream),
      ),
      "analyser/gate": fakePlugin("analyser", "gate", analyser, {
        capabilities: { reads: ["text-delta", "text-end"], holdBytes: 100, streams: true, cost: "light", onFailure: "open" },
      }),
    },
    { server },
  );
  const client = new FakeClient();
  const asked = gateway.ask();
  await settled();
  upstream.send("t0 hi", "e0", ".");
  upstream.end();
  gateway.host.advance(5_000);
  const delivered = (await asked).deliver(client);
  return { ...gateway, client, delivered, wake: () => wake() };
}

test("an answer whose upstream has ended is delivered when its analyser says so, at once and without a timer", async () => {
  const gate = new Gate();
  const { client, delivered, wake, events } = await delivering(gate);
  assert.equal(client.text, "");
  gate.isOpen = true;
  wake();
  await delivered;
  assert.equal(client.text, "t0 hi\ne0\n.\n");
  assert.deepEqual(
    events.map((event) => event.type === "request-end" && event.outcome),
    ["finished"],
  );
});

test("an analyser that never lets an answer end keeps it no longer than requestTimeoutMs", async () => {
  const { client, delivered, host, events } = await delivering(new Gate(), { requestTimeoutMs: 20_000, keepAliveMs: 0 });
  host.advance(20_000);
  await delivered;
  assert.equal(client.text, "t0 hi\ne0\n.\n");
  assert.equal(events.length, 1);
});
