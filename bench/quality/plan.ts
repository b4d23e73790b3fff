/** The native plan of a shipped analyser with its default config, without a kernel around it. */
import * as v from "valibot";
import type { AnalyserPlan, Plugin } from "../../core/index.ts";
import { testContext } from "../../core/testing/plugin-context.ts";

/** @param type folder of plugins/analyser */
export async function analyserPlan(type: string): Promise<AnalyserPlan> {
  const plugin = ((await import(`../../plugins/analyser/${type}/index.ts`)) as { default: Plugin<"analyser"> }).default;
  const id = `analyser/${type}/quality`;
  const instance = await plugin.setup(v.parse(plugin.config, {}), testContext(id));
  if (instance.plan === undefined) throw new Error(`${id} has no native plan`);
  return { id, ...instance.plan };
}
