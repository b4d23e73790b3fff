/**
 * The one vocabulary of a model's output: parts, blocks, channels, frames.
 *
 * Must not know any vendor's or dialect's field name.
 */

/** Which kind of text a block holds; a policy sees all of them alike. */
export type Channel = "content" | "reasoning" | "refusal" | "tool-input";

/** All channels, in the order in which a whole (not streamed) answer is worked on. */
export const channels: readonly Channel[] = ["reasoning", "content", "refusal", "tool-input"];

/**
 * One complete wire unit as it came (an SSE event with its blank line, or a whole unary body).
 * A frame whose parts nobody rewrote leaves as these bytes.
 */
export interface Frame {
  /** The bytes as received. Owned by the frame, never changed. */
  readonly bytes: Uint8Array;
  /** The payload text (an SSE event's data lines joined by line feeds); "" where there is none. */
  readonly payload: string;
  /** It also repeats text in a form that is not in its parts: where policies act, it leaves rewritten, which empties that. */
  readonly repeats?: boolean;
}

/** Where a part belongs: `choice` from 0, `block` from 0 in its choice (one for each channel and tool call). */
export interface BlockRef {
  readonly choice: number;
  readonly block: number;
}

interface OfFrame {
  /** The frame that the part came from; absent on parts that MidStream made. */
  readonly frame?: Frame;
}

/** Probability of one token, as the provider gives it. */
export interface TokenLogprob {
  readonly token: string;
  readonly logprob: number;
  /** Entropy over the alternatives that the provider gave, in nats: a lower bound. Absent where it gave none. */
  readonly entropy?: number;
}

/** Token counts, only ever from a provider. */
export interface Usage {
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly totalTokens: number;
}

/** Why a choice ended. `blocked` is a policy's doing (on the wire: `content_filter`). */
export type FinishReason = "stop" | "length" | "tool-calls" | "content-filter" | "blocked" | "other";

/** One normalised event of an answer. */
export type Part =
  | ({ readonly type: "response-start"; readonly id?: string; readonly model?: string } & OfFrame)
  | ({ readonly type: "text-start" | "text-end" | "reasoning-start" | "reasoning-end" } & BlockRef & OfFrame)
  | ({
      readonly type: "text-delta" | "reasoning-delta" | "refusal-delta";
      readonly delta: string;
      readonly logprobs?: readonly TokenLogprob[];
    } & BlockRef &
      OfFrame)
  | ({ readonly type: "tool-input-start"; readonly toolCallId: string; readonly toolName: string } & BlockRef & OfFrame)
  | ({ readonly type: "tool-input-delta"; readonly delta: string } & BlockRef & OfFrame)
  | ({ readonly type: "tool-input-end" } & BlockRef & OfFrame)
  | ({ readonly type: "usage"; readonly usage: Usage } & OfFrame)
  | ({ readonly type: "choice-end"; readonly choice: number; readonly reason: FinishReason } & OfFrame)
  | ({ readonly type: "response-end" } & OfFrame)
  | ({ readonly type: "error"; readonly code: string; readonly message: string } & OfFrame)
  | ({ readonly type: "raw" } & OfFrame);

/** A part that carries text, with its channel. */
export type DeltaPart = Extract<Part, { readonly delta: string }>;
