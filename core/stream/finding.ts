/** What analysers report. Knows nothing of decisions. */
import type { Channel } from "./part.ts";

/** Half-open range of UTF-8 bytes, counted from the start of one block's text. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** What an analyser saw. Never carries the matched text; who needs it cuts it from the block. */
export interface Finding {
  /** Instance id of the analyser: `analyser/pii/all`. */
  readonly analyser: string;
  /** Name of the rule: `email`. */
  readonly rule: string;
  /** Label for redactions, without brackets: `EMAIL`. */
  readonly tag: string;
  /** `request`: not in an answer, but in a message of the request; `block` is then the message's index. */
  readonly channel: Channel | "request";
  readonly choice: number;
  readonly block: number;
  readonly range: ByteRange;
  /**
   * First byte that a verdict on this finding can still act on: the start for analysers that hold text back, the end
   * (where the rule fired) for those that do not.
   */
  readonly from: number;
  /** Confidence in [0, 1]. */
  readonly score: number;
  /** What the analyser can say beyond that, as JSON: features of a score, the certificate of a broken rule. Never the matched text. */
  readonly data?: Readonly<Record<string, unknown>>;
}
