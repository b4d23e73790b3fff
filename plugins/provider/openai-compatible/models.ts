/** The upstream's list of models: asked for rarely, remembered, never waited for long. */
import { abortable, deadline } from "../../../core/async/index.ts";
import { asArray, asObject } from "../../../core/dialects/openai-chat/index.ts";
import { MidStreamError } from "../../../core/errors/midstream-error.ts";
import type { ModelInfo, Transport, UpstreamRequest, UpstreamResponse } from "../../../core/plugin/contract.ts";

/** Largest list that is read, in bytes; OpenRouter's, the longest known, has about half a million. */
const maxListBytes = 4_194_304;

/** How long a failure is remembered, in milliseconds: whoever asks meanwhile gets the last list, and the upstream is left in peace. */
const failureMs = 5_000;

/** Longest wait for a list, in milliseconds; the transport's own limits are those of an answer. */
const usualTimeoutMs = 10_000;

/** What asking needs. */
export interface ModelListSettings {
  readonly transport: Transport;
  readonly request: UpstreamRequest;
  readonly cacheMs: number;
  /** Longest wait for the upstream, in milliseconds; default 10 s. */
  readonly timeoutMs?: number;
  readonly now: () => number;
  readonly log: (event: string, fields: Readonly<Record<string, string>>) => void;
}

/**
 * Asks at most once at a time and once in `cacheMs`, for all callers together. An upstream that does not answer leaves the last list, or
 * none, and is asked again after some seconds.
 *
 * @returns rejects only where the caller's own signal is aborted, which the other callers do not notice
 */
export function createModelList(settings: ModelListSettings): (signal: AbortSignal) => Promise<readonly ModelInfo[]> {
  let known: readonly ModelInfo[] = [];
  let untilMs = Number.NEGATIVE_INFINITY;
  let asking: Promise<readonly ModelInfo[]> | undefined;
  const ask = async () => {
    try {
      known = await fetchList(settings);
      untilMs = settings.now() + settings.cacheMs;
    } catch (error) {
      untilMs = settings.now() + failureMs;
      settings.log("models-unavailable", { code: error instanceof MidStreamError ? error.code : "KERNEL_INTERNAL" });
    } finally {
      asking = undefined;
    }
    return known;
  };
  return async (signal) => {
    if (settings.now() < untilMs) return known;
    asking ??= ask();
    return abortable(asking, signal);
  };
}

/** Gives up after `timeoutMs`, and closes the upstream then. */
async function fetchList({ transport, request, timeoutMs = usualTimeoutMs }: ModelListSettings): Promise<readonly ModelInfo[]> {
  const cancel = new AbortController();
  const load = async () => {
    const response = await transport.connect(request, { signal: cancel.signal, rawBody: false });
    // The signal cancels in every phase, but not what came when nobody waited any more.
    if (cancel.signal.aborted) response.cancel();
    return parseList(response, await readWhole(response, cancel.signal));
  };
  try {
    return await deadline(load(), timeoutMs);
  } catch (error) {
    cancel.abort(error);
    if (!(error instanceof DOMException && error.name === "TimeoutError")) throw error;
    throw new MidStreamError("PROVIDER_TIMEOUT", `The upstream sent no list of models within ${timeoutMs} ms`, { cause: error });
  }
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

function readWhole(response: UpstreamResponse, signal: AbortSignal): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  return new Promise((resolve, reject) => {
    signal.addEventListener("abort", () => response.cancel(), { once: true });
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
