/** The conformance suite of transports that speak HTTP, against a server of its own on a free port. */
import assert from "node:assert/strict";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { isMidStreamError } from "../../core/errors/midstream-error.ts";
import type { Plugin, Transport, UpstreamResponse } from "../../core/plugin/contract.ts";
import { instanceId, type PluginSettings, setUpPlugin, testPlugin } from "./plugin.ts";

/** A server whose answers a test scripts. */
async function serve(handle: (request: IncomingMessage, response: ServerResponse) => void) {
  const server = createServer(handle);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/v1`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

interface Body {
  readonly text: string;
  readonly end: "end" | "failed";
}

function read(response: UpstreamResponse, onChunk: (text: string) => void = () => {}): Promise<Body> {
  const decoder = new TextDecoder();
  let text = "";
  return new Promise((resolve) =>
    response.read({
      chunk(bytes) {
        const piece = decoder.decode(bytes, { stream: true });
        text += piece;
        onChunk(piece);
      },
      end: () => resolve({ text, end: "end" }),
      fail: () => resolve({ text, end: "failed" }),
    }),
  );
}

const post = (url: string, body = "hello") => ({
  method: "POST" as const,
  url,
  headers: [["content-type", "text/plain"]] as const,
  body: new TextEncoder().encode(body),
});

/** Tests one transport. Call it at the top of a test file. */
export function testTransport(plugin: Plugin<"transport">, settings: PluginSettings = {}): void {
  const id = instanceId(plugin);
  testPlugin(plugin, settings);
  const setUp = async () => {
    const { instance } = await setUpPlugin(plugin, settings);
    return instance as Transport & AsyncDisposable;
  };
  const quiet = () => ({ signal: new AbortController().signal, rawBody: false });

  test(`${id}: sends the request and delivers status, headers and body`, async () => {
    await using server = await serve((request, response) => {
      const sent: Buffer[] = [];
      request.on("data", (chunk: Buffer) => sent.push(chunk));
      request.on("end", () => {
        response.writeHead(201, { "x-seen": request.headers["content-type"] ?? "" });
        response.write("echo ");
        response.end(Buffer.concat(sent));
      });
    });
    await using transport = await setUp();
    for (const text of ["one", "two"]) {
      const response = await transport.connect(post(server.url, text), quiet());
      assert.deepEqual([response.status, response.headers.get("x-seen"), response.framing], [201, "text/plain", "identity"]);
      assert.deepEqual(await read(response), { text: `echo ${text}`, end: "end" });
    }
  });

  test(`${id}: gives the raw body its framing, or none`, async () => {
    await using server = await serve((_, response) => {
      response.writeHead(200);
      response.write("ab");
      response.end("c");
    });
    await using transport = await setUp();
    const response = await transport.connect(post(server.url), { ...quiet(), rawBody: true });
    assert.ok(["identity", "chunked", "content-length", "close"].includes(response.framing));
    const first = await new Promise<string>((resolve) => {
      let text = "";
      response.read({
        chunk(bytes) {
          text += new TextDecoder().decode(bytes);
          if (text.includes("c")) resolve(text);
        },
        end: () => resolve(text),
        fail: () => resolve("failed"),
      });
    });
    assert.match(first, response.framing === "chunked" ? /^2\r\nab\r\n1\r\nc/ : /abc/);
    response.cancel();
  });

  test(`${id}: cancels before the head and inside the body, and the upstream sees it`, async () => {
    const closed: Promise<void>[] = [];
    let onRequest: () => void = () => {};
    let silent = true;
    await using server = await serve((request, response) => {
      closed.push(new Promise((resolve) => response.on("close", resolve)));
      request.resume();
      if (!silent) {
        response.writeHead(200);
        response.write("first");
      }
      onRequest();
    });
    await using transport = await setUp();
    const controller = new AbortController();
    const arrived = new Promise<void>((resolve) => {
      onRequest = resolve;
    });
    const refused = transport.connect(post(server.url), { signal: controller.signal, rawBody: false }).then(
      () => "answered",
      (error: Error) => error.name,
    );
    await arrived;
    controller.abort();
    assert.equal(await refused, "AbortError");
    silent = false;
    const response = await transport.connect(post(server.url), quiet());
    await new Promise<void>((resolve) => read(response, () => resolve()));
    response.cancel();
    response.cancel();
    await Promise.all(closed);
    assert.equal(closed.length, 2);
  });

  test(`${id}: a cut body fails, a refused connection is unreachable`, async () => {
    await using server = await serve((_, response) => {
      response.writeHead(200, { "content-length": "100" });
      response.write("part");
      setImmediate(() => response.destroy());
    });
    await using transport = await setUp();
    const response = await transport.connect(post(server.url), quiet());
    assert.equal((await read(response)).end, "failed");
    const error = await transport.connect(post("http://127.0.0.1:1/"), quiet()).catch((caught: unknown) => caught);
    assert.ok(isMidStreamError(error));
    assert.equal(error.code, "PROVIDER_UNREACHABLE");
  });

  test(`${id}: delivers nothing while it is paused`, async () => {
    await using server = await serve((_, response) => {
      response.writeHead(200);
      response.write("one");
      setImmediate(() => response.end("two"));
    });
    await using transport = await setUp();
    const response = await transport.connect(post(server.url), quiet());
    let isPaused = false;
    let early = 0;
    const body = read(response, () => {
      if (isPaused) early += 1;
      else {
        isPaused = true;
        response.pause();
        setImmediate(() => {
          isPaused = false;
          response.resume();
        });
      }
    });
    assert.deepEqual(await body, { text: "onetwo", end: "end" });
    assert.equal(early, 0);
  });
}
