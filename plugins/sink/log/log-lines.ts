/** Which line an event makes. No content, no key, no matched text ever gets here: events hold none. */
import type { SinkEvent } from "../../../core/plugin/contract.ts";
import type { Tally } from "./request-tally.ts";

type RequestEnd = Extract<SinkEvent, { readonly type: "request-end" }>;
type PluginFailure = Extract<SinkEvent, { readonly type: "plugin-failure" }>;

/** Characters of a model's name that are kept: the client writes it. */
const maxModel = 128;

const rounded = (ms: number): number => Math.round(ms * 1_000) / 1_000;

/** How loud a request's end is. A client that leaves is no error, a blocked answer is what the operator wanted. */
const levels = { finished: "info", blocked: "info", cancelled: "info", rejected: "warning", failed: "error" } as const;

/** One line of JSON for a request. */
export function requestLine(time: string, end: RequestEnd, tally: Tally | undefined): string {
  const { usage } = end;
  return JSON.stringify({
    time,
    level: levels[end.outcome],
    event: "request",
    session: end.session,
    pipeline: end.pipeline,
    model: end.model.slice(0, maxModel),
    provider: end.provider,
    stream: end.stream,
    path: end.path,
    status: end.status,
    outcome: end.outcome,
    ...(end.errorCode !== undefined && { errorCode: end.errorCode }),
    ...(usage !== undefined && { inputTokens: usage.inputTokens, outputTokens: usage.outputTokens, totalTokens: usage.totalTokens }),
    findings: end.findings,
    rewrites: end.rewrites,
    ...(tally !== undefined && { rules: tally.rules, verdicts: tally.verdicts }),
    maxHeldBytes: end.maxHeldBytes,
    durationMs: rounded(end.durationMs),
    firstByteMs: rounded(end.firstByteMs),
    gatewayMs: rounded(end.gatewayMs),
  });
}

/** One line of JSON for a plugin's failure. */
export function failureLine(time: string, { plugin, code, session }: PluginFailure): string {
  return JSON.stringify({ time, level: "error", event: "plugin-failure", ...(session !== undefined && { session }), plugin, code });
}

/** One line of JSON for lines that could not be written. */
export function droppedLine(time: string, dropped: number): string {
  return JSON.stringify({ time, level: "warning", event: "log-dropped", lines: dropped });
}
