/** Turns the instances of one pipeline into a plan: what the native core does, which path is taken; refuses what cannot work. */
import type { CheckedPipeline } from "../config/check.ts";
import { type Problem, problemOf } from "../config/problem.ts";
import { suggest } from "../config/suggest.ts";
import { isMidStreamError } from "../errors/midstream-error.ts";
import type { NativeCore, NativePlan } from "../native/native-core.ts";
import type { Capabilities, Role, Roles } from "../plugin/contract.ts";
import { ActionTable, actsOn, type PlannedPolicy, type RuleEntry, rulesOf } from "./actions.ts";
import { globMatches, ruleMatches } from "./glob.ts";

/** One instance in one pipeline. */
export interface Member<R extends Role> {
  /** `role/type/name`. */
  readonly id: string;
  readonly instance: Roles[R];
  readonly capabilities: Capabilities;
  /** What its failure means here. */
  readonly onFailure: "open" | "closed";
}

/** The members of a pipeline, in the config's order. */
export interface Members {
  readonly providers: readonly Member<"provider">[];
  readonly analysers: readonly Member<"analyser">[];
  readonly policies: readonly Member<"policy">[];
  readonly sinks: readonly Member<"sink">[];
}

/** A pipeline that can serve. */
export interface PipelinePlan extends Members {
  readonly name: string;
  readonly config: CheckedPipeline;
  readonly native: NativePlan;
  /** Whether any analyser works by plan. */
  readonly detects: boolean;
  readonly rules: readonly RuleEntry[];
  readonly actions: ActionTable;
  /** `wire` where nothing in TypeScript reads parts; a session may still need parts (another dialect, the side band). */
  readonly path: "wire" | "parts";
  /** Whether any policy looks at requests. */
  readonly asksPolicies: boolean;
  /** Whether any analyser looks at requests. */
  readonly looksAtRequests: boolean;
  /** Whether a client may ask for the side band. */
  readonly annotates: boolean;
}

/** Plans one pipeline. */
export function planPipeline(
  name: string,
  config: CheckedPipeline,
  parts: { readonly members: Members; readonly native: NativeCore },
): { readonly problems: readonly Problem[]; readonly plan?: PipelinePlan } {
  const { analysers, policies } = parts.members;
  const rules = analysers.flatMap(({ id, instance }) => (instance.plan === undefined ? [] : rulesOf(id, instance.plan)));
  const planned = policies.flatMap(({ id, instance }) => (instance.plan === undefined ? [] : [{ id, plan: instance.plan }]));
  const readsParts = analysers.some(({ instance }) => instance.begin !== undefined);
  const open = readsParts || analysers.some(({ instance }) => instance.request !== undefined);
  const problems = [...idle(name, parts.members), ...unmatched(name, { policies, planned, rules, open, analysers })];
  if (problems.length > 0) return { problems };
  const actions = new ActionTable(planned, rules);
  const specs = analysers.flatMap(({ id, instance }) => (instance.plan === undefined ? [] : [{ ...instance.plan, id }]));
  const compiled = compile(name, parts.native, { analysers: specs, actions: actions.native() });
  if ("problem" in compiled) return { problems: [compiled.problem] };
  const typescript = readsParts || policies.some(({ instance }) => instance.begin !== undefined);
  return {
    problems: [],
    plan: {
      ...parts.members,
      name,
      config,
      native: compiled.native,
      detects: specs.length > 0,
      rules,
      actions,
      path: typescript ? "parts" : "wire",
      looksAtRequests: analysers.some(({ instance }) => instance.request !== undefined),
      asksPolicies: policies.some(({ instance }) => instance.request !== undefined),
      annotates: policies.some(({ instance }) => instance.annotates === true),
    },
  };
}

function compile(name: string, native: NativeCore, spec: Parameters<NativeCore["compile"]>[0]) {
  try {
    return { native: native.compile(spec) };
  } catch (error) {
    if (isMidStreamError(error) && error.code === "CONFIG_RULE_INVALID") return { problem: problemOf(["pipelines", name], error.message) };
    throw error;
  }
}

/** Members that would do nothing. */
function idle(name: string, members: Members): Problem[] {
  const analysers = members.analysers.flatMap(({ id, instance }, index) =>
    instance.plan === undefined && instance.begin === undefined && instance.request === undefined
      ? [problemOf(["pipelines", name, "analysers", index], `"${id}" has neither a plan nor begin nor request`)]
      : [],
  );
  const policies = members.policies.flatMap(({ id, instance }, index) =>
    instance.plan === undefined && instance.begin === undefined && instance.request === undefined && instance.annotates !== true
      ? [problemOf(["pipelines", name, "policies", index], `"${id}" has neither a plan nor begin nor request`)]
      : [],
  );
  return [...analysers, ...policies];
}

interface Matching {
  readonly policies: Members["policies"];
  readonly planned: readonly PlannedPolicy[];
  readonly rules: readonly RuleEntry[];
  readonly analysers: Members["analysers"];
  /** Some analyser's rules are known only when they are found. */
  readonly open: boolean;
}

/** Globs that name no rule, and rewrites of what can only be seen when it has left. */
function unmatched(name: string, matching: Matching): Problem[] {
  const problems: Problem[] = [];
  for (const { id, plan } of matching.planned) {
    const index = matching.policies.findIndex((policy) => policy.id === id);
    const at = ["pipelines", name, "policies", index];
    for (const planRule of plan.rules) {
      const dead = planRule.match.filter((glob) => !couldMatch(glob.replace(/^!/, ""), matching));
      for (const glob of dead) {
        // `*` over no analyser at all is an empty pipeline, not a misspelling.
        if (glob === "*" && matching.rules.length === 0) continue;
        problems.push(
          problemOf(at, `"${id}" names "${glob}", which is no rule of this pipeline's analysers`, nearest(glob, matching.rules)),
        );
      }
      const named = matching.rules.filter((rule) => ruleMatches(planRule.match, rule.type, rule.rule));
      if (dead.length === 0 && named.length > 0 && !matching.open && !named.some((rule) => actsOn(planRule, rule))) {
        const message = `"${id}" rewrites only loops, which are seen when their text has left; end them with policy/block`;
        problems.push(problemOf(at, message));
      }
    }
  }
  return problems;
}

function couldMatch(glob: string, { rules, analysers }: Matching): boolean {
  if (rules.some((rule) => ruleMatches([glob], rule.type, rule.rule))) return true;
  const [type = "*"] = glob.includes("/") ? glob.split("/") : [];
  const isOpen = ({ begin, request }: Roles["analyser"]) => begin !== undefined || request !== undefined;
  return analysers.some(({ id, instance }) => isOpen(instance) && globMatches(type, id.split("/")[1] ?? ""));
}

function nearest(glob: string, rules: readonly RuleEntry[]): string | undefined {
  const negated = glob.startsWith("!") ? "!" : "";
  const name = glob.slice(negated.length);
  const near = suggest(name, name.includes("/") ? rules.map((rule) => `${rule.type}/${rule.rule}`) : rules.map((rule) => rule.rule));
  return near && negated + near;
}
