/** Sockets of Deno: a read loop per socket, because Deno has no push interface. */
import type { OpenSocket, Socket, SocketEvents, SocketTarget } from "./socket.ts";

/** Bytes of a read buffer: small for a stream of tokens, grown when a read fills it. */
const smallestRead = 4_096;
const largestRead = 65_536;

class DenoSocket implements Socket {
  #raw: Deno.TcpConn | Deno.TlsConn | undefined;
  #closed = false;
  #pending: Uint8Array[] = [];
  #flushing = false;
  #alive = true;
  /** Resolves when reading may go on; undefined while it may. */
  #gate: PromiseWithResolvers<void> | undefined;
  readonly #target: SocketTarget;
  readonly #events: SocketEvents;

  constructor(target: SocketTarget, events: SocketEvents) {
    this.#target = target;
    this.#events = events;
  }

  async run(): Promise<void> {
    try {
      const raw = await this.#connect();
      if (raw === undefined) return;
      this.#events.open();
      void this.#flush();
      await this.#read(raw);
    } catch (error) {
      this.#failed(error);
    }
  }

  async #connect(): Promise<Deno.TcpConn | Deno.TlsConn | undefined> {
    const { host, port, tls } = this.#target;
    const raw =
      tls === undefined
        ? await Deno.connect({ hostname: host, port })
        : await Deno.connectTls({
            hostname: host,
            port,
            alpnProtocols: ["http/1.1"],
            ...(tls.ca === undefined ? {} : { caCerts: [tls.ca] }),
          });
    // Closed while the connection was being made: without this the upstream would stay open.
    if (this.#closed) {
      raw.close();
      return undefined;
    }
    this.#raw = raw;
    if ("handshake" in raw) await raw.handshake();
    else raw.setNoDelay(true);
    return this.#closed ? undefined : raw;
  }

  async #read(raw: Deno.TcpConn | Deno.TlsConn): Promise<void> {
    let buffer = new Uint8Array(smallestRead);
    while (!this.#closed) {
      if (this.#gate !== undefined) await this.#gate.promise;
      if (this.#closed) return;
      const count = await raw.read(buffer);
      if (this.#closed) return;
      if (count === null) {
        this.close();
        this.#events.end();
        return;
      }
      this.#events.chunk(buffer.subarray(0, count));
      if (count === buffer.length && count < largestRead) buffer = new Uint8Array(count * 4);
    }
  }

  readonly givesAway = false;

  get writing(): boolean {
    return this.#pending.length > 0;
  }

  write(bytes: Uint8Array): void {
    this.#pending.push(bytes);
    if (this.#raw !== undefined) void this.#flush();
  }

  async #flush(): Promise<void> {
    if (this.#flushing) return;
    this.#flushing = true;
    try {
      while (!this.#closed && this.#pending.length > 0) {
        const bytes = this.#pending[0]!;
        const written = await this.#raw!.write(bytes);
        if (this.#closed) return;
        if (written < bytes.length) this.#pending[0] = bytes.subarray(written);
        else this.#pending.shift();
      }
    } catch (error) {
      this.#failed(error);
    } finally {
      this.#flushing = false;
    }
  }

  pause(): void {
    this.#gate ??= Promise.withResolvers<void>();
  }

  resume(): void {
    this.#gate?.resolve();
    this.#gate = undefined;
  }

  hold(alive: boolean): void {
    if (this.#alive === alive) return;
    this.#alive = alive;
    if (alive) this.#raw?.ref();
    else this.#raw?.unref();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#pending = [];
    this.resume();
    try {
      this.#raw?.close();
    } catch {
      // Deno throws where the peer was faster; closed is what was wanted.
    }
  }

  #failed(error: unknown): void {
    if (this.#closed) return;
    this.close();
    this.#events.fail(error instanceof Error ? error : new Error(String(error)));
  }
}

/** @see OpenSocket */
export const openSocket: OpenSocket = (target, events) => {
  const socket = new DenoSocket(target, events);
  void socket.run();
  return socket;
};
