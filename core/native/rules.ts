/** Temporal rules as the kernel sees them. The Rust side is native/temporal-neural-solver; its README has the operators. */

/** A rule as it is written. */
export interface RuleSource {
  /** Name, for errors. */
  readonly id: string;
  /** `G(tool-call -> F[0,30s] tool-result)`. */
  readonly formula: string;
  /** Which continuations count: infinite ones (a stream of unknown length), or finite ones (what certainly ends). */
  readonly semantics: "stream" | "finite";
}

/** What one bit of a letter says: that a proposition holds, or how a signal's value compares with a bound. */
export interface RuleAtom {
  readonly name: string;
  /** Absent for a proposition. */
  readonly comparison?: { readonly operator: "<" | "<=" | ">" | ">=" | "==" | "!="; readonly bound: number };
}

/** What compiling found out about a rule. */
export interface RuleReport {
  /** The formula as it was understood. */
  readonly formula: string;
  /** Which final verdicts can be reached; `never`: only the end decides. */
  readonly class: "always-true" | "always-false" | "safety" | "co-safety" | "both" | "never" | "unclear";
  /** What to tell the rule's author, with a remedy; "" if all is well. */
  readonly warning: string;
}

/** `unknown`: the monitor reached one of its limits and will not guess. `presumably-*`: what an end here would make of it. */
export type RuleVerdict = "false" | "presumably-false" | "presumably-true" | "true" | "unknown";

/** A rule whose verdict has changed. */
export interface RuleChange {
  /** Index into the sources. */
  readonly rule: number;
  readonly verdict: RuleVerdict;
}

/** Which atoms hold: bits 0 to 31, and 32 to 63. */
export interface RuleLetter {
  readonly low: number;
  readonly high: number;
}

/** The monitors of one answer or one session. Times are milliseconds since any fixed moment; one before the last counts as the last. */
export interface RuleBank extends Disposable {
  /** One position. */
  step(timeMs: number, letter: RuleLetter): readonly RuleChange[];
  /** Time passes without a position. */
  advance(timeMs: number): readonly RuleChange[];
  /** The stream ends here: what is presumed becomes final. */
  finish(): readonly RuleChange[];
  /**
   * Proof of a rule's final verdict, as JSON: the trace and what each part of the formula was on it. Undefined where the trace was longer
   * than is remembered. native/temporal-neural-solver has the checker.
   */
  certificate(rule: number): unknown;
}

/** A remark on one rule, or on two together. */
export interface RuleConflict {
  readonly kind: "never-fires" | "always-fires" | "contradiction" | "contradiction-on-trigger" | "implies" | "undecided";
  /** Indexes of the rules; equal where it is about one. */
  readonly first: number;
  readonly second: number;
  /** Atoms that hold at each position of a trace that shows it. */
  readonly witness: readonly (readonly string[])[];
}

/** Rules that share their atoms, compiled. */
export interface RuleSet extends Disposable {
  /** At most 64, in the order of a letter's bits. */
  readonly atoms: readonly RuleAtom[];
  /** One for each source. */
  readonly reports: readonly RuleReport[];
  /** What is wrong with the rules before any stream is seen: each alone, and all pairs. Milliseconds a pair. */
  conflicts(): readonly RuleConflict[];
  open(): RuleBank;
}
