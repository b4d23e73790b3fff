/** Rules as data: what analysers hand to the native core. The Rust side is native/scan/src/spec.rs. */
import type { Channel } from "../stream/part.ts";

/** What may not stand directly next to a match; see `Boundary` in native/scan/src/spec.rs. */
export type Boundary = "any" | "word" | "alnum" | "digit" | "number" | "email" | "token";

/** Words before a match that support it. */
export interface RuleContext {
  /** Compared without regard to case, at a left word boundary; a word may continue. */
  readonly words: readonly string[];
  /** Most bytes between the word's end and the match's start, 1 to 256; default 64. */
  readonly within?: number;
  /** Without one of the words there is no match; default false. */
  readonly required?: boolean;
  /** Added to the score if one of the words is there; default 0. */
  readonly boost?: number;
}

/** One pattern, with everything that decides whether a match of it is a finding. */
export interface PatternRule {
  /** Unique in its analyser, kebab-case. */
  readonly id: string;
  readonly description?: string;
  /** Vendor page, standard or paper that the pattern follows. */
  readonly source?: string;
  /** Label of a redaction, without brackets. */
  readonly tag: string;
  /** Literals that begin every match (or stand before `lead`), without regard to case. */
  readonly keywords?: readonly string[];
  /** Pattern between keyword and match that stays in the text. */
  readonly lead?: string;
  /** Regular expression in the syntax of Rust's `regex` crate, without anchors, look-around or `\b`. */
  readonly pattern: string;
  /** Default `word`. */
  readonly left?: Boundary;
  /** Default `word`. */
  readonly right?: Boundary;
  /** Default `longest-valid`. */
  readonly ends?: "longest-valid" | "longest";
  /** Names of native verifiers, all of which must accept. */
  readonly verify?: readonly string[];
  /** Least Shannon entropy in bits per byte; default 0 = no test. */
  readonly minEntropy?: number;
  /** A match that contains one of these (without regard to case) is none. */
  readonly stop?: readonly string[];
  readonly context?: RuleContext;
  /** Confidence in [0, 1] before context. */
  readonly score: number;
  /** Longest match in bytes, 1 to 4096: the most that the rule holds back. */
  readonly maxBytes: number;
  /** What becomes of an attempt that reaches `maxBytes` undecided; default `release`. */
  readonly atBound?: "release" | "find";
  /** The pattern is only the head of a long object; this finds the rest. */
  readonly span?: { readonly while?: string; readonly until?: string; readonly maxBytes: number };
}

/** Words that are findings wherever they stand. */
export interface LiteralRule {
  readonly id: string;
  readonly tag: string;
  /** 1 to 512 bytes each. */
  readonly words: readonly string[];
  /** Default false. */
  readonly caseSensitive?: boolean;
  /** Default true. */
  readonly wholeWord?: boolean;
  /** Default 1. */
  readonly score?: number;
}

/** The loop detectors' settings; documented in native/repetition. */
export interface RepetitionSettings {
  /** Periods that must follow the first before a loop is reported; default 3. */
  readonly minRepeats?: number;
  /** Least repeated characters before a loop is reported; default 48. */
  readonly minChars?: number;
  /** Longest period looked for, in characters; default 400. */
  readonly maxPeriod?: number;
}

/** Bounds of the measures of a text's behaviour; documented in native/dynamics. */
export interface DynamicsSettings {
  /** Share of groups of four words seen before from which evidence gathers, 0.1 to 0.9; default 0.65. */
  readonly repeatedShare?: number;
  /** Old groups beyond that share that make `low-novelty`, 16 to 10,000; default 120. */
  readonly repeatedWords?: number;
  /** Times that a period of lengths must follow the first one, 3 to 100; default 6. */
  readonly periodRepeats?: number;
  /** Share of bits in which beginning and present must differ, 0.1 to 0.6; 0.5 is nothing in common; default 0.48. */
  readonly driftDistance?: number;
  /** Words for which they must, 16 to 100,000; default 250. */
  readonly driftWords?: number;
  /** Shortest silence that can be a stall, in milliseconds, 100 to 3,600,000; default 10,000. */
  readonly stallMs?: number;
  /** Times the stream's median gap that a stall must last, 2 to 10,000; default 20. */
  readonly stallFactor?: number;
}

/** A rule that a native detector brings with it. */
export interface DetectorRule {
  readonly id: string;
  /** Label of a redaction, without brackets. */
  readonly tag: string;
  /** Seen only when its text has left: a verdict can end the answer but rewrite nothing. */
  readonly late: boolean;
}

/** Rules of the native detectors by their key in `AnalyserPlan`, in the order of `KINDS` in native/session/src/watch. */
export const detectorRules = {
  repetition: ["loop-exact", "loop-noisy", "loop-numbered", "loop-alternating"].map((id) => ({ id, tag: "LOOP", late: true })),
  dynamics: ["low-novelty", "periodic", "drift", "stall"].map((id) => ({ id, tag: "DYNAMICS", late: true })),
} as const satisfies Record<string, readonly DetectorRule[]>;

/** Keys of `AnalyserPlan` that are native detectors. */
export const detectorKeys = Object.keys(detectorRules) as readonly (keyof typeof detectorRules)[];

/** What one analyser asks of the native core. */
export interface AnalyserPlan {
  /** Instance id; filled in by the kernel. */
  readonly id: string;
  readonly rules?: readonly PatternRule[];
  readonly literals?: readonly LiteralRule[];
  readonly repetition?: RepetitionSettings;
  readonly dynamics?: DynamicsSettings;
  /** Findings with a lower score are dropped; default 0. */
  readonly minScore?: number;
  /** Channels that are analysed; default all. */
  readonly channels?: readonly Channel[];
}
