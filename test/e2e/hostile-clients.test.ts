/** Clients that break HTTP or JSON, or that try to exhaust the gateway: each gets a clear refusal, and the gateway serves the next one. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Gateway, startGateway } from "../../adapters/gateway.ts";
import { startTestGateway } from "./gateway.ts";
import { rawClient, rawPost } from "./raw-client.ts";
import { answerOf, jsonResponse, type Step, startUpstream } from "./upstream.ts";

const question = { model: "test-model", messages: [{ role: "user", content: "hello" }] };
const body = JSON.stringify(question);
const lengthOf = (text: string) => `content-length: ${Buffer.byteLength(text)}\r\n`;
const unary = () =>
  jsonResponse(200, { id: "x", object: "chat.completion", choices: [{ index: 0, message: { content: "hi" }, finish_reason: "stop" }] });

/** A gateway with small limits before an upstream that answers every request. */
async function withGateway(use: (gateway: Gateway) => Promise<void>, script: () => readonly Step[] = unary): Promise<void> {
  await using upstream = await startUpstream(script);
  const server = { maxBodyBytes: 65_536, maxHeaderBytes: 4096, receiveTimeoutMs: 300 };
  await using gateway = await startTestGateway(upstream.url, {}, { server });
  await use(gateway);
  const after = await post(gateway, body);
  await after.text();
  assert.equal(after.status, 200, "the gateway serves the next client");
  const { openStreams } = (await (await fetch(`${gateway.url}/readyz`)).json()) as { openStreams: number };
  assert.equal(openStreams, 0);
}

const post = (gateway: Gateway, content: string | Uint8Array<ArrayBuffer>) =>
  fetch(`${gateway.url}/v1/chat/completions`, { method: "POST", headers: { "content-type": "application/json" }, body: content });

interface ErrorBody {
  readonly error: { readonly message: string; readonly param: string | null; readonly code: string };
}

test("request bodies whose framing is wrong are refused and their connections closed", () =>
  withGateway(async (gateway) => {
    const chunkedBody = (size: string) => `transfer-encoding: chunked\r\n\r\n${size}\r\n${body}\r\n0\r\n\r\n`;
    const cases = {
      "a chunk that is longer than it says": chunkedBody("5"),
      "a chunk of negative size": chunkedBody("-5"),
      "a chunk size that overflows": chunkedBody("FFFFFFFFFFFFFFFFF"),
      "both framings at once": `${lengthOf(body)}${chunkedBody(body.length.toString(16))}`,
      "two lengths": `${lengthOf(body)}content-length: 3\r\n\r\n${body}`,
      "a negative length": `content-length: -1\r\n\r\n${body}`,
      "a length that is no number": `content-length: abc\r\n\r\n${body}`,
    };
    for (const [title, bytes] of Object.entries(cases)) {
      await using client = await rawClient(gateway.url);
      client.socket.write(`POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\n${bytes}`);
      assert.doesNotMatch(await client.closed(), /HTTP\/1\.1 200/, title);
    }
  }));

test("a head over server.maxHeaderBytes gets status 431, one below it passes", () =>
  withGateway(async (gateway) => {
    const send = async (bytes: number) => {
      await using client = await rawClient(gateway.url);
      client.socket.write(rawPost(`x-filler: ${"a".repeat(bytes)}\r\n${lengthOf(body)}`, body));
      return (await client.until(/\r\n\r\n/)).slice(0, "HTTP/1.1 200".length);
    };
    assert.equal(await send(3000), "HTTP/1.1 200");
    assert.equal(await send(5000), "HTTP/1.1 431");
  }));

test("a body over server.maxBodyBytes gets status 413 with an error that SDKs can read, whether its length is declared or not", () =>
  withGateway(async (gateway) => {
    for (const headers of ["content-length: 104857600\r\n", "transfer-encoding: chunked\r\n"]) {
      await using client = await rawClient(gateway.url);
      const filler = "x".repeat(0x10000);
      client.socket.write(rawPost(headers, headers.startsWith("transfer") ? `10000\r\n${filler}\r\n10000\r\n${filler}\r\n` : filler));
      const answer = await client.until(/REQUEST_TOO_LARGE/);
      assert.match(answer, /^HTTP\/1\.1 413 /);
      assert.match(answer, /over this gateway's limit of 65536 bytes/);
    }
  }));

test("a body that stops coming gets status 408 and gives its place back", () =>
  withGateway(async (gateway) => {
    await using client = await rawClient(gateway.url);
    client.socket.write(rawPost("content-length: 500\r\n", '{"model":'));
    const answer = await client.until(/REQUEST_TIMEOUT/);
    assert.match(answer, /^HTTP\/1\.1 408 /);
  }));

test("a client that leaves inside its body takes nothing with it", () =>
  withGateway(async (gateway) => {
    await using client = await rawClient(gateway.url);
    client.socket.end(rawPost("content-length: 500\r\n", body));
    assert.doesNotMatch(await client.closed(), /HTTP\/1\.1 (?:200|500)/);
  }));

test("pipelined requests are answered one after the other, or the connection is closed before any answer (Bun)", async () => {
  const streamed = JSON.stringify({ ...question, stream: true });
  await withGateway(
    async (gateway) => {
      await using client = await rawClient(gateway.url);
      client.socket.write(`${rawPost(lengthOf(streamed), streamed).repeat(2)}GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n`);
      const answer = await client.until(/"status":"ok"/);
      if ("Bun" in globalThis) assert.equal(answer, "");
      else assert.match(answer, /^HTTP.*one .*\[DONE\].*HTTP.*one .*\[DONE\].*HTTP.*"status":"ok"/s);
    },
    () => answerOf(["one ", "two ", "three"]),
  );
});

test("what is no JSON of a request is refused with status 400 and without being repeated", () =>
  withGateway(async (gateway) => {
    const wrong = (content: string) => `{"model":"test-model","messages":[{"role":"user","content":"${content}"}]}`;
    const cases: Record<string, string | Buffer<ArrayBuffer>> = {
      empty: "",
      "cut off": '{"model":"hunter2',
      "a list": "[]",
      "a number": "1",
      "invalid UTF-8": Buffer.from(wrong("hunter2 \xff\xfe"), "latin1"),
      "an overlong encoding": Buffer.from(wrong("hunter2 \xc0\xaf"), "latin1"),
      "a surrogate in UTF-8": Buffer.from(wrong("hunter2 \xed\xa0\xbd"), "latin1"),
      "a raw NUL": wrong("hunter2 \0"),
      "UTF-16": Buffer.from(body, "utf16le"),
      compressed: Buffer.from("\x1f\x8b\x08\0\0", "latin1"),
    };
    for (const [title, content] of Object.entries(cases)) {
      const response = await post(gateway, content);
      const text = await response.text();
      assert.equal(response.status, 400, title);
      assert.equal((JSON.parse(text) as ErrorBody).error.code, "REQUEST_INVALID", title);
      assert.equal(text.includes("hunter2"), false, title);
    }
  }));

test("a body of 30,000 brackets is refused before it is parsed, a text of as many brackets is not", () =>
  withGateway(async (gateway) => {
    const nested = (deep: string) => `{"model":"test-model","messages":[],"z":${deep}}`;
    for (const deep of [
      "[".repeat(30_000) + "]".repeat(30_000),
      `${'{"a":'.repeat(9000)}1${"}".repeat(9000)}`,
      `"\\\\",${"[".repeat(30_000)}`,
    ]) {
      const response = await post(gateway, nested(deep));
      assert.equal(response.status, 400);
      assert.match(((await response.json()) as ErrorBody).error.message, /nests more than 1000 levels/);
    }
    for (const flat of [
      `"${"[".repeat(30_000)}"`,
      `"\\"${"[{".repeat(10_000)}"`,
      `[${"[],".repeat(10_000)}[]]`,
      "[".repeat(900) + "]".repeat(900),
    ]) {
      assert.equal((await post(gateway, nested(flat))).status, 200);
    }
  }));

test("duplicated members, __proto__ and lone surrogates reach the upstream byte for byte", async () => {
  await using upstream = await startUpstream(unary);
  await using gateway = await startTestGateway(upstream.url);
  const odd = [
    '{"model":"a","model":"test-model","messages":[],"messages":[{"role":"user","content":"x"}]}',
    '{"__proto__":{"model":"x"},"constructor":{"prototype":{"polluted":1}},"model":"test-model","messages":[{"role":"user","content":"x"}]}',
    '{"model":"test-model","messages":[{"role":"user","content":"\\ud83d a\\u0000b"}]}',
  ];
  for (const content of odd) assert.equal((await post(gateway, content)).status, 200);
  assert.deepEqual(
    upstream.seen.map((seen) => seen.body),
    odd,
  );
  assert.equal(({} as { polluted?: unknown }).polluted, undefined);
});

test("a thousand streams that clients leave free their places and their upstreams", async () => {
  const { promise: never } = Promise.withResolvers<void>();
  await using upstream = await startUpstream(() => [...answerOf(["a ", "b "]).slice(0, 3), { hold: never }]);
  await using gateway = await startTestGateway(upstream.url);
  const streamed = JSON.stringify({ ...question, stream: true });
  for (let round = 0; round < 10; round += 1) {
    await Promise.all(
      Array.from({ length: 100 }, async (_, index) => {
        await using client = await rawClient(gateway.url);
        client.socket.write(rawPost(lengthOf(streamed), streamed));
        // At every phase: before anything, after the head, inside the body.
        if (index % 3 > 0) await client.until(index % 3 === 1 ? /HTTP\/1\.1 200/ : /"content":"a/);
      }),
    );
  }
  await Promise.all(upstream.seen.map((seen) => seen.closed));
  for (;;) {
    const { openStreams } = (await (await fetch(`${gateway.url}/readyz`)).json()) as { openStreams: number };
    if (openStreams === 0) break;
  }
});

test("a page of another origin can make a browser send nothing upstream, unless the config names its origin", async () => {
  await using upstream = await startUpstream(unary);
  const send = async (server: object, origin: string) => {
    await using gateway = await startTestGateway(upstream.url, {}, { server });
    await using client = await rawClient(gateway.url);
    // What a form sends without asking first: no JSON content type, no custom header.
    const head = "POST /v1/chat/completions HTTP/1.1\r\nhost: 127.0.0.1:8787\r\ncontent-type: text/plain\r\n";
    client.socket.write(`${head}${origin}${lengthOf(body)}\r\n${body}`);
    return (await client.until(/\r\n\r\n/)).slice("HTTP/1.1 ".length, "HTTP/1.1 200".length);
  };
  const page = "origin: https://page.example\r\n";
  assert.equal(await send({}, page), "403");
  assert.equal(await send({}, "origin: null\r\n"), "403");
  assert.equal(await send({ cors: { origins: ["https://other.example"] } }, page), "403");
  assert.equal(upstream.seen.length, 0);
  assert.equal(await send({ cors: { origins: ["https://page.example"] } }, page), "200");
  assert.equal(await send({ cors: { origins: ["*"] } }, page), "200");
  assert.equal(await send({}, "origin: http://127.0.0.1:8787\r\n"), "200");
  assert.equal(await send({}, ""), "200");
});

test("models are listed and asked for one by one, also with a slash in the name", async () => {
  const plugins = { "provider/simulator/demo": { models: ["small", "org/large"] } };
  await using gateway = await startedAlone(plugins);
  for (const path of ["small", "org/large", "org%2Flarge"]) {
    const response = await fetch(`${gateway.url}/v1/models/${path}`);
    assert.equal(response.status, 200, path);
    assert.equal(((await response.json()) as { id: string }).id, decodeURIComponent(path));
  }
  const missing = await fetch(`${gateway.url}/v1/models/huge`);
  assert.equal(missing.status, 404);
  assert.equal(((await missing.json()) as ErrorBody).error.code, "REQUEST_UNKNOWN_MODEL");
});

async function startedAlone(plugins: Readonly<Record<string, object>>): Promise<Gateway & AsyncDisposable> {
  const config = { server: { port: 0 }, plugins, pipelines: { default: { providers: Object.keys(plugins), sinks: [] } } };
  const gateway = await startGateway(config, { log: () => {} });
  return Object.assign(gateway, { [Symbol.asyncDispose]: () => gateway.stop() });
}
