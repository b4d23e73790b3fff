/**
 * Question: does `analyser/secrets` find values of the forms that vendors state, wherever a model may write them, and nothing in what only
 * looks like a key?
 *
 * The values are made here (secret-formats.txt, secret-cases.ts) and are none of the public examples by which rules were tuned. A value
 * counts as found if some rule finds exactly it; `ownRule` is the share that its own rule found. MIDSTREAM_QUALITY_VERBOSE=1 prints what was wrong.
 */

import type { Outcome, Scan } from "../suite.ts";
import { cases, nearMisses } from "./secret-cases.ts";
import { formats } from "./secret-values.ts";

const seed = 20_261_121;
/** Least share of the values that must be found, over all forms and contexts. */
const leastRecall = 0.97;
/** Least share of the values of any one rule. */
const leastRuleRecall = 0.6;
/** Greatest share of the near misses with a finding. */
const mostAlarms = 0.005;

const round = (value: number): number => Math.round(value * 1_000) / 1_000;
const verbose = process.env.MIDSTREAM_QUALITY_VERBOSE !== undefined;

interface Tally {
  values: number;
  found: number;
  byOwn: number;
  alarms: number;
  misses: Set<string>;
}

const tallyOf = (tallies: Map<string, Tally>, key: string): Tally => {
  const known = tallies.get(key) ?? { values: 0, found: 0, byOwn: 0, alarms: 0, misses: new Set<string>() };
  tallies.set(key, known);
  return known;
};

/** Scores every form in every context; the map is by rule. */
function scoreValues(scan: Scan): { rules: Map<string, Tally>; contexts: Map<string, Tally> } {
  const rules = new Map<string, Tally>();
  const contexts = new Map<string, Tally>();
  for (const { rule, context, text, value } of cases(formats(), seed)) {
    const start = Buffer.byteLength(text.slice(0, text.indexOf(value)));
    const end = start + Buffer.byteLength(value);
    const exact = scan("secrets", text).filter(({ range }) => range.start === start && range.end === end);
    for (const tally of [tallyOf(rules, rule), tallyOf(contexts, context)]) {
      tally.values += 1;
      if (exact.length > 0) tally.found += 1;
      else tally.misses.add(context);
      if (exact.some((finding) => finding.rule === rule)) tally.byOwn += 1;
    }
    if (verbose && exact.length === 0) {
      const found = scan("secrets", text).map((finding) => `${finding.rule} ${finding.range.start}-${finding.range.end}`);
      console.log(
        `held out ${rule} missed (${context}): ${JSON.stringify(text.slice(0, 200))} wanted ${start}-${end}, found ${found.join(", ")}`,
      );
    }
  }
  return { rules, contexts };
}

/** Counts near misses with a finding, by kind, and by the rule they resemble where that rule found them. */
function scoreNearMisses(scan: Scan, rules: Map<string, Tally>): Map<string, { texts: number; alarms: number; rules: Set<string> }> {
  const kinds = new Map<string, { texts: number; alarms: number; rules: Set<string> }>();
  for (const { kind, text } of nearMisses(formats(), seed + 1, 200)) {
    const entry = kinds.get(kind) ?? { texts: 0, alarms: 0, rules: new Set<string>() };
    kinds.set(kind, entry);
    entry.texts += 1;
    const found = scan("secrets", text);
    if (found.length > 0) entry.alarms += 1;
    for (const finding of found) {
      entry.rules.add(finding.rule);
      const tally = rules.get(finding.rule);
      if (tally !== undefined) tally.alarms += 1;
      if (verbose) console.log(`held out near miss (${kind}) ${finding.rule}: ${JSON.stringify(text.slice(0, 200))}`);
    }
  }
  return kinds;
}

/** `scan` runs the analyser's default config on one text. */
export async function run(scan: Scan): Promise<Outcome> {
  const { rules, contexts } = scoreValues(scan);
  const kinds = scoreNearMisses(scan, rules);
  const table: Record<string, unknown>[] = [];
  const failures: string[] = [];
  for (const [rule, { values, found, byOwn, alarms, misses }] of [...rules].sort(([a], [b]) => a.localeCompare(b))) {
    const recall = round(found / values);
    const precision = round(found + alarms === 0 ? 1 : found / (found + alarms));
    table.push({ set: "made values", rule, values, recall, ownRule: round(byOwn / values), precision, missedIn: [...misses].join(" ") });
    if (recall < leastRuleRecall) failures.push(`secrets held out: recall of ${rule} is ${recall}, least ${leastRuleRecall}`);
  }
  for (const [context, { values, found }] of contexts)
    table.push({ set: "by context", rule: context, values, recall: round(found / values) });
  for (const [kind, { texts, alarms, rules: by }] of kinds)
    table.push({ set: "near misses", rule: kind, values: texts, alarms, missedIn: [...by].join(" ") });
  const all = [...rules.values()];
  const sum = (of: (tally: Tally) => number): number => all.reduce((total, tally) => total + of(tally), 0);
  const recall = sum(({ found }) => found) / sum(({ values }) => values);
  const texts = [...kinds.values()].reduce((total, kind) => total + kind.texts, 0);
  const alarms = [...kinds.values()].reduce((total, kind) => total + kind.alarms, 0);
  const own = round(sum(({ byOwn }) => byOwn) / sum(({ values }) => values));
  table.push({
    set: "made values",
    rule: `all ${all.length} rules`,
    values: sum(({ values }) => values),
    recall: round(recall),
    ownRule: own,
  });
  table.push({ set: "near misses", rule: "all", values: texts, alarms });
  if (recall < leastRecall) failures.push(`secrets held out: recall of made values is ${recall.toFixed(3)}, least ${leastRecall}`);
  if (alarms / texts > mostAlarms) failures.push(`secrets held out: findings in ${alarms} of ${texts} near misses, most ${mostAlarms}`);
  return { table, failures, gates: 2 + rules.size };
}
