/**
 * One block's text on its way past the judge: which units wait, what their verdicts say, and up to where the text may leave.
 *
 * Verdicts count in the order of the units, whatever order they come in. Must not know HTTP or clocks.
 */
import type { AnalyserFinding, Channel, TextAnswer } from "../../../core/plugin/index.ts";
import type { CategoryScore, JudgeVerdict } from "./adapters/adapter.ts";
import type { Outcome, Reason } from "./queue.ts";
import { type Unit, UnitCutter, type UnitSettings } from "./units.ts";

/** What a block needs of the config. */
export interface BlockSettings extends UnitSettings {
  /** Units that may leave before their verdict. */
  readonly ahead: number;
  readonly debounce: number;
  readonly thresholds: Readonly<Record<string, number>>;
  /** Whether a unit that gets no verdict is a finding. */
  readonly reportsGaps: boolean;
}

/** One unit on its way. */
export interface PendingUnit {
  readonly unit: Unit;
  /** `passed`: nobody had to judge it. */
  outcome: Outcome | { readonly kind: "passed" } | undefined;
  /** No verdict is wanted any more. */
  cancel: () => void;
}

interface Streak {
  count: number;
  readonly start: number;
}

/** What came of the units of one answer. */
export interface Tally {
  units: number;
  judged: number;
  /** By reason. */
  readonly gaps: Map<Reason | "late", number>;
}

const none: readonly never[] = Object.freeze([]);

/** What an answer's blocks share. */
export interface BlockContext {
  readonly settings: BlockSettings;
  readonly tally: Tally;
  /** Finds the ends of units. */
  readonly cuts: TextAnswer;
}

/** One block. */
export class WatchedBlock {
  readonly channel: Channel;
  readonly choice: number;
  readonly number: number;
  /** When its end was first asked for. */
  endAskedMs: number | undefined;
  private readonly settings: BlockSettings;
  private readonly tally: Tally;
  private readonly cutter: UnitCutter;
  private readonly pending: PendingUnit[] = [];
  /** By category: units in a row that had it. */
  private readonly streaks = new Map<string, Streak>();
  private bytes = 0;
  private isComplete = false;

  constructor(at: { readonly channel: Channel; readonly choice: number; readonly block: number }, { settings, tally, cuts }: BlockContext) {
    this.channel = at.channel;
    this.choice = at.choice;
    this.number = at.block;
    this.settings = settings;
    this.tally = tally;
    this.cutter = new UnitCutter(cuts, at, settings.overlapChars);
  }

  /** Takes text; returns the units that are to be judged now. */
  take(delta: string): readonly PendingUnit[] {
    this.isComplete = false;
    this.bytes += Buffer.byteLength(delta);
    return this.queued(this.cutter.push(delta));
  }

  /** The text is complete; returns the last unit, once. */
  complete(): readonly PendingUnit[] {
    if (this.isComplete) return none;
    this.isComplete = true;
    return this.queued(this.cutter.finish());
  }

  /** Units whose turn has not come. */
  get waiting(): readonly PendingUnit[] {
    return this.pending;
  }

  /** Forgets units whose turn it is and that nobody had to judge: there is nothing to say of them. */
  skipPassed(): void {
    while (this.pending[0]?.outcome?.kind === "passed") this.pending.shift();
  }

  /** What the verdicts say that are known in order. */
  settle(): readonly AnalyserFinding[] {
    if (this.pending[0]?.outcome === undefined) return none;
    const found: AnalyserFinding[] = [];
    for (let [first] = this.pending; first?.outcome !== undefined; [first] = this.pending) {
      this.pending.shift();
      found.push(...this.outcomeOf(first.unit, first.outcome));
    }
    return found;
  }

  /** No more verdicts are awaited. Units that may leave without one are late; for the others it is as after the deadline. */
  giveUp(): void {
    for (const [index, pending] of this.pending.entries()) {
      pending.cancel();
      if (pending.outcome !== undefined) continue;
      if (index >= this.settings.ahead) pending.outcome = { kind: "none", reason: "timeout" };
      else {
        this.count("late");
        pending.outcome = { kind: "passed" };
      }
    }
  }

  /** First byte that may not leave yet. */
  get holdFrom(): number | undefined {
    const { ahead, debounce } = this.settings;
    if (ahead === Number.POSITIVE_INFINITY) return undefined;
    const open = this.isComplete || this.cutter.openFrom >= this.bytes ? undefined : this.cutter.openFrom;
    const first = ahead < this.pending.length ? this.pending[ahead]?.unit.start : ahead === this.pending.length ? open : undefined;
    // A finding that needs another unit to become one: behind a gate its text waits for that one.
    if (ahead > 0 || this.streaks.size === 0 || (this.isComplete && this.pending.length === 0)) return first;
    let from = first ?? Number.POSITIVE_INFINITY;
    for (const { count, start } of this.streaks.values()) if (count < debounce) from = Math.min(from, start);
    return from === Number.POSITIVE_INFINITY ? undefined : from;
  }

  /** Bytes that are held back. */
  get heldBytes(): number {
    return this.bytes - (this.holdFrom ?? this.bytes);
  }

  /** Gives up on the oldest unit, so that less is held. Returns whether there was one. */
  overrun(): boolean {
    const oldest = this.pending.find(({ outcome }) => outcome === undefined);
    if (oldest === undefined) return false;
    oldest.cancel();
    oldest.outcome = { kind: "none", reason: "overrun" };
    return true;
  }

  private queued(units: readonly Unit[]): readonly PendingUnit[] {
    if (units.length === 0) return none;
    const queued = units.map((unit): PendingUnit => {
      const isBlank = unit.text.trim() === "";
      if (!isBlank) this.tally.units += 1;
      return { unit, outcome: isBlank ? { kind: "passed" } : undefined, cancel: () => {} };
    });
    this.pending.push(...queued);
    return queued.filter(({ outcome }) => outcome === undefined);
  }

  private outcomeOf(unit: Unit, outcome: NonNullable<PendingUnit["outcome"]>): AnalyserFinding[] {
    if (outcome.kind === "passed") return [];
    if (outcome.kind === "verdict") {
      this.tally.judged += 1;
      return this.verdictOn(unit, outcome.verdict);
    }
    this.count(outcome.reason);
    if (!this.settings.reportsGaps) return [];
    const data = { unit: this.settings.unit, reason: outcome.reason };
    return [{ ...this.place, rule: "no-verdict", tag: "JUDGE", range: { start: unit.start, end: unit.end }, score: 1, data }];
  }

  private verdictOn(unit: Unit, { label, categories }: JudgeVerdict): AnalyserFinding[] {
    const hits = categories.filter((category) => this.isHit(category) && (category.end ?? Number.POSITIVE_INFINITY) > unit.overlap.length);
    const names = new Set(hits.map(({ category }) => category));
    for (const category of this.streaks.keys()) if (!names.has(category)) this.streaks.delete(category);
    for (const category of names) {
      const streak = this.streaks.get(category);
      if (streak === undefined) this.streaks.set(category, { count: 1, start: unit.start });
      else streak.count += 1;
    }
    return hits.flatMap((hit) => {
      const streak = this.streaks.get(hit.category);
      if (streak === undefined || streak.count < this.settings.debounce) return [];
      const isFirst = this.settings.debounce > 1 && streak.count === this.settings.debounce;
      const range = isFirst ? { start: streak.start, end: unit.end } : rangeOf(unit, hit);
      const tag = hit.category.toUpperCase().replaceAll("-", "_");
      return [{ ...this.place, rule: hit.category, tag, range, score: hit.score, data: { unit: this.settings.unit, label } }];
    });
  }

  private isHit({ category, score, flagged }: CategoryScore): boolean {
    const threshold = this.settings.thresholds[category] ?? this.settings.thresholds["*"];
    return threshold === undefined ? flagged : score >= threshold;
  }

  private get place() {
    return { channel: this.channel, choice: this.choice, block: this.number };
  }

  private count(reason: Reason | "late"): void {
    this.tally.gaps.set(reason, (this.tally.gaps.get(reason) ?? 0) + 1);
  }
}

/** Where in the block a judge found something; what it found in the overlap begins before the unit. */
function rangeOf({ start, end, text, overlap }: Unit, hit: CategoryScore) {
  if (hit.start === undefined || hit.end === undefined) return { start, end };
  const base = start - Buffer.byteLength(overlap);
  const judged = overlap + text;
  return {
    start: Math.max(0, base + Buffer.byteLength(judged.slice(0, hit.start))),
    end: base + Buffer.byteLength(judged.slice(0, hit.end)),
  };
}
