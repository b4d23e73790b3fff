/** Upstreams that break HTTP, SSE or JSON: the client gets the whole answer or an honest failure, never a text that was not looked at. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { startTestGateway } from "./gateway.ts";
import { answerOf, chunk, event, last, piece, type Step, startUpstream, streamHead } from "./upstream.ts";

const sse = "content-type: text/event-stream\r\n";
const json = "content-type: application/json\r\n";
const data = (payload: unknown) => `data: ${typeof payload === "string" ? payload : JSON.stringify(payload)}\n\n`;
const text = "mail a@example.com ok";
/** A whole stream, not yet framed. */
const whole = data(chunk({ role: "assistant", content: text })) + data(chunk({}, "stop")) + data("[DONE]");
const answer = JSON.stringify({
  id: "x",
  object: "chat.completion",
  choices: [{ index: 0, message: { role: "assistant", content: text }, finish_reason: "stop" }],
});
const never = new Promise<never>(() => {});
const sized = (head: string, body: string | Uint8Array): Step => ({
  send: Buffer.concat([Buffer.from(`HTTP/1.1 200 OK\r\n${head}content-length: ${body.length}\r\n\r\n`), Buffer.from(body)]),
});
const repeated = (bytes: string, times: number): Step[] => Array.from({ length: times }, () => ({ send: bytes }));
/** One frame of this payload between a head and an end. */
const framed = (payload: string | Uint8Array): Step[] => [
  { send: streamHead },
  piece(Buffer.concat([Buffer.from("data: "), Buffer.from(payload), Buffer.from("\n\n")])),
  event(chunk({}, "stop")),
  event("[DONE]"),
  last,
];
const said = (content: string, more = "") => `{"choices":[{"index":0,"delta":{"content":${content}}${more}}]}`;

/** What the client shall see. */
type Expected =
  /** The answer, redacted, with its end. */
  | "answer"
  /** Status 502 with this code. */
  | "PROVIDER_BAD_RESPONSE"
  | "PROVIDER_CUT"
  | "PROVIDER_STATUS"
  | "PROVIDER_UNREACHABLE";

interface Case {
  readonly expected: Expected;
  /** Where the parts path differs: JavaScript's parser has no bound of depth. */
  readonly onParts?: Expected;
  readonly steps: readonly Step[];
}

const streams: Readonly<Record<string, Case>> = {
  "a body that ends before its end is declared": {
    expected: "PROVIDER_CUT",
    steps: [{ send: `HTTP/1.1 200 OK\r\n${sse}content-length: 50\r\n\r\n${whole}` }],
  },
  "a body that closes before its declared length, after [DONE]": {
    expected: "answer",
    steps: [{ send: `HTTP/1.1 200 OK\r\n${sse}content-length: 5000\r\n\r\n${whole}` }, { end: true }],
  },
  "two lengths": {
    expected: "PROVIDER_BAD_RESPONSE",
    steps: [{ send: `HTTP/1.1 200 OK\r\n${sse}content-length: 50\r\ncontent-length: 60\r\n\r\n${whole}` }],
  },
  "a length beside chunks": {
    expected: "answer",
    steps: [{ send: `HTTP/1.1 200 OK\r\n${sse}content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n` }, piece(whole), last],
  },
  "a body that closing delimits": { expected: "answer", steps: [{ send: `HTTP/1.1 200 OK\r\n${sse}\r\n${whole}` }, { end: true }] },
  "HTTP/1.0": { expected: "answer", steps: [{ send: `HTTP/1.0 200 OK\r\n${sse}\r\n${whole}` }, { end: true }] },
  "a status line of HTTP/2": {
    expected: "PROVIDER_BAD_RESPONSE",
    steps: [{ send: `HTTP/2.0 200 OK\r\n${sse}\r\n${whole}` }, { end: true }],
  },
  "a head that does not end": {
    expected: "PROVIDER_BAD_RESPONSE",
    steps: [{ send: "HTTP/1.1 200 OK\r\n" }, ...repeated(`x-a: ${"a".repeat(4000)}\r\n`, 40), { hold: never }],
  },
  "a head of a thousand fields": {
    expected: "PROVIDER_BAD_RESPONSE",
    steps: [{ send: `HTTP/1.1 200 OK\r\n${"x-a: 1\r\n".repeat(1000)}${sse}\r\n` }, { hold: never }],
  },
  "a status line that does not end": {
    expected: "PROVIDER_BAD_RESPONSE",
    steps: [{ send: "HTTP/1.1 200 " }, ...repeated("a".repeat(65_536), 4), { hold: never }],
  },
  "100 and 103 before the answer": {
    expected: "answer",
    steps: [{ send: "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n" }, ...answerOf([text])],
  },
  "a switch of protocols": {
    expected: "PROVIDER_BAD_RESPONSE",
    steps: [{ send: "HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n" }, { hold: never }],
  },
  "no content": { expected: "PROVIDER_CUT", steps: [{ send: "HTTP/1.1 204 No Content\r\n\r\n" }] },
  "not modified": { expected: "PROVIDER_STATUS", steps: [{ send: "HTTP/1.1 304 Not Modified\r\n\r\n" }] },
  "a redirect": {
    expected: "PROVIDER_STATUS",
    steps: [{ send: "HTTP/1.1 307 X\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n" }],
  },
  "a compressed body": { expected: "PROVIDER_BAD_RESPONSE", steps: [sized(`${sse}content-encoding: gzip\r\n`, gzipSync(whole))] },
  "a compressed body that does not say so": { expected: "PROVIDER_CUT", steps: [sized(sse, gzipSync(whole))] },
  "a compressed transfer": {
    expected: "PROVIDER_BAD_RESPONSE",
    steps: [{ send: `HTTP/1.1 200 OK\r\n${sse}transfer-encoding: gzip, chunked\r\n\r\n` }, piece(gzipSync(whole)), last],
  },
  trailers: { expected: "answer", steps: [{ send: streamHead }, piece(whole), { send: "0\r\nx-trailer: a\r\nother: b\r\n\r\n" }] },
  "trailers that do not end": {
    expected: "answer",
    steps: [{ send: streamHead }, piece(whole), { send: "0\r\n" }, ...repeated(`x-a: ${"a".repeat(1000)}\r\n`, 100), { hold: never }],
  },
  "a chunk with an extension": {
    expected: "answer",
    steps: [{ send: streamHead }, { send: `${whole.length.toString(16)};a="b"\r\n${whole}\r\n` }, last],
  },
  "a chunk extension that does not end": {
    expected: "PROVIDER_BAD_RESPONSE",
    steps: [{ send: streamHead }, { send: `5;${"a".repeat(1_000_000)}` }, { hold: never }],
  },
  "an event that does not end": {
    expected: "PROVIDER_BAD_RESPONSE",
    steps: [{ send: streamHead }, piece("data: "), ...repeated(`10000\r\n${"x".repeat(65_536)}\r\n`, 40), { hold: never }],
  },
  "four mebibytes of comments before the answer": {
    expected: "answer",
    steps: [{ send: streamHead }, ...repeated(`10000\r\n${": keep-alive\n\n".padEnd(65_535, ":")}\n\r\n`, 64), piece(`\n\n${whole}`), last],
  },
  "an HTML page": { expected: "PROVIDER_CUT", steps: [sized("content-type: text/html\r\n", "<html></html>")] },
  "a stream without a content type": { expected: "answer", steps: [sized("", whole)] },
  "bytes that are no HTTP": { expected: "PROVIDER_BAD_RESPONSE", steps: [{ send: "\x00\x01garbage\r\n\r\n" }] },
  "a TLS alert": { expected: "PROVIDER_BAD_RESPONSE", steps: [{ send: new Uint8Array([0x15, 3, 1, 0, 2, 2, 70]) }, { end: true }] },
  nothing: { expected: "PROVIDER_UNREACHABLE", steps: [{ end: true }] },
  "a chunk of 100,000 brackets": {
    expected: "PROVIDER_BAD_RESPONSE",
    onParts: "answer",
    steps: framed(said('"mail a@example.com ok"', `,"x":${"[".repeat(100_000)}${"]".repeat(100_000)}`)),
  },
  "a text that stands twice": {
    expected: "PROVIDER_BAD_RESPONSE",
    steps: framed('{"choices":[{"index":0,"delta":{"content":"a@example.com","content":"b@example.com"}}]}'),
  },
  "a delta that stands twice": {
    expected: "PROVIDER_BAD_RESPONSE",
    steps: framed('{"choices":[{"index":0,"delta":{"content":"a@example.com "},"delta":{}}]}'),
  },
  "names in escapes": {
    expected: "answer",
    steps: framed('{"choices":[{"index":0,"d\\u0065lta":{"c\\u006fntent":"mail a@example.com ok"}}]}'),
  },
  "bytes that are no UTF-8": { expected: "answer", steps: framed(Buffer.from(said('"\xff\xfe mail a@example.com ok \xc3"'), "latin1")) },
  "an escaped NUL": { expected: "answer", steps: framed(said('"\\u0000 mail a@example.com ok"')) },
  "a NUL in a string": { expected: "PROVIDER_BAD_RESPONSE", steps: framed(said('"\0 a@example.com"')) },
  "a number that is none, as Python writes it": {
    expected: "PROVIDER_BAD_RESPONSE",
    steps: framed(said('"a@example.com"', ',"logprobs":{"content":[{"logprob":-Infinity}]}')),
  },
};

const wholes: Readonly<Record<string, Case>> = {
  "HTTP/1.0": { expected: "answer", steps: [{ send: `HTTP/1.0 200 OK\r\n${json}\r\n${answer}` }, { end: true }] },
  "a compressed body": { expected: "PROVIDER_BAD_RESPONSE", steps: [sized(`${json}content-encoding: gzip\r\n`, gzipSync(answer))] },
  "a body that closes before its declared length": {
    expected: "PROVIDER_CUT",
    steps: [{ send: `HTTP/1.1 200 OK\r\n${json}content-length: 5000\r\n\r\n${answer}` }, { end: true }],
  },
  "a message that stands twice": {
    expected: "PROVIDER_BAD_RESPONSE",
    steps: [sized(json, answer.replace('"message"', '"message":{"content":"b@example.com"},"message"'))],
  },
  "a number that is none, as Python writes it": {
    expected: "PROVIDER_BAD_RESPONSE",
    steps: [sized(json, answer.replace('"index":0', '"index":0,"x":NaN'))],
  },
  "a redirect": {
    expected: "PROVIDER_STATUS",
    steps: [{ send: "HTTP/1.1 302 X\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n" }],
  },
};

const pipelines = {
  wire: { analysers: ["analyser/pii/all"] },
  parts: { analysers: ["analyser/pii/all", "analyser/reading/all"] },
} as const;

const reading = new URL("../../core/testing/reading-analyser.ts", import.meta.url).pathname;

for (const [path, pipeline] of Object.entries(pipelines)) {
  for (const [stream, cases] of [
    [true, streams],
    [false, wholes],
  ] as const) {
    test(`${path} path, ${stream ? "streams" : "whole answers"}: every broken upstream is a redacted answer or an honest failure`, async () => {
      let current: Case = { expected: "answer", steps: [] };
      await using upstream = await startUpstream(() => current.steps);
      const plugins = { "analyser/reading/all": {} };
      await using gateway = await startTestGateway(upstream.url, pipeline, { plugins, modules: [reading], server: { firstPartMs: 300 } });
      assert.equal(gateway.kernel.describe().pipelines[0]?.path, path);
      for (const [title, one] of Object.entries(cases)) {
        current = one;
        const response = await fetch(`${gateway.url}/v1/chat/completions`, {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify({ model: "test-model", stream, messages: [{ role: "user", content: "hello" }] }),
        });
        const body = await response.text();
        assert.equal(body.includes("@example.com"), false, `${title}: ${body.slice(0, 500)}`);
        const expected = path === "parts" ? (one.onParts ?? one.expected) : one.expected;
        if (expected === "answer") {
          assert.equal(response.status, 200, title);
          assert.match(body, /mail \[EMAIL\] ok/, title);
          assert.match(body, stream ? /data: \[DONE\]\n\n$/ : /"finish_reason":"stop"\}\]\}$/, title);
        } else {
          assert.equal(response.status, 502, title);
          assert.equal((JSON.parse(body) as { error: { code: string } }).error.code, expected, title);
        }
      }
    });
  }
}
