/** What the kernel hands to a door: an answer whose bytes the door pulls along at the client's pace. */

/** Where an answer's bytes go. */
export interface ClientSink {
  /**
   * `bytes` are valid during the call only: what cannot go out at once must be copied. A promise means: wait, the client is slow.
   * A throw or a rejection means that the client has left.
   */
  write(bytes: Uint8Array): void | Promise<void>;
}

/**
 * One answer, head known, body not yet sent. Of a whole answer (not a stream) everything has been read and decided by now, so that
 * a broken one is an error with a status. Who holds an answer must call `whole`, `deliver` or `cancel`.
 */
export interface Answer {
  /** HTTP-like status for the client. */
  readonly status: number;
  readonly contentType: string;
  /** Instance id of the provider that answers. */
  readonly provider: string;
  /** Milliseconds spent in the gateway before the upstream's head arrived, upstream time excluded. */
  readonly gatewayMs: number;
  /** Whether the body is a stream of frames (else one whole body). */
  readonly stream: boolean;
  /**
   * The whole body, where all of it is there and nothing has been delivered yet: the answer is over then. Always so for one that is no
   * stream; a short stream is often complete when its head is. The bytes are the caller's.
   */
  whole(): Uint8Array | undefined;
  /** Delivers the whole body; resolves when it has ended and the session is closed. Never rejects. */
  deliver(client: ClientSink): Promise<void>;
  /** The client left: cancels upstream, closes the session. Idempotent. */
  cancel(): void;
}
