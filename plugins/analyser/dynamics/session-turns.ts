/**
 * The turns of one session: what comes round, shrinks, or says nothing new. Bounded: eight turns, a few counts, and where regimes are asked
 * for the newest 512 numbers of each series.
 *
 * Knows no parts and no requests.
 */
import type { SeriesRegime, TemporalCore } from "../../../core/plugin/index.ts";
import type { Turn } from "./turn.ts";

/** Longest period, in turns, and turns that are kept. */
export const maxPeriod = 8;
/** Share of groups of four words that were not in the kept turns, below which an answer says nothing new. */
const oldShare = 0.2;
/** Words in a group; texts with fewer than four groups are too short to be new or old. */
const group = 4;
const fewestWords = 16;
/** Numbers of a series that are kept, the newest; of how many there is a first verdict, and after how many more another. */
const maxPoints = 512;
const fewestPoints = 256;
const pointsBetween = 64;

/** How much of a behaviour is a finding. */
export interface TurnSettings {
  /** Similarity from which two answers are the same, 0.5 to 1. */
  readonly turnSimilarity: number;
  /** Times that a period must follow the first one. */
  readonly turnRepeats: number;
  /** Answers in a row of which each is shorter than the one before. */
  readonly shrinkTurns: number;
  readonly regimes: boolean;
}

/** What a turn made certain. */
export interface TurnFound {
  readonly rule: "turn-loop" | "turn-shrink" | "turn-low-novelty" | "exploratory-regime";
  readonly score: number;
  readonly data: Readonly<Record<string, unknown>>;
}

/** Turns in a row that were as the one `period` before them. */
interface Run {
  turns: number;
  /** Of their similarities. */
  sum: number;
}

/** Answers in a row of which each was shorter than the one before. */
interface Shrink {
  readonly turns: number;
  readonly firstBytes: number;
  readonly lastBytes: number;
}

type SeriesName = "answer-bytes" | "answer-seconds" | "answer-novelty" | "answer-drift";

interface Series {
  readonly values: number[];
  count: number;
}

/** Calls `take` with a hash of 32 bits of each group of four words: one that is wrongly known changes a share by less than a hundredth. */
function eachGroup({ words }: Turn, take: (hash: number) => void): void {
  for (let at = 0; at + group <= words.length; at += 1) {
    let hash = 0;
    for (let place = at; place < at + group; place += 1) hash = Math.imul(hash ^ (words[place] ?? 0), 0x9e3779b1) ^ (hash >>> 15);
    take(hash);
  }
}

/** Share of the answer's groups of four words that none of the turns before has; undefined for short ones, and without an earlier one. */
function noveltyOf(turn: Turn, before: readonly Turn[]): number | undefined {
  const known = before.filter(({ words }) => words.length >= group);
  if (turn.words.length < fewestWords || known.length === 0) return undefined;
  const fresh = new Set<number>();
  eachGroup(turn, (hash) => fresh.add(hash));
  const all = fresh.size;
  for (const each of known) eachGroup(each, (hash) => fresh.delete(hash));
  return fresh.size / all;
}

const rounded = (value: number) => Math.round(value * 1e6) / 1e6;

/** What a turn is worth, before it is taken or when it is. */
interface Measured {
  readonly runs: readonly Run[];
  readonly shrink: Shrink;
  readonly old: Run;
  readonly novelty: number | undefined;
  readonly found: readonly TurnFound[];
}

/** One session. */
export class SessionTurns {
  private readonly settings: TurnSettings;
  private readonly temporal: TemporalCore;
  /** The newest, the newest last. */
  private turns: readonly Turn[] = [];
  /** By period - 1. */
  private runs: readonly Run[] = Array.from({ length: maxPeriod }, () => ({ turns: 0, sum: 0 }));
  private shrink: Shrink = { turns: 0, firstBytes: 0, lastBytes: 0 };
  /** Answers in a row that said nothing new; `sum` is that of their old shares. */
  private old: Run = { turns: 0, sum: 0 };
  private first: Turn | undefined;
  private due: readonly TurnFound[] = [];
  private readonly series = new Map<SeriesName, Series>();

  constructor(settings: TurnSettings, temporal: TemporalCore) {
    this.settings = settings;
    this.temporal = temporal;
  }

  /**
   * Begins with turns that have been: as if they had been taken one after the other, but only those are looked at that still count.
   *
   * @param count how many there are
   * @param turnAt the turn so many before the newest
   */
  static after(
    { settings, temporal }: { readonly settings: TurnSettings; readonly temporal: TemporalCore },
    count: number,
    turnAt: (back: number) => Turn,
  ): SessionTurns {
    const session = new SessionTurns(settings, temporal);
    // Series need all of them.
    if (settings.regimes) for (let back = count - 1; back >= 0; back -= 1) session.take(turnAt(back));
    else session.resume(count, turnAt);
    return session;
  }

  /** What would be found if the turn ended so. Changes nothing. */
  look(turn: Turn): readonly TurnFound[] {
    return this.measure(turn).found;
  }

  /** Takes a turn that is over. */
  take(turn: Turn): void {
    const { runs, shrink, old, novelty } = this.measure(turn);
    const isText = turn.calls.length === 0 && turn.words.length > 0;
    if (this.settings.regimes) {
      if (isText) {
        this.point("answer-bytes", turn.bytes);
        this.point("answer-novelty", novelty);
        if (this.first !== undefined) this.point("answer-drift", 1 - this.temporal.similarity(this.first.words, turn.words));
      }
      this.point("answer-seconds", turn.seconds);
    }
    if (isText) this.first ??= turn;
    this.runs = runs;
    this.shrink = shrink;
    this.old = old;
    this.turns = [...this.turns, turn].slice(-maxPeriod);
  }

  /** Regimes that turns have made due since the last call: they are told with the next answer, as no text follows a turn. */
  takeDue(): readonly TurnFound[] {
    const { due } = this;
    this.due = [];
    return due;
  }

  /** Whether one more tool call may close a loop. */
  get mayCloseCallLoop(): boolean {
    const { turnRepeats } = this.settings;
    return this.runs.some(({ turns }, at) => turns + 1 >= turnRepeats * (at + 1) && (this.turns.at(-at - 1)?.calls.length ?? 0) > 0);
  }

  private resume(count: number, turnAt: (back: number) => Turn): void {
    const kept = (back: number) => Array.from({ length: Math.min(maxPeriod, count - back) }, (_, at) => turnAt(back + at)).reverse();
    this.turns = kept(0);
    this.runs = this.runs.map((_, at) => {
      const run: Run = { turns: 0, sum: 0 };
      for (let back = 0; back + at + 1 < count; back += 1) {
        const similarity = this.similarity(turnAt(back + at + 1), turnAt(back));
        if (similarity < this.settings.turnSimilarity) break;
        run.turns += 1;
        run.sum += similarity;
      }
      return run;
    });
    let { turns, firstBytes, lastBytes } = this.shrink;
    for (let back = 0; back < count; back += 1) {
      const { calls, bytes } = turnAt(back);
      if (calls.length > 0) continue;
      if (turns > 0 && bytes <= firstBytes) break;
      [turns, firstBytes, lastBytes] = [turns + 1, bytes, turns === 0 ? bytes : lastBytes];
    }
    this.shrink = { turns, firstBytes, lastBytes };
    for (let back = 0; back < count; back += 1) {
      const turn = turnAt(back);
      const novelty = turn.calls.length > 0 ? undefined : noveltyOf(turn, kept(back + 1));
      if (novelty === undefined) continue;
      if (novelty > oldShare) break;
      this.old = { turns: this.old.turns + 1, sum: this.old.sum + 1 - novelty };
    }
  }

  private measure(turn: Turn): Measured {
    const runs = this.runs.map((run, at) => {
      const before = this.turns.at(-at - 1);
      const similarity = before === undefined ? 0 : this.similarity(before, turn);
      return similarity >= this.settings.turnSimilarity ? { turns: run.turns + 1, sum: run.sum + similarity } : { turns: 0, sum: 0 };
    });
    // Answers that call a tool say little beside: they neither shrink nor grow.
    const isText = turn.calls.length === 0;
    const shrink = isText ? shrunk(this.shrink, turn.bytes) : this.shrink;
    const novelty = isText ? noveltyOf(turn, this.turns) : undefined;
    const old =
      novelty === undefined
        ? this.old
        : novelty <= oldShare
          ? { turns: this.old.turns + 1, sum: this.old.sum + 1 - novelty }
          : { turns: 0, sum: 0 };
    const loop = this.loop(runs, turn);
    const found = [
      loop,
      isText ? this.shrinking(shrink) : undefined,
      loop === undefined && novelty !== undefined ? this.stale(old) : undefined,
    ];
    return { runs, shrink, old, novelty, found: found.filter((each) => each !== undefined) };
  }

  /** Turns with calls are compared by these alone: an agent says something else each time it does the same. */
  private similarity(before: Turn, turn: Turn): number {
    if (before.calls.length > 0) return before.calls.every((call, at) => turn.calls[at] === call) ? 1 : 0;
    const [short, long] = [before.words.length, turn.words.length].sort((a, b) => a - b) as [number, number];
    // Words that one has more are edits: where they alone are too many, nothing needs to be compared.
    if (turn.calls.length > 0 || short < this.settings.turnSimilarity * long) return 0;
    return this.temporal.similarity(before.words, turn.words);
  }

  private loop(runs: readonly Run[], { calls }: Turn): TurnFound | undefined {
    for (const [at, { turns, sum }] of runs.entries()) {
      const period = at + 1;
      if (turns < this.settings.turnRepeats * period) continue;
      const data = {
        period,
        copies: Math.floor(turns / period) + 1,
        turns: turns + period,
        of: calls.length > 0 ? "tool-calls" : "answer",
      };
      return { rule: "turn-loop", score: rounded(sum / turns), data };
    }
    return undefined;
  }

  private shrinking({ turns, firstBytes, lastBytes }: Shrink): TurnFound | undefined {
    if (turns <= this.settings.shrinkTurns || lastBytes * 2 > firstBytes) return undefined;
    return { rule: "turn-shrink", score: rounded(1 - lastBytes / firstBytes), data: { turns, firstBytes, lastBytes } };
  }

  private stale({ turns, sum }: Run): TurnFound | undefined {
    if (turns < this.settings.turnRepeats) return undefined;
    return { rule: "turn-low-novelty", score: rounded(sum / turns), data: { turns } };
  }

  private point(name: SeriesName, value: number | undefined): void {
    if (value === undefined || !Number.isFinite(value)) return;
    const series = this.series.get(name) ?? { values: [], count: 0 };
    this.series.set(name, series);
    series.values.push(value);
    series.count += 1;
    if (series.values.length > maxPoints) series.values.shift();
    const beyond = series.count - fewestPoints;
    if (beyond < 0 || beyond % pointsBetween !== 0) return;
    this.due = [
      ...this.due.filter(({ data }) => data.series !== name),
      regimeOf(name, Float64Array.from(series.values), this.temporal.classify),
    ];
  }
}

const shrunk = ({ turns, firstBytes, lastBytes }: Shrink, bytes: number): Shrink =>
  turns > 0 && bytes < lastBytes ? { turns: turns + 1, firstBytes, lastBytes: bytes } : { turns: 1, firstBytes: bytes, lastBytes: bytes };

/** A verdict for people who look; no measure of anything that a policy should act on. */
function regimeOf(name: SeriesName, values: Float64Array, classify: (series: Float64Array) => SeriesRegime): TurnFound {
  const { verdict, confidence, period, lambda, interval, reason } = classify(values);
  return {
    rule: "exploratory-regime",
    score: verdict === "inconclusive" ? 0 : rounded(confidence),
    data: {
      exploratory: true,
      scope: "session",
      series: name,
      points: values.length,
      verdict,
      ...(period !== undefined && { period: rounded(period) }),
      ...(lambda !== undefined && { lambda: rounded(lambda) }),
      ...(interval !== undefined && { low: rounded(interval[0]), high: rounded(interval[1]) }),
      ...(reason !== undefined && { reason }),
    },
  };
}
