/** The native plan of a shipped analyser with its default config, without a kernel around it. */
import * as v from "valibot";
import type { AnalyserPlan, Plugin, PluginContext } from "../../core/index.ts";

/** @param type folder of plugins/analyser */
export async function analyserPlan(type: string): Promise<AnalyserPlan> {
  const plugin = ((await import(`../../plugins/analyser/${type}/index.ts`)) as { default: Plugin<"analyser"> }).default;
  const id = `analyser/${type}/quality`;
  const refuse = () => {
    throw new Error(`${id} asked for more than a plan needs`);
  };
  const context: PluginContext = { id, log: () => {}, now: () => 0, signal: new AbortController().signal, secret: refuse, use: refuse };
  const instance = await plugin.setup(v.parse(plugin.config, {}), context);
  if (instance.plan === undefined) throw new Error(`${id} has no native plan`);
  return { id, ...instance.plan };
}
