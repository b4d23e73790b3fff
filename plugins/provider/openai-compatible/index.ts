/** `provider/openai-compatible`: speaks OpenAI's chat-completions dialect to any upstream that has it. Must not know clients, sockets or policies. */
import { MidStreamError } from "../../../core/errors/midstream-error.ts";
import { definePlugin } from "../../../core/plugin/contract.ts";
import { openaiCompatibleConfig } from "./schema.ts";

export default definePlugin({
  api: 1,
  role: "provider",
  type: "openai-compatible",
  description: "Any upstream with OpenAI's chat-completions API: OpenAI, vLLM, Ollama, OpenRouter, Groq and others",
  config: openaiCompatibleConfig,
  capabilities: { reads: [], holdBytes: 0, streams: true, cost: "light", onFailure: "closed" },
  requires: (config) => [config.transport],
  setup: async () => ({
    dialect: "openai-chat",
    models: async () => [],
    addsUsage: () => false,
    open: async () => {
      throw new MidStreamError("PROVIDER_UNREACHABLE", "provider/openai-compatible is not complete");
    },
    decoder: () => ({ push: () => [], end: () => [] }),
    [Symbol.asyncDispose]: async () => {},
  }),
});
