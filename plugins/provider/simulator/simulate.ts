/** A request to a played response: the simulator without the plugin around it. */
import { MidStreamError } from "../../../core/errors/midstream-error.ts";
import type { UpstreamResponse } from "../../../core/plugin/contract.ts";
import type { ModelRequest } from "../../../core/stream/model-request.ts";
import { type PlayClock, type PlayStep, playResponse } from "../../../core/stream/play.ts";
import { answerTo } from "./answer.ts";
import { framesOf, wholeAnswer } from "./frames.ts";
import { createRandom } from "./random.ts";
import { type Scenario, scenarioOf } from "./scenario.ts";
import type { SimulatorConfig } from "./schema.ts";
import { streamScript, wholeScript } from "./script.ts";

/** How it is played. */
export interface SimulateSettings {
  readonly config: SimulatorConfig;
  readonly clock: PlayClock;
  readonly signal: AbortSignal;
  readonly framing: "identity" | "chunked";
}

interface Simulated {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly steps: Iterable<PlayStep>;
}

const json = new Map([["content-type", "application/json"]]);
const events = new Map([["content-type", "text/event-stream; charset=utf-8"]]);

const errorTexts: Readonly<Record<number, string>> = {
  400: "The request was malformed",
  401: "Incorrect API key provided",
  403: "The key has no access to this model",
  404: "The model does not exist",
  429: "Rate limit reached",
  500: "The server had an error",
  503: "The engine is overloaded",
};

function errorStatus(status: number): Simulated {
  const error = {
    message: errorTexts[status] ?? "The request failed",
    type: status < 500 ? "invalid_request_error" : "server_error",
    param: null,
  };
  const body = new TextEncoder().encode(JSON.stringify({ error: { ...error, code: status === 429 ? "rate_limit_exceeded" : null } }));
  const headers = status === 429 || status === 503 ? new Map([...json, ["retry-after", "2"]]) : json;
  return { status, headers, steps: [{ type: "bytes", afterMs: 0, bytes: body }] };
}

function simulated(request: ModelRequest, scenario: Scenario, config: SimulatorConfig): Simulated {
  if (scenario.has("error")) {
    const status = Math.floor(scenario.number("error", 500));
    return errorStatus(status >= 400 && status <= 599 ? status : 500);
  }
  if (scenario.has("not-sse")) {
    const page = new TextEncoder().encode("<html><body>Welcome to the proxy</body></html>");
    return { status: 200, headers: new Map([["content-type", "text/html"]]), steps: [{ type: "bytes", afterMs: 0, bytes: page }] };
  }
  const answer = answerTo(request, scenario, config);
  if (!request.stream)
    return { status: 200, headers: json, steps: wholeScript(wholeAnswer(answer, scenario, request), { scenario, config }) };
  const random = createRandom(scenario.number("seed", config.seed));
  return {
    status: 200,
    headers: events,
    steps: streamScript({ answer, frames: framesOf(answer, scenario, request), scenario, config, random }),
  };
}

/** @throws MidStreamError PROVIDER_UNREACHABLE where the request asks for it; the signal's reason when it aborts before the head */
export async function simulate(request: ModelRequest, settings: SimulateSettings): Promise<UpstreamResponse> {
  const { config, clock, signal, framing } = settings;
  signal.throwIfAborted();
  const scenario = scenarioOf(request, config);
  if (scenario.has("refuse")) throw new MidStreamError("PROVIDER_UNREACHABLE", "The simulator refused the connection, as it was told to");
  if (scenario.has("hang")) await aborted(signal);
  return playResponse({ ...simulated(request, scenario, config), framing, signal, clock });
}

/** Never resolves; rejects when the signal aborts. */
const aborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason), { once: true }));
