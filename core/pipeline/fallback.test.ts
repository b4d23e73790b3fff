/** Which provider is asked after a failure, and what is nobody's failure but the plugin's own. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { codeOf, endOf, FakeClient, fakePlugin, fakeProvider, makeGateway } from "../testing/fake-gateway.ts";
import { settled } from "../testing/fake-host.ts";
import { FakeUpstream } from "../testing/fake-upstream.ts";

/** Makes the parts path necessary. */
const watcher = fakePlugin("analyser", "watch", { begin: () => ({ push: () => [] }) });

test("a failure before the first text gets the next provider, after it an honest end", async () => {
  for (const how of ["status", "cut", "event"]) {
    const first = how === "status" ? new FakeUpstream({ status: 503 }) : new FakeUpstream();
    const second = new FakeUpstream();
    const providers = [first, second].map((upstream) => fakeProvider(async () => upstream));
    const gateway = await makeGateway({
      "provider/a": fakePlugin("provider", "a", providers[0] ?? {}),
      "provider/b": fakePlugin("provider", "b", providers[1] ?? {}),
      "analyser/watch": watcher,
    });
    const asked = gateway.ask();
    await settled();
    if (how === "status") first.end();
    if (how === "cut") first.fail();
    if (how === "event") first.send("! boom");
    await settled();
    second.send("t0 b", "e0", ".");
    const answer = await asked;
    assert.equal(answer.provider, "provider/b/x", how);
    const client = new FakeClient();
    await answer.deliver(client);
    assert.equal(client.text, "t0 b\ne0\n.\n", how);
    assert.equal(endOf(gateway.events).length, 1);
    const passedOver = gateway.events.filter((event) => event.type === "provider-failure");
    assert.deepEqual(
      passedOver.map(({ provider }) => provider),
      ["provider/a/x"],
      how,
    );
  }
});

test("a request's time is over for all providers", async () => {
  for (const stream of [true, false]) {
    const asked: string[] = [];
    const silent = (name: string) =>
      fakeProvider(async () => {
        asked.push(name);
        return new FakeUpstream(stream ? {} : { headers: { "content-type": "application/json" } });
      });
    const gateway = await makeGateway(
      {
        "provider/a": fakePlugin("provider", "a", silent("a")),
        "provider/b": fakePlugin("provider", "b", silent("b")),
        "analyser/watch": watcher,
      },
      { server: { requestTimeoutMs: 1_000, firstPartMs: 5_000 } },
    );
    const code = codeOf(gateway.ask({ stream }));
    await settled();
    gateway.host.advance(1_000);
    assert.equal(await code, "PROVIDER_TIMEOUT");
    assert.deepEqual(asked, ["a"]);
    assert.deepEqual(
      endOf(gateway.events).map((end) => [end.outcome, end.errorCode]),
      [["failed", "PROVIDER_TIMEOUT"]],
    );
    assert.equal(gateway.kernel.describe().sessions, 0);
  }
});

test("a provider's own abort or time-out is its failure, not the client's leaving: the next one is asked", async () => {
  for (const name of ["TimeoutError", "AbortError"]) {
    const upstream = new FakeUpstream();
    const gateway = await makeGateway({
      "provider/a": fakePlugin(
        "provider",
        "a",
        fakeProvider(() => Promise.reject(new DOMException("its own", name))),
      ),
      "provider/b": fakePlugin(
        "provider",
        "b",
        fakeProvider(async () => upstream),
      ),
      "analyser/watch": watcher,
    });
    const asked = gateway.ask();
    await settled();
    upstream.send("t0 b", "e0", ".");
    const client = new FakeClient();
    await (await asked).deliver(client);
    assert.equal(client.text, "t0 b\ne0\n.\n", name);
  }
});

test("an analyser's own abort while it looks at a request is its failure: open goes on, closed does not", async () => {
  for (const [onFailure, outcome] of [
    ["open", "none"],
    ["closed", "PLUGIN_FAILED"],
  ] as const) {
    const upstream = new FakeUpstream();
    const looks = { request: () => Promise.reject(new DOMException("its own", "AbortError")) };
    const watched = await makeGateway(
      {
        "provider/p": fakePlugin(
          "provider",
          "p",
          fakeProvider(async () => upstream),
        ),
        "analyser/look": fakePlugin("analyser", "look", looks),
      },
      { pipeline: { onFailure: { "analyser/look/x": onFailure } } },
    );
    const code = codeOf(watched.ask());
    await settled();
    upstream.send("t0 b", "e0", ".");
    assert.equal(await code, outcome);
    assert.equal(watched.events.filter((event) => event.type === "plugin-failure").length, 1, onFailure);
  }
});

test("a request policy or a provider that never answers is not waited for longer than the request may take", async () => {
  const never = () => new Promise<never>(() => {});
  for (const [plugins, timeOut] of [
    [{ "provider/p": fakePlugin("provider", "p", fakeProvider(never)) }, "PROVIDER_TIMEOUT"],
    [
      { "provider/p": fakePlugin("provider", "p", fakeProvider(never)), "policy/p": fakePlugin("policy", "p", { request: never }) },
      "PROVIDER_TIMEOUT",
    ],
  ] as const) {
    const gateway = await makeGateway(plugins, { server: { requestTimeoutMs: 1_000 } });
    const controller = new AbortController();
    const left = codeOf(gateway.ask({}, { signal: controller.signal }));
    await settled();
    controller.abort();
    assert.equal(await left, "AbortError");
    const code = codeOf(gateway.ask());
    await settled();
    gateway.host.advance(1_000);
    assert.equal(await code, timeOut);
    assert.deepEqual(
      endOf(gateway.events).map((end) => end.outcome),
      ["cancelled", "failed"],
    );
  }
});
