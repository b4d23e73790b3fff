import assert from "node:assert/strict";
import { test } from "node:test";
import * as v from "valibot";
import { isMidStreamError } from "../../../core/errors/midstream-error.ts";
import type { PluginContext } from "../../../core/plugin/contract.ts";
import { createFetchConnector } from "./fetch.ts";
import plugin from "./index.ts";
import { httpConfig } from "./schema.ts";
import { Collector, collect, FakeClock, get, never, rawServer } from "./testing.ts";

const plain = { signal: never, rawBody: true };
const chunkedHead = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";

const connectorWith = (config: v.InferInput<typeof httpConfig> = {}, clock = new FakeClock()) =>
  createFetchConnector({ config: v.parse(httpConfig, config), clock, fetch: globalThis.fetch });

const fails = (code: string) => (error: unknown) => isMidStreamError(error) && error.code === code;

test("gives the body without its framing, and an error status as an answer", async () => {
  await using server = await rawServer((peer) =>
    peer.socket.write("HTTP/1.1 429 Slow\r\nx-a: b\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"),
  );
  await using connector = connectorWith();
  const response = await connector.connect(get(server.url), plain);
  assert.deepEqual([response.status, response.headers.get("x-a"), response.framing], [429, "b", "identity"]);
  const got = await collect(response);
  assert.deepEqual([got.text, got.outcome], ["abc", "end"]);
  assert.match(server.peers[0]!.received, /accept-encoding: identity\r\n/i);
});

test("does not follow redirects, so that a prompt goes nowhere else", async () => {
  await using server = await rawServer((peer) =>
    peer.socket.write("HTTP/1.1 307 Over there\r\nlocation: /other\r\ncontent-length: 0\r\n\r\n"),
  );
  await using connector = connectorWith();
  assert.equal((await connector.connect(get(server.url), plain)).status, 307);
});

test("closes the upstream when cancelled before the head and inside the body", async () => {
  await using server = await rawServer((peer, number) => {
    if (number > 0) peer.socket.write(`${chunkedHead}3\r\nabc\r\n`);
  });
  await using connector = connectorWith();
  const left = new AbortController();
  const pending = connector.connect(get(server.url), { signal: left.signal, rawBody: true });
  while (server.peers[0]?.received.includes("\r\n\r\n") !== true) await new Promise((resolve) => setImmediate(resolve));
  left.abort();
  await assert.rejects(pending, { name: "AbortError" });
  await server.peers[0]!.closed;

  const response = await connector.connect(get(server.url), plain);
  const collector = new Collector();
  response.read(collector);
  await collector.reached(3);
  response.cancel();
  await server.peers[1]!.closed;
  assert.equal(collector.outcome, "open");
});

test("times out before the head and inside the body", async () => {
  const clock = new FakeClock();
  await using server = await rawServer((peer, number) => {
    if (number > 0) peer.socket.write(`${chunkedHead}3\r\nabc\r\n`);
  });
  await using connector = connectorWith({ connectTimeoutMs: 10, firstByteTimeoutMs: 20, idleTimeoutMs: 50 }, clock);
  const silent = assert.rejects(connector.connect(get(server.url), plain), fails("PROVIDER_TIMEOUT"));
  while (server.peers[0]?.received.includes("\r\n\r\n") !== true) await new Promise((resolve) => setImmediate(resolve));
  clock.advance(31);
  await silent;
  const response = await connector.connect(get(server.url), plain);
  const collector = new Collector();
  response.read(collector);
  await collector.reached(3);
  clock.advance(51);
  await collector.done;
  assert.ok(fails("PROVIDER_TIMEOUT")(collector.outcome));
});

test("reports a body that the peer cuts, one that is too large, and a server that is not there", async () => {
  await using server = await rawServer((peer, number) =>
    number === 0 ? peer.socket.end(`${chunkedHead}5\r\nab`) : peer.socket.write(`${chunkedHead}800\r\n${"x".repeat(2_048)}\r\n`),
  );
  await using connector = connectorWith({ maxBodyBytes: 1_024 });
  assert.ok(fails("PROVIDER_CUT")((await collect(await connector.connect(get(server.url), plain))).outcome));
  assert.ok(fails("PROVIDER_BAD_RESPONSE")((await collect(await connector.connect(get(server.url), plain))).outcome));
  const gone = await rawServer(() => {});
  await gone[Symbol.asyncDispose]();
  await assert.rejects(connector.connect(get(gone.url), plain), fails("PROVIDER_UNREACHABLE"));
});

test("goes through a proxy where one is configured, and refuses one with sockets", async () => {
  const context = { id: "transport/http/default", now: () => performance.now(), secret: () => "unused" } as unknown as PluginContext;
  await using proxy = await rawServer((peer) => peer.socket.write("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nproxy"));
  const config = v.parse(httpConfig, { proxy: new URL(proxy.url).origin });
  await using transport = await plugin.setup(config, context);
  const got = await collect(await transport.connect(get("http://upstream.test/v1/x"), { signal: never, rawBody: false }));
  assert.equal(got.text, "proxy");
  assert.match(proxy.peers[0]!.received, /^GET http:\/\/upstream\.test\/v1\/x HTTP\/1\.1\r\n/);
  await assert.rejects(plugin.setup({ ...config, connector: "socket" }, context), { code: "CONFIG_INVALID" });
});
