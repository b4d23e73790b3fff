/** The config of `scan` where the user has none: every analyser that works without settings. */
import * as v from "valibot";
import type { Config } from "../../core/index.ts";
import { registry } from "../../plugins/registry.gen.ts";

/** Analysers in the order of their names; personal data and secrets are redacted. */
export async function everyAnalyser(): Promise<Config> {
  const types: string[] = [];
  for (const [key, load] of Object.entries(registry)) {
    const [role, type] = key.split("/");
    if (role !== "analyser" || type === undefined) continue;
    const { default: plugin } = (await load()) as { readonly default: { readonly config: v.GenericSchema } };
    if (v.safeParse(plugin.config, {}).success) types.push(type);
  }
  const ids = types.map((type) => `analyser/${type}/all`);
  return {
    plugins: {
      ...Object.fromEntries(ids.map((id) => [id, {}])),
      "policy/redact/mask": { rules: ["pii/*", "secrets/*"] },
    },
    pipelines: { default: { providers: [], analysers: ids, policies: ["policy/redact/mask"] } },
  };
}
