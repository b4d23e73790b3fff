/** Checks a whole config: shape, plugins, references, set-up order. Sets nothing up. */
import { openRegistry, type Plugins, type Registry, roles } from "../kernel/registry.ts";
import type { Plugin, Role } from "../plugin/contract.ts";
import { parseStrict } from "./issues.ts";
import { type Problem, problemOf } from "./problem.ts";
import { configSchema, type PipelineConfig, pipelineSchema, type ResolvedConfig } from "./schema.ts";
import { suggest } from "./suggest.ts";

/** What a name may be made of (RFC 9110 section 5.5 allows more, and runtimes differ in what). */
const visibleAscii = /^[\x21-\x7e]+$/;

/** What the check needs. */
export interface CheckSettings {
  readonly registry: Registry;
  /** Imports what `modules` names. */
  importModule(specifier: string): Promise<unknown>;
}

/** One instance, checked and not set up. */
export interface InstanceSpec {
  /** `role/type/name`. */
  readonly id: string;
  readonly role: Role;
  readonly type: string;
  readonly plugin: Plugin;
  /** With defaults. */
  readonly config: unknown;
  readonly requires: readonly string[];
}

/** A pipeline whose lists are complete. */
export type CheckedPipeline = Omit<PipelineConfig, "sinks"> & { readonly sinks: readonly string[] };

/** A config that can be set up. */
export interface CheckedConfig {
  readonly config: ResolvedConfig;
  /** What pipelines use, directly or not; callee first. */
  readonly instances: readonly InstanceSpec[];
  readonly pipelines: Readonly<Record<string, CheckedPipeline>>;
  /** Configured ids that nothing uses. */
  readonly unused: readonly string[];
}

/** Outcome of a check; `checked` only where there is no problem. */
export interface CheckResult {
  readonly problems: readonly Problem[];
  readonly checked?: CheckedConfig;
}

/** Sinks of a pipeline that names none, where nothing of their type is configured. */
const defaultSinks = ["sink/log/default", "sink/prometheus/default"];

/** Checks a raw config; all problems at once. */
export async function checkConfig(raw: unknown, settings: CheckSettings): Promise<CheckResult> {
  const parsed = parseStrict(configSchema, raw);
  const opened = await openRegistry(settings.registry, parsed.value?.modules ?? listOf(raw, "modules"), settings.importModule);
  const check = new Check(opened.plugins);
  check.problems.push(...parsed.problems, ...opened.problems);
  for (const [id, value] of Object.entries(parsed.value?.plugins ?? recordOf(raw, "plugins"))) await check.instance(id, value);
  const pipelines: Record<string, CheckedPipeline> = {};
  const readable = parsed.value?.pipelines ?? readablePipelines(raw);
  for (const [name, pipeline] of Object.entries(readable)) pipelines[name] = await check.pipeline(name, pipeline);
  check.reachable(readable);
  const instances = await check.ordered(Object.values(pipelines));
  if (check.problems.length > 0 || parsed.value === undefined) return { problems: check.problems };
  const used = new Set(instances.map((instance) => instance.id));
  const unused = Object.keys(parsed.value.plugins).filter((id) => !used.has(id));
  return { problems: [], checked: { config: parsed.value, instances, pipelines, unused } };
}

/** Parts of a config that is broken elsewhere, so that their problems are reported too. */
function recordOf(raw: unknown, key: string): Readonly<Record<string, unknown>> {
  const value = typeof raw === "object" && raw !== null ? (raw as Record<string, unknown>)[key] : undefined;
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}

function listOf(raw: unknown, key: string): readonly string[] {
  const value = typeof raw === "object" && raw !== null ? (raw as Record<string, unknown>)[key] : undefined;
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}

function readablePipelines(raw: unknown): Record<string, PipelineConfig> {
  const readable: Record<string, PipelineConfig> = {};
  const all = recordOf(raw, "pipelines");
  for (const name of Object.keys(all)) {
    const known = Object.entries(recordOf(all, name)).filter(([key]) => Object.hasOwn(pipelineSchema.entries, key));
    const { value: pipeline } = parseStrict(pipelineSchema, Object.fromEntries(known));
    if (pipeline !== undefined) readable[name] = pipeline;
  }
  return readable;
}

/** One check under way. */
class Check {
  readonly problems: Problem[] = [];
  private readonly instances = new Map<string, InstanceSpec>();
  /** Ids whose config is wrong: they exist, so that references to them are no further problem. */
  private readonly broken = new Set<string>();
  private readonly plugins: Plugins;

  constructor(plugins: Plugins) {
    this.plugins = plugins;
  }

  async instance(id: string, value: unknown): Promise<void> {
    const at = ["plugins", id];
    const [role, type, name, ...rest] = id.split("/");
    if (!role || !type || !name || rest.length > 0) {
      this.fail(id, problemOf(at, "the id must be role/type/name"));
    } else if (!visibleAscii.test(name)) {
      this.fail(id, problemOf(at, "the name must be of visible ASCII characters: it stands in response headers and metrics"));
    } else if (!roles.includes(role as Role)) {
      this.fail(id, problemOf(at, `unknown role "${role}"`, suggest(role, roles)));
    } else if (!this.plugins.types.includes(`${role}/${type}`)) {
      const near = suggest(`${role}/${type}`, this.plugins.types);
      this.fail(id, problemOf(at, `no plugin ${role}/${type}`, near && `${near}/${name}`));
    } else {
      await this.known(id, role as Role, type, value);
    }
  }

  private async known(id: string, role: Role, type: string, value: unknown): Promise<void> {
    const at = ["plugins", id];
    const plugin = await this.plugins.find(`${role}/${type}`);
    if (plugin === undefined) return this.fail(id, problemOf(at, `the module of ${role}/${type} exports no such plugin`));
    // In YAML a key without anything behind it is null; it means what {} means.
    const parsed = parseStrict(plugin.config, value ?? {}, at);
    if (parsed.problems.length > 0) return this.fail(id, ...parsed.problems);
    const requires = plugin.requires?.(parsed.value) ?? [];
    this.instances.set(id, { id, role, type, plugin, config: parsed.value, requires });
  }

  private fail(id: string, ...problems: Problem[]): void {
    this.broken.add(id);
    this.problems.push(...problems);
  }

  private exists(id: string): boolean {
    return this.instances.has(id) || this.broken.has(id);
  }

  private ids(): string[] {
    return [...this.instances.keys(), ...this.broken];
  }

  /** Adds `role/type/default` where a reference needs it and the plugin works without any config. */
  private async implied(id: string): Promise<boolean> {
    if (this.exists(id)) return true;
    const [role, type, name] = id.split("/");
    if (name !== "default" || !this.plugins.types.includes(`${role}/${type}`)) return false;
    const plugin = await this.plugins.find(`${role}/${type}`);
    if (plugin === undefined || parseStrict(plugin.config, {}).problems.length > 0) return false;
    await this.known(id, role as Role, type ?? "", {});
    return true;
  }

  async pipeline(name: string, pipeline: PipelineConfig): Promise<CheckedPipeline> {
    const sinks = pipeline.sinks ?? (await this.defaultSinks());
    const lists = { providers: pipeline.providers, analysers: pipeline.analysers, policies: pipeline.policies, sinks };
    for (const [list, ids] of Object.entries(lists)) {
      for (const [index, id] of ids.entries()) this.listed(["pipelines", name, list, index], id, ids.indexOf(id) < index);
    }
    const chosen = [...pipeline.analysers, ...pipeline.policies];
    for (const id of Object.keys(pipeline.onFailure)) {
      if (!chosen.includes(id)) this.problems.push(this.noChoice(["pipelines", name, "onFailure", id], id, chosen));
    }
    return { ...pipeline, sinks };
  }

  /** Without a provider there is no answer to go on with, and no sink is waited for. */
  private noChoice(at: readonly string[], id: string, chosen: readonly string[]): Problem {
    const hasChoice = /^(analyser|policy)\//.test(id);
    const why = hasChoice ? "is not a plugin of this pipeline" : "onFailure is for analysers and policies of this pipeline only";
    return problemOf(at, why, suggest(id, chosen));
  }

  private listed(at: readonly (string | number)[], id: string, repeated: boolean): void {
    if (repeated) this.problems.push(problemOf(at, `"${id}" is in the list twice`));
    if (!this.exists(id)) {
      this.problems.push(problemOf(at, `"${id}" is not configured under plugins`, suggest(id, this.ids())));
    }
    if (this.instances.get(id)?.plugin.capabilities.streams === false) {
      this.problems.push(problemOf(at, `"${id}" cannot work while an answer streams, and pipelines serve streams`));
    }
  }

  private async defaultSinks(): Promise<readonly string[]> {
    const configured = [...this.instances.keys()].filter((id) => id.startsWith("sink/"));
    const missing = defaultSinks.filter((id) => !configured.some((known) => known.startsWith(id.slice(0, -"default".length))));
    const added: string[] = [];
    for (const id of missing) if (await this.implied(id)) added.push(id);
    return [...added, ...configured.filter((id) => !added.includes(id))];
  }

  /** A pipeline without `match` takes every request, so there can be one. */
  reachable(pipelines: Readonly<Record<string, PipelineConfig>>): void {
    const open = Object.keys(pipelines).filter((name) => pipelines[name]?.match === undefined);
    const taker = open.includes("default") ? "default" : open[0];
    for (const name of open) {
      if (name !== taker) {
        this.problems.push(
          problemOf(["pipelines", name], `gets no request: without match, "${taker}" takes those that no other pipeline matches`),
        );
      }
    }
  }

  /** Instances that pipelines use, callee first; checks `requires`. */
  async ordered(pipelines: readonly CheckedPipeline[]): Promise<readonly InstanceSpec[]> {
    const wanted = new Set(pipelines.flatMap((p) => [...p.sinks, ...p.providers, ...p.analysers, ...p.policies]));
    const byRole = [...wanted].sort((a, b) => this.rank(a) - this.rank(b));
    const order: InstanceSpec[] = [];
    const state = new Map<string, "open" | "done">();
    const visit = async (id: string, path: readonly string[]): Promise<void> => {
      const instance = this.instances.get(id);
      if (instance === undefined || state.get(id) === "done") return;
      if (state.get(id) === "open") {
        this.problems.push(problemOf(["plugins", id], `requires itself: ${[...path.slice(path.indexOf(id)), id].join(" -> ")}`));
        return;
      }
      state.set(id, "open");
      for (const required of instance.requires) {
        if (await this.implied(required)) await visit(required, [...path, id]);
        else
          this.problems.push(problemOf(["plugins", id], `requires "${required}", which is not configured`, suggest(required, this.ids())));
      }
      state.set(id, "done");
      order.push(instance);
    };
    for (const id of byRole) await visit(id, []);
    return order;
  }

  private rank(id: string): number {
    return roles.indexOf(id.split("/")[0] as Role);
  }
}
