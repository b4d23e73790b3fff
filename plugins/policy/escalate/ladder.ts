/**
 * Evidence and levels: evidence decays by half-lives, levels rise at one bound and fall at a lower one. Pure.
 *
 * Must not know tenants, stores or findings.
 */

/** What a rung does while its level lasts. */
export type Action = "annotate" | "slow" | "ask" | "block";

/** One rung. */
export interface Rung {
  /** Evidence from which on the level is reached. */
  readonly at: number;
  /** Evidence below which it is left again; at most `at`. */
  readonly down: number;
  readonly action: Action;
}

/** What is known of a tenant. */
export interface Standing {
  readonly evidence: number;
  /** Rungs that are reached: 0 = none. */
  readonly level: number;
  /** When that was, in milliseconds. */
  readonly atMs: number;
}

/** Nothing is known. */
export const unknown = (atMs: number): Standing => ({ evidence: 0, level: 0, atMs });

/** Level after the evidence has changed: it rises to every rung that is reached, and falls below those that are left. */
export function levelOf(rungs: readonly Rung[], evidence: number, before: number): number {
  let level = 0;
  for (const [index, { at, down }] of rungs.entries()) if (evidence >= at || (index < before && evidence >= down)) level = index + 1;
  return level;
}

/** The same tenant later. A clock that went back does not make evidence grow. */
export function decayed(
  rungs: readonly Rung[],
  standing: Standing,
  { nowMs, halfLifeMs }: { nowMs: number; halfLifeMs: number },
): Standing {
  const passed = Math.max(0, nowMs - standing.atMs);
  const evidence = standing.evidence * 2 ** (-passed / halfLifeMs);
  return { evidence, level: levelOf(rungs, evidence, standing.level), atMs: Math.max(nowMs, standing.atMs) };
}

/** With more evidence. */
export function added(rungs: readonly Rung[], standing: Standing, weight: number): Standing {
  const evidence = standing.evidence + weight;
  return { evidence, level: levelOf(rungs, evidence, standing.level), atMs: standing.atMs };
}

/** The rungs of a level that do something: what a lower rung does goes on above it. */
export const rungOf = <R extends Rung>(rungs: readonly R[], level: number, action: Action): R | undefined =>
  rungs.slice(0, level).findLast((rung) => rung.action === action);
