/** A scripted upstream: real sockets, exact bytes, so that every way in which a vendor can misbehave is repeatable. */
import { createServer, type Socket } from "node:net";

/** What the upstream does after it has read a request. */
export type Step =
  | { readonly send: string | Uint8Array }
  /** Waits until `release` is called or the socket closes. */
  | { readonly hold: Promise<unknown> }
  /** Ends the connection in order. */
  | { readonly end: true }
  /** Resets the connection. */
  | { readonly destroy: true };

/** One request as the upstream saw it. */
export interface Seen {
  readonly head: string;
  readonly body: string;
  /** Resolves when the gateway has closed the connection. */
  readonly closed: Promise<void>;
}

/** A listening upstream. */
export interface Upstream extends AsyncDisposable {
  /** Base URL with `/v1`. */
  readonly url: string;
  readonly seen: Seen[];
  /** Resolves with the n-th request, counted from 0. */
  request(index: number): Promise<Seen>;
}

const chunked = (text: string | Uint8Array): Uint8Array => {
  const bytes = typeof text === "string" ? new TextEncoder().encode(text) : text;
  return Buffer.concat([Buffer.from(`${bytes.byteLength.toString(16)}\r\n`), bytes, Buffer.from("\r\n")]);
};

/** Head of a stream's response with chunked framing. */
export const streamHead = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";

/** One SSE event as one HTTP chunk. */
export const event = (payload: unknown): Step => ({
  send: chunked(`data: ${typeof payload === "string" ? payload : JSON.stringify(payload)}\n\n`),
});

/** Bytes as one HTTP chunk. */
export const piece = (text: string | Uint8Array): Step => ({ send: chunked(text) });

/** The last HTTP chunk. */
export const last: Step = { send: "0\r\n\r\n" };

/** A chat-completions chunk. */
export const chunk = (delta: object, finish: string | null = null, more: object = {}) => ({
  id: "chatcmpl-1",
  object: "chat.completion.chunk",
  created: 1_763_683_200,
  model: "test-model",
  choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }],
  ...more,
});

/** A whole, well-formed stream of texts. */
export const answerOf = (texts: readonly string[]): Step[] => [
  { send: streamHead },
  event(chunk({ role: "assistant", content: "" })),
  ...texts.map((content) => event(chunk({ content }))),
  event(chunk({}, "stop")),
  event("[DONE]"),
  last,
];

/** A JSON response with its length. */
export const jsonResponse = (status: number, body: unknown, headers = ""): Step[] => {
  const bytes = Buffer.from(JSON.stringify(body));
  return [
    {
      send: Buffer.concat([
        Buffer.from(`HTTP/1.1 ${status} X\r\ncontent-type: application/json\r\n${headers}content-length: ${bytes.byteLength}\r\n\r\n`),
        bytes,
      ]),
    },
  ];
};

async function play(socket: Socket, steps: readonly Step[], closed: Promise<void>): Promise<void> {
  for (const step of steps) {
    if (socket.destroyed) return;
    if ("send" in step) socket.write(step.send);
    else if ("hold" in step) await Promise.race([step.hold, closed]);
    else if ("end" in step) socket.end();
    else socket.resetAndDestroy();
  }
}

/** Serves `script` for every request; `script` may look at the request and its number. */
export async function startUpstream(script: (seen: Seen, index: number) => readonly Step[]): Promise<Upstream> {
  const seen: Seen[] = [];
  const waiting: (() => void)[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    let received = Buffer.alloc(0);
    let close = () => {};
    const closed = new Promise<void>((resolve) => {
      close = resolve;
    });
    socket.on("close", () => {
      sockets.delete(socket);
      close();
    });
    // The gateway may cut the connection at any time.
    socket.on("error", () => close());
    socket.on("end", () => socket.end());
    socket.on("data", (bytes) => {
      received = Buffer.concat([received, Buffer.from(bytes)]);
      for (;;) {
        const headEnd = received.indexOf("\r\n\r\n");
        if (headEnd < 0) return;
        const head = received.subarray(0, headEnd).toString();
        const length = Number(/content-length: *(\d+)/i.exec(head)?.[1] ?? 0);
        if (received.byteLength < headEnd + 4 + length) return;
        const request: Seen = { head, body: received.subarray(headEnd + 4, headEnd + 4 + length).toString(), closed };
        received = received.subarray(headEnd + 4 + length);
        seen.push(request);
        for (const wake of waiting.splice(0)) wake();
        void play(socket, script(request, seen.length - 1), closed);
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return {
    url: `http://127.0.0.1:${address.port}/v1`,
    seen,
    async request(index) {
      for (;;) {
        const found = seen[index];
        if (found !== undefined) return found;
        await new Promise<void>((resolve) => waiting.push(resolve));
      }
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
