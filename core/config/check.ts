/** Checks a whole config: shape, plugins, references. Reads nothing and sets nothing up. */
import type { Registry } from "../kernel/registry.ts";
import type { Problem } from "./problem.ts";
import type { ResolvedConfig } from "./schema.ts";

/** What the check needs. */
export interface CheckSettings {
  readonly registry: Registry;
  /** Imports what `modules` names. */
  importModule(specifier: string): Promise<unknown>;
}

/** Outcome of a check; `config` only where there is no problem. */
export interface CheckResult {
  readonly problems: readonly Problem[];
  readonly config?: ResolvedConfig;
}

/** Checks a raw config; all problems at once. */
export async function checkConfig(_raw: unknown, _settings: CheckSettings): Promise<CheckResult> {
  return { problems: [] };
}
