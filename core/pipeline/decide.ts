/** Folds what policies say into one decision. Pure: knows neither text nor frames nor time. */
import type { Finding } from "../stream/finding.ts";
import { type Edit, type Verdict, verdictOrder } from "../stream/verdict.ts";
import type { IndexedAction } from "./actions.ts";
import type { EngineRecord } from "./engine.ts";

/** What becomes of one finding by the policies' plans. */
export interface Judgement {
  /** The strictest that counts; ties go to the earlier policy. */
  readonly winner: IndexedAction | undefined;
  readonly verdicts: EngineRecord["verdicts"];
}

/**
 * Judges one finding; `count` counts one more finding for an action and says how many there are. A rewrite of text that has left is
 * too late and does not compete.
 */
export function judge(finding: Finding, actions: readonly IndexedAction[], count: (action: IndexedAction) => number): Judgement {
  let winner: IndexedAction | undefined;
  const verdicts: EngineRecord["verdicts"][number][] = [];
  for (const action of actions) {
    if (finding.score < action.minScore || count(action) < action.minCount) continue;
    const late = action.action === "rewrite" && finding.from > finding.range.start;
    const outcome = action.monitor ? "monitored" : late ? "too-late" : "applied";
    if (outcome === "applied" && (winner === undefined || (action.action === "block" && winner.action === "rewrite"))) winner = action;
    verdicts.push({ policy: action.policy, action: action.action, outcome });
  }
  return { winner, verdicts };
}

/** A TypeScript policy's verdict. */
export interface PolicyVerdict {
  readonly policy: string;
  readonly verdict: Verdict;
}

/** All verdicts on one delta as one. */
export interface Decision {
  /** Strictest action of all. */
  readonly action: Verdict["action"];
  /** In the order of the policies; those that start in text that has left are in `late`. */
  readonly edits: readonly (Edit & { readonly policy: string })[];
  readonly late: readonly (Edit & { readonly policy: string })[];
  /** Text from here on waits. */
  readonly holdFrom: number;
  readonly block?: { readonly policy: string; readonly from: number; readonly rule: string; readonly message: string };
}

/**
 * Folds the verdicts on one delta. Edits of all policies hold, because they concern different text or merge; of several blocks the one
 * that cuts first wins, then the earlier policy, so that no cutting of the stream into deltas changes the outcome.
 */
export function fold(verdicts: readonly PolicyVerdict[], heldFrom: number): Decision {
  let action: Verdict["action"] = "release";
  let holdFrom = Number.POSITIVE_INFINITY;
  let block: Decision["block"];
  const edits: (Edit & { policy: string })[] = [];
  const late: (Edit & { policy: string })[] = [];
  for (const { policy, verdict } of verdicts) {
    if (verdictOrder.indexOf(verdict.action) > verdictOrder.indexOf(action)) action = verdict.action;
    if (verdict.action === "hold") holdFrom = Math.min(holdFrom, Math.max(verdict.from, heldFrom));
    if (verdict.action === "rewrite") {
      for (const edit of verdict.edits) (edit.start < heldFrom ? late : edits).push({ ...edit, policy });
    }
    if (verdict.action === "block") {
      const from = Math.max(verdict.from, heldFrom);
      if (block === undefined || from < block.from) block = { policy, from, rule: verdict.rule, message: verdict.message ?? "" };
    }
  }
  return { action, edits, late, holdFrom, ...(block !== undefined && { block }) };
}
