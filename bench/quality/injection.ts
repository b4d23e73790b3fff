/**
 * Question: which attacks in requests does `analyser/injection` see, and does it leave honest requests alone?
 * Gate: at most 1 % of honest instructions with a finding, scary-sounding ones (MITRE, never learned from) and e-mails among them.
 * Recall on sets that the models learned from is not evidence: it is shown without the models; MODEL.md has the cross-validated figures.
 */
import type { TextDetector, TextOrigin } from "../../core/index.ts";
import { loadNative } from "../../native/bindings/load.ts";
import { rows } from "./data.ts";

const maxAlarmShare = 0.01;

function share(detector: TextDetector, origin: TextOrigin, texts: readonly string[]) {
  const rules = new Map<string, number>();
  const found = texts.filter((text) => {
    using answer = detector.begin({ messages: [], wantsJson: false });
    answer.push(0, 0, origin, text);
    answer.end(0, 0);
    const seen = new Set(answer.take().map(({ rule }) => rule));
    for (const rule of seen) rules.set(rule, (rules.get(rule) ?? 0) + 1);
    return seen.size > 0;
  }).length;
  const detail = [...rules].map(([rule, count]) => `${rule} ${count}`).join(", ");
  return { cases: texts.length, found, share: `${((100 * found) / texts.length).toFixed(2)} %`, detail };
}

/** Runs the bench. */
export async function run(): Promise<{ table: Record<string, unknown>[]; failures: string[]; gates: number }> {
  const native = await loadNative();
  using whole = native.compileDetector("injection", {});
  using phrases = native.compileDetector("injection", { model: false });
  const attacks = rows<{ readonly text: string }>("injection/bipia_attacks.jsonl").map(({ text }) => text);
  const mails = rows<{ readonly context: string; readonly question: string }>("injection/bipia_email_contexts.jsonl");
  const contexts = mails.map(({ context }) => context);
  const mailed = attacks.map((attack, at) => `${contexts[at % contexts.length]}\n${attack}`);
  const wild = rows<{ readonly text: string }>("injection/inthewild_jailbreak.jsonl").map(({ text }) => text);
  const mitre = rows<{ readonly text: string }>("injection/mitre_frr_benign.jsonl").map(({ text }) => text);
  const halueval = rows<{ readonly query: string; readonly response: string }>("grounding/halueval_general.jsonl");
  const knowledge = [...new Set(rows<{ readonly knowledge: string }>("grounding/begin_dev_cmu.jsonl").map((row) => row.knowledge))];
  const honest = [
    { set: "MITRE: honest, sounds dangerous", ...share(whole, "user", mitre), gated: true },
    {
      set: "questions of HaluEval",
      ...share(
        whole,
        "user",
        halueval.map(({ query }) => query),
      ),
      gated: true,
    },
    {
      set: "answers of HaluEval, as documents",
      ...share(
        whole,
        "document",
        halueval.map(({ response }) => response),
      ),
      gated: true,
    },
    { set: "CMU film texts, as documents", ...share(whole, "document", knowledge), gated: false },
    { set: "e-mails, as documents (learned from)", ...share(whole, "document", contexts), gated: false },
  ];
  const failures = honest
    .filter(({ gated, found, cases }) => gated && found / cases > maxAlarmShare)
    .map(({ set, found, cases }) => `injection: ${set}: ${found} of ${cases} called attacks`);
  const table = [
    { set: "jailbreaks, phrases only", ...share(phrases, "user", wild) },
    { set: "jailbreaks (learned from)", ...share(whole, "user", wild) },
    { set: "BIPIA in e-mails, phrases only", ...share(phrases, "document", mailed) },
    { set: "BIPIA in e-mails (learned from)", ...share(whole, "document", mailed) },
    ...honest.map(({ gated, ...row }) => ({ ...row, set: gated ? row.set : `${row.set}: no gate` })),
  ];
  return { table, failures, gates: 3 };
}
