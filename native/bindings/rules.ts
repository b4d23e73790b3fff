/** Temporal rules: sets by the typed ABI, banks of monitors by the flat one. */
import { MidStreamError } from "../../core/errors/midstream-error.ts";
import type {
  RuleAtom,
  RuleBank,
  RuleChange,
  RuleConflict,
  RuleLetter,
  RuleReport,
  RuleSet,
  RuleSource,
  RuleVerdict,
} from "../../core/native/rules.ts";
import { failure } from "./failure.ts";
import { status, words } from "./flat-abi.ts";
import { RuleError, RuleSet as TypedRuleSet } from "./generated/midstream.ts";
import type { NativeLibrary } from "./library.ts";
import { Owned } from "./owned.ts";
import type { Thread } from "./thread.ts";

/** By the codes of the header. */
const verdicts: readonly RuleVerdict[] = ["false", "presumably-false", "presumably-true", "true", "unknown"];

const decoder = new TextDecoder();

const noChanges: readonly RuleChange[] = Object.freeze([]);

/** @throws MidStreamError CONFIG_RULE_INVALID naming the rule, the place in its formula and the remedy */
export function compileRules(library: NativeLibrary, thread: Thread, sources: readonly RuleSource[]): RuleSet {
  try {
    return new CompiledRules(thread, TypedRuleSet.compile(library.typed, sources));
  } catch (error) {
    throw error instanceof RuleError ? ruleFailure(error) : error;
  }
}

function ruleFailure({ detail }: RuleError): MidStreamError {
  if (detail.kind === "full")
    return new MidStreamError("KERNEL_OVERLOADED", "All native handles are open, or there are more than 256 rules");
  const { id, at, message, remedy } = detail;
  const place = at < 0 ? "" : ` at byte ${at}`;
  return new MidStreamError("CONFIG_RULE_INVALID", `rule "${id}"${place}: ${message}${remedy === "" ? "" : `; ${remedy}`}`, { field: id });
}

class CompiledRules implements RuleSet {
  readonly atoms: readonly RuleAtom[];
  readonly reports: readonly RuleReport[];
  readonly #thread: Thread;
  readonly #set: TypedRuleSet;
  readonly #handle: number;

  constructor(thread: Thread, set: TypedRuleSet) {
    this.#thread = thread;
    this.#set = set;
    this.#handle = set.handle();
    this.atoms = set.atoms().map(({ name, comparison: operator, bound }) => {
      // The core writes exactly these operators.
      const comparison = { operator: operator as NonNullable<RuleAtom["comparison"]>["operator"], bound };
      return operator === "" ? { name } : { name, comparison };
    });
    this.reports = set.reports();
  }

  conflicts(): readonly RuleConflict[] {
    return this.#set.conflicts();
  }

  open(): RuleBank {
    const handle = this.#thread.flat.ms_rules_open(this.#handle);
    return new Bank(this.#thread, handle);
  }

  [Symbol.dispose](): void {
    this.#set[Symbol.dispose]();
  }
}

class Bank extends Owned implements RuleBank {
  constructor(thread: Thread, handle: number) {
    super(thread, "ms_rules_open", handle, "ms_rules_close");
  }

  step(timeMs: number, letter: RuleLetter): readonly RuleChange[] {
    const { flat, memory } = this.thread;
    const { address, view } = memory.list;
    // A number of more than 31 bits must cross as an unsigned one.
    const count = flat.ms_rules_step(this.handle, timeMs, letter.low >>> 0, letter.high >>> 0, address, view.length);
    return count === 0 ? noChanges : this.#changes("ms_rules_step", count);
  }

  advance(timeMs: number): readonly RuleChange[] {
    const { flat, memory } = this.thread;
    const count = flat.ms_rules_advance(this.handle, timeMs, memory.list.address, memory.list.view.length);
    return count === 0 ? noChanges : this.#changes("ms_rules_advance", count);
  }

  finish(): readonly RuleChange[] {
    const { flat, memory } = this.thread;
    const count = flat.ms_rules_finish(this.handle, memory.list.address, memory.list.view.length);
    return count === 0 ? noChanges : this.#changes("ms_rules_finish", count);
  }

  certificate(rule: number): unknown {
    const { flat, memory } = this.thread;
    const { address, view } = memory.out;
    const length = flat.ms_rules_certificate(this.handle, rule, address, view.length);
    // A proof that is larger than the buffer helps nobody.
    if (length === 0 || length === status.tooSmall) return undefined;
    if (length < 0) throw failure(flat, "ms_rules_certificate", length);
    return JSON.parse(decoder.decode(view.subarray(0, length)));
  }

  /** The list has room for far more changes than a set has rules. */
  #changes(call: string, count: number): readonly RuleChange[] {
    const { flat, memory } = this.thread;
    if (count < 0) throw failure(flat, call, count);
    const list = memory.list.view.subarray(0, count * words.ruleChange);
    return Array.from({ length: count }, (_, index) => ({
      rule: list[index * words.ruleChange]!,
      verdict: verdicts[list[index * words.ruleChange + 1]!]!,
    }));
  }
}
