/**
 * Question: does `analyser/grounding` see what an answer's context does not support?
 * Gates (facts/guardrails.md 8, point 7): precision and recall of at least .80 at the default threshold on held-out groups of BEGIN-WoW and
 * on the held-out part of the perturbation set. BEGIN-CMU and answers without context (HaluEval) are told, not gated.
 *
 * The rows come from the example of native/grounding that trains the weights, since it decides what is held out; the detector of the
 * loaded library judges them.
 */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { areaUnderCurve, operatingPoint, type Scored } from "../../adapters/cli/binary-metrics.ts";
import type { TextContext, TextDetector } from "../../core/native/native-core.ts";
import { loadNative } from "../../native/bindings/load.ts";

/** Least precision and recall of a gated set. */
const least = 0.8;
/** Default of `minScore`: native/grounding/src/weights.rs. */
const threshold = 0.51;
/** Bytes that the example may print. */
const maxOutputBytes = 64 << 20;

interface Row {
  readonly set: string;
  /** What was changed, or how a faithful sentence was written anew; empty in BEGIN. */
  readonly kind: string;
  readonly isBad: boolean;
  readonly context: Pick<TextContext, "messages">;
  readonly answer: string;
}

const baselines: Readonly<Record<string, string>> = {
  "begin-wow": "AUC .953, P .955 at R .80: ten features, groups not apart",
  "begin-cmu": "AUC .974, P .996 at R .80: the same, five folds of it",
  halueval: "AUC .603, P .203 at R .80: the same",
};

/** Held-out and diagnostic rows. */
function rowsOfExample(): Row[] {
  const root = join(import.meta.dirname, "..", "..");
  const args = ["run", "--quiet", "--locked", "-p", "midstream-grounding", "--example", "grounding", "--", "rows"];
  const { status, stdout, stderr } = spawnSync("cargo", args, { cwd: root, encoding: "utf8", maxBuffer: maxOutputBytes });
  if (status !== 0) throw new Error(`grounding: the rows could not be made: ${stderr}`);
  return stdout
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Row);
}

/** Probability of an answer's worst sentence. */
function scoreOf(detector: TextDetector, { context, answer: text }: Row): number {
  using answer = detector.begin({ messages: context.messages, wantsJson: false });
  answer.push(0, 0, "content", text);
  answer.end(0, 0);
  return Math.max(0, ...answer.take().flatMap(({ rule, score }) => (rule === "ungrounded-sentence" ? [score] : [])));
}

/** Highest precision at a recall of .80 or more. */
function precisionAtRecall(scored: readonly Scored[]): number {
  let best = 0;
  for (let at = 0; at < 1; at += 0.01) {
    const { precision, recall } = operatingPoint(scored, at);
    if ((recall?.value ?? 0) >= least) best = Math.max(best, precision?.value ?? 0);
  }
  return best;
}

/** Runs the bench. */
export async function run(): Promise<{ table: Record<string, unknown>[]; failures: string[]; gates: number }> {
  const native = await loadNative();
  using detector = native.compileDetector("grounding", { minScore: 0 });
  const judged = rowsOfExample().map((row) => ({ ...row, score: scoreOf(detector, row), positive: row.isBad }));
  const failures: string[] = [];
  const table: Record<string, unknown>[] = [];
  for (const set of ["begin-wow", "perturbed", "begin-cmu", "halueval"]) {
    const scored = judged.filter((row) => row.set === set);
    const { precision, recall } = operatingPoint(scored, threshold);
    table.push({
      set,
      rows: scored.length,
      bad: scored.filter(({ positive }) => positive).length,
      auc: areaUnderCurve(scored)?.toFixed(3),
      precision: precision?.value.toFixed(3),
      recall: recall?.value.toFixed(3),
      "P at R .80": precisionAtRecall(scored).toFixed(3),
      baseline: baselines[set] ?? "",
    });
    if (set !== "begin-wow" && set !== "perturbed") continue;
    for (const [name, value] of Object.entries({ precision, recall })) {
      if (!((value?.value ?? 0) >= least)) failures.push(`${set}: ${name} ${value?.value.toFixed(3)} below ${least}`);
    }
  }
  for (const kind of [...new Set(judged.flatMap((row) => (row.set === "perturbed" ? [row.kind] : [])))].sort()) {
    const rows = judged.filter((row) => row.set === "perturbed" && row.kind === kind);
    const reported = rows.filter(({ score }) => score >= threshold).length;
    table.push({ set: rows[0]?.positive ? `changed: ${kind}` : `faithful: ${kind}`, rows: rows.length, baseline: `${reported} reported` });
  }
  return { table, failures, gates: 4 };
}
