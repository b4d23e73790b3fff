/** One loaded config: its instances and pipelines, serving until the last of its sessions has ended. */
import { type CheckedConfig, checkConfig } from "../config/check.ts";
import { configError, type Problem } from "../config/problem.ts";
import { MidStreamError } from "../errors/midstream-error.ts";
import { globMatches } from "../pipeline/glob.ts";
import { type Member, type Members, type PipelinePlan, planPipeline } from "../pipeline/plan.ts";
import type { Role, Roles } from "../plugin/contract.ts";
import type { ModelRequest } from "../stream/model-request.ts";
import type { KernelSettings } from "./kernel.ts";
import { type Instance, type LifecycleSettings, setUp, tearDown } from "./lifecycle.ts";

/** A config that serves. */
export interface Generation {
  readonly revision: number;
  readonly checked: CheckedConfig;
  readonly instances: ReadonlyMap<string, Instance>;
  readonly pipelines: readonly PipelinePlan[];
  /** Sessions that began with it. */
  sessions: number;
  /** A later one serves. */
  isRetired: boolean;
}

/**
 * Checks a config and sets it up, sharing what did not change with `previous`.
 * @throws MidStreamError CONFIG_INVALID with all problems, SETUP_*
 */
export async function openGeneration(raw: unknown, settings: KernelSettings, previous: Generation | undefined): Promise<Generation> {
  const { registry, host, native } = settings;
  const { problems, checked } = await checkConfig(raw, { registry, importModule: (specifier) => host.importModule(specifier) });
  if (checked === undefined) throw configError(problems);
  settings.checkServer?.(checked.config.server);
  const lifecycle = lifecycleOf(settings, checked);
  const instances = await setUp(checked.instances, previous?.instances ?? new Map(), lifecycle);
  const plans: PipelinePlan[] = [];
  const failed: Problem[] = [];
  try {
    for (const [name, config] of Object.entries(checked.pipelines)) {
      const planned = planPipeline(name, config, { members: membersOf(config, instances), native });
      failed.push(...planned.problems);
      if (planned.plan !== undefined) plans.push(planned.plan);
    }
    if (failed.length > 0) throw configError(failed);
  } catch (error) {
    for (const plan of plans) plan.native[Symbol.dispose]();
    await tearDown(instances, lifecycle);
    throw error;
  }
  for (const id of checked.unused) host.log("plugin-unused", { plugin: id });
  const revision = (previous?.revision ?? 0) + 1;
  return { revision, checked, instances, pipelines: plans, sessions: 0, isRetired: false };
}

const lifecycleOf = ({ host, native }: KernelSettings, { config }: CheckedConfig): LifecycleSettings => ({
  host,
  native,
  timeoutMs: config.server.setupTimeoutMs,
});

/** Disposes a generation without sessions. Returns every failure. */
export async function closeGeneration(generation: Generation, settings: KernelSettings): Promise<unknown[]> {
  for (const plan of generation.pipelines) plan.native[Symbol.dispose]();
  return tearDown(generation.instances, lifecycleOf(settings, generation.checked));
}

function membersOf(config: CheckedConfig["pipelines"][string], instances: ReadonlyMap<string, Instance>): Members {
  const member = <R extends Role>(role: R, id: string): Member<R> => {
    const instance = instances.get(id);
    if (instance?.spec.role !== role) throw new MidStreamError("KERNEL_INTERNAL", `${id} was checked, but is not set up`);
    const { capabilities } = instance.spec.plugin;
    return {
      id,
      // The role was just checked; the map holds instances of all roles.
      instance: instance.value as unknown as Roles[R],
      capabilities,
      onFailure: config.onFailure[id] ?? capabilities.onFailure,
    };
  };
  return {
    providers: config.providers.map((id) => member("provider", id)),
    analysers: config.analysers.map((id) => member("analyser", id)),
    policies: config.policies.map((id) => member("policy", id)),
    sinks: config.sinks.map((id) => member("sink", id)),
  };
}

/** The pipeline of a request: the first that matches, else the one without `match`. */
export function choosePipeline(pipelines: readonly PipelinePlan[], request: ModelRequest): PipelinePlan | undefined {
  let usual: PipelinePlan | undefined;
  for (const plan of pipelines) {
    const { match } = plan.config;
    if (match === undefined) usual ??= plan;
    else if (matches(match, request)) return plan;
  }
  return usual;
}

function matches(match: NonNullable<PipelinePlan["config"]["match"]>, request: ModelRequest): boolean {
  const { models, headers = {} } = match;
  if (models !== undefined && !models.some((glob) => globMatches(glob, request.model))) return false;
  return Object.entries(headers).every(([name, glob]) => {
    const value = request.headers[name.toLowerCase()];
    return value !== undefined && globMatches(glob, value);
  });
}
