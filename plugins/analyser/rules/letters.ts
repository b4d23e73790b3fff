/**
 * Letters of one trace: which propositions hold at a position, and how signals compare with the rules' bounds.
 *
 * Knows atoms. Must not know parts, findings or monitors.
 */
import type { RuleAtom, RuleLetter } from "../../../core/plugin/index.ts";

interface Bit {
  readonly low: number;
  readonly high: number;
}

interface BoundBit extends Bit {
  readonly holds: (value: number) => boolean;
}

const bitOf = (index: number): Bit => (index < 32 ? { low: (1 << index) >>> 0, high: 0 } : { low: 0, high: (1 << (index - 32)) >>> 0 });

function comparisonOf({ operator, bound }: NonNullable<RuleAtom["comparison"]>): (value: number) => boolean {
  switch (operator) {
    case "<":
      return (value) => value < bound;
    case "<=":
      return (value) => value <= bound;
    case ">":
      return (value) => value > bound;
    case ">=":
      return (value) => value >= bound;
    case "==":
      return (value) => value === bound;
    case "!=":
      return (value) => value !== bound;
  }
}

/** The atoms of a set of rules, by name; shared by all traces. */
export class Alphabet {
  readonly propositions: ReadonlyMap<string, Bit>;
  readonly signals: ReadonlyMap<string, readonly BoundBit[]>;
  /** Values at which a comparison on the signal may flip, rising. */
  readonly edges: ReadonlyMap<string, readonly number[]>;

  constructor(atoms: readonly RuleAtom[]) {
    const propositions = new Map<string, Bit>();
    const signals = new Map<string, BoundBit[]>();
    const edges = new Map<string, Set<number>>();
    for (const [index, { name, comparison }] of atoms.entries()) {
      if (comparison === undefined) {
        propositions.set(name, bitOf(index));
        continue;
      }
      signals.set(name, [...(signals.get(name) ?? []), { ...bitOf(index), holds: comparisonOf(comparison) }]);
      const { bound } = comparison;
      edges.set(name, (edges.get(name) ?? new Set()).add(Math.floor(bound)).add(Math.floor(bound) + 1));
    }
    this.propositions = propositions;
    this.signals = signals;
    this.edges = new Map([...edges].map(([name, values]) => [name, [...values].sort((a, b) => a - b)]));
  }
}

/** The letter of the next position of one trace. A signal keeps its value; one without a value makes all its comparisons false. */
export class Letters {
  private readonly alphabet: Alphabet;
  private readonly signalBits = new Map<string, Bit>();
  private readonly letter = { low: 0, high: 0 };

  constructor(alphabet: Alphabet) {
    this.alphabet = alphabet;
  }

  set(signal: string, value: number): void {
    const comparisons = this.alphabet.signals.get(signal);
    if (comparisons === undefined) return;
    let [low, high] = [0, 0];
    for (const bit of comparisons) {
      if (!bit.holds(value)) continue;
      low |= bit.low;
      high |= bit.high;
    }
    this.signalBits.set(signal, { low, high });
  }

  /** Valid until the next call. */
  of(propositions: readonly string[]): RuleLetter {
    let [low, high] = [0, 0];
    for (const name of propositions) {
      const bit = this.alphabet.propositions.get(name);
      if (bit === undefined) continue;
      low |= bit.low;
      high |= bit.high;
    }
    for (const bits of this.signalBits.values()) {
      low |= bits.low;
      high |= bits.high;
    }
    this.letter.low = low >>> 0;
    this.letter.high = high >>> 0;
    return this.letter;
  }
}
