/** Sets instances up, callee first, each under a deadline; disposes them in reverse. */
import type { InstanceSpec } from "../config/check.ts";
import { isMidStreamError, MidStreamError } from "../errors/midstream-error.ts";
import type { NativeCore } from "../native/native-core.ts";
import type { PluginContext, Role, Roles } from "../plugin/contract.ts";
import type { KernelHost } from "./kernel.ts";

/** One instance that is set up. Generations of the config share it while nothing about it changes. */
export interface Instance {
  readonly spec: InstanceSpec;
  readonly value: Roles[Role] & AsyncDisposable;
  /** Generations that use it. */
  uses: number;
  /** Ends its context's signal. */
  readonly abort: () => void;
}

/** What lifecycles need. */
export interface LifecycleSettings {
  readonly host: KernelHost;
  readonly native: NativeCore;
  /** Longest set-up or disposal of one plugin. */
  readonly timeoutMs: number;
}

/** Settles with the promise, or rejects after `ms` of the host's time. */
export function within<T>(
  promise: Promise<T>,
  { host, ms, late }: { host: KernelHost; ms: number; late: () => MidStreamError },
): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = host.every(ms, () => {
      stop();
      reject(late());
    });
    promise.then(resolve, reject).finally(stop);
  });
}

/**
 * Sets up what `known` does not have already. A failure disposes what this call set up, last first.
 * @throws MidStreamError SETUP_FAILED, SETUP_TIMEOUT, CONFIG_*
 */
export async function setUp(
  specs: readonly InstanceSpec[],
  known: ReadonlyMap<string, Instance>,
  settings: LifecycleSettings,
): Promise<Map<string, Instance>> {
  const instances = new Map<string, Instance>();
  const made: Instance[] = [];
  try {
    for (const spec of specs) {
      const kept = known.get(spec.id);
      if (kept !== undefined && isSame(kept.spec, spec) && spec.requires.every((id) => instances.get(id) === known.get(id))) {
        instances.set(spec.id, kept);
        continue;
      }
      const instance = await setUpOne(spec, instances, settings);
      made.push(instance);
      instances.set(spec.id, instance);
    }
    for (const instance of instances.values()) instance.uses += 1;
    return instances;
  } catch (error) {
    for (const instance of made.reverse()) {
      try {
        await dispose(instance, settings);
      } catch (cause) {
        // The first failure is the one to report.
        settings.host.log("dispose-failed", { plugin: instance.spec.id, error: nameOf(cause) });
      }
    }
    throw error;
  }
}

const isSame = (a: InstanceSpec, b: InstanceSpec): boolean =>
  a.plugin === b.plugin && JSON.stringify(a.config) === JSON.stringify(b.config) && a.requires.join() === b.requires.join();

/** A plugin knows what is wrong with its settings, not which of its instances it is. */
function named(error: MidStreamError, id: string): MidStreamError {
  if (error.message.includes(id)) return error;
  return new MidStreamError(error.code, `plugins["${id}"]: ${error.message}`, { pluginId: id, cause: error });
}

/** Plugins are JavaScript too: the type is what they promise. */
const isInstance = (value: unknown): boolean =>
  typeof value === "object" && value !== null && Symbol.asyncDispose in value && typeof value[Symbol.asyncDispose] === "function";

async function setUpOne(spec: InstanceSpec, instances: ReadonlyMap<string, Instance>, settings: LifecycleSettings): Promise<Instance> {
  const { host, native, timeoutMs } = settings;
  const controller = new AbortController();
  const context = contextOf(spec, instances, { host, native, signal: controller.signal });
  let isLate = false;
  // An async wrapper, so that a setup that throws synchronously is a rejection too.
  const setup = (async () => spec.plugin.setup(spec.config, context))();
  const late = () => {
    isLate = true;
    controller.abort();
    return new MidStreamError("SETUP_TIMEOUT", `${spec.id} was not set up within ${timeoutMs} ms`, { pluginId: spec.id });
  };
  setup.then(
    (value) => {
      if (!isLate) return;
      const disposed = (async () => (isInstance(value) ? value[Symbol.asyncDispose]() : undefined))();
      disposed.catch((error: unknown) => host.log("dispose-failed", { plugin: spec.id, error: nameOf(error) }));
    },
    () => {}, // Reported by the race below.
  );
  try {
    const value = await within(setup, { host, ms: timeoutMs, late });
    if (!isInstance(value)) throw new TypeError("setup() gave no object with [Symbol.asyncDispose]");
    return { spec, value, uses: 0, abort: () => controller.abort() };
  } catch (cause) {
    controller.abort();
    if (isMidStreamError(cause)) throw named(cause, spec.id);
    throw new MidStreamError("SETUP_FAILED", `${spec.id} could not be set up: ${cause instanceof Error ? cause.message : nameOf(cause)}`, {
      pluginId: spec.id,
      cause,
    });
  }
}

function contextOf(
  spec: InstanceSpec,
  instances: ReadonlyMap<string, Instance>,
  { host, native, signal }: { readonly host: KernelHost; readonly native: NativeCore; readonly signal: AbortSignal },
): PluginContext {
  return {
    id: spec.id,
    log: (event, fields) => host.log(event, { plugin: spec.id, ...fields }),
    now: () => host.now(),
    signal,
    native,
    secret(reference) {
      const value = host.secret(reference);
      if (value !== undefined) return value;
      const name = "env" in reference ? `environment variable ${reference.env}` : `file ${reference.file}`;
      throw new MidStreamError("CONFIG_SECRET_MISSING", `plugins["${spec.id}"]: the ${name} is not there`, { pluginId: spec.id });
    },
    path: (file) => host.path(file),
    use<R extends Role>(role: R, id: string): Roles[R] {
      const instance = spec.requires.includes(id) ? instances.get(id) : undefined;
      if (instance?.spec.role !== role) {
        throw new MidStreamError("PLUGIN_UNDECLARED", `${spec.id} uses ${id}, which its requires() does not name as a ${role}`, {
          pluginId: spec.id,
        });
      }
      // The role was just checked; the map holds instances of all roles.
      return instance.value as unknown as Roles[R];
    },
  };
}

const nameOf = (error: unknown): string => (error instanceof Error ? error.name : typeof error);

async function dispose(instance: Instance, { host, timeoutMs }: LifecycleSettings): Promise<void> {
  const { id } = instance.spec;
  instance.abort();
  const late = () => new MidStreamError("PLUGIN_FAILED", `${id} was not disposed within ${timeoutMs} ms`, { pluginId: id });
  await within((async () => instance.value[Symbol.asyncDispose]())(), { host, ms: timeoutMs, late });
}

/** Takes one use off each and disposes those that are used no more, last first. Returns every failure. */
export async function tearDown(instances: ReadonlyMap<string, Instance>, settings: LifecycleSettings): Promise<unknown[]> {
  const failures: unknown[] = [];
  for (const instance of [...instances.values()].reverse()) {
    instance.uses -= 1;
    if (instance.uses > 0) continue;
    try {
      await dispose(instance, settings);
    } catch (error) {
      failures.push(error);
    }
  }
  return failures;
}
