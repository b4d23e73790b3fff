/** The upstream's list of models, asked for rarely and remembered. */
import { asArray, asObject } from "../../../core/dialects/openai-chat/index.ts";
import { MidStreamError } from "../../../core/errors/midstream-error.ts";
import type { ModelInfo, Transport, UpstreamRequest, UpstreamResponse } from "../../../core/plugin/contract.ts";

/** Largest list that is read, in bytes; OpenRouter's, the longest known, has about half a million. */
const maxListBytes = 4_194_304;

/** What asking needs. */
export interface ModelListSettings {
  readonly transport: Transport;
  readonly request: UpstreamRequest;
  readonly cacheMs: number;
  readonly now: () => number;
  readonly log: (event: string, fields: Readonly<Record<string, string>>) => void;
}

/** Asks at most once in `cacheMs`. An upstream that does not answer leaves the last list, or none. */
export function createModelList(settings: ModelListSettings): (signal: AbortSignal) => Promise<readonly ModelInfo[]> {
  let known: readonly ModelInfo[] = [];
  let untilMs = Number.NEGATIVE_INFINITY;
  return async (signal) => {
    if (settings.now() < untilMs) return known;
    try {
      const response = await settings.transport.connect(settings.request, { signal, rawBody: false });
      known = parseList(response, await readWhole(response));
      untilMs = settings.now() + settings.cacheMs;
    } catch (error) {
      if (signal.aborted) throw error;
      settings.log("models-unavailable", { code: error instanceof MidStreamError ? error.code : "KERNEL_INTERNAL" });
    }
    return known;
  };
}

function parseList(response: UpstreamResponse, text: string): ModelInfo[] {
  if (response.status !== 200) {
    throw new MidStreamError("PROVIDER_STATUS", `The upstream answered ${response.status} to GET /models`, {
      upstreamStatus: response.status,
    });
  }
  return asArray(asObject(JSON.parse(text))?.data).flatMap((entry) => {
    const { id, owned_by: owner } = asObject(entry) ?? {};
    return typeof id === "string" ? [{ id, ownedBy: typeof owner === "string" ? owner : "upstream" }] : [];
  });
}

function readWhole(response: UpstreamResponse): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  return new Promise((resolve, reject) => {
    response.read({
      chunk(bytes) {
        text += decoder.decode(bytes, { stream: true });
        if (text.length <= maxListBytes) return;
        response.cancel();
        reject(new MidStreamError("PROVIDER_BAD_RESPONSE", `The upstream's list of models has more than ${maxListBytes} bytes`));
      },
      end: () => resolve(text),
      fail: reject,
    });
  });
}
