/** A client that leaves cancels the upstream at once, in each of four windows; usage and the session are accounted for once. */
import assert from "node:assert/strict";
import { connect, type Socket } from "node:net";
import { test } from "node:test";
import type { Gateway } from "../../adapters/gateway.ts";
import { startTestGateway } from "./gateway.ts";
import { chunk, event, type Step, startUpstream, streamHead, type Upstream } from "./upstream.ts";

const never = new Promise<never>(() => {});

/** A client on a bare socket, so that its leaving is a closed connection and nothing else. */
function ask(gateway: Gateway, stream: boolean): { socket: Socket; received: (text: string) => Promise<void> } {
  const body = JSON.stringify({ model: "m", stream, messages: [{ role: "user", content: "hi" }] });
  const port = Number(new URL(gateway.url).port);
  const socket = connect(port, "127.0.0.1");
  socket.write(
    `POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
  let all = "";
  let wake = () => {};
  socket.on("data", (bytes) => {
    all += bytes.toString();
    wake();
  });
  socket.on("error", () => wake());
  return {
    socket,
    async received(text) {
      while (!all.includes(text)) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
  };
}

/** Fails with a sentence instead of hanging the suite. */
async function within<T>(ms: number, what: string, promise: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not within ${ms} ms: ${what}`)), ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

async function leaves(
  steps: readonly Step[],
  stream: boolean,
  moment: (client: ReturnType<typeof ask>, upstream: Upstream) => Promise<unknown>,
): Promise<string> {
  await using upstream = await startUpstream(() => steps);
  await using gateway = await startTestGateway(upstream.url);
  const client = ask(gateway, stream);
  const seen = await within(5000, "request at the upstream", upstream.request(0));
  await within(5000, "the moment to leave", moment(client, upstream));
  client.socket.destroy();
  await within(5000, "upstream connection closed", seen.closed);
  await within(
    5000,
    "session closed",
    (async () => {
      while (!/midstream_requests_total\{[^}]*\} 1/.test(gateway.kernel.exposition()))
        await new Promise((resolve) => setTimeout(resolve, 5));
    })(),
  );
  return gateway.kernel.exposition();
}

const windows: readonly [
  name: string,
  steps: readonly Step[],
  stream: boolean,
  moment: (client: ReturnType<typeof ask>) => Promise<unknown>,
][] = [
  ["before the upstream's head", [{ hold: never }], true, async () => {}],
  ["before the first token", [{ send: streamHead }, { hold: never }], true, async () => {}],
  [
    "in the middle",
    [{ send: streamHead }, event(chunk({ content: "one two " })), { hold: never }],
    true,
    (client) => client.received("one two"),
  ],
  [
    "between the last token and the end",
    [{ send: streamHead }, event(chunk({ content: "all " })), event(chunk({}, "stop")), { hold: never }],
    true,
    (client) => client.received('"stop"'),
  ],
  [
    "while a whole answer is awaited",
    [{ send: "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{" }, { hold: never }],
    false,
    async () => {},
  ],
];

for (const [name, steps, stream, moment] of windows) {
  test(`a client that leaves ${name} closes the upstream`, async () => {
    const metrics = await leaves(steps, stream, moment);
    assert.match(metrics, /midstream_requests_total\{[^}]*outcome="cancelled"[^}]*\} 1/);
  });
}
