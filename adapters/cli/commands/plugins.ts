/** `midstream plugins`: what is available, with config keys. */
import { defineCommand } from "citty";
import { type KernelHost, MidStreamError, type Plugin } from "../../../core/index.ts";
import { registry } from "../../../plugins/registry.gen.ts";
import { createHost } from "../../host.ts";
import { readConfigFile } from "../config-file.ts";
import { configKeys } from "../config-keys.ts";

/** @throws MidStreamError CONFIG_MODULE_INVALID */
async function imported(host: KernelHost, specifier: string): Promise<unknown> {
  try {
    return await host.importModule(specifier);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : "unknown cause";
    throw new MidStreamError("CONFIG_MODULE_INVALID", `Module ${specifier} cannot be imported: ${why}`, { cause });
  }
}

export default defineCommand({
  meta: { name: "plugins", description: "List the available plugins with their config keys" },
  args: {
    config: { type: "string", description: "Config file whose modules are listed too" },
    json: { type: "boolean", default: false, description: "Print JSON" },
  },
  async run({ args }) {
    const file = await readConfigFile(args.config);
    const host = createHost({ folder: file?.folder ?? process.cwd() });
    const found: Plugin[] = [];
    for (const load of Object.values(registry)) found.push((await load()).default as Plugin);
    for (const specifier of file?.raw.modules ?? []) {
      const exported = Object.values((await imported(host, specifier)) as Record<string, unknown>);
      found.push(...exported.filter((value): value is Plugin => (value as Partial<Plugin> | null)?.api === 1));
    }
    const rows = found.map((plugin) => ({
      plugin: `${plugin.role}/${plugin.type}`,
      description: plugin.description,
      config: configKeys(plugin.config),
    }));
    if (args.json) {
      console.log(JSON.stringify(rows, null, 2));
      return 0;
    }
    for (const row of rows) {
      console.log(`${row.plugin}\n  ${row.description}`);
      for (const key of row.config)
        console.log(
          `    ${key.name}${key.required ? " (required)" : ""}: ${key.description}${key.fallback === undefined ? "" : `; default ${key.fallback}`}`,
        );
    }
    return 0;
  },
});
