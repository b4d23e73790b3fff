/**
 * Question: does `analyser/repetition` see loops soon, and nothing else?
 * Gates (facts/guardrails.md 8, point 8): exact, numbered and alternating loops within max(4 periods, 400 characters); at most 0.1 % of real
 * answers called loops; every content situation of data/loops judged as it says. Situations of kind `tool` are calls, not text: not scored.
 */
import type { Finding } from "../../core/stream/finding.ts";
import { loadNative } from "../../native/bindings/load.ts";
import { rows } from "./data.ts";
import { delayRows } from "./loop-delay.ts";
import type { Scan } from "./suite.ts";

interface Step {
  readonly emit?: string;
  readonly counter?: string;
  readonly from?: number;
  readonly random_alnum?: number;
  readonly seed?: number;
  readonly repeat?: readonly Step[];
  readonly times?: number;
}

interface Scenario {
  readonly name: string;
  readonly kind: "content" | "tool" | "mixed";
  readonly steps: readonly Step[];
  readonly expect: boolean;
}

/** data/loops means ten equal passages: nine that follow the first. */
const tenPassages = { minRepeats: 9, minChars: 48, maxPeriod: 400 };
/** Most false alarms on real answers. */
const maxAlarmShare = 0.001;

/** Seeded letters and digits; any generator will do for the set. */
function alnum(length: number, seed: number): string {
  let state = (seed * 2_654_435_761 + 1) >>> 0;
  let text = "";
  for (let at = 0; at < length; at++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    text += "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"[(state >>> 8) % 62];
  }
  return text;
}

function textOf(steps: readonly Step[]): string {
  return steps.map((step) => textOfStep(step, step.times ?? 1)).join("");
}

function textOfStep(step: Step, times: number): string {
  const { counter } = step;
  if (step.emit !== undefined) return step.emit.repeat(times);
  if (counter !== undefined) {
    return Array.from({ length: times }, (_, at) => counter.replaceAll("{i}", String((step.from ?? 0) + at))).join("");
  }
  if (step.random_alnum !== undefined) return alnum(step.random_alnum * times, step.seed ?? 0);
  return step.repeat === undefined ? "" : textOf(step.repeat).repeat(times);
}

/** Runs the bench. */
export async function run(scan: Scan): Promise<{ table: Record<string, unknown>[]; failures: string[]; gates: number }> {
  const failures: string[] = [];
  const situations = await scoreSituations(scan, failures);
  const answers = rows<{ readonly id: string; readonly response: string }>("grounding/halueval_general.jsonl");
  const alarms = answers.filter(({ response }) => scan("repetition", response).length > 0);
  const share = alarms.length / answers.length;
  if (share > maxAlarmShare) failures.push(`real answers: ${alarms.length} of ${answers.length} called loops: ${alarms[0]?.id}, ...`);
  const real = {
    set: "HaluEval answers",
    cases: answers.length,
    wrong: alarms.length,
    detail: `${(100 * share).toFixed(2)} % false alarms`,
  };
  const delays = delayRows((text) => scan("repetition", text)[0]?.range.end);
  for (const { row, late } of delays) if (late !== undefined) failures.push(`${row.set}: ${late}`);
  return { table: [...situations, real, ...delays.map(({ row }) => row)], failures, gates: 2 + delays.length };
}

async function scoreSituations(scan: Scan, failures: string[]): Promise<Record<string, unknown>[]> {
  const scenarios = rows<Scenario>("loops/scenarios.jsonl").filter(({ kind }) => kind !== "tool");
  const native = await loadNative();
  using plan = native.compile({ analysers: [{ id: "analyser/repetition/ten", repetition: tenPassages }], actions: [] });
  const judged = (find: (text: string) => readonly Finding[]) =>
    scenarios.filter(({ steps, expect }) => find(textOf(steps)).length > 0 !== expect).map(({ name }) => name);
  const wrong = judged((text) => plan.scan(text));
  const wrongByDefault = judged((text) => scan("repetition", text));
  if (wrong.length > 0) failures.push(`situations of data/loops judged wrongly: ${wrong.join(", ")}`);
  const cases = scenarios.length;
  return [
    { set: "data/loops, minRepeats 9", cases, wrong: wrong.length, detail: "content and mixed; tool calls are not text" },
    // Nine equal passages are no loop for the set and one for the defaults: reported, not gated.
    { set: "data/loops, defaults", cases, wrong: wrongByDefault.length, detail: "no gate: nine passages are more than four" },
  ];
}
