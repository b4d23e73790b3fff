/** What `midstream start` serves without a config file: what it finds on this machine, else the simulator. */
import type { Config } from "../../core/index.ts";

/** How long a local Ollama may take to say hello, in milliseconds. */
const ollamaTimeoutMs = 300;
const ollamaUrl = "http://127.0.0.1:11434";

/** A discovered config and, for the start screen, how it came about. */
export interface Discovery {
  readonly config: Config;
  readonly found: string;
  /** A model name for the example. */
  readonly model: string;
}

async function ollamaModels(): Promise<readonly string[]> {
  try {
    const response = await fetch(`${ollamaUrl}/api/tags`, { signal: AbortSignal.timeout(ollamaTimeoutMs) });
    const body = (await response.json()) as { models?: { name?: string }[] };
    return (body.models ?? []).flatMap((model) => (model.name === undefined ? [] : [model.name]));
  } catch {
    // Nothing listens there, or something that is not Ollama.
    return [];
  }
}

const detection = {
  "analyser/pii/all": {},
  "analyser/secrets/all": {},
  "analyser/repetition/loops": {},
  "policy/redact/mask": {},
};

const pipelineOf = (provider: string) => ({
  providers: [provider],
  analysers: ["analyser/pii/all", "analyser/secrets/all", "analyser/repetition/loops"],
  policies: ["policy/redact/mask"],
});

/** Looks at the environment and at a local Ollama; opens nothing else. */
export async function discover(env: Readonly<Record<string, string | undefined>>): Promise<Discovery> {
  const simulator = { "provider/simulator/demo": {} };
  const simulated = { ...pipelineOf("provider/simulator/demo"), match: { models: ["simulator*"] } };
  if (env.OPENAI_API_KEY) {
    return {
      config: {
        plugins: {
          "provider/openai-compatible/openai": {
            baseUrl: env.OPENAI_BASE_URL ?? "https://api.openai.com/v1",
            apiKey: { env: "OPENAI_API_KEY" },
          },
          ...simulator,
          ...detection,
        },
        pipelines: { simulator: simulated, default: pipelineOf("provider/openai-compatible/openai") },
      },
      found: "OPENAI_API_KEY in the environment",
      model: "gpt-4o-mini",
    };
  }
  const [model] = await ollamaModels();
  if (model !== undefined) {
    return {
      config: {
        plugins: { "provider/openai-compatible/ollama": { baseUrl: `${ollamaUrl}/v1` }, ...simulator, ...detection },
        pipelines: { simulator: simulated, default: pipelineOf("provider/openai-compatible/ollama") },
      },
      found: `Ollama at ${ollamaUrl}`,
      model,
    };
  }
  return {
    config: { plugins: { ...simulator, ...detection }, pipelines: { default: pipelineOf("provider/simulator/demo") } },
    found: "no vendor key and no local Ollama: the built-in simulator answers",
    model: "simulator",
  };
}
