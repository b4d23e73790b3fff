/** The one screen that `midstream start` prints. */
import type { InstanceDescription, KernelDescription } from "../../core/index.ts";

const short = (instance: InstanceDescription) => instance.id.split("/").slice(1).join("/");
const withRules = (instance: InstanceDescription) =>
  instance.rules > 0 ? `${short(instance)} (${instance.rules} rules)` : short(instance);
const list = (instances: readonly InstanceDescription[], name: (instance: InstanceDescription) => string) =>
  instances.length === 0 ? "nothing" : instances.map(name).join(", ");

/** What is served, what is analysed, what is done, and a line to try. */
export function startScreen(settings: {
  readonly url: string;
  readonly version: string;
  readonly runtime: string;
  readonly source: string;
  readonly model: string;
  readonly description: KernelDescription;
}): string {
  const { description, url } = settings;
  const lines = [`MidStream ${settings.version} on ${url} (${settings.runtime}; ${settings.source})`, ""];
  for (const pipeline of description.pipelines) {
    lines.push(
      `  pipeline ${pipeline.name}`,
      `    serves    ${list(pipeline.providers, short)}`,
      `    analyses  ${list(pipeline.analysers, withRules)}`,
      `    acts      ${list(pipeline.policies, short)}`,
    );
  }
  const body = JSON.stringify({
    model: settings.model,
    stream: true,
    messages: [{ role: "user", content: "Who can help me with my order?" }],
  });
  lines.push(
    "",
    "Try it:",
    `  curl -N ${url}/v1/chat/completions -H 'content-type: application/json' -d '${body}'`,
    "",
    `Point an SDK at ${url}/v1. Metrics: ${url}/metrics. Ctrl-C drains and stops.`,
  );
  return lines.join("\n");
}
