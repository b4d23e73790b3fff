/**
 * A wire format at a client's door, as the pipeline needs it. Adapters implement it.
 *
 * The pipeline must not know any field name of any dialect; a dialect must not decide anything.
 */
import type { MidStreamError } from "../errors/midstream-error.ts";
import type { ModelRequest } from "../stream/model-request.ts";
import type { Frame } from "../stream/part.ts";

/** One answer's way back into bytes. */
export interface Encoder {
  /**
   * A frame with the texts of its delta parts replaced in place, all other bytes kept; log-probabilities of a choice whose
   * text changed become null, because they repeat the text. `texts[i]` belongs to the i-th delta part of the frame;
   * undefined keeps it.
   */
  rewrite(frame: Frame, texts: readonly (string | undefined)[]): Uint8Array;
  /** Bytes that end one choice by a policy: the message as a delta (if any), then an empty delta with the reason. */
  blocked(choice: number, message: string): Uint8Array;
  /** The terminator of a complete answer. */
  done(): Uint8Array;
  /** An error after the answer has begun; nothing follows it. */
  error(error: MidStreamError): Uint8Array;
  /** A comment that clients ignore, for quiet stretches. */
  keepAlive(): Uint8Array;
}

/** A wire format at a client's door. */
export interface Dialect {
  /** `openai-chat`. */
  readonly id: string;
  /** @throws MidStreamError REQUEST_INVALID naming the field. */
  toRequest(body: Uint8Array, headers: Readonly<Record<string, string>>): ModelRequest;
  encoder(mode: "stream" | "unary", request: ModelRequest): Encoder;
}
