/** A client's chat-completions body to a `ModelRequest`. Checks what the gateway itself reads; every other field is the vendor's to judge. */
import * as v from "valibot";
import { MidStreamError } from "../../../core/errors/midstream-error.ts";
import type { ModelRequest } from "../../../core/stream/model-request.ts";

/** Most choices that OpenAI takes in one request. */
const maxChoices = 128;

const requestSchema = v.looseObject({
  model: v.pipe(v.string("must be a string"), v.nonEmpty("must not be empty"), v.maxLength(256, "must have at most 256 characters")),
  messages: v.array(v.looseObject({}, "must be an object"), "must be an array"),
  stream: v.nullish(v.boolean("must be true or false")),
  n: v.nullish(
    v.pipe(
      v.number(`must be a whole number from 1 to ${maxChoices}`),
      v.integer(`must be a whole number from 1 to ${maxChoices}`),
      v.minValue(1, `must be a whole number from 1 to ${maxChoices}`),
      v.maxValue(maxChoices, `must be a whole number from 1 to ${maxChoices}`),
    ),
  ),
  stream_options: v.nullish(v.looseObject({ include_usage: v.nullish(v.boolean("must be true or false")) }, "must be an object")),
});

/** Headers that may hold a key never reach plugins. */
const secretHeader = /^(?:authorization|proxy-authorization|cookie|set-cookie)$|key|token|secret|password|credential/;

const invalid = (field: string | undefined, what: string): MidStreamError =>
  new MidStreamError("REQUEST_INVALID", field === undefined ? what : `Request field ${field} ${what}`, {
    publicMessage: field === undefined ? what : `Invalid field ${field}: ${what}`,
    ...(field === undefined ? {} : { field }),
  });

/** @throws MidStreamError REQUEST_INVALID naming the field, never its value */
export function toRequest(bytes: Uint8Array, headers: Readonly<Record<string, string>>): ModelRequest {
  const body = parse(bytes);
  const checked = v.safeParse(requestSchema, body, { abortEarly: true });
  if (!checked.success) {
    const [issue] = checked.issues;
    const missing = issue.kind === "schema" && issue.received === "undefined";
    throw invalid(v.getDotPath(issue) ?? undefined, missing ? "is required" : issue.message);
  }
  const { model, stream, n, stream_options: streamOptions } = checked.output;
  return Object.freeze({
    model,
    stream: stream ?? false,
    choiceCount: n ?? 1,
    wantsUsage: streamOptions?.include_usage ?? false,
    dialect: "openai-chat",
    body: deepFreeze(body),
    bytes,
    headers: routingHeaders(headers),
  });
}

function parse(bytes: Uint8Array): Readonly<Record<string, unknown>> {
  let body: unknown;
  try {
    body = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    throw invalid(undefined, "The request's body is no JSON"); // The parser's message would repeat the body.
  }
  if (typeof body !== "object" || body === null || Array.isArray(body)) throw invalid(undefined, "The request's body is no JSON object");
  return body as Readonly<Record<string, unknown>>;
}

function routingHeaders(headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    const lower = name.toLowerCase();
    if (!secretHeader.test(lower)) kept[lower] = value;
  }
  return Object.freeze(kept);
}

/** Without recursion: a request's depth is the client's choice. */
function deepFreeze<T extends object>(root: T): T {
  const waiting: object[] = [root];
  for (let value = waiting.pop(); value !== undefined; value = waiting.pop()) {
    Object.freeze(value);
    for (const member of Object.values(value)) if (typeof member === "object" && member !== null) waiting.push(member);
  }
  return root;
}
