/** The policy in a kernel with a clock that the tests move: what tenants get, one answer after the other. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import * as v from "valibot";
import { isMidStreamError } from "../../../core/errors/midstream-error.ts";
import type { Store } from "../../../core/plugin/contract.ts";
import { FakeClient, fakePlugin, fakeProvider, makeGateway } from "../../../core/testing/fake-gateway.ts";
import { settled } from "../../../core/testing/fake-host.ts";
import { wordAnalyser } from "../../../core/testing/fake-plan.ts";
import { FakeUpstream } from "../../../core/testing/fake-upstream.ts";
import escalate from "./index.ts";
import { tenantKey } from "./tenants.ts";

/** A store that a test can look into, and take away. */
function mapStore() {
  const entries = new Map<string, string>();
  const state = { entries, fails: false };
  const checked = <T>(work: () => T): T => {
    if (state.fails) throw new TypeError("gone");
    return work();
  };
  const store: Store = {
    get: async (key) => checked(() => entries.get(key)),
    set: async (key, value) => checked(() => void entries.set(key, value)),
    delete: async (key) => void entries.delete(key),
    increment: async () => 0,
  };
  return { state, store };
}

const ladder = [
  { at: 0.9, action: "annotate" },
  { at: 1.9, action: "slow", bytesPerSecond: 10, maxDelayMs: 10_000 },
  { at: 2.9, action: "ask", message: "What is this for?" },
  { at: 4.9, action: "block", message: "No more." },
];

interface Asked {
  readonly tenant?: string;
  readonly body?: Readonly<Record<string, unknown>>;
  /** The whole answer as one body. */
  readonly whole?: boolean;
  /** Milliseconds that pass before the client looks at what it got; default: as many as it takes. */
  readonly afterMs?: number;
}

async function setUp(config: Readonly<Record<string, unknown>> = {}) {
  const { state, store } = mapStore();
  const parsed = v.parse(escalate.config, { ladder, halfLifeMs: 60_000, store: "store/map/x", ...config });
  let upstream = new FakeUpstream();
  const gateway = await makeGateway(
    {
      "provider/p": fakePlugin(
        "provider",
        "p",
        fakeProvider(async () => upstream),
      ),
      "store/map": fakePlugin("store", "map", store),
      // Each word is evidence of one.
      "analyser/words": fakePlugin("analyser", "words", wordAnalyser({ BAD: ["bad"], WORSE: ["worse"] })),
      "policy/escalate": async () => ({
        default: {
          ...escalate,
          config: v.strictObject({}),
          requires: () => ["store/map/x"],
          setup: (_: unknown, context: never) => escalate.setup(parsed, context),
        },
      }),
    },
    { server: { keepAliveMs: 0 } },
  );
  let asked = 0;
  return {
    ...gateway,
    store: state,
    /** One request: its answer comes as `texts`; returns what the client has got. */
    async say(texts: readonly string[], { tenant, body = {}, whole = false, afterMs = 60_000 }: Asked = {}): Promise<string> {
      upstream = new FakeUpstream(whole ? { headers: { "content-type": "application/json" } } : {});
      const client = new FakeClient();
      asked += 1;
      const answering = gateway.ask(
        { body, headers: tenant === undefined ? {} : { "x-tenant-id": tenant }, stream: !whole },
        { id: `s${asked}` },
      );
      answering.catch(() => {});
      await settled();
      upstream.send(...texts.map((text) => `t0 ${text}`), "e0", ...(whole ? [] : ["."]));
      upstream.end();
      if (whole) {
        gateway.host.advance(afterMs);
        const answer = await answering;
        return new TextDecoder().decode(answer.whole());
      }
      const answer = await answering;
      const delivered = answer.deliver(client);
      gateway.host.advance(afterMs);
      if (afterMs >= 60_000) await delivered;
      await settled();
      return client.text;
    },
  };
}

const codeOf = async (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => "none",
    (error) => (isMidStreamError(error) ? `${error.code} ${error.publicMessage}` : String(error)),
  );

test("each level does its own, and what the lower ones do", async () => {
  const { say, kernel, host } = await setUp({ halfLifeMs: 31_536_000_000 });
  assert.equal(await say(["a bad day"], { tenant: "t", afterMs: 0 }), "t0 a bad day\ne0\n.\n");
  assert.equal(await say(["a bad day"], { tenant: "t", afterMs: 0 }), "t0 a bad day\ne0\n.\n");
  // Level slow: ten bytes a second.
  const slow = await say(["eight by", "eight by", "x"], { tenant: "t", afterMs: 1_000 });
  assert.equal(slow, "t0 eight by\n");
  host.advance(10_000);
  await settled();
  assert.equal(await say(["one bad, and more"], { tenant: "t" }), "t0 one \nb0 What is this for?\n.\n");
  assert.equal(await say(["a calm day"], { tenant: "t" }), "t0 a calm day\ne0\n.\n");
  assert.equal(await say(["x bad y bad z"], { tenant: "t" }), "t0 x \nb0 What is this for?\n.\n");
  assert.equal(await say(["x worse y"], { tenant: "t" }), "t0 x \nb0 No more.\n.\n");
  assert.equal(await codeOf(say(["fine"], { tenant: "t" })), "REQUEST_BLOCKED No more.");
  assert.equal(await say(["fine"], { tenant: "other", afterMs: 0 }), "t0 fine\ne0\n.\n");
  assert.deepEqual(
    host.logged
      .filter(({ event }) => event.endsWith("escalate-level") || event === "escalate-level")
      .map(({ fields }) => [fields.from, fields.to, fields.action]),
    [
      [0, 1, "annotate"],
      [1, 2, "slow"],
      [2, 3, "ask"],
      [3, 4, "block"],
    ],
  );
  await kernel.stop();
});

test("levels are left with time, below the lower bound only", async () => {
  const { say, host, kernel } = await setUp({ ladder: [{ at: 2, down: 0.9, action: "block", message: "No." }] });
  assert.equal(await say(["bad bad"], { tenant: "t" }), "t0 bad \nb0 No.\n.\n");
  assert.equal(await codeOf(say(["x"], { tenant: "t" })), "REQUEST_BLOCKED No.");
  host.advance(10_000);
  assert.equal(await codeOf(say(["x"], { tenant: "t" })), "none");
  await kernel.stop();
});

test("what an answer's findings bring about does not depend on how it came or how long it took", async () => {
  const piece = fc.constantFrom("bad", "worse", " ", "calm ", "ba", "d");
  await fc.assert(
    fc.asyncProperty(
      fc.array(piece, { maxLength: 14 }),
      fc.integer({ min: 1, max: 5 }),
      fc.nat(40_000),
      fc.nat(4),
      async (pieces, size, pause, before) => {
        const text = `${pieces.join("")}.`;
        const config = { ladder: ladder.filter(({ action }) => action !== "slow") };
        const said: string[] = [];
        for (const cut of [[text], text.match(new RegExp(`.{1,${size}}`, "gs")) ?? []]) {
          const { say, store, host, kernel } = await setUp(config);
          for (let count = 0; count < before; count += 1) await codeOf(say(["bad"], { tenant: "t", afterMs: 0 }));
          const body = await say(cut, { tenant: "t", afterMs: 0 }).catch((error) => `refused ${error.code}`);
          host.advance(pause);
          await kernel.stop();
          said.push(body.replaceAll(/^t0 |\n(t0 )?/gm, "") + [...store.entries.values()].join());
        }
        assert.equal(said[0], said[1]);
      },
    ),
    { seed: 20_261_129, numRuns: 60 },
  );
});

test("a whole answer ends where a stream of it ends", async () => {
  const one = await setUp();
  assert.equal(await one.say(["a bad, bad, bad day"], { tenant: "t", whole: true }), "t0 a bad, bad, \ne0\nb0 What is this for?\n");
  const other = await setUp();
  assert.equal(await other.say(["a bad, bad, bad day"], { tenant: "t" }), "t0 a bad, bad, \nb0 What is this for?\n.\n");
});

test("a slowed answer is whole at the latest after maxDelayMs, its end included", async () => {
  const { say, host } = await setUp({ ladder: [{ at: 1, action: "slow", bytesPerSecond: 1, maxDelayMs: 3_000 }] });
  await say(["bad"], { tenant: "t", afterMs: 0 });
  assert.equal(await say(["x".repeat(50), "y".repeat(50)], { tenant: "t", afterMs: 2_500 }), "");
  assert.equal((await say(["x".repeat(50)], { tenant: "t", afterMs: 3_600 })).endsWith("e0\n.\n"), true);
  assert.ok(host.now() < 10_000);
});

test("a request that does not say whose it is counts for itself alone", async () => {
  const { say, store } = await setUp();
  assert.equal(await say(["bad bad bad"]), "t0 bad bad \nb0 What is this for?\n.\n");
  assert.equal(await say(["bad"], { afterMs: 0 }), "t0 bad\ne0\n.\n");
  assert.equal(store.entries.size, 0);
});

test("the tenant may stand in the request's body", async () => {
  const { say, store } = await setUp({ tenant: { body: "user" } });
  await say(["bad"], { tenant: "ignored", body: { user: "someone" } });
  assert.deepEqual([...store.entries.keys()], [`policy/escalate/x/${tenantKey("someone")}`]);
});

test("signals weigh findings, and leave out what they do not name or what is not certain", async () => {
  const signals = [
    { match: ["words/worse"], weight: 3 },
    { match: ["bad"], minScore: 1, weight: 0.5 },
  ];
  const { say } = await setUp({ signals });
  assert.equal(await say(["bad bad worse day"], { tenant: "t" }), "t0 bad bad \nb0 What is this for?\n.\n");
  const none = await setUp({ signals: [{ match: ["nothing/*"] }] });
  assert.equal(await none.say(["bad bad bad bad bad bad"], { tenant: "t", afterMs: 0 }), "t0 bad bad bad bad bad bad\ne0\n.\n");
});

test("in monitor mode levels are logged, and nothing is done", async () => {
  const { say, host } = await setUp({ mode: "monitor" });
  const text = "bad bad bad bad bad bad";
  for (let count = 0; count < 2; count += 1) assert.equal(await say([text], { tenant: "t", afterMs: 0 }), `t0 ${text}\ne0\n.\n`);
  assert.equal(host.logged.filter(({ event }) => event === "escalate-level").length, 1);
});

test("neither the store nor the log has a tenant's name", async () => {
  const { say, store, host } = await setUp();
  await say(["bad bad"], { tenant: "ada@example.org", afterMs: 60_000 });
  assert.deepEqual([...store.entries.keys()], [`policy/escalate/x/${tenantKey("ada@example.org")}`]);
  assert.doesNotMatch(JSON.stringify([...store.entries, host.logged]), /ada|example/);
});

test("answers of one tenant at once all count", async () => {
  const { say, store } = await setUp({ halfLifeMs: 31_536_000_000 });
  await Promise.all(Array.from({ length: 8 }, () => say(["bad"], { tenant: "t", afterMs: 60_000 }).catch(() => "")));
  await settled();
  const [kept = "{}"] = store.entries.values();
  assert.ok(JSON.parse(kept).evidence > 0.99);
});

test("a store that fails refuses the request, unless the config says to go on; one that holds something else holds nothing", async () => {
  const { say, store, host } = await setUp();
  store.fails = true;
  assert.match(await codeOf(say(["x"], { tenant: "t" })), /^PLUGIN_FAILED/);
  store.fails = false;
  store.entries.set(`policy/escalate/x/${tenantKey("t")}`, '{"evidence":"many"}');
  assert.equal(await say(["x"], { tenant: "t", afterMs: 0 }), "t0 x\ne0\n.\n");
  assert.equal(host.logged.length > 0, true);
});

for (const wrong of [
  { ladder: [] },
  {
    ladder: [
      { at: 2, action: "block" },
      { at: 1, action: "block" },
    ],
  },
  { ladder: [{ at: 1, down: 2, action: "block" }] },
  {
    ladder: [
      { at: 2, down: 2, action: "ask" },
      { at: 3, down: 1, action: "block" },
    ],
  },
  { ladder: [{ at: 0, action: "block" }] },
  { ladder: [{ at: 1, action: "shout" }] },
  { ladder, halfLifeMs: 1 },
  { ladder, tenant: { header: "X-Tenant" } },
  { ladder, surely: 1 },
]) {
  test(`refuses ${JSON.stringify(wrong).slice(0, 90)}`, () => assert.equal(v.safeParse(escalate.config, wrong).success, false));
}
