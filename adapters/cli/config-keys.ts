/** The keys of a plugin's config, for people. */
import { toJsonSchema } from "@valibot/to-json-schema";
import type { Plugin } from "../../core/index.ts";

/** One key of a config. */
export interface ConfigKey {
  readonly name: string;
  readonly required: boolean;
  readonly description: string;
  /** As JSON; undefined where there is none. */
  readonly fallback: string | undefined;
}

interface JsonSchema {
  readonly properties?: Record<string, { readonly description?: string; readonly default?: unknown }>;
  readonly required?: readonly string[];
}

/** In the order of the schema. */
export function configKeys(schema: Plugin["config"]): readonly ConfigKey[] {
  const json = toJsonSchema(schema as Parameters<typeof toJsonSchema>[0], { errorMode: "ignore" }) as JsonSchema;
  return Object.entries(json.properties ?? {}).map(([name, property]) => ({
    name,
    required: json.required?.includes(name) === true && property.default === undefined,
    description: property.description ?? "",
    fallback: property.default === undefined ? undefined : JSON.stringify(property.default),
  }));
}
