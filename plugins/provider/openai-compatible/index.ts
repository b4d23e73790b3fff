/**
 * `provider/openai-compatible`: speaks OpenAI's chat-completions dialect to any upstream that has it.
 *
 * Must not know clients, sockets or policies.
 */
import { MidStreamError } from "../../../core/errors/midstream-error.ts";
import { ConnectSettings } from "../../../core/plugin/cancellation.ts";
import {
  definePlugin,
  type PluginContext,
  type Provider,
  type UpstreamRequest,
  type UpstreamResponse,
} from "../../../core/plugin/contract.ts";
import type { ModelRequest } from "../../../core/stream/model-request.ts";
import { requestBody } from "./body.ts";
import { openaiChatDecoder } from "./decoder.ts";
import { createModelList } from "./models.ts";
import { type OpenaiCompatibleConfig, openaiCompatibleConfig } from "./schema.ts";

type Headers = readonly (readonly [name: string, value: string])[];

/** Characters that a bearer key can have (RFC 6750 section 2.1, and what vendors use beyond it). */
const keyText = /^[\x21-\x7e]+$/;

/** Headers that are the same in every request; later ones replace earlier ones of the same name. */
function fixedHeaders(config: OpenaiCompatibleConfig, context: PluginContext): Headers {
  const headers = new Map<string, string>();
  if (config.apiKey !== undefined) {
    const key = context.secret(config.apiKey);
    if (!keyText.test(key))
      throw new MidStreamError("CONFIG_SECRET_MISSING", "The upstream's key is empty or has a character that no key has");
    headers.set("authorization", `Bearer ${key}`);
  }
  if (config.organization !== undefined) headers.set("openai-organization", config.organization);
  for (const [name, value] of Object.entries(config.headers)) {
    headers.set(name.toLowerCase(), typeof value === "string" ? value : context.secret(value));
  }
  return [...headers];
}

function keyOfClient({ clientKey }: ModelRequest): Headers {
  if (clientKey === undefined) return [];
  if (!keyText.test(clientKey)) throw new MidStreamError("REQUEST_INVALID", "The client's key has a character that no key has");
  return [["authorization", `Bearer ${clientKey}`]];
}

/** Name at the upstream for each name that clients may use; undefined where any name goes. */
function namesOf({ models }: OpenaiCompatibleConfig): ReadonlyMap<string, string> | undefined {
  const names = Array.isArray(models) ? models.map((name): [string, string] => [name, name]) : Object.entries(models);
  return names.length === 0 ? undefined : new Map(names);
}

function createProvider(config: OpenaiCompatibleConfig, context: PluginContext): Provider {
  const base = config.baseUrl.replace(/\/+$/, "");
  const transport = context.use("transport", config.transport);
  const fixed = fixedHeaders(config, context);
  const url = `${base}/chat/completions`;
  // Frozen, so that the transport can remember them in their encoded form.
  const accepting = (type: string): Headers => Object.freeze([["content-type", "application/json"], ["accept", type], ...fixed] as const);
  const streamHeaders = accepting("text/event-stream");
  const bodyHeaders = accepting("application/json");
  const names = namesOf(config);
  const listed = createModelList({
    transport,
    request: { method: "GET", url: `${base}/models`, headers: [["accept", "application/json"], ...fixed] },
    cacheMs: config.modelsCacheMs,
    now: context.now,
    log: context.log,
  });
  const passesKey = config.passClientKey && config.apiKey === undefined;

  const addsUsage = (request: ModelRequest): boolean => config.usage === "always" && request.stream && !request.wantsUsage;

  const upstreamRequest = (request: ModelRequest): UpstreamRequest => {
    const model = names === undefined ? request.model : names.get(request.model);
    if (model === undefined) {
      throw new MidStreamError("REQUEST_UNKNOWN_MODEL", `${context.id} is not configured for the requested model`, { field: "model" });
    }
    const addUsage = addsUsage(request);
    const changes = model === request.model ? { addUsage } : { addUsage, model };
    const usual = request.stream ? streamHeaders : bodyHeaders;
    const headers = passesKey && request.clientKey !== undefined ? [...usual, ...keyOfClient(request)] : usual;
    return { method: "POST", url, headers, body: requestBody(request, changes) };
  };

  return {
    dialect: "openai-chat",
    addsUsage,
    decoder: openaiChatDecoder,
    async models({ signal }) {
      return names === undefined ? listed(signal) : [...names.keys()].map((id) => ({ id, ownedBy: context.id }));
    },
    open(request, session, settings) {
      // Not an async function: the transport's promise, and the one that checks, are the only ones.
      try {
        return transport.connect(upstreamRequest(request), new ConnectSettings(session, settings)).then(plain);
      } catch (error) {
        return Promise.reject(error);
      }
    },
  };
}

/** @throws MidStreamError PROVIDER_BAD_RESPONSE where the body cannot be read */
function plain(response: UpstreamResponse): UpstreamResponse {
  const coding = response.headers.get("content-encoding");
  if (coding !== undefined && coding !== "identity") {
    response.cancel();
    throw new MidStreamError("PROVIDER_BAD_RESPONSE", "The upstream compressed its answer though identity was asked for");
  }
  return response;
}

export default definePlugin({
  api: 1,
  role: "provider",
  type: "openai-compatible",
  description: "Any upstream with OpenAI's chat-completions API: OpenAI, vLLM, Ollama, OpenRouter, Groq and others",
  config: openaiCompatibleConfig,
  capabilities: { reads: [], holdBytes: 0, streams: true, cost: "light", onFailure: "closed" },
  requires: (config) => [config.transport],
  setup: async (config, context) => ({ ...createProvider(config, context), async [Symbol.asyncDispose]() {} }),
});
