/**
 * Question: how often do `analyser/pii` and `analyser/secrets` report something in text by which no rule was tuned, and which holds hardly any
 * real secret or personal data?
 *
 * Every finding counts, right or wrong: the tables are an upper bound of the false alarms. MIDSTREAM_QUALITY_VERBOSE=1 prints each finding.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Finding } from "../../../core/stream/finding.ts";
import { dataFolder, rows } from "../data.ts";
import type { Outcome, Scan } from "../suite.ts";

/** A set of texts; `gated` where a threshold may fail the build. */
interface Texts {
  readonly set: string;
  readonly gated: boolean;
  readonly texts: readonly string[];
}

/** Most findings in a thousand texts of a gated set, without those of `common`. One was found in all when the gate was set: the made-up number of James Bond. */
const mostPerThousand = 1.5;
/** Rules whose findings in these sets were read: they are real hotlines, companies' addresses and birthdays of known people. Reported, not gated. */
const common: readonly string[] = ["email", "phone", "date-of-birth"];

const fieldsOf = (file: string, ...fields: string[]): string[] =>
  rows<Record<string, unknown>>(file).flatMap((row) => fields.map((field) => String(row[field] ?? "")));

/** All strings of a recorded provider stream under keys that carry text, joined in the order of arrival. */
const streamText = (file: string): string => {
  const parts: string[] = [];
  const collect = (value: unknown, key: string): void => {
    if (typeof value === "string") {
      if (["content", "text", "delta", "arguments", "partial_json", "thinking", "reasoning", "reasoning_content"].includes(key))
        parts.push(value);
    } else if (value !== null && typeof value === "object") {
      for (const [name, inner] of Object.entries(value)) collect(inner, Array.isArray(value) ? key : name);
    }
  };
  for (const line of readFileSync(join(dataFolder, file), "utf8").split("\n")) {
    try {
      collect(JSON.parse(line), "");
    } catch {
      // Some recordings hold lines that are no JSON; they carry no text.
    }
  }
  return parts.join("");
};

/** Source and Markdown files of this repository's own crates and plugins, tests left out: they hold examples on purpose. */
const sources = (): string[] => {
  const base = join(import.meta.dirname, "..", "..", "..");
  return ["core", "native", "adapters", "bench"].flatMap((folder) =>
    readdirSync(join(base, folder), { recursive: true, encoding: "utf8" })
      .filter((path) => /\.(?:ts|rs|md|toml)$/.test(path) && !/test|fuzz|vectors|target/.test(path))
      .map((path) => readFileSync(join(base, folder, path), "utf8")),
  );
};

/** Holds examples of personal data on purpose: only secrets are looked for. */
const repository = "sources of this repository";

const sets = (): Texts[] => [
  { set: "answers of five models (XSTest)", gated: true, texts: fieldsOf("refusal/xstest_completions.jsonl", "reply") },
  { set: "dialogue answers (BEGIN test)", gated: true, texts: fieldsOf("grounding/begin_test_wow.jsonl", "response") },
  { set: "encyclopedia passages (BEGIN test)", gated: true, texts: fieldsOf("grounding/begin_test_wow.jsonl", "knowledge") },
  {
    set: "recorded provider streams",
    gated: false,
    texts: rows<{ file: string }>("streams/index.jsonl").map((row) => streamText(row.file)),
  },
  { set: "posts (OpenAI moderation)", gated: false, texts: fieldsOf("toxicity/openai_moderation.jsonl", "text") },
  { set: "tweets (Davidson)", gated: false, texts: fieldsOf("toxicity/davidson.jsonl", "text") },
  { set: "sentences (HateCheck)", gated: false, texts: fieldsOf("toxicity/hatecheck.jsonl", "text") },
  { set: repository, gated: false, texts: sources() },
];

const show = (type: string, set: string, text: string, { rule, score, range }: Finding): void => {
  const bytes = Buffer.from(text);
  const part = (start: number, end: number): string => bytes.subarray(Math.max(start, 0), end).toString();
  const around = `${part(range.start - 40, range.start)}[${part(range.start, range.end)}]${part(range.end, range.end + 20)}`;
  console.log(`benign ${type} ${rule} ${score.toFixed(2)} (${set}): ${JSON.stringify(around)}`);
};

/** `scan` runs an analyser's default config on one text. */
export async function run(scan: Scan): Promise<Outcome> {
  const table: Record<string, unknown>[] = [];
  const failures: string[] = [];
  let gates = 0;
  for (const { set, gated, texts } of sets()) {
    const characters = texts.reduce((sum, text) => sum + text.length, 0);
    for (const type of set === repository ? ["secrets"] : ["pii", "secrets"]) {
      const rules = new Map<string, number>();
      for (const text of texts) {
        for (const finding of scan(type, text)) {
          rules.set(finding.rule, (rules.get(finding.rule) ?? 0) + 1);
          if (process.env.MIDSTREAM_QUALITY_VERBOSE) show(type, set, text, finding);
        }
      }
      const findings = [...rules.values()].reduce((a, b) => a + b, 0);
      const perThousand = (findings * 1_000) / texts.length;
      const byRule = [...rules].sort(([, a], [, b]) => b - a).map(([rule, count]) => `${rule} ${count}`);
      table.push({
        set,
        texts: texts.length,
        characters,
        analyser: type,
        findings,
        perThousand: Math.round(perThousand * 100) / 100,
        byRule: byRule.join(", "),
      });
      if (!gated) continue;
      gates += 1;
      const others = [...rules].filter(([rule]) => !common.includes(rule)).reduce((sum, [, count]) => sum + count, 0);
      const rate = (others * 1_000) / texts.length;
      if (rate > mostPerThousand) failures.push(`${type}: ${rate.toFixed(2)} findings in 1000 of ${set}, most ${mostPerThousand}`);
    }
  }
  return { table, failures, gates };
}
