/**
 * Question: does `analyser/toxicity` tell toxic from clean where it has learned nothing, and leave answers alone?
 * Gates (facts/guardrails.md 8, point 6): AUC at least .85 on comments of another source than any it was trained on; at most 0.5 % of real
 * answers with a finding at the default settings. HateCheck and the categories of the moderation set are told, not gated.
 */
import { areaUnderCurve, operatingPoint, type Scored } from "../../adapters/cli/binary-metrics.ts";
import type { TextDetector } from "../../core/native/native-core.ts";
import { loadNative } from "../../native/bindings/load.ts";
import { rows } from "./data.ts";

const minAuc = 0.85;
const maxAlarmShare = 0.005;
/** Where the table's precision and recall are read. */
const threshold = 0.5;

/** Highest score of any category, 0 without a finding. */
function scoreOf(detector: TextDetector, text: string, rules?: readonly string[]): number {
  using answer = detector.begin({ messages: [], wantsJson: false });
  answer.push(0, 0, "content", text);
  answer.end(0, 0);
  return answer.take().reduce((most, { rule, score }) => (rules === undefined || rules.includes(rule) ? Math.max(most, score) : most), 0);
}

/** Moderation labels by ours. */
const labelled = {
  hate: ["H", "H2"],
  threat: ["H2"],
  insult: ["HR"],
  sexual: ["S"],
  "self-harm": ["SH"],
  violence: ["V", "V2"],
} as const;

export async function run(): Promise<{ table: Record<string, unknown>[]; failures: string[]; gates: number }> {
  const native = await loadNative();
  const none = { hate: 0, threat: 0, insult: 0, sexual: 0, "self-harm": 0, violence: 0 };
  using every = native.compileDetector("toxicity", { debounce: 1, thresholds: none });
  using usual = native.compileDetector("toxicity", {});
  const failures: string[] = [];
  const table: Record<string, unknown>[] = [];
  const tell = (set: string, scored: readonly Scored[], baseline: string) => {
    const auc = areaUnderCurve(scored) ?? Number.NaN;
    const { precision, recall } = operatingPoint(scored, threshold);
    const at = { [`precision ${threshold}`]: precision?.value.toFixed(3), [`recall ${threshold}`]: recall?.value.toFixed(3) };
    table.push({ set, rows: scored.length, auc: auc.toFixed(3), ...at, baseline });
    return auc;
  };
  const surge = rows<Record<string, unknown>>("toxicity/surge_en.jsonl").map((row) => ({
    score: scoreOf(every, String(row.text)),
    positive: row.toxic === true,
  }));
  const auc = tell("surge (gate)", surge, "AUC .697 trained on the same tweets alone");
  if (!(auc >= minAuc)) failures.push(`surge: AUC ${auc.toFixed(3)} below ${minAuc}`);
  const moderation = rows<Record<string, unknown>>("toxicity/openai_moderation.jsonl");
  const any = moderation.map((row) => ({ score: scoreOf(every, String(row.text)), positive: Boolean(row.any) }));
  tell("moderation, any", any, "AUC .849 trained on its other half");
  for (const [rule, names] of Object.entries(labelled)) {
    const scored = moderation.flatMap((row) => {
      const labels = row.labels as Record<string, number | null>;
      const known = names.map((name) => labels[name]).filter((label) => label !== null && label !== undefined);
      return known.length === 0 ? [] : [{ score: scoreOf(every, String(row.text), [rule]), positive: known.includes(1) }];
    });
    tell(`moderation, ${rule}`, scored, "");
  }
  const hatecheck = rows<Record<string, unknown>>("toxicity/hatecheck.jsonl").map((row) => ({
    score: scoreOf(every, String(row.text)),
    positive: Boolean(row.hateful),
  }));
  tell("hatecheck", hatecheck, "AUC .45 to .55: chance, as for every such model");
  const replies = rows<Record<string, unknown>>("grounding/halueval_general.jsonl");
  const alarms = replies.filter((row) => scoreOf(usual, String(row.response)) > 0).length;
  const share = alarms / replies.length;
  table.push({
    set: "answers (gate)",
    rows: replies.length,
    alarms: `${(100 * share).toFixed(2)} %`,
    baseline: "0.16 % (trained with such answers)",
  });
  if (share > maxAlarmShare) failures.push(`answers: ${alarms} of ${replies.length} with a finding, at most ${maxAlarmShare * 100} %`);
  return { table, failures, gates: 2 };
}
