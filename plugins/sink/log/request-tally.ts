/** What happened in requests that have not ended yet, counted by rule and by policy. Bounded. */
import type { SinkEvent } from "../../../core/plugin/contract.ts";

/** Counts of one request. */
export interface Tally {
  /** `type/rule` -> findings. */
  readonly rules: Record<string, number>;
  /** Policy's id -> outcome -> verdicts. */
  readonly verdicts: Record<string, Record<string, number>>;
}

/** Requests that are counted at a time. A request that never ended would stay for ever without it. */
const maxSessions = 20_000;
/** Names in one request's line; what comes after counts under `other`. */
const maxNames = 64;
const other = "other";

function count(counts: Record<string, number>, name: string): void {
  const key = Object.hasOwn(counts, name) || Object.keys(counts).length < maxNames ? name : other;
  counts[key] = (counts[key] ?? 0) + 1;
}

/** Gathers findings and verdicts until their request ends. */
export class RequestTally {
  private readonly open = new Map<string, Tally>();

  record(event: Extract<SinkEvent, { readonly type: "finding" | "verdict" }>): void {
    const tally = this.of(event.session);
    if (event.type === "finding") {
      const [, type = ""] = event.finding.analyser.split("/");
      count(tally.rules, `${type}/${event.finding.rule}`);
      return;
    }
    const { policy, outcome } = event.verdict;
    const known = Object.hasOwn(tally.verdicts, policy) || Object.keys(tally.verdicts).length < maxNames ? policy : other;
    const outcomes = tally.verdicts[known] ?? {};
    tally.verdicts[known] = outcomes;
    count(outcomes, outcome);
  }

  /** The request has ended: its counts, forgotten here. */
  take(session: string): Tally | undefined {
    const tally = this.open.get(session);
    this.open.delete(session);
    return tally;
  }

  private of(session: string): Tally {
    const known = this.open.get(session);
    if (known !== undefined) return known;
    if (this.open.size >= maxSessions) {
      const [oldest] = this.open.keys();
      if (oldest !== undefined) this.open.delete(oldest);
    }
    // No prototype: a rule may be called `constructor`.
    const tally: Tally = { rules: Object.create(null), verdicts: Object.create(null) };
    this.open.set(session, tally);
    return tally;
  }
}
