/** Policy plans resolved for rules: what to do about which finding. Used by the native plan and by the parts path alike. */
import type { AnalyserPlan, NativeAction } from "../native/native-core.ts";
import { detectorKeys, detectorRules } from "../native/rule.ts";
import type { PolicyPlan } from "../plugin/contract.ts";
import type { Replacement } from "../stream/verdict.ts";
import { ruleMatches } from "./glob.ts";
import { replacementFor } from "./replacement.ts";

/** One rule of a pipeline's analysers. */
export interface RuleEntry {
  readonly analyser: string;
  /** Type of the analyser: `pii`. */
  readonly type: string;
  readonly rule: string;
  readonly tag: string;
  /** Long objects, whose text may be swallowed as it comes. */
  readonly span: boolean;
  /** Seen only when the text has left: a verdict can end the answer, but rewrite nothing. */
  readonly late: boolean;
}

/** Rules of one analyser's plan, in the order of the native core: patterns, literals, then those of its detectors. */
export function rulesOf(id: string, plan: Omit<AnalyserPlan, "id">): RuleEntry[] {
  const [, type = ""] = id.split("/");
  const entry = (rule: string, tag: string, more: Partial<RuleEntry> = {}) => ({
    analyser: id,
    type,
    rule,
    tag,
    span: false,
    late: false,
    ...more,
  });
  return [
    ...(plan.rules ?? []).map((rule) => entry(rule.id, rule.tag, { span: rule.span !== undefined })),
    ...(plan.literals ?? []).map((rule) => entry(rule.id, rule.tag)),
    ...detectorKeys
      .filter((key) => plan[key] !== undefined)
      .flatMap((key) => detectorRules[key].map(({ id: rule, tag, late }) => entry(rule, tag, { late }))),
  ];
}

/** A policy with a plan. */
export interface PlannedPolicy {
  readonly id: string;
  readonly plan: PolicyPlan;
}

type PlanRule = PolicyPlan["rules"][number];

/** Whether a plan's rule acts on a rule of an analyser. Wildcards pass over rules that a rewrite could only come too late for. */
export function actsOn(planRule: PlanRule, rule: RuleEntry): boolean {
  return ruleMatches(planRule.match, rule.type, rule.rule) && !(planRule.action === "rewrite" && rule.late);
}

/** What all policies do about one rule, in their order. */
export function actionsFor(policies: readonly PlannedPolicy[], rule: RuleEntry): NativeAction[] {
  return policies.flatMap(({ id, plan }) =>
    plan.rules
      .filter((planRule) => actsOn(planRule, rule))
      .map((planRule) => nativeAction({ policy: id, monitor: plan.monitor, planRule, rule })),
  );
}

function nativeAction(of: { policy: string; monitor: boolean; planRule: PlanRule; rule: RuleEntry }): NativeAction {
  const { planRule, rule } = of;
  const wanted: Replacement = planRule.replacement?.(rule.tag) ?? { kind: "tag", text: `[${rule.tag}]` };
  return {
    policy: of.policy,
    analyser: rule.analyser,
    rule: rule.rule,
    action: planRule.action,
    minScore: planRule.minScore ?? 0,
    minCount: planRule.minCount ?? 1,
    monitor: of.monitor,
    ...(planRule.action === "rewrite" && { replacement: replacementFor(wanted, rule.tag, rule.span ? "span" : "plain") }),
    ...(planRule.action === "block" && { message: planRule.message ?? "" }),
  };
}

/** One resolved action with its place among all of a pipeline: findings are counted for each. */
export interface IndexedAction extends NativeAction {
  readonly index: number;
}

/** Rules of TypeScript analysers are known only when they are found; so many distinct ones are remembered. */
const maxLearnt = 4096;

/** Looks up what to do about a finding. */
export class ActionTable {
  private readonly known = new Map<string, readonly IndexedAction[]>();
  private readonly order = new Map<string, number>();
  private readonly policies: readonly PlannedPolicy[];
  private readonly spans: ReadonlySet<string>;
  private next = 0;

  constructor(policies: readonly PlannedPolicy[], rules: readonly RuleEntry[]) {
    this.policies = policies;
    this.spans = new Set(rules.filter((rule) => rule.span).map((rule) => key(rule.analyser, rule.rule)));
    for (const rule of rules) this.remember(rule, this.resolve(rule));
  }

  /** All actions of the rules that were known from the start, for the native plan: in the order of the policies. */
  native(): NativeAction[] {
    const position = new Map(this.policies.map((policy, index) => [policy.id, index]));
    return [...this.known.values()]
      .flat()
      .sort((a, b) => (position.get(a.policy) ?? 0) - (position.get(b.policy) ?? 0))
      .map(({ index: _, ...action }) => action);
  }

  of(analyser: string, rule: string, tag: string): readonly IndexedAction[] {
    const known = this.known.get(key(analyser, rule));
    if (known !== undefined) return known;
    const [, type = ""] = analyser.split("/");
    const entry = { analyser, type, rule, tag, span: false, late: false };
    const actions = this.resolve(entry);
    if (this.known.size < maxLearnt) this.remember(entry, actions);
    return actions;
  }

  isSpan(analyser: string, rule: string): boolean {
    return this.spans.has(key(analyser, rule));
  }

  /** Place of a rule among all: decides between findings of the same range. */
  rank(analyser: string, rule: string): number {
    return this.order.get(key(analyser, rule)) ?? this.order.size;
  }

  private resolve(rule: RuleEntry): readonly IndexedAction[] {
    return actionsFor(this.policies, rule).map((action) => {
      this.next += 1;
      return { ...action, index: this.next };
    });
  }

  private remember(rule: RuleEntry, actions: readonly IndexedAction[]): void {
    this.order.set(key(rule.analyser, rule.rule), this.order.size);
    this.known.set(key(rule.analyser, rule.rule), actions);
  }
}

const key = (analyser: string, rule: string): string => `${analyser} ${rule}`;
