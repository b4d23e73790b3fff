/** Detectors that judge text, as the kernel sees them. The Rust side is native/text-detector; each detector is a crate beside it. */
import type { ByteRange } from "../stream/finding.ts";
import type { Channel } from "../stream/part.ts";

/** Names of the detectors; `units` finds where a text is cut for a judge. */
export type TextDetectorKind = "toxicity" | "injection" | "prompt-leak" | "grounding" | "quality" | "pattern" | "dynamics" | "units";

/** What a text is: a channel of the answer, or a part of the request. */
export type TextOrigin = Channel | "user" | "tool" | "document" | "instructions" | "assistant";

/** What came before an answer. */
export interface TextContext {
  /** The conversation and what it brought along, in order; the last `user` text is the question. */
  readonly messages: readonly { readonly origin: TextOrigin; readonly text: string }[];
  /** The request asks for JSON. */
  readonly wantsJson: boolean;
}

/** Something that a detector saw. Offsets are UTF-8 bytes of its text. */
export interface TextFound {
  readonly choice: number;
  readonly block: number;
  readonly origin: TextOrigin;
  readonly rule: string;
  readonly tag: string;
  readonly range: ByteRange;
  /** First byte that a verdict can still act on. */
  readonly from: number;
  /** Calibrated probability, 0 to 1. */
  readonly score: number;
  /** Features; never the text. */
  readonly data: Readonly<Record<string, unknown>>;
}

/** One answer under a detector, or one request. */
export interface TextAnswer extends Disposable {
  /**
   * Takes the next text of a block; a block keeps the origin of its first push. Returns the first byte that must be held back;
   * Infinity: none.
   */
  push(choice: number, block: number, origin: TextOrigin, text: string): number;
  /** What the provider says of a token whose text has been pushed. `entropy` in nats, a lower bound; negative: nothing. */
  token(choice: number, block: number, range: ByteRange, logprob: number, entropy: number): void;
  /** The block's text is complete. */
  end(choice: number, block: number): void;
  /** Findings since the last call. */
  take(): readonly TextFound[];
}

/** A compiled detector. */
export interface TextDetector extends Disposable {
  /** All its kinds of findings. */
  readonly rules: readonly { readonly id: string; readonly tag: string }[];
  begin(context: TextContext): TextAnswer;
}
