/**
 * `analyser/rules`: temporal logic over what happens in an answer and in a session: findings, tool calls, sizes, time.
 *
 * Must not know what is done about a broken rule. The monitors are native/temporal-neural-solver.
 */
import * as v from "valibot";
import { headerNameSchema } from "../../../core/config/schema.ts";
import {
  definePlugin,
  MidStreamError,
  type PluginContext,
  type RuleSet,
  type RuleSource,
  type Session,
} from "../../../core/plugin/index.ts";
import { isSignal } from "./events.ts";
import { Alphabet } from "./letters.ts";
import { answerTraces, SessionTraces } from "./sessions.ts";
import { Watch, type Watched } from "./watch.ts";

/** Longest formula in characters; the core has bounds of its own on what it means. */
const maxFormula = 4096;
const maxRules = 64;

const formula = v.pipe(v.string(), v.nonEmpty(), v.maxLength(maxFormula));
const rule = v.union([
  formula,
  v.strictObject({
    formula: v.pipe(formula, v.description("Temporal formula: G(tool-call -> F[0,30s] tool-result)")),
    semantics: v.pipe(
      v.optional(v.picklist(["stream", "finite"]), "stream"),
      v.description("Continuations that count: stream = any, for what may go on for ever; finite = those that end"),
    ),
    score: v.pipe(v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(1)), 1), v.description("Score of its findings, 0 to 1")),
    description: v.pipe(v.optional(v.string(), ""), v.description("What it is for; for the operator")),
  }),
]);

const config = v.strictObject({
  rules: v.pipe(
    v.record(v.pipe(v.string(), v.regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, "must be kebab-case, such as answer-cites")), rule),
    v.check((rules) => {
      const count = Object.keys(rules).length;
      return count >= 1 && count <= maxRules;
    }, `must be 1 to ${maxRules} rules`),
    v.description("Rules by name; each a formula, or { formula, semantics, score, description }"),
  ),
  scope: v.pipe(
    v.optional(v.picklist(["answer", "session"]), "answer"),
    v.description("answer: a trace for each choice, from the request to its end; session: one trace over all turns of a session"),
  ),
  sessionHeader: v.pipe(
    v.optional(headerNameSchema, "x-session-id"),
    v.description("Request header that names the session; a request without it is a session of its own. For scope session"),
  ),
  maxSessions: v.pipe(
    v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(1_000_000)), 10_000),
    v.description("Sessions that are kept between answers; the least recently used leaves first. About 1 KB each"),
  ),
  sessionTtlMs: v.pipe(
    v.optional(v.pipe(v.number(), v.integer(), v.minValue(1_000)), 3_600_000),
    v.description("How long a session is kept after an answer, in milliseconds"),
  ),
});

type Settings = v.InferOutput<typeof config>;

function compile(settings: Settings, context: PluginContext): { readonly set: RuleSet; readonly watched: Watched } {
  const entries = Object.entries(settings.rules).map(([id, written]) => ({
    id,
    ...(typeof written === "string" ? { formula: written, semantics: "stream" as const, score: 1 } : written),
  }));
  const set = context.native.compileRules(entries.map(({ id, formula, semantics }): RuleSource => ({ id, formula, semantics })));
  const rules = entries.map(({ id, score }, index) => {
    const report = set.reports[index];
    if (report?.warning) context.log("rule-warning", { rule: id, warning: report.warning });
    return { id, score, tag: "RULE", formula: report?.formula ?? "" };
  });
  for (const warning of conflictsOf(
    set,
    entries.map(({ id }) => id),
  ))
    context.log("rule-warning", { rule: warning.rule, warning: warning.text });
  const unknown = set.atoms.find(({ name, comparison }) => comparison !== undefined && !isSignal(name));
  if (unknown !== undefined) {
    set[Symbol.dispose]();
    const message = `${context.id}: no signal is called "${unknown.name}"; a score is written TYPE.score or TYPE/RULE.score`;
    throw new MidStreamError("CONFIG_RULE_INVALID", message, { pluginId: context.id, field: "rules" });
  }
  return { set, watched: { set, rules, alphabet: new Alphabet(set.atoms), now: context.now } };
}

/** Pairs of more rules are not searched: it would make the start slow. */
const maxSearched = 16;

/** What the operator should know of rules that never fire, always fire, or contradict or repeat each other. */
function conflictsOf(set: RuleSet, ids: readonly string[]): readonly { readonly rule: string; readonly text: string }[] {
  if (ids.length > maxSearched) return [];
  return set.conflicts().flatMap(({ kind, first, second, witness }) => {
    const [one = "", other = ""] = [ids[first], ids[second]];
    const text = {
      "never-fires": `"${one}" holds whatever happens`,
      "always-fires": `"${one}" breaks whatever happens`,
      contradiction: `"${one}" and "${other}" never hold together`,
      "contradiction-on-trigger": `"${one}" and "${other}" only hold together where the condition of "${one}" never occurs`,
      implies: `"${other}" adds nothing to "${one}"`,
      undecided: "",
    }[kind];
    const shown = witness.map((atoms) => `{${atoms.join(", ")}}`).join(" ");
    return text === "" ? [] : [{ rule: one, text: shown === "" ? text : `${text}, as on: ${shown}` }];
  });
}

export default definePlugin({
  api: 1,
  role: "analyser",
  type: "rules",
  description: "Temporal rules over findings, tool calls, sizes and time: `G(tool-call -> F[0,30s] tool-result)`",
  config,
  capabilities: {
    reads: ["text-delta", "reasoning-delta", "refusal-delta", "tool-input-start", "usage", "choice-end"],
    holdBytes: 0,
    streams: true,
    cost: "light",
    onFailure: "open",
  },
  async setup(settings, context) {
    const { set, watched } = compile(settings, context);
    const sessions = new SessionTraces(watched, { maxSessions: settings.maxSessions, ttlMs: settings.sessionTtlMs });
    return {
      begin(session: Session) {
        const key = settings.scope === "session" ? session.request.headers[settings.sessionHeader] : undefined;
        return new Watch(watched, key === undefined ? answerTraces(watched, session) : sessions.source(key, session));
      },
      async [Symbol.asyncDispose]() {
        sessions.dispose();
        set[Symbol.dispose]();
      },
    };
  },
});
