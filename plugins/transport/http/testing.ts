/** Test kit of the transport: raw servers whose bytes are exact, and a clock that stands still. Not used at run time. */
import { type AddressInfo, createServer, type Socket as NodeSocket, type Server } from "node:net";
import * as v from "valibot";
import { openSocket } from "#socket";
import type { MidStreamError } from "../../../core/errors/midstream-error.ts";
import type { Clock } from "../../../core/kernel/deadlines.ts";
import type { ByteSink, Transport, UpstreamRequest, UpstreamResponse } from "../../../core/plugin/contract.ts";
import { createSocketConnector } from "./connector.ts";
import { realEvery } from "./deadlines.ts";
import { type HttpConfig, httpConfig } from "./schema.ts";

/** One connection at a raw server. */
export interface Peer {
  readonly socket: NodeSocket;
  /** Everything received so far, as latin-1. */
  received: string;
  /** Resolves when the client has closed. */
  readonly closed: Promise<void>;
}

/** A TCP server on a free port of the loopback. */
export interface RawServer extends AsyncDisposable {
  readonly url: string;
  readonly peers: Peer[];
  readonly server: Server;
}

/** `request` is called with each complete request (by its blank line and content-length), counted per server from 0. */
export async function rawServer(request: (peer: Peer, number: number) => void, accept?: (peer: Peer) => void): Promise<RawServer> {
  const peers: Peer[] = [];
  let requests = 0;
  const server = createServer((socket) => {
    const closed = Promise.withResolvers<void>();
    const peer: Peer = { socket, received: "", closed: closed.promise };
    peers.push(peer);
    accept?.(peer);
    let unread = "";
    socket.on("data", (chunk) => {
      const text = chunk.toString("latin1");
      peer.received += text;
      unread += text;
      for (;;) {
        const end = unread.indexOf("\r\n\r\n");
        if (end < 0) return;
        const length = Number(/content-length: ([0-9]+)/.exec(unread.slice(0, end))?.[1] ?? 0);
        if (unread.length < end + 4 + length) return;
        unread = unread.slice(end + 4 + length);
        request(peer, requests++);
      }
    });
    socket.on("error", () => {}); // A reset by the client is one of the things under test; `close` follows.
    socket.on("close", () => closed.resolve());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    peers,
    server,
    async [Symbol.asyncDispose]() {
      for (const peer of peers) peer.socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

/** A clock that moves by `advance` only. */
export class FakeClock implements Clock {
  #nowMs = 0;
  readonly ticks = new Set<() => void>();
  now(): number {
    return this.#nowMs;
  }
  every(_ms: number, tick: () => void): () => void {
    this.ticks.add(tick);
    return () => this.ticks.delete(tick);
  }
  advance(ms: number): void {
    this.#nowMs += ms;
    for (const tick of [...this.ticks]) tick();
  }
}

/** The connector under test with a partial config. */
export function connectorWith(
  config: Partial<HttpConfig>,
  more: { readonly clock?: Clock; readonly ca?: string } = {},
): Transport & AsyncDisposable {
  const clock = more.clock ?? { now: () => performance.now(), every: realEvery };
  return createSocketConnector({
    config: v.parse(httpConfig, config),
    clock,
    open: openSocket,
    ...(more.ca === undefined ? {} : { ca: more.ca }),
  });
}

/** A request to `url`. */
export const get = (url: string): UpstreamRequest => ({ method: "GET", url, headers: [] });

/** A sink that remembers. */
export class Collector implements ByteSink {
  text = "";
  bytes = 0;
  chunks = 0;
  outcome: "open" | "end" | MidStreamError = "open";
  readonly done: Promise<void>;
  /** Called in every chunk. */
  seen: (() => void) | undefined;
  readonly #finish: () => void;
  #waiting: { readonly bytes: number; readonly resolve: () => void }[] = [];

  constructor() {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.done = promise;
    this.#finish = resolve;
  }

  /** Resolves when that many bytes have arrived. */
  reached(bytes: number): Promise<void> {
    if (this.bytes >= bytes) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push({ bytes, resolve }));
  }

  chunk(bytes: Uint8Array): void {
    this.chunks += 1;
    this.bytes += bytes.length;
    if (this.bytes < 1_000_000) this.text += Buffer.from(bytes).toString("latin1");
    this.seen?.();
    for (const waiting of this.#waiting) if (this.bytes >= waiting.bytes) waiting.resolve();
  }
  end(): void {
    this.outcome = this.outcome === "open" ? "end" : this.outcome;
    this.#finish();
  }
  fail(error: MidStreamError): void {
    this.outcome = error;
    this.#finish();
  }
}

/** Reads a whole body. */
export async function collect(response: UpstreamResponse): Promise<Collector> {
  const collector = new Collector();
  response.read(collector);
  await collector.done;
  return collector;
}

/** A signal that nobody aborts. */
export const never = new AbortController().signal;
