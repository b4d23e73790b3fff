/** One connection to an origin: a socket and who uses it now. Must not know HTTP. */
import type { OpenSocket, Socket, SocketEvents, SocketTarget } from "./socket.ts";

/** The exchange that a connection serves. */
export interface ConnectionUser {
  opened(): void;
  received(bytes: Uint8Array): void;
  /** The peer closed (no error) or the connection broke. */
  closed(error: Error | undefined): void;
}

/** Serves one user at a time; between users it is idle, and anything that happens then ends it. */
export class Connection implements SocketEvents {
  readonly origin: string;
  /** Whether an earlier exchange has used it. */
  reused = false;
  /** While idle: when to close it, in milliseconds of the transport's clock. */
  expiresMs = 0;
  closed = false;
  isOpen = false;
  readonly #socket: Socket;
  readonly #lost: (connection: Connection) => void;
  #user: ConnectionUser | undefined;

  /** `lost` is called when it ends while idle. */
  constructor(origin: string, target: SocketTarget, hooks: { readonly open: OpenSocket; readonly lost: (connection: Connection) => void }) {
    this.origin = origin;
    this.#lost = hooks.lost;
    this.#socket = hooks.open(target, this);
  }

  /** Whether it can serve another exchange: a request that has not left completely would be cut. */
  get clean(): boolean {
    return !this.closed && !this.#socket.writing;
  }

  /** See `Socket.givesAway`. */
  get givesAway(): boolean {
    return this.#socket.givesAway;
  }

  attach(user: ConnectionUser): void {
    this.#user = user;
    this.#socket.hold(true);
  }

  /** Becomes idle: reads on, so that the end of the peer is seen. */
  detach(): void {
    this.#user = undefined;
    this.reused = true;
    this.#socket.resume();
  }

  /** Lets the process exit although the connection is open, until it is used again. */
  letGo(): void {
    this.#socket.hold(false);
  }

  write(bytes: Uint8Array): void {
    this.#socket.write(bytes);
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  close(): void {
    this.closed = true;
    this.#user = undefined;
    this.#socket.close();
  }

  open(): void {
    this.isOpen = true;
    this.#user?.opened();
  }

  chunk(bytes: Uint8Array): void {
    if (this.#user !== undefined) this.#user.received(bytes);
    // Bytes that nobody asked for: what comes next on this connection cannot be trusted.
    else this.#loseIdle();
  }

  end(): void {
    this.#ended(undefined);
  }

  fail(error: Error): void {
    this.#ended(error);
  }

  #ended(error: Error | undefined): void {
    this.closed = true;
    if (this.#user !== undefined) this.#user.closed(error);
    else this.#loseIdle();
  }

  #loseIdle(): void {
    this.close();
    this.#lost(this);
  }
}
