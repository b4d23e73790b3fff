/** More is pending than one turn should take: who goes first, and that nothing of it shows in what clients get. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { MidStreamError } from "../errors/midstream-error.ts";
import { FakeClient, fakePlugin, fakeProvider, makeGateway } from "../testing/fake-gateway.ts";
import { settled } from "../testing/fake-host.ts";
import { planPolicy, redact, wordAnalyser } from "../testing/fake-plan.ts";
import { FakeUpstream } from "../testing/fake-upstream.ts";

/** Answers under way, each with an upstream of its own. */
async function streams(count: number, requestTimeoutMs = 60_000) {
  const upstreams = Array.from({ length: count }, () => new FakeUpstream());
  let opened = 0;
  const open = fakeProvider(async () => {
    const next = upstreams[opened++];
    if (next === undefined) throw new MidStreamError("PROVIDER_UNREACHABLE", "no upstream left");
    return next;
  });
  const gateway = await makeGateway(
    {
      "provider/p": fakePlugin("provider", "p", open),
      "analyser/words": fakePlugin("analyser", "words", wordAnalyser({ NAME: ["alice"] })),
      "policy/redact": fakePlugin("policy", "redact", planPolicy([redact()])),
      "analyser/watch": fakePlugin("analyser", "watch", { begin: () => ({ push: () => [] }) }),
    },
    { server: { requestTimeoutMs } },
  );
  const begun = upstreams.map(async (upstream, index) => {
    const controller = new AbortController();
    const asked = gateway.ask({}, { id: `s${index}`, signal: controller.signal });
    await settled();
    upstream.send("t0 begin");
    const answer = await asked;
    const client = new FakeClient();
    return { upstream, client, controller, delivered: answer.deliver(client) };
  });
  return { ...gateway, all: await Promise.all(begun) };
}

/** 100 bytes that leave as they came, all but the name in it. */
const line = `t0 alice ${"x".repeat(90)}`;
const cleanLine = `t0 [NAME] ${"x".repeat(90)}\n`;
const many = (count: number): string[] => new Array(count).fill(line);

test("a small read goes before the rest of a large one, and every answer is whole", async () => {
  const { all, host } = await streams(3);
  const [flood, other, small] = all;
  assert.ok(flood !== undefined && other !== undefined && small !== undefined);
  flood.upstream.send(...many(3_000));
  other.upstream.send(...many(3_000));
  small.upstream.send("t0 alice");
  assert.equal(small.client.text, "t0 begin\nt0 [NAME]\n");
  assert.equal(flood.client.text, "t0 begin\n");
  host.turn();
  assert.ok(flood.client.text.length < 70_000 && flood.client.text.length > 10_000, "a turn is short, and everybody gets some of it");
  assert.deepEqual(flood.upstream.calls, ["pause"]);
  for (const { upstream } of all) upstream.send("e0", ".");
  for (let turn = 0; turn < 20; turn += 1) host.turn();
  await Promise.all(all.map(({ delivered }) => delivered));
  assert.equal(flood.client.text, `t0 begin\n${cleanLine.repeat(3_000)}e0\n.\n`);
  assert.equal(other.client.text, flood.client.text);
  assert.equal(small.client.text, "t0 begin\nt0 [NAME]\ne0\n.\n");
});

test("an upstream whose bytes waited is read on when they are analysed, and its end comes after them", async () => {
  const { all, host, events } = await streams(1);
  const [one] = all;
  one?.upstream.send(...many(1_000));
  one?.upstream.send("t0 x", "e0", ".");
  one?.upstream.end();
  assert.equal(one?.client.text, "t0 begin\n");
  for (let turn = 0; turn < 5; turn += 1) host.turn();
  await one?.delivered;
  assert.equal(one?.client.text, `t0 begin\n${cleanLine.repeat(1_000)}t0 x\ne0\n.\n`);
  assert.deepEqual(
    events.filter(({ type }) => type === "request-end").map((event) => "outcome" in event && event.outcome),
    ["finished"],
  );
});

test("an upstream that is cut while its bytes wait is told to the client after them", async () => {
  const { all, host } = await streams(1);
  const [one] = all;
  one?.upstream.send(...many(1_000));
  one?.upstream.fail();
  for (let turn = 0; turn < 5; turn += 1) host.turn();
  await one?.delivered;
  assert.equal(one?.client.text, `t0 begin\n${cleanLine.repeat(1_000)}!PROVIDER_CUT\n`);
});

test("a client that becomes slow leaves the order, and comes back to it", async () => {
  const { all, host } = await streams(1);
  const [one] = all;
  assert.ok(one !== undefined);
  one.upstream.send(...many(2_000));
  one.client.isSlow = true;
  host.turn();
  const before = one.client.writes;
  host.turn();
  assert.equal(one.client.writes, before, "nothing is analysed for a client that does not read");
  one.client.isSlow = false;
  one.client.read();
  await settled();
  one.upstream.send("e0", ".");
  for (let turn = 0; turn < 10; turn += 1) host.turn();
  await one.delivered;
  assert.equal(one.client.text, `t0 begin\n${cleanLine.repeat(2_000)}e0\n.\n`);
  assert.deepEqual(one.upstream.calls.slice(0, 2), ["pause", "resume"]);
});

test("what has come before a time-out leaves before it", async () => {
  const { all, host } = await streams(1, 5_000);
  const [one] = all;
  one?.upstream.send(...many(2_000));
  host.advance(5_000);
  await one?.delivered;
  assert.equal(one?.client.text, `t0 begin\n${cleanLine.repeat(2_000)}!PROVIDER_TIMEOUT\n`);
  assert.equal(one?.upstream.calls.at(-1), "cancel");
  host.turn();
});

test("a client that leaves while its answer's bytes wait is forgotten", async () => {
  const { kernel, all, host } = await streams(1);
  const [one] = all;
  one?.upstream.send(...many(2_000));
  one?.controller.abort();
  await one?.delivered;
  assert.equal(one?.client.text, "t0 begin\n");
  assert.equal(one?.upstream.calls.at(-1), "cancel");
  host.turn();
  assert.equal(one?.client.text, "t0 begin\n");
  assert.equal(kernel.describe().sessions, 0);
});
