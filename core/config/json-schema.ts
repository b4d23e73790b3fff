/** The JSON Schema of the whole config file, from the schemas that check it. */
import { toJsonSchema } from "@valibot/to-json-schema";
import { openRegistry } from "../kernel/registry.ts";
import type { CheckSettings } from "./check.ts";
import { configSchema } from "./schema.ts";

type Json = Record<string, unknown>;

/** Checks that are code (`v.check`) have no JSON Schema; editors go without them, the loader does not. */
const settings = { errorMode: "ignore", typeMode: "input" } as const;

function withoutDialect(schema: object): Json {
  const { $schema: _, ...rest } = schema as Json;
  return rest;
}

/** One entry for each known plugin type, under `plugins`. `modules` adds those of third parties. */
export async function configJsonSchema(check: CheckSettings, modules: readonly string[] = []): Promise<Json> {
  const { plugins } = await openRegistry(check.registry, modules, check.importModule);
  const patterns: Json = {};
  for (const type of plugins.types) {
    const plugin = await plugins.find(type);
    if (plugin === undefined) continue;
    patterns[`^${type}/[^/]+$`] = { ...withoutDialect(toJsonSchema(plugin.config, settings)), description: plugin.description };
  }
  const whole = toJsonSchema(configSchema, settings) as Json;
  const properties = { ...(whole.properties as Json) };
  properties.plugins = {
    type: "object",
    description: "Instances of plugins by id: role/type/name",
    patternProperties: patterns,
    additionalProperties: false,
  };
  return { ...whole, title: "MidStream configuration", properties };
}
