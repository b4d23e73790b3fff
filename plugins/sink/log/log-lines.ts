/** Which line an event makes. No content, no key, no matched text ever gets here: events hold none. */
import type { SinkEvent } from "../../../core/plugin/contract.ts";
import type { Tally } from "./request-tally.ts";

type RequestEnd = Extract<SinkEvent, { readonly type: "request-end" }>;
type ProviderFailure = Extract<SinkEvent, { readonly type: "provider-failure" }>;
type PluginFailure = Extract<SinkEvent, { readonly type: "plugin-failure" }>;

/** Characters of a model's name that are kept: the client writes it. */
const maxModel = 128;

/** Characters of an error's message: a plugin of the operator's may write a long one. */
const maxMessage = 512;

const rounded = (ms: number): number => Math.round(ms * 1_000) / 1_000;

/** How loud a request's end is. A client that leaves is no error, a blocked answer is what the operator wanted. */
const levels = { finished: "info", blocked: "info", cancelled: "info", rejected: "warning", failed: "error" } as const;

/** What needs no escapes: ids, names of pipelines, of most models. */
const plain = /^[\w ./:@+-]*$/;

const quoted = (text: string): string => (plain.test(text) ? `"${text}"` : JSON.stringify(text));

/** One line of JSON for a request. Written out field by field: `JSON.stringify` of the same object takes three times as long. */
export function requestLine(time: string, end: RequestEnd, tally: Tally | undefined): string {
  const { usage, errorCode, errorMessage } = end;
  let line = `{"time":"${time}","level":"${levels[end.outcome]}","event":"request","session":${quoted(end.session)}`;
  line += `,"pipeline":${quoted(end.pipeline)},"model":${quoted(end.model.slice(0, maxModel))},"provider":${quoted(end.provider)}`;
  line += `,"stream":${end.stream},"path":"${end.path}","status":${end.status},"outcome":"${end.outcome}"`;
  if (errorCode !== undefined) line += `,"errorCode":${quoted(errorCode)}`;
  if (errorMessage !== undefined) line += `,"error":${quoted(errorMessage.slice(0, maxMessage))}`;
  if (usage !== undefined) {
    line += `,"inputTokens":${usage.inputTokens},"outputTokens":${usage.outputTokens},"totalTokens":${usage.totalTokens}`;
  }
  line += `,"findings":${end.findings},"rewrites":${end.rewrites}`;
  if (tally !== undefined) line += `,"rules":${JSON.stringify(tally.rules)},"verdicts":${JSON.stringify(tally.verdicts)}`;
  line += `,"maxHeldBytes":${end.maxHeldBytes},"durationMs":${rounded(end.durationMs)}`;
  return `${line},"firstByteMs":${rounded(end.firstByteMs)},"gatewayMs":${rounded(end.gatewayMs)}}`;
}

/** One line of JSON for a provider in whose place another one was asked. */
export function passedOverLine(time: string, { session, pipeline, provider, code, message }: ProviderFailure): string {
  const error = message.slice(0, maxMessage);
  return JSON.stringify({ time, level: "warning", event: "provider-failure", session, pipeline, provider, code, error });
}

/** One line of JSON for a plugin's failure. */
export function failureLine(time: string, { plugin, code, session }: PluginFailure): string {
  return JSON.stringify({ time, level: "error", event: "plugin-failure", ...(session !== undefined && { session }), plugin, code });
}

/** One line of JSON for lines that could not be written. */
export function droppedLine(time: string, dropped: number): string {
  return JSON.stringify({ time, level: "warning", event: "log-dropped", lines: dropped });
}
