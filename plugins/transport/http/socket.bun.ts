/** Sockets of Bun. They live on the loop of the server, so that a chunk costs one receive and no wake-up of a thread. */
import type { OpenSocket, Socket, SocketEvents, SocketTarget } from "./socket.ts";

class BunSocket implements Socket {
  #raw: Bun.Socket<BunSocket> | undefined;
  /** Bun drops what is written before the TLS handshake: `write` returns 0. */
  #ready = false;
  #closed = false;
  #paused = false;
  #alive = true;
  #pending: Uint8Array[] = [];
  readonly #target: SocketTarget;
  readonly #events: SocketEvents;

  constructor(target: SocketTarget, events: SocketEvents) {
    this.#target = target;
    this.#events = events;
  }

  connect(): void {
    const { host, port, tls } = this.#target;
    const settings = { hostname: host, port, data: this as BunSocket, socket: handlers };
    const opening =
      tls === undefined
        ? Bun.connect<BunSocket>(settings)
        : Bun.connect<BunSocket>({
            ...settings,
            tls: { serverName: host, rejectUnauthorized: true, ...(tls.ca === undefined ? {} : { ca: tls.ca }) },
          });
    opening.catch((error: unknown) => this.failed(error));
  }

  // Bun copies each read into an array of its own.
  readonly givesAway = true;

  get writing(): boolean {
    return this.#pending.length > 0;
  }

  write(bytes: Uint8Array): void {
    let rest = bytes;
    if (this.#ready && this.#pending.length === 0) {
      const written = this.#raw!.write(bytes);
      if (written >= bytes.length) return;
      // A negative count means that the socket is gone; `close` follows and reports it.
      if (written > 0) rest = bytes.subarray(written);
    }
    this.#pending.push(rest);
  }

  pause(): void {
    this.#paused = true;
    this.#raw?.pause();
  }

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#raw?.resume();
  }

  hold(alive: boolean): void {
    if (this.#alive === alive) return;
    this.#alive = alive;
    if (alive) this.#raw?.ref();
    else this.#raw?.unref();
  }

  close(): void {
    this.#closed = true;
    this.#pending = [];
    this.#raw?.terminate();
  }

  // ---- what Bun reports -------------------------------------------------------------------------------------

  opened(raw: Bun.Socket<BunSocket>): void {
    // Closed while the connection was being made: without this the upstream would stay open (facts: half-open connects).
    if (this.#closed) {
      raw.terminate();
      return;
    }
    this.#raw = raw;
    if (this.#paused) raw.pause();
    if (this.#target.tls === undefined) this.#start();
  }

  shook(trusted: boolean, error: Error | null): void {
    if (this.#closed) return;
    if (trusted) this.#start();
    else this.failed(error ?? new Error("TLS handshake failed"));
  }

  #start(): void {
    this.#ready = true;
    this.#events.open();
    this.flush();
  }

  flush(): void {
    while (!this.#closed && this.#ready && this.#pending.length > 0) {
      const bytes = this.#pending[0]!;
      const written = this.#raw!.write(bytes);
      if (written < bytes.length) {
        // A negative count means that the socket is gone; `close` follows and reports it.
        if (written > 0) this.#pending[0] = bytes.subarray(written);
        return;
      }
      this.#pending.shift();
    }
  }

  received(bytes: Uint8Array): void {
    if (!this.#closed) this.#events.chunk(bytes);
  }

  ended(): void {
    if (this.#closed) return;
    this.close();
    this.#events.end();
  }

  failed(error: unknown): void {
    if (this.#closed) return;
    this.close();
    this.#events.fail(error instanceof Error ? error : new Error(String(error)));
  }

  closed(error: Error | undefined): void {
    if (error !== undefined && error !== null) this.failed(error);
    else if (this.#ready) this.ended();
    else this.failed(new Error("Connection closed during the TLS handshake"));
  }
}

const handlers: Bun.SocketHandler<BunSocket> = {
  // The types allow "buffer" only; a plain Uint8Array is cheaper to cut, and its slice copies.
  binaryType: "uint8array" as "buffer",
  open: (raw) => raw.data.opened(raw),
  handshake: (raw, trusted, error) => raw.data.shook(trusted, error),
  data: (raw, bytes) => raw.data.received(bytes),
  drain: (raw) => raw.data.flush(),
  end: (raw) => raw.data.ended(),
  close: (raw, error) => raw.data.closed(error),
  error: (raw, error) => raw.data.failed(error),
  connectError: (raw, error) => raw.data.failed(error),
};

/** @see OpenSocket */
export const openSocket: OpenSocket = (target, events) => {
  const socket = new BunSocket(target, events);
  socket.connect();
  return socket;
};
