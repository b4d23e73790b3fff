/**
 * Question: does `analyser/secrets` with its default config find the keys of the published examples, each by its own vendor's rule, and
 * nothing in benign replies?
 *
 * Gates are those of facts/guardrails.md section 8, point 5. A negative example must not be found by the rule that its vendor maps to;
 * another rule may find it. MIDSTREAM_QUALITY_VERBOSE=1 prints what was wrong.
 */
import { globMatches } from "../../core/pipeline/glob.ts";
import type { Finding } from "../../core/stream/finding.ts";
import { rows } from "./data.ts";
import { gitleaks, names, noseyparker } from "./secrets-map.ts";
import type { Scan } from "./suite.ts";

/** A published example, as the data set writes it. */
interface Example {
  readonly rule: string;
  readonly text_b64: string;
  /** Whether `rule` must find it. */
  readonly expect: boolean;
}

/** Least share of the positive examples of Nosey Parker that must be found. */
const leastRecall = 0.9;
/** Least share of its negative examples that must not be found. */
const leastRejection = 0.95;
/** Most findings in a thousand benign replies; fixed by us, not by the facts. */
const mostAlarms = 2;

/** What became of the examples of one rule, or of many. */
class Tally {
  found = 0;
  missed = 0;
  rejected = 0;
  alarms = 0;
  /** Positive examples that any rule found. */
  foundByAny = 0;

  add(example: Example, hit: boolean, any: boolean): void {
    if (example.expect) {
      if (hit) this.found += 1;
      else this.missed += 1;
      if (any) this.foundByAny += 1;
    } else if (hit) this.alarms += 1;
    else this.rejected += 1;
  }

  get positives(): number {
    return this.found + this.missed;
  }

  get recall(): number {
    return share(this.found, this.positives);
  }

  get rejection(): number {
    return share(this.rejected, this.rejected + this.alarms);
  }

  row(set: string, rule: string): Record<string, unknown> {
    const precision = share(this.found, this.found + this.alarms);
    const f1 = share(2 * this.found, 2 * this.found + this.alarms + this.missed);
    return {
      set,
      rule,
      positive: this.positives,
      negative: this.rejected + this.alarms,
      missed: this.missed,
      alarms: this.alarms,
      precision: round(precision),
      recall: round(this.recall),
      f1: round(f1),
      rejection: round(this.rejection),
    };
  }
}

const share = (part: number, whole: number): number => (whole === 0 ? 1 : part / whole);
const round = (value: number): number => Math.round(value * 1_000) / 1_000;

/** Scores a set of examples: a tally a rule, and one of all. */
function score(scan: Scan, set: string, answers: Readonly<Record<string, readonly string[]>>): { rules: Map<string, Tally>; total: Tally } {
  const rules = new Map<string, Tally>();
  const total = new Tally();
  for (const example of rows<Example>(`secrets/${set}.jsonl`)) {
    const text = Buffer.from(example.text_b64, "base64").toString("utf8");
    const found = scan("secrets", text);
    const globs = answers[example.rule] ?? [];
    const hit = found.some((finding) => globs.some((glob) => globMatches(glob, finding.rule)));
    const tally = rules.get(example.rule) ?? new Tally();
    rules.set(example.rule, tally);
    tally.add(example, hit, found.length > 0);
    total.add(example, hit, found.length > 0);
    if (hit !== example.expect) explain(`${example.rule} ${example.expect ? "missed" : "alarm"}`, text, found);
  }
  return { rules, total };
}

function explain(what: string, text: string, found: readonly Finding[]): void {
  if (!process.env.MIDSTREAM_QUALITY_VERBOSE) return;
  const rules = found.map((finding) => finding.rule).join(", ");
  console.log(`${what}: ${JSON.stringify(text.slice(0, 160))} ${rules === "" ? "" : `(${rules})`}`);
}

/** Findings in replies of a language model to ordinary questions, a rule. */
function benign(scan: Scan): { replies: number; rules: Map<string, number> } {
  const replies = rows<{ response: string }>("grounding/halueval_general.jsonl");
  const rules = new Map<string, number>();
  for (const { response } of replies) {
    const found = scan("secrets", response);
    for (const { rule } of found) rules.set(rule, (rules.get(rule) ?? 0) + 1);
    if (found.length > 0) explain("benign reply", response, found);
  }
  return { replies: replies.length, rules };
}

const sum = (tallies: readonly Tally[]): Tally => {
  const total = new Tally();
  for (const tally of tallies) {
    total.found += tally.found;
    total.missed += tally.missed;
    total.rejected += tally.rejected;
    total.alarms += tally.alarms;
    total.foundByAny += tally.foundByAny;
  }
  return total;
};

/** Scores the analyser on all sets. `scan` runs its default config on one text. */
export async function run(scan: Scan): Promise<{ table: Record<string, unknown>[]; failures: string[]; gates: number }> {
  const parker = score(scan, "noseyparker", noseyparker);
  const leaks = score(scan, "gitleaks", gitleaks);
  const alarms = benign(scan);
  const count = [...alarms.rules.values()].reduce((a, b) => a + b, 0);

  const table: Record<string, unknown>[] = [];
  for (const [set, { rules }] of [
    ["noseyparker", parker],
    ["gitleaks", leaks],
  ] as const) {
    for (const rule of [...rules.keys()].sort()) table.push((rules.get(rule) as Tally).row(set, rule));
  }
  const secrets = sum([...parker.rules].filter(([rule]) => !names.includes(rule)).map(([, tally]) => tally));
  table.push(parker.total.row("noseyparker", "all"));
  table.push(secrets.row("noseyparker", "all but names that are no secrets"));
  table.push({ set: "noseyparker", rule: "found by any rule", recall: round(share(parker.total.foundByAny, parker.total.positives)) });
  table.push(leaks.total.row("gitleaks", "all"));
  for (const [rule, found] of alarms.rules) table.push({ set: "benign replies", rule, alarms: found });
  table.push({ set: "benign replies", rule: "all", negative: alarms.replies, alarms: count });

  const failures: string[] = [];
  const gate = (name: string, value: number, least: number) => {
    if (value < least) failures.push(`${name} is ${value.toFixed(3)}, least ${least}`);
  };
  gate("secrets: recall on Nosey Parker's positive examples", parker.total.recall, leastRecall);
  gate("secrets: rejection of Nosey Parker's negative examples", parker.total.rejection, leastRejection);
  const perThousand = (count * 1_000) / alarms.replies;
  if (perThousand > mostAlarms) failures.push(`secrets: ${perThousand.toFixed(2)} findings in 1000 benign replies, most ${mostAlarms}`);
  return { table, failures, gates: 3 };
}
