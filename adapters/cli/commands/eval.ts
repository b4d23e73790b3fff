/** `midstream eval`: how good an analyser is on a user's own labelled texts, so that thresholds can be set on them. */
import { defineCommand } from "citty";
import { type Config, type Finding, MidStreamError } from "../../../core/index.ts";
import { globMatches } from "../../../core/pipeline/glob.ts";
import {
  areaUnderCurve,
  bestThreshold,
  calibration,
  calibrationError,
  type Operating,
  operatingPoint,
  type Scored,
  type Share,
} from "../binary-metrics.ts";
import { readConfigFile } from "../config-file.ts";
import { jsonLines, openFile, type TextInput } from "../text-input.ts";
import { TextRunner, textRoles } from "../text-runner.ts";

const chunkBytes = 4096;
/** Thresholds of the table, besides the best one. */
const thresholds = [0.1, 0.25, 0.5, 0.75, 0.9] as const;

/** `a.b=1` as `{ a: { b: 1 } }` on top of `config`. Values are JSON, or text where they are none. @throws MidStreamError CONFIG_INVALID */
export function withSetting(config: Readonly<Record<string, unknown>>, setting: string): Record<string, unknown> {
  const at = setting.indexOf("=");
  if (at < 1) throw new MidStreamError("CONFIG_INVALID", `--set takes name=value, not ${setting}`);
  const [name = "", ...inner] = setting.slice(0, at).split(".");
  const text = setting.slice(at + 1);
  if (inner.length > 0) {
    const old = config[name];
    const nested = typeof old === "object" && old !== null && !Array.isArray(old) ? (old as Record<string, unknown>) : {};
    return { ...config, [name]: withSetting(nested, `${inner.join(".")}=${text}`) };
  }
  let value: unknown = text;
  try {
    value = JSON.parse(text);
  } catch {
    // A bare word is a text.
  }
  return { ...config, [name]: value };
}

/** The config with this analyser only, and no policy. `analyser` is an id of the config, or `toxicity` for one with defaults. */
function evalConfig(
  config: Config | undefined,
  analyser: string,
  settings: readonly string[],
): { readonly config: Config; readonly id: string } {
  const known = Object.keys(config?.plugins ?? {}).filter((id) => id.startsWith("analyser/"));
  const id =
    known.find((one) => one === analyser || one.split("/")[1] === analyser) ??
    (analyser.includes("/") ? analyser : `analyser/${analyser}/eval`);
  const base = (config?.plugins?.[id] ?? {}) as Readonly<Record<string, unknown>>;
  const plugin = settings.reduce<Readonly<Record<string, unknown>>>(withSetting, base);
  const plugins = { ...config?.plugins, [id]: plugin };
  const made = { ...(config?.modules && { modules: config.modules }), plugins, pipelines: { default: { providers: [], analysers: [id] } } };
  return { config: made, id };
}

/** Whether the row is a positive. @throws MidStreamError REQUEST_INVALID naming the row */
function labelOf({ id, rest }: TextInput, field: string, positive: string | undefined): boolean {
  const label = rest[field];
  if (positive !== undefined && (typeof label === "string" || typeof label === "number")) return String(label) === positive;
  if (typeof label === "boolean") return label;
  if (label === 0 || label === 1) return label === 1;
  const remedy = "true, false, 0 or 1, or a text with --positive TEXT";
  throw new MidStreamError("REQUEST_INVALID", `Row ${id}: "${field}" must be ${remedy}; --label names another member`);
}

const scoreOf = (findings: readonly Finding[], rule: string): number =>
  findings.reduce((best, finding) => (globMatches(rule, finding.rule) ? Math.max(best, finding.score) : best), 0);

const digits = (value: number | undefined) => (value === undefined ? "-" : value.toFixed(3));
const interval = (of: Share | undefined) =>
  of === undefined ? "-" : `${of.value.toFixed(3)} (${of.low.toFixed(2)}-${of.high.toFixed(2)})`;

const pointLine = (point: Operating, mark = "") =>
  [
    point.threshold.toFixed(3) + mark,
    interval(point.precision),
    interval(point.recall),
    point.f1.toFixed(3),
    interval(point.falseAlarms),
  ].join(" | ");

function report(rows: readonly Scored[], of: string): string {
  const positives = rows.filter(({ positive }) => positive).length;
  const scored = rows.filter(({ score }) => score > 0).length;
  const best = bestThreshold(rows);
  const bins = calibration(rows);
  return [
    `${of}: ${rows.length} rows, ${positives} positive, ${scored} with a finding; a row's score is its highest finding's, 0 without one`,
    `AUC ${digits(areaUnderCurve(rows))}`,
    "",
    "threshold | precision (95 %) | recall (95 %) | F1 | false alarms (95 %)",
    "--- | --- | --- | --- | ---",
    ...thresholds.map((threshold) => pointLine(operatingPoint(rows, threshold))),
    ...(best === undefined ? [] : [pointLine(best, " (best F1)")]),
    "",
    "scores | rows | mean score | positive",
    "--- | --- | --- | ---",
    ...bins.map((bin) =>
      [`${bin.from.toFixed(1)}-${bin.to.toFixed(1)}`, bin.rows, digits(bin.meanScore), digits(bin.positiveShare)].join(" | "),
    ),
    `expected calibration error ${digits(calibrationError(bins))}`,
  ].join("\n");
}

const asJson = (rows: readonly Scored[]) => {
  const bins = calibration(rows);
  return {
    rows: rows.length,
    positives: rows.filter(({ positive }) => positive).length,
    auc: areaUnderCurve(rows) ?? null,
    thresholds: thresholds.map((threshold) => operatingPoint(rows, threshold)),
    best: bestThreshold(rows) ?? null,
    calibration: bins,
    calibrationError: calibrationError(bins),
  };
};

export default defineCommand({
  meta: { name: "eval", description: "Precision, recall, F1, AUC and calibration of an analyser on labelled JSON lines" },
  args: {
    data: { type: "string", required: true, description: "JSON lines {id, text, label, context?, question?, system?}" },
    analyser: { type: "string", required: true, description: "Id of the config, or a type such as toxicity with its defaults" },
    config: { type: "string", description: "Config file; default: midstream.config.* here, else none" },
    rule: { type: "string", default: "*", description: "Glob over the rules that count" },
    label: { type: "string", default: "label", description: "Member that holds the label: true, false, 0 or 1, or a text" },
    positive: { type: "string", description: "Text of the label that counts as positive" },
    set: { type: "string", description: "Setting of the analyser, name=value, several with commas: debounce=1,thresholds.insult=0.1" },
    as: {
      type: "enum",
      options: [...textRoles],
      default: "answer",
      description: "What a text is: the answer, or a message of the request",
    },
    json: { type: "boolean", default: false, description: "Print one JSON object" },
  },
  async run({ args }) {
    const file = await readConfigFile(args.config);
    const settings = args.set === undefined ? [] : args.set.split(/,(?=[\w.-]+=)/);
    const { config, id } = evalConfig(file?.raw, args.analyser, settings);
    await using runner = await TextRunner.open({ config, folder: file?.folder ?? process.cwd(), chunkBytes, role: args.as });
    const rows: Scored[] = [];
    for await (const input of jsonLines(await openFile(args.data))) {
      const positive = labelOf(input, args.label, args.positive);
      rows.push({ positive, score: scoreOf((await runner.run(input)).findings, args.rule) });
    }
    if (rows.length === 0) throw new MidStreamError("REQUEST_INVALID", `${args.data} has no rows`);
    console.log(args.json ? JSON.stringify(asJson(rows)) : report(rows, `${id} ${args.rule}`));
    return 0;
  },
});
