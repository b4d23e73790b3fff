/** What policies decide. Knows nothing of detection. */

/** What stands in the place of a rewritten range. */
export type Replacement =
  /** `[EMAIL]`, or any fixed text. */
  | { readonly kind: "tag"; readonly text: string }
  /** One `char` for each character (Unicode scalar) but the last `keepLast`, which stay. */
  | { readonly kind: "mask"; readonly char: string; readonly keepLast: number }
  /** `[TAG:hex]`: the first `length` hex digits of HMAC-SHA-256(key, matched UTF-8 text). */
  | { readonly kind: "hash"; readonly tag: string; readonly key: string; readonly length: number }
  /** Nothing. */
  | { readonly kind: "remove" }
  /** `[TAG_1]`: numbered from 1 for each distinct matched text of a tag, stable in one choice of one answer. */
  | { readonly kind: "pseudonym"; readonly tag: string };

/** Strictest wins in the order of this list from the end; ties go to the earlier policy. */
export const verdictOrder = ["release", "hold", "rewrite", "correct", "adjust", "switch", "block"] as const;

/** A policy's answer for one part and its findings. */
export type Verdict =
  | { readonly action: "release" }
  /** Keep text from byte `from` of the block back until more is known; bounded by `capabilities.holdBytes`. */
  | { readonly action: "hold"; readonly from: number }
  /** Replace byte ranges of the block; ranges that have left already are recorded as too late. */
  | { readonly action: "rewrite"; readonly edits: readonly Edit[] }
  /** End the choice: text before byte `from` of the block still leaves, then `message` (if any), then `content_filter`. */
  | { readonly action: "block"; readonly from: number; readonly rule: string; readonly message?: string }
  | { readonly action: "correct" | "adjust" | "switch"; readonly reason: string };

/** One replacement in a block, half-open UTF-8 byte range. */
export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly replacement: string;
}

/** How a verdict came out; one for every finding that a policy acted on. */
export interface VerdictRecord {
  /** Instance id of the policy. */
  readonly policy: string;
  readonly action: Verdict["action"];
  readonly analyser: string;
  readonly rule: string;
  /** `monitored`: the policy is in monitor mode, nothing was done. */
  readonly outcome: "applied" | "too-late" | "monitored";
}
