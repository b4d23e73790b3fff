import assert from "node:assert/strict";
import { test } from "node:test";
import { isMidStreamError } from "../../../core/errors/midstream-error.ts";
import { Collector, collect, connectorWith, FakeClock, get, never, rawServer } from "./testing.ts";

const raw = { signal: never, rawBody: true };
const plain = { signal: never, rawBody: false };
const chunkedHead = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";

const fails = (code: string) => (error: unknown) => {
  assert.ok(isMidStreamError(error), String(error));
  assert.equal(error.code, code);
  return true;
};

test("writes one request with host, length and identity encoding, and drops fields that belong to the connection", async () => {
  await using server = await rawServer((peer) => peer.socket.end("HTTP/1.1 204 No Content\r\n\r\n"));
  await using connector = connectorWith({});
  const body = new TextEncoder().encode('{"a":"é"}');
  const response = await connector.connect(
    {
      method: "POST",
      url: `${server.url}/chat?x=1`,
      headers: [
        ["content-type", "application/json"],
        ["connection", "upgrade"],
      ],
      body,
    },
    plain,
  );
  assert.equal(response.status, 204);
  await collect(response);
  const host = new URL(server.url).host;
  assert.equal(
    server.peers[0]!.received,
    `POST /v1/chat?x=1 HTTP/1.1\r\nhost: ${host}\r\nconnection: keep-alive\r\naccept-encoding: identity\r\ncontent-type: application/json\r\ncontent-length: 10\r\n\r\n${Buffer.from(body).toString("latin1")}`,
  );
});

test("gives raw bodies as they are on the wire, with their framing", async () => {
  const bodies: [string, string, string, number][] = [
    [chunkedHead, "3\r\nabc\r\n0\r\n\r\n", "chunked", -1],
    ["HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n", "abc", "content-length", 3],
    ["HTTP/1.1 200 OK\r\n\r\n", "abc", "close", -1],
  ];
  for (const [head, body, framing, length] of bodies) {
    await using server = await rawServer((peer) => peer.socket.end(head + body));
    await using connector = connectorWith({});
    const response = await connector.connect(get(server.url), raw);
    assert.equal(response.framing, framing);
    assert.equal(response.contentLength, length);
    const collector = new Collector();
    collector.seen = () => {
      if (collector.text === body) response.release();
    };
    response.read(collector);
    await collector.reached(body.length);
    assert.equal(collector.text, body);
  }
});

test("removes the framing where raw bytes are not asked for, wherever the network splits", async () => {
  const wire = `${chunkedHead}5;ext=1\r\nhello\r\n00006 \r\n world\r\n1\n!\n0\r\nx-trailer: 1\r\n\r\n`;
  for (let at = 1; at < wire.length; at++) {
    await using server = await rawServer((peer) => {
      peer.socket.setNoDelay(true);
      peer.socket.write(wire.slice(0, at), () => setImmediate(() => peer.socket.write(wire.slice(at))));
    });
    await using connector = connectorWith({});
    const response = await connector.connect(get(server.url), plain);
    const got = await collect(response);
    assert.equal(got.text, "hello world!", `split at ${at}`);
    assert.equal(got.outcome, "end");
    assert.equal(response.framing, "identity");
  }
});

test("skips interim responses and takes bare line feeds, folds and blanks around values", async () => {
  await using server = await rawServer((peer) =>
    peer.socket.write(
      "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\nHTTP/1.1 200\nX-A:  one \nX-B: two\n  three\nx-a: four\nContent-Length: 2\n\nok",
    ),
  );
  await using connector = connectorWith({});
  const response = await connector.connect(get(server.url), plain);
  assert.equal(response.status, 200);
  assert.equal(response.headers.get("x-a"), "one, four");
  assert.equal(response.headers.get("x-b"), "two three");
  assert.equal((await collect(response)).text, "ok");
});

test("refuses malformed heads and bodies by name", async () => {
  const heads: Record<string, string> = {
    "no status line": "HELLO\r\n\r\n",
    "no number": "HTTP/1.1 2x0 OK\r\n\r\n",
    "blank before colon": "HTTP/1.1 200 OK\r\na : b\r\n\r\n",
    "a NUL in a value": "HTTP/1.1 200 OK\r\na: b\0\r\n\r\n",
    "two lengths": "HTTP/1.1 200 OK\r\ncontent-length: 3\r\ncontent-length: 4\r\n\r\n",
    "a negative length": "HTTP/1.1 200 OK\r\ncontent-length: -3\r\n\r\n",
    "gzip transfer coding": "HTTP/1.1 200 OK\r\ntransfer-encoding: gzip, chunked\r\n\r\n",
    "101 of its own accord": "HTTP/1.1 101 Switching\r\n\r\n",
    "too many fields": `HTTP/1.1 200 OK\r\n${"a: b\r\n".repeat(101)}\r\n`,
    "a head without end": `HTTP/1.1 200 OK\r\n${`x: ${"y".repeat(1000)}\r\n`.repeat(70)}`,
    "a cut head": "HTTP/1.1 200 OK\r\na: b",
  };
  for (const [name, head] of Object.entries(heads)) {
    await using server = await rawServer((peer) => peer.socket.end(head, "latin1"));
    await using connector = connectorWith({});
    await assert.rejects(connector.connect(get(server.url), plain), fails("PROVIDER_BAD_RESPONSE"), name);
  }
  for (const body of ["zz\r\n", "\r\n", "fffffffffffffff\r\n", "1\r\nab\r\n", `1;${"x".repeat(9000)}\r\n`]) {
    await using server = await rawServer((peer) => peer.socket.write(chunkedHead + body));
    await using connector = connectorWith({});
    const got = await collect(await connector.connect(get(server.url), plain));
    assert.ok(fails("PROVIDER_BAD_RESPONSE")(got.outcome), body.slice(0, 20));
  }
});

test("reports a body that the peer cuts, and ends one that closing delimits", async () => {
  for (const [wire, rawBody, expected] of [
    [`${chunkedHead}5\r\nhel`, false, "PROVIDER_CUT"],
    [`${chunkedHead}5\r\nhel`, true, "PROVIDER_CUT"],
    ["HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhel", false, "PROVIDER_CUT"],
    ["HTTP/1.0 200 OK\r\n\r\nhel", false, "end"],
  ] as const) {
    await using server = await rawServer((peer) => peer.socket.end(wire));
    await using connector = connectorWith({});
    const got = await collect(await connector.connect(get(server.url), { signal: never, rawBody }));
    assert.ok(got.text.endsWith("hel"));
    assert.equal(typeof got.outcome === "string" ? got.outcome : got.outcome.code, expected);
  }
});

test("gives a complete message whole, though the peer closed before it was read", async () => {
  await using server = await rawServer((peer) => peer.socket.end(`${chunkedHead}3\r\nabc\r\n0\r\n\r\n`));
  await using connector = connectorWith({});
  const response = await connector.connect(get(server.url), plain);
  await server.peers[0]!.closed;
  const got = await collect(response);
  assert.equal(got.text, "abc");
  assert.equal(got.outcome, "end");
});

test("says that nobody listens", async () => {
  const server = await rawServer(() => {});
  await server[Symbol.asyncDispose]();
  await using connector = connectorWith({});
  await assert.rejects(connector.connect(get(server.url), plain), fails("PROVIDER_UNREACHABLE"));
});

test("times out while waiting for the head, inside a body and in all, but not for a slow reader", async () => {
  const clock = new FakeClock();
  await using server = await rawServer((peer, number) => {
    if (number > 0) peer.socket.write("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nab");
  });
  await using connector = connectorWith({ firstByteTimeoutMs: 1_000, idleTimeoutMs: 2_000, totalTimeoutMs: 60_000 }, { clock });
  const silent = connector.connect(get(server.url), plain);
  const rejected = assert.rejects(silent, fails("PROVIDER_TIMEOUT"));
  await until(() => server.peers[0]?.received.endsWith("\r\n\r\n"));
  clock.advance(999);
  clock.advance(2);
  await rejected;
  await server.peers[0]!.closed;

  const response = await connector.connect(get(server.url), plain);
  const collector = new Collector();
  response.read(collector);
  await collector.reached(2);
  response.pause();
  clock.advance(5_000);
  assert.equal(collector.outcome, "open");
  response.resume();
  clock.advance(1_999);
  assert.equal(collector.outcome, "open");
  clock.advance(2);
  assert.ok(fails("PROVIDER_TIMEOUT")(collector.outcome));
  await server.peers[1]!.closed;

  const paused = await connector.connect(get(server.url), plain);
  const last = new Collector();
  paused.read(last);
  await last.reached(2);
  paused.pause();
  clock.advance(60_000);
  paused.resume();
  await last.done;
  assert.ok(fails("PROVIDER_TIMEOUT")(last.outcome));
});

test("times out while connecting, and closes a connection that comes up late", async () => {
  const clock = new FakeClock();
  await using server = await rawServer(() => {});
  await using connector = connectorWith({ connectTimeoutMs: 50 }, { clock });
  const late = connector.connect(get(server.url), plain);
  clock.advance(51);
  await assert.rejects(late, fails("PROVIDER_TIMEOUT"));
  // The kernel may have accepted before the time-out: then the peer must see the end.
  const probe = await connector.connect(get(server.url), { signal: AbortSignal.abort(), rawBody: false }).catch((error: unknown) => error);
  assert.equal((probe as Error).name, "AbortError");
  await Promise.all(server.peers.map((peer) => peer.closed));
});

test("uses a connection again after a whole message, newest first, and not after its peer said close", async () => {
  await using server = await rawServer((peer, number) =>
    peer.socket.write(`HTTP/1.1 200 OK\r\ncontent-length: 2\r\n${number === 2 ? "connection: close\r\n" : ""}\r\nok`),
  );
  await using connector = connectorWith({});
  for (let count = 0; count < 4; count++) assert.equal((await collect(await connector.connect(get(server.url), plain))).text, "ok");
  assert.equal(server.peers.length, 2);
});

test("uses a raw connection again once the reader has seen the end", async () => {
  const body = "1\r\na\r\n0\r\n\r\n";
  await using server = await rawServer((peer) => peer.socket.write(chunkedHead + body));
  await using connector = connectorWith({});
  for (let count = 0; count < 3; count++) {
    const response = await connector.connect(get(server.url), raw);
    const collector = new Collector();
    response.read(collector);
    await collector.reached(body.length);
    response.release();
    response.cancel();
  }
  assert.equal(server.peers.length, 1);
});

test("keeps no connection that has bytes behind the message, that is over the limit or past its time", async () => {
  const clock = new FakeClock();
  await using server = await rawServer((peer, number) =>
    peer.socket.write(`HTTP/1.1 200 OK\r\nkeep-alive: timeout=5\r\ncontent-length: 2\r\n\r\nok${number === 0 ? "junk" : ""}`),
  );
  await using connector = connectorWith({ keepAliveMs: 60_000, maxIdleConnections: 1 }, { clock });
  await collect(await connector.connect(get(server.url), plain));
  await collect(await connector.connect(get(server.url), plain));
  assert.equal(server.peers.length, 2);
  const two = await Promise.all([connector.connect(get(server.url), plain), connector.connect(get(server.url), plain)]);
  await Promise.all(two.map(collect));
  assert.equal(server.peers.length, 3);
  clock.advance(3_999);
  await collect(await connector.connect(get(server.url), plain));
  assert.equal(server.peers.length, 3);
  clock.advance(4_001);
  await collect(await connector.connect(get(server.url), plain));
  assert.equal(server.peers.length, 4);
  assert.equal(clock.ticks.size, 1);
});

test("tries a stale connection's request once more on a new one, and only before the first byte of an answer", async () => {
  await using server = await rawServer((peer, number) => {
    if (number === 0 || number === 2) peer.socket.write("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
    else if (number === 3) peer.socket.end("HTTP/1.1 2");
    else peer.socket.destroy();
  });
  await using connector = connectorWith({});
  await collect(await connector.connect(get(server.url), plain));
  // Request 1 dies with the old connection and comes back as request 2.
  assert.equal((await collect(await connector.connect(get(server.url), plain))).text, "ok");
  assert.equal(server.peers.length, 2);
  await assert.rejects(connector.connect(get(server.url), plain), fails("PROVIDER_BAD_RESPONSE"));
  // A new connection that dies without an answer is not tried again.
  await assert.rejects(connector.connect(get(server.url), plain), fails("PROVIDER_UNREACHABLE"));
  assert.equal(server.peers.length, 3);
});

test("closes the upstream at once when cancelled before the head, between head and read, and inside the body", async () => {
  await using server = await rawServer((peer, number) => {
    if (number > 0) peer.socket.write(`${chunkedHead}3\r\nabc\r\n`);
  });
  await using connector = connectorWith({});
  const before = new AbortController();
  const pending = connector.connect(get(server.url), { signal: before.signal, rawBody: true });
  await until(() => server.peers[0]?.received.endsWith("\r\n\r\n"));
  before.abort();
  await assert.rejects(pending, { name: "AbortError" });
  await server.peers[0]!.closed;

  (await connector.connect(get(server.url), raw)).cancel();
  await server.peers[1]!.closed;

  const inside = new AbortController();
  const response = await connector.connect(get(server.url), { signal: inside.signal, rawBody: true });
  const collector = new Collector();
  response.read(collector);
  await collector.reached(8);
  inside.abort();
  await collector.done;
  assert.ok(fails("PROVIDER_CUT")(collector.outcome));
  await server.peers[2]!.closed;

  const both = new AbortController();
  const heard = await connector.connect(get(server.url), { signal: both.signal, rawBody: true });
  const silent = new Collector();
  heard.read(silent);
  await silent.reached(8);
  both.signal.addEventListener("abort", () => heard.cancel());
  both.abort();
  await server.peers[3]!.closed;
  assert.equal(silent.outcome, "open");

  const last = await connector.connect(get(server.url), plain);
  const quiet = new Collector();
  quiet.seen = () => last.cancel();
  last.read(quiet);
  await server.peers[4]!.closed;
  assert.equal(quiet.outcome, "open");
});

test("stalls the upstream's writes while the reader is paused, and delivers everything after", async () => {
  const block = Buffer.alloc(65_536, "x");
  const blocks = 640;
  let written = 0;
  let stalled = Promise.withResolvers<void>();
  await using server = await rawServer((peer) => {
    peer.socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${block.length * blocks}\r\n\r\n`);
    const pump = (): void => {
      while (written < blocks) {
        written += 1;
        if (!peer.socket.write(block)) {
          stalled.resolve();
          peer.socket.once("drain", pump);
          return;
        }
      }
    };
    pump();
  });
  await using connector = connectorWith({});
  const response = await connector.connect(get(server.url), raw);
  const collector = new Collector();
  response.read(collector);
  await collector.reached(1);
  response.pause();
  // The server is stalled when its socket stays full through several turns of the loop.
  let before = -1;
  for (let quiet = 0; quiet < 20; ) {
    await new Promise((resolve) => setImmediate(resolve));
    quiet = written === before ? quiet + 1 : 0;
    before = written;
  }
  stalled = Promise.withResolvers();
  const delivered = collector.bytes;
  assert.ok(written < blocks, "the server wrote everything though nobody read");
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
  assert.equal(collector.bytes, delivered);
  response.resume();
  await collector.done;
  assert.equal(collector.bytes, block.length * blocks);
  assert.equal(collector.outcome, "end");
});

test("refuses a body above the limit and closes its connection", async () => {
  await using server = await rawServer((peer) => peer.socket.write(`HTTP/1.1 200 OK\r\n\r\n${"x".repeat(3_000)}`));
  await using connector = connectorWith({ maxBodyBytes: 2_048 });
  const got = await collect(await connector.connect(get(server.url), plain));
  assert.ok(fails("PROVIDER_BAD_RESPONSE")(got.outcome));
  await server.peers[0]!.closed;
});

test("fails what is under way and closes what is idle when it is disposed", async () => {
  await using server = await rawServer((peer, number) => {
    peer.socket.write(number === 0 ? "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n" : chunkedHead);
  });
  const connector = connectorWith({});
  await collect(await connector.connect(get(server.url), plain));
  const open = collect(await connector.connect(get(server.url), plain));
  await connector[Symbol.asyncDispose]();
  await connector[Symbol.asyncDispose]();
  assert.ok(fails("KERNEL_STOPPING")((await open).outcome));
  await Promise.all(server.peers.map((peer) => peer.closed));
});

/** Turns of the loop until something is so; the test runner's limit ends a wait for what never comes. */
async function until(condition: () => boolean | undefined): Promise<void> {
  while (condition() !== true) await new Promise((resolve) => setImmediate(resolve));
}
