/** Where plugins come from: the built-in ones, imported when first needed, and the modules that the config names. */
import { type Problem, problemOf } from "../config/problem.ts";
import type { Plugin, Role } from "../plugin/contract.ts";

/** `role/type` -> import of the module whose default export is the plugin. */
export type Registry = Readonly<Record<string, () => Promise<{ readonly default: unknown }>>>;

/** All roles, callee first: the order of set-up where `requires` does not say otherwise. */
export const roles: readonly Role[] = ["store", "transport", "sink", "provider", "analyser", "policy"];

/** The plugins that one config can use. */
export interface Plugins {
  /** `role/type` of all of them. */
  readonly types: readonly string[];
  /** The plugin, or undefined where there is none. */
  find(type: string): Promise<Plugin | undefined>;
}

/** Plugins, and what was wrong with the modules. */
export interface OpenedRegistry {
  readonly plugins: Plugins;
  readonly problems: readonly Problem[];
}

/** Whether a value has the shape of a plugin; what it promises is checked when it is used. */
export function isPlugin(value: unknown): value is Plugin {
  if (typeof value !== "object" || value === null) return false;
  const { api, role, type, config, capabilities, setup } = value as Record<string, unknown>;
  return (
    api === 1 &&
    roles.includes(role as Role) &&
    typeof type === "string" &&
    /^[a-z0-9-]+$/.test(type) &&
    typeof config === "object" &&
    typeof capabilities === "object" &&
    typeof setup === "function"
  );
}

/** Imports the modules and joins them with the built-in plugins. */
export async function openRegistry(
  registry: Registry,
  modules: readonly string[],
  importModule: (specifier: string) => Promise<unknown>,
): Promise<OpenedRegistry> {
  const added = new Map<string, Plugin>();
  const problems: Problem[] = [];
  for (const [index, specifier] of modules.entries()) {
    const at = ["modules", index];
    try {
      const found = pluginsOf(await importModule(specifier));
      if (found.length === 0) problems.push(problemOf(at, "exports no plugin (default or named, made by definePlugin with api: 1)"));
      for (const plugin of found) {
        const type = `${plugin.role}/${plugin.type}`;
        if (type in registry || added.has(type)) problems.push(problemOf(at, `exports ${type}, which exists already`));
        else added.set(type, plugin);
      }
    } catch (cause) {
      problems.push(problemOf(at, `cannot be imported: ${cause instanceof Error ? cause.message : "unknown cause"}`));
    }
  }
  const plugins: Plugins = {
    types: [...Object.keys(registry), ...added.keys()].sort(),
    async find(type) {
      const known = added.get(type);
      if (known !== undefined) return known;
      const plugin = Object.hasOwn(registry, type) ? (await registry[type]?.())?.default : undefined;
      return isPlugin(plugin) ? plugin : undefined;
    },
  };
  return { plugins, problems };
}

function pluginsOf(module: unknown): Plugin[] {
  if (typeof module !== "object" || module === null) return [];
  return [...new Set(Object.values(module).filter(isPlugin))];
}
