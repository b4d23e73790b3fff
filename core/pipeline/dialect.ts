/**
 * A wire format at a client's door, as the pipeline needs it. Adapters implement it.
 *
 * The pipeline must not know any field name of any dialect; a dialect must not decide anything.
 */
import type { MidStreamError } from "../errors/midstream-error.ts";
import type { Conversation } from "../stream/conversation.ts";
import type { Finding } from "../stream/finding.ts";
import type { ModelRequest } from "../stream/model-request.ts";
import type { Frame } from "../stream/part.ts";
import type { VerdictRecord } from "../stream/verdict.ts";

/** One answer's way back into bytes. */
export interface Encoder {
  /**
   * A frame with the texts of its delta parts replaced in place, all other bytes kept; log-probabilities of a choice whose
   * text changed become null, because they repeat the text. `texts[i]` belongs to the frame's i-th delta part with
   * text (empty ones do not count); undefined keeps it. `blocked`: choices that a policy ended, with its message (or ""). In a whole answer the message is added to the
   * choice's content and its finish reason becomes that of a block; in a stream, where frames of their own say both, the finish reasons
   * of these choices in this frame become null.
   */
  rewrite(frame: Frame, texts: readonly (string | undefined)[], blocked?: ReadonlyMap<number, string>): Uint8Array;
  /**
   * Streams only: bytes that end one choice by a policy: the message as a delta (if any), then an empty delta with the reason. They
   * repeat what `like`, the latest frame of the answer, says about the answer itself (id, model, time).
   */
  blocked(choice: number, message: string, like?: Frame): Uint8Array;
  /** The terminator of a complete answer. */
  done(): Uint8Array;
  /** An error after the answer has begun; nothing follows it. */
  error(error: MidStreamError): Uint8Array;
  /** A comment that clients ignore, for quiet stretches. */
  keepAlive(): Uint8Array;
  /**
   * The side band, for a client that asked: in a stream one frame that its SDK tolerates, sent before `done`; of a whole answer
   * `body` with one more field. `like` as for `blocked`. A dialect without it annotates nothing.
   */
  annotate?(annotation: Annotation, answer: { readonly body?: Uint8Array | undefined; readonly like?: Frame | undefined }): Uint8Array;
}

/** What the side band says: what was seen and what was done, never the matched text. */
export interface Annotation {
  readonly findings: readonly Finding[];
  readonly verdicts: readonly VerdictRecord[];
}

/** Where a request came from. */
export interface RequestOrigin {
  /** Lower-case header names that may concern routing. Asked at most once, and only when somebody reads them. */
  headers?(): Readonly<Record<string, string>>;
  /** See `ModelRequest.clientKey`. */
  readonly clientKey?: string | undefined;
}

/** A wire format at a client's door. */
export interface Dialect {
  /** `openai-chat`. */
  readonly id: string;
  /** @throws MidStreamError REQUEST_INVALID naming the field. */
  toRequest(body: Uint8Array, origin: RequestOrigin): ModelRequest;
  /** What the request's body says; shapes that it does not know are left out. */
  conversation(body: ModelRequest["body"]): Conversation;
  encoder(mode: "stream" | "unary", request: ModelRequest): Encoder;
}
