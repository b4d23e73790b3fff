/**
 * One byte stream to an upstream, as the connector needs it. `#socket` is the implementation of the runtime at hand.
 *
 * Must not know HTTP.
 */

/** Where to connect. */
export interface SocketTarget {
  /** Name or address, IPv6 without brackets. */
  readonly host: string;
  readonly port: number;
  /** Present for TLS. `ca` (PEM) is trusted as well as, or instead of, the runtime's own authorities. */
  readonly tls?: { readonly ca?: string };
}

/** What happens on a socket. After `end` or `fail` nothing more happens. */
export interface SocketEvents {
  /** Connected; for TLS the handshake is done and the peer verified. */
  open(): void;
  /** `bytes` are valid during the call only, unless the socket gives them away. */
  chunk(bytes: Uint8Array): void;
  /** The peer closed in order. */
  end(): void;
  /** Never connected, not trusted, or broken. */
  fail(error: Error): void;
}

/** A socket, usable from the start: what is written before `open` is kept and sent then. */
export interface Socket {
  /** Whether what it read belongs to the reader: it makes a new array for each read. */
  readonly givesAway: boolean;
  /** Whether written bytes still wait to leave. */
  readonly writing: boolean;
  /** Takes ownership of `bytes`. */
  write(bytes: Uint8Array): void;
  /** Stops reading from the network; bytes on their way inside the process may still arrive. */
  pause(): void;
  resume(): void;
  /** Whether the socket keeps the process alive. */
  hold(alive: boolean): void;
  /** Closes at once, in every phase; no event follows. Idempotent. */
  close(): void;
}

/** Starts to connect. */
export type OpenSocket = (target: SocketTarget, events: SocketEvents) => Socket;
