/**
 * Question: how well do the shipped rules find what they promise to find?
 *   npm run quality              tables and gates; exit code 1 below a gate
 *   npm run quality -- --gates   only what is below its gate
 * Needs the public data sets (MIDSTREAM_DATA, default ../shared/data).
 */
import { existsSync } from "node:fs";
import type { Finding } from "../../core/stream/finding.ts";
import { loadNative } from "../../native/bindings/load.ts";
import { dataFolder } from "./data.ts";
import { analyserPlan } from "./plan.ts";
import type { Outcome, Scan } from "./suite.ts";

if (!existsSync(dataFolder)) {
  console.log(`skipped: no data at ${dataFolder}; set MIDSTREAM_DATA`);
  process.exit(0);
}
// The programs that benches start look there too.
process.env.MIDSTREAM_DATA = dataFolder;

const native = await loadNative();
const plans = new Map<string, (text: string) => readonly Finding[]>();
for (const type of ["pii", "secrets", "repetition"]) {
  const compiled = native.compile({ analysers: [await analyserPlan(type)], actions: [] });
  plans.set(type, (text) => compiled.scan(text));
}
const scan = (type: string, text: string): readonly Finding[] => {
  const run = plans.get(type);
  if (run === undefined) throw new Error(`quality: no analyser of type ${type}`);
  return run(text);
};

let passed = 0;
let failed = 0;
for (const name of [
  "pii",
  "secrets",
  "held-out/secrets",
  "held-out/secret-shapes",
  "held-out/pii-shapes",
  "held-out/benign",
  "loops",
  "toxicity",
  "quality",
  "prompt-leak",
  "grounding",
  "injection",
]) {
  const module = (await import(`./${name}.ts`)) as { run: (scan: Scan) => Promise<Outcome> };
  console.log(`\n== ${name}`);
  const outcome = await module.run(scan);
  if (!process.argv.includes("--gates")) console.table(outcome.table);
  for (const failure of outcome.failures) console.log(`below its gate: ${failure}`);
  failed += outcome.failures.length;
  passed += outcome.gates - outcome.failures.length;
}
console.log(`\n${passed} gates passed, ${failed} gates failed`);
process.exit(failed > 0 ? 1 : 0);
