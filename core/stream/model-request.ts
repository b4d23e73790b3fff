/** A request to a model, free of any dialect but with every unknown field kept. */

/** What the kernel and request policies read; the dialect's own body travels along untouched in `body`. */
export interface ModelRequest {
  /** Model name as the client wrote it. */
  readonly model: string;
  readonly stream: boolean;
  /** How many choices the client asked for, 1 or more. */
  readonly choiceCount: number;
  /** Whether the client asked for usage in the stream. */
  readonly wantsUsage: boolean;
  /** Dialect of `body`: `openai-chat`. */
  readonly dialect: string;
  /** The parsed body, unknown fields included. Frozen; a policy that changes it makes a new one. */
  readonly body: Readonly<Record<string, unknown>>;
  /** The body as received, or undefined once something changed it. */
  readonly bytes?: Uint8Array;
  /** Request headers, lower-case names; never one that `isShownHeader` takes for a key. */
  readonly headers: Readonly<Record<string, string>>;
  /** The client's own key, for providers that are told to pass it on. A secret: never logged, never in an event. */
  readonly clientKey?: string;
}
