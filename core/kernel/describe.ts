/** What is running, for the start screen. */
import type { PipelinePlan } from "../pipeline/plan.ts";
import type { Guard } from "./guard.ts";
import type { InstanceDescription, PipelineDescription } from "./kernel.ts";
import type { Instance } from "./lifecycle.ts";

/** Describes one pipeline. */
export function describePipeline(plan: PipelinePlan, instances: ReadonlyMap<string, Instance>, guard: Guard): PipelineDescription {
  const describe = ({ id }: { readonly id: string }): InstanceDescription[] => {
    const spec = instances.get(id)?.spec;
    if (spec === undefined) return [];
    const { description, capabilities } = spec.plugin;
    const rules = plan.rules.filter((rule) => rule.analyser === id).length;
    const calls = guard.statsOf(id);
    return [{ id, role: spec.role, description, capabilities, rules, ...(calls !== undefined && { calls: { ...calls } }) }];
  };
  return {
    name: plan.name,
    providers: plan.providers.flatMap(describe),
    analysers: plan.analysers.flatMap(describe),
    policies: plan.policies.flatMap(describe),
    sinks: plan.sinks.flatMap(describe),
    path: plan.path,
    rules: plan.rules.length,
    memoryBytes: plan.native.memoryBytes,
  };
}
