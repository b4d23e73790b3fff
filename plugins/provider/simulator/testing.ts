/** The simulator as an HTTP/1.1 server on a free port of the loopback: a fault injector for tests. Not used at run time. */
import { Buffer } from "node:buffer";
import { type AddressInfo, createServer, type Socket } from "node:net";
import * as v from "valibot";
import { isMidStreamError } from "../../../core/errors/midstream-error.ts";
import type { ModelRequest } from "../../../core/stream/model-request.ts";
import { type PlayClock, realPlayClock } from "../../../core/stream/play.ts";
import { simulatorConfig } from "./schema.ts";
import { simulate } from "./simulate.ts";

/** What a test may vary. */
export interface SimulatorServerSettings {
  /** Config of the simulator; the pace defaults to "at once". */
  readonly config?: v.InferInput<typeof simulatorConfig>;
  readonly clock?: PlayClock;
  /** Default: real time. */
  readonly framing?: "chunked" | "identity";
}

/** A running server. */
export interface SimulatorServer extends AsyncDisposable {
  /** Base URL as SDKs want it: `http://127.0.0.1:PORT/v1`. */
  readonly url: string;
  /** Requests that were answered, newest last. */
  readonly requests: { readonly headers: string; readonly body: Readonly<Record<string, unknown>> }[];
  /** Connections that the client has open now. */
  readonly open: ReadonlySet<Socket>;
  /** Answers that the client left before their end. */
  cancelled: number;
}

function modelRequest(body: Readonly<Record<string, unknown>>): ModelRequest {
  const options = body.stream_options as { readonly include_usage?: boolean } | null | undefined;
  return {
    model: String(body.model),
    stream: body.stream === true,
    choiceCount: typeof body.n === "number" ? body.n : 1,
    wantsUsage: options?.include_usage === true,
    dialect: "openai-chat",
    body,
    headers: {},
  };
}

/** Answers POST with the simulator and GET with its list of models. */
export async function serveSimulator(settings: SimulatorServerSettings = {}): Promise<SimulatorServer> {
  const config = v.parse(simulatorConfig, { tokensPerSecond: 0, ...settings.config });
  const clock = settings.clock ?? realPlayClock(() => performance.now());
  const framing = settings.framing ?? "chunked";
  const open = new Set<Socket>();
  const served: { cancelled: number; readonly requests: SimulatorServer["requests"] } = { cancelled: 0, requests: [] };

  const answer = async (socket: Socket, head: string, body: string): Promise<void> => {
    if (head.startsWith("GET")) {
      const list = JSON.stringify({ object: "list", data: config.models.map((id) => ({ id, object: "model", owned_by: "simulator" })) });
      socket.write(`HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(list)}\r\n\r\n${list}`);
      return;
    }
    const parsed = JSON.parse(body) as Readonly<Record<string, unknown>>;
    served.requests.push({ headers: head, body: parsed });
    await play(socket, modelRequest(parsed));
  };

  const play = async (socket: Socket, request: ModelRequest): Promise<void> => {
    const left = new AbortController();
    let ended = false;
    const onClose = (): void => {
      if (!ended) served.cancelled += 1;
      left.abort();
    };
    socket.once("close", onClose);
    try {
      const response = await simulate(request, { config, clock, signal: left.signal, framing });
      const lines = [...response.headers].map(([name, value]) => `${name}: ${value}\r\n`).join("");
      const delimiter = framing === "chunked" ? "transfer-encoding: chunked\r\n" : "connection: close\r\n";
      socket.write(`HTTP/1.1 ${response.status} Simulated\r\n${lines}${delimiter}\r\n`);
      await new Promise<void>((resolve) => {
        response.read({
          chunk(bytes) {
            if (socket.write(Buffer.from(bytes))) return;
            response.pause();
            socket.once("drain", () => response.resume());
          },
          end() {
            ended = true;
            if (framing === "identity") socket.end();
            resolve();
          },
          fail() {
            ended = true;
            socket.destroy();
            resolve();
          },
        });
      });
    } catch (error) {
      ended = true;
      socket.destroy();
      // A refused connection is one of the faults; the client's own leaving needs no report.
      if (!isMidStreamError(error) && !left.signal.aborted) throw error;
    } finally {
      socket.off("close", onClose);
    }
  };

  const server = createServer((socket) => {
    open.add(socket);
    let unread = "";
    socket.on("error", () => {}); // Resets by clients are under test; `close` follows.
    socket.on("close", () => open.delete(socket));
    socket.on("data", (chunk) => {
      unread += chunk.toString("latin1");
      for (;;) {
        const end = unread.indexOf("\r\n\r\n");
        const length = Number(/\r\ncontent-length: *([0-9]+)/i.exec(unread.slice(0, end + 2))?.[1] ?? 0);
        if (end < 0 || unread.length < end + 4 + length) return;
        const head = unread.slice(0, end);
        const body = Buffer.from(unread.slice(end + 4, end + 4 + length), "latin1").toString("utf8");
        unread = unread.slice(end + 4 + length);
        void answer(socket, head, body);
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return Object.assign(served, {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    open,
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  });
}
