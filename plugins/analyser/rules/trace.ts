/** One trace under watch: a bank of monitors, its letters, and the rules that have been broken on it. */
import type { RuleBank, RuleChange, RuleSet } from "../../../core/plugin/index.ts";
import { zeroSignals } from "./events.ts";
import { type Alphabet, Letters } from "./letters.ts";

/** A rule that is broken, and where in the trace. */
export interface Broken {
  /** Index of the rule. */
  readonly rule: number;
  /** Positions read when it was certain. */
  readonly positions: number;
  readonly timeMs: number;
  /** The end of the answer decided it. */
  readonly atEnd: boolean;
  /** Proof, as JSON; absent where the trace was longer than is remembered. */
  readonly certificate: unknown;
}

const none: readonly Broken[] = Object.freeze([]);

/** A trace. Times are milliseconds and never fall. */
export class Trace {
  readonly letters: Letters;
  private readonly bank: RuleBank;
  private positions = 0;
  private timeMs = 0;

  constructor(set: RuleSet, alphabet: Alphabet) {
    this.bank = set.open();
    this.letters = new Letters(alphabet);
    for (const name of zeroSignals) this.letters.set(name, 0);
  }

  step(timeMs: number, propositions: readonly string[]): readonly Broken[] {
    this.positions += 1;
    this.timeMs = timeMs;
    return this.broken(this.bank.step(timeMs, this.letters.of(propositions)), false);
  }

  advance(timeMs: number): readonly Broken[] {
    this.timeMs = timeMs;
    return this.broken(this.bank.advance(timeMs), false);
  }

  finish(): readonly Broken[] {
    return this.broken(this.bank.finish(), true);
  }

  dispose(): void {
    this.bank[Symbol.dispose]();
  }

  private broken(changes: readonly RuleChange[], atEnd: boolean): readonly Broken[] {
    if (changes.length === 0) return none;
    const { positions, timeMs } = this;
    return changes
      .filter(({ verdict }) => verdict === "false")
      .map(({ rule }) => ({ rule, positions, timeMs, atEnd, certificate: this.bank.certificate(rule) }));
  }
}
