/**
 * Question: does `analyser/secrets` find a random value wherever a format has room for one: settings in fifteen languages, headers, addresses,
 * command lines, files of tools? And does it leave alone what has the same form and no value?
 *
 * The shapes were written from the formats' own documentation (RFC 6750, RFC 7517, RFC 7617, the manuals of curl, PostgreSQL, npm, Docker,
 * Kubernetes, Apache and others); no vendor's form is here. A value counts as found if findings cover all of it. Must not know the rules.
 */
import type { Finding } from "../../../core/stream/finding.ts";
import type { Outcome, Scan } from "../suite.ts";
import { files } from "./secret-shapes-files.ts";
import { type Shape, settings } from "./secret-shapes-settings.ts";
import { Numbers } from "./secret-values.ts";

const seed = 20_261_122;
/** Values tried in each shape. */
const rounds = 8;
/** Least share of the values of a group that must be found, where it is not `leastOfAll`: some commands take a password at any place. */
const least: Readonly<Record<string, number>> = { "passwords on command lines": 0.8 };
const leastOfAll = 0.9;
/** Greatest share of the texts without a value that may hold a finding. */
const mostAlarms = 0.01;

const verbose = process.env.MIDSTREAM_QUALITY_VERBOSE !== undefined;

/** Whether the findings together cover all bytes from `start` to `end`. */
const covers = (findings: readonly Finding[], start: number, end: number): boolean => {
  let reached = start;
  for (const { range } of [...findings].sort((a, b) => a.range.start - b.range.start)) {
    if (range.start > reached) break;
    reached = Math.max(reached, range.end);
  }
  return reached >= end;
};

interface Tally {
  texts: number;
  hits: number;
}

const add = (tallies: Map<string, Tally>, key: string, hit: boolean): void => {
  const tally = tallies.get(key) ?? { texts: 0, hits: 0 };
  tallies.set(key, { texts: tally.texts + 1, hits: tally.hits + (hit ? 1 : 0) });
};

/** One text of a shape: the value stands where the shape says «». */
export const textOf = (shape: Shape, numbers: Numbers): { text: string; value: string } => {
  const value = shape.value(numbers);
  return { text: shape.text.replace("«»", () => value), value };
};

/** `scan` runs the analyser's default config on one text. */
export async function run(scan: Scan): Promise<Outcome> {
  const numbers = new Numbers(seed);
  const groups = new Map<string, Tally>();
  const alarms: Tally = { texts: 0, hits: 0 };
  const table: Record<string, unknown>[] = [];
  for (const shape of [...settings, ...files]) {
    if (!shape.text.includes("«»")) {
      // Random values that are no secrets are several; a fixed text is one.
      for (let round = 0; round < (shape.text.includes("‹›") ? rounds : 1); round += 1) {
        const text = shape.text.replaceAll("‹›", () => shape.value(numbers));
        const found = scan("secrets", text);
        alarms.texts += 1;
        alarms.hits += found.length > 0 ? 1 : 0;
        if (verbose && found.length > 0) console.log(`shape ${found.map(({ rule }) => rule)}: ${JSON.stringify(text)}`);
      }
      continue;
    }
    let missed = 0;
    for (let round = 0; round < rounds; round += 1) {
      const { text, value } = textOf(shape, numbers);
      const start = Buffer.byteLength(text.slice(0, text.indexOf(value)));
      const found = covers(scan("secrets", text), start, start + Buffer.byteLength(value));
      add(groups, shape.group, found);
      missed += found ? 0 : 1;
    }
    if (verbose && missed > 0) console.log(`shape missed ${missed} of ${rounds} (${shape.group}): ${JSON.stringify(shape.text)}`);
  }
  const failures: string[] = [];
  for (const [group, { texts, hits }] of groups) {
    const recall = hits / texts;
    const wanted = least[group] ?? leastOfAll;
    table.push({ group, values: texts, recall: Math.round(recall * 1_000) / 1_000 });
    if (recall < wanted) failures.push(`secret shapes: ${group} ${recall.toFixed(3)}, least ${wanted}`);
  }
  table.push({ group: "without a value", values: alarms.texts, alarms: alarms.hits });
  if (alarms.hits / alarms.texts > mostAlarms)
    failures.push(`secret shapes: findings in ${alarms.hits} of ${alarms.texts} texts without a value`);
  return { table, failures, gates: groups.size + 1 };
}
