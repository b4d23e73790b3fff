import assert from "node:assert/strict";
import { test } from "node:test";
import { MidStreamError } from "../errors/midstream-error.ts";
import { codeOf, endOf, FakeClient, fakePlugin, fakeProvider, makeGateway } from "../testing/fake-gateway.ts";
import { settled } from "../testing/fake-host.ts";
import { block, planPolicy, redact, wordAnalyser } from "../testing/fake-plan.ts";
import { FakeUpstream } from "../testing/fake-upstream.ts";

const words = fakePlugin("analyser", "words", wordAnalyser({ NAME: ["alice"] }));
/** Makes the parts path necessary. */
const watcher = fakePlugin("analyser", "watch", { begin: () => ({ push: () => [] }) });

/** A gateway whose only provider gives `upstreams` one after the other. */
async function gatewayOf(upstreams: FakeUpstream[], more: Parameters<typeof makeGateway>[1] = {}, path: "wire" | "parts" = "parts") {
  const asked: boolean[] = [];
  const open = fakeProvider(async (_request, _session, { rawBody }) => {
    asked.push(rawBody);
    const next = upstreams.shift();
    if (next === undefined) throw new MidStreamError("PROVIDER_UNREACHABLE", "no upstream left");
    return next;
  });
  const gateway = await makeGateway(
    {
      "provider/p": fakePlugin("provider", "p", open),
      "analyser/words": words,
      "policy/redact": fakePlugin("policy", "redact", planPolicy([redact()])),
      ...(path === "parts" && { "analyser/watch": watcher }),
    },
    more,
  );
  return { ...gateway, asked };
}

/** Asks, sends the first lines, and begins to deliver. */
async function delivering(upstream: FakeUpstream, first: readonly string[], more: Parameters<typeof makeGateway>[1] = {}) {
  const gateway = await gatewayOf([upstream], more);
  const client = new FakeClient();
  const controller = new AbortController();
  const asked = gateway.ask({}, { signal: controller.signal });
  await settled();
  upstream.send(...first);
  const answer = await asked;
  const delivered = answer.deliver(client);
  return { ...gateway, client, answer, delivered, controller };
}

test("an answer passes through, and its session is recorded once", async () => {
  const upstream = new FakeUpstream();
  const { client, delivered, events, answer, host, asked } = await delivering(upstream, ["t0 hi al"]);
  assert.deepEqual(asked, [false]);
  assert.equal(answer.provider, "provider/p/x");
  assert.equal(answer.stream, true);
  assert.equal(client.text, "");
  host.advance(5);
  upstream.send("t0 ice", "u2,3", "e0", ".");
  await delivered;
  assert.equal(client.text, "t0 hi [NAME]\nt0 \nu2,3\ne0\n.\n");
  upstream.end();
  assert.deepEqual(upstream.calls, []);
  assert.deepEqual(endOf(events), [
    {
      type: "request-end",
      session: "s1",
      pipeline: "default",
      model: "m",
      provider: "provider/p/x",
      stream: true,
      path: "parts",
      outcome: "finished",
      status: 200,
      usage: { inputTokens: 2, outputTokens: 3, totalTokens: 5 },
      findings: 1,
      rewrites: 1,
      maxHeldBytes: 5,
      durationMs: 5,
      firstByteMs: 5,
      gatewayMs: 0,
    },
  ]);
  assert.deepEqual(
    events.map((event) => event.type),
    ["finding", "verdict", "request-end"],
  );
});

test("the wire path gets raw bytes, releases the connection at the message's end and disposes once", async () => {
  const upstream = new FakeUpstream({ framing: "chunked" });
  const gateway = await gatewayOf([upstream], {}, "wire");
  const asked = gateway.ask();
  await settled();
  upstream.send("abc");
  const client = new FakeClient();
  const answer = await asked;
  const delivered = answer.deliver(client);
  upstream.send("d|");
  await delivered;
  assert.deepEqual(gateway.asked, [true]);
  assert.deepEqual(upstream.calls, []);
  assert.equal(gateway.native.wires[0]?.wire.disposed, 0);
  upstream.send(";");
  assert.deepEqual(upstream.calls, ["release"]);
  assert.equal(gateway.native.wires[0]?.wire.disposed, 1);
  assert.equal(client.text, "abc\nd|\n");
  assert.equal(endOf(gateway.events)[0]?.path, "wire");
});

test("a message's end that does not come is not awaited for ever", async () => {
  const upstream = new FakeUpstream({ framing: "chunked" });
  const gateway = await gatewayOf([upstream], {}, "wire");
  const asked = gateway.ask();
  await settled();
  upstream.send("a|");
  await (await asked).deliver(new FakeClient());
  gateway.host.advance(2_000);
  assert.deepEqual(upstream.calls, ["cancel"]);
  assert.equal(gateway.native.wires[0]?.wire.disposed, 1);
});

test("a block on the wire cancels the upstream at once", async () => {
  const upstream = new FakeUpstream({ framing: "chunked" });
  const gateway = await gatewayOf([upstream], {}, "wire");
  const asked = gateway.ask();
  await settled();
  upstream.send("a~");
  await (await asked).deliver(new FakeClient());
  assert.deepEqual(upstream.calls, ["cancel"]);
  assert.equal(endOf(gateway.events)[0]?.outcome, "blocked");
});

test("a slow client pauses the upstream until it has read", async () => {
  const upstream = new FakeUpstream();
  const { client, delivered } = await delivering(upstream, ["t0 a"]);
  client.isSlow = true;
  upstream.send("t0 b");
  assert.deepEqual(upstream.calls, ["pause"]);
  upstream.send("t0 c");
  assert.equal(client.text, "t0 a\nt0 b\n");
  client.isSlow = false;
  client.read();
  await settled();
  assert.equal(client.text, "t0 a\nt0 b\nt0 c\n");
  assert.deepEqual(upstream.calls, ["pause", "resume"]);
  upstream.send("e0", ".");
  await delivered;
});

test("an upstream that ends while the client is slow ends the answer when the client has read", async () => {
  const upstream = new FakeUpstream();
  const { client, delivered, events } = await delivering(upstream, ["t0 a"]);
  client.isSlow = true;
  upstream.send("t0 b");
  upstream.fail();
  client.isSlow = false;
  client.read();
  await delivered;
  assert.equal(client.text, "t0 a\nt0 b\n!PROVIDER_CUT\n");
  assert.equal(endOf(events)[0]?.errorCode, "PROVIDER_CUT");
});

test("a client that leaves cancels the upstream: before the head, before the first text, in the middle", async () => {
  for (const window of ["head", "text", "middle"]) {
    const upstream = new FakeUpstream();
    const gateway = await gatewayOf([upstream]);
    const controller = new AbortController();
    if (window === "head") controller.abort();
    const asked = gateway.ask({}, { signal: controller.signal });
    const code = codeOf(asked);
    await settled();
    if (window === "text") controller.abort();
    if (window === "middle") {
      upstream.send("t0 a");
      const delivered = (await asked).deliver(new FakeClient());
      controller.abort();
      await delivered;
    }
    assert.equal(await code, window === "middle" ? "none" : "AbortError", window);
    assert.deepEqual(upstream.calls, window === "head" ? [] : ["cancel"], window);
    assert.deepEqual(
      endOf(gateway.events).map((end) => end.outcome),
      ["cancelled"],
      window,
    );
    assert.equal(gateway.kernel.describe().sessions, 0);
  }
});

test("a door whose stream is closed counts as a client that left", async () => {
  const upstream = new FakeUpstream();
  const { delivered, events, client } = await delivering(upstream, ["t0 a"]);
  client.write = () => {
    throw new TypeError("controller is closed");
  };
  upstream.send("t0 b");
  await delivered;
  assert.deepEqual(upstream.calls, ["cancel"]);
  assert.equal(endOf(events)[0]?.outcome, "cancelled");
});

test("quiet stretches get keep-alive comments, talkative ones do not", async () => {
  const upstream = new FakeUpstream();
  const { client, host } = await delivering(upstream, ["t0 hi"], { server: { keepAliveMs: 1_000 } });
  host.advance(750);
  upstream.send("t0 ho");
  host.advance(900);
  assert.equal(client.text, "t0 hi\nt0 ho\n");
  upstream.send("t0 al");
  host.advance(500);
  assert.equal(client.text, "t0 hi\nt0 ho\n#\n");
  host.advance(1_000);
  assert.equal(client.text, "t0 hi\nt0 ho\n#\n#\n");
});

test("the head of a silent stream does not wait for ever", async () => {
  const upstream = new FakeUpstream();
  const gateway = await gatewayOf([upstream], { server: { firstPartMs: 1_000 } });
  const asked = gateway.ask();
  await settled();
  gateway.host.advance(1_250);
  const answer = await asked;
  const client = new FakeClient();
  const delivered = answer.deliver(client);
  upstream.fail();
  await delivered;
  assert.equal(client.text, "!PROVIDER_CUT\n");
});

test("a request that takes too long ends with an error", async () => {
  const upstream = new FakeUpstream();
  const { client, delivered, host, events } = await delivering(upstream, ["t0 hi"], { server: { requestTimeoutMs: 1_000 } });
  host.advance(1_000);
  await delivered;
  assert.equal(client.text, "t0 hi\n!PROVIDER_TIMEOUT\n");
  assert.deepEqual(upstream.calls, ["cancel"]);
  assert.equal(endOf(events)[0]?.errorCode, "PROVIDER_TIMEOUT");
});

test("a response that throws where it is told something is named, and ends nothing else", async () => {
  const upstream = new FakeUpstream();
  upstream.pause = () => {
    throw new TypeError("cannot pause");
  };
  const { client, delivered, events } = await delivering(upstream, ["t0 hi"]);
  client.isSlow = true;
  upstream.send("t0 x");
  client.isSlow = false;
  client.read();
  await settled();
  upstream.send("e0", ".");
  await delivered;
  assert.equal(client.text, "t0 hi\nt0 x\ne0\n.\n");
  assert.deepEqual(
    events.filter((event) => event.type === "plugin-failure").map((event) => (event as { plugin: string }).plugin),
    ["provider/p/x"],
  );
});

test("the last provider's own error event is shown as it came; a cut before any text is an error with a status", async () => {
  const shown = new FakeUpstream();
  const gateway = await gatewayOf([shown, new FakeUpstream()]);
  const asked = gateway.ask();
  await settled();
  shown.send("! boom");
  const client = new FakeClient();
  await (await asked).deliver(client);
  assert.equal(client.text, "! boom\n");
  const cut = new FakeUpstream();
  const other = await gatewayOf([cut]);
  const code = codeOf(other.ask());
  await settled();
  cut.end();
  assert.equal(await code, "PROVIDER_CUT");
});

test("an upstream's refusal carries its status, its error object and when to come again", async () => {
  const upstream = new FakeUpstream({ status: 429, headers: { "retry-after": "7", "content-type": "application/json" } });
  const gateway = await gatewayOf([upstream]);
  const asked = gateway.ask({}, { statusOf: (error) => (error.code === "PROVIDER_STATUS" ? 599 : 0) });
  const caught = asked.catch((error: unknown) => error);
  await settled();
  upstream.send('{"error":{"code":"rate_limited","message":"slow down"}}');
  upstream.end();
  const error = (await caught) as MidStreamError;
  assert.deepEqual(
    [error.code, error.upstreamStatus, error.retryAfterS, error.retryable, error.upstreamError],
    ["PROVIDER_STATUS", 429, 7, true, { code: "rate_limited", message: "slow down" }],
  );
  assert.deepEqual(
    endOf(gateway.events).map((end) => [end.outcome, end.status, end.errorCode, end.path]),
    [["failed", 599, "PROVIDER_STATUS", "none"]],
  );
});

test("a whole answer is there before its head; a broken one is an error", async () => {
  const whole = new FakeUpstream({ headers: { "content-type": "application/json" } });
  const gateway = await gatewayOf([whole]);
  const asked = gateway.ask({ stream: false });
  await settled();
  whole.send("t0 alice", "e0");
  whole.end();
  const client = new FakeClient();
  const answer = await asked;
  assert.deepEqual([answer.stream, answer.contentType], [false, "application/json"]);
  await answer.deliver(client);
  assert.equal(client.text, "t0 [NAME]\ne0\n");
  const broken = new FakeUpstream({ headers: { "content-type": "application/json" } });
  const other = await gatewayOf([broken]);
  const code = codeOf(other.ask({ stream: false }));
  await settled();
  broken.send("t0 half");
  broken.fail();
  assert.equal(await code, "PROVIDER_CUT");
});

test("the side band takes the parts path, for a client that asks and a pipeline that allows", async () => {
  const upstream = new FakeUpstream();
  const gateway = await makeGateway({
    "provider/p": fakePlugin(
      "provider",
      "p",
      fakeProvider(async () => upstream),
    ),
    "analyser/words": words,
    "policy/annotate": fakePlugin("policy", "annotate", { annotates: true }),
  });
  assert.equal(gateway.kernel.describe().pipelines[0]?.path, "wire");
  const asked = gateway.ask({ headers: { "x-midstream-annotate": "1" } });
  await settled();
  upstream.send("t0 alice", "e0", ".");
  const client = new FakeClient();
  await (await asked).deliver(client);
  assert.equal(client.text, "t0 alice\ne0\n@name\n.\n");
});

test("request policies rewrite and block before any upstream is called", async () => {
  const upstream = new FakeUpstream();
  const models: string[] = [];
  const gateway = await makeGateway({
    "provider/p": fakePlugin(
      "provider",
      "p",
      fakeProvider(async (request) => {
        models.push(request.model);
        return upstream;
      }),
    ),
    "policy/rename": fakePlugin("policy", "rename", {
      request: (request: { model: string }) =>
        request.model === "bad" ? { action: "block", message: "not here" } : { action: "rewrite", request: { ...request, model: "other" } },
    }),
  });
  assert.equal(await codeOf(gateway.ask({ model: "bad" })), "REQUEST_BLOCKED");
  assert.deepEqual(models, []);
  const asked = gateway.ask();
  await settled();
  upstream.send("a|;");
  await (await asked).deliver(new FakeClient());
  assert.deepEqual(models, ["other"]);
  assert.deepEqual(
    endOf(gateway.events).map((end) => end.outcome),
    ["rejected", "finished"],
  );
});

test("a blocked stream tells the client and is recorded as blocked, not as an error", async () => {
  const upstream = new FakeUpstream();
  const gateway = await makeGateway({
    "provider/p": fakePlugin(
      "provider",
      "p",
      fakeProvider(async () => upstream),
    ),
    "analyser/words": words,
    "analyser/watch": watcher,
    "policy/block": fakePlugin("policy", "block", planPolicy([block("name", "no names")])),
  });
  const asked = gateway.ask();
  await settled();
  upstream.send("t0 hi alice");
  const client = new FakeClient();
  await (await asked).deliver(client);
  assert.equal(client.text, "t0 hi \nb0 no names\n.\n");
  assert.deepEqual(upstream.calls, ["cancel"]);
  const [end] = endOf(gateway.events);
  assert.deepEqual([end?.outcome, end?.errorCode], ["blocked", undefined]);
});

test("an upstream that answers a client that has left is cancelled", async () => {
  const upstream = new FakeUpstream();
  const { promise, resolve } = Promise.withResolvers<FakeUpstream>();
  const gateway = await makeGateway({
    "provider/p": fakePlugin(
      "provider",
      "p",
      fakeProvider(() => promise),
    ),
  });
  const controller = new AbortController();
  const code = codeOf(gateway.ask({}, { signal: controller.signal }));
  await settled();
  controller.abort();
  assert.equal(await code, "AbortError");
  resolve(upstream);
  await settled();
  assert.deepEqual(upstream.calls, ["cancel"]);
});
