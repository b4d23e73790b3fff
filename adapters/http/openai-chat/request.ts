/** A client's chat-completions body to a `ModelRequest`. Checks what the gateway itself reads; every other field is the vendor's to judge. */
import * as v from "valibot";
import { MidStreamError } from "../../../core/errors/midstream-error.ts";
import type { RequestOrigin } from "../../../core/pipeline/dialect.ts";
import type { ModelRequest } from "../../../core/stream/model-request.ts";
import { isShownHeader } from "../../../core/stream/request-headers.ts";

/** Most choices that OpenAI takes in one request. */
const maxChoices = 128;
/** Longest name of a model, in characters. */
const maxModel = 256;

const requestSchema = v.looseObject({
  model: v.pipe(
    v.string("must be a string"),
    v.nonEmpty("must not be empty"),
    v.maxLength(maxModel, `must have at most ${maxModel} characters`),
  ),
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

const invalid = (field: string | undefined, what: string): MidStreamError =>
  new MidStreamError("REQUEST_INVALID", field === undefined ? what : `Request field ${field} ${what}`, {
    publicMessage: field === undefined ? what : `Invalid field ${field}: ${what}`,
    ...(field === undefined ? {} : { field }),
  });

/** @throws MidStreamError REQUEST_INVALID naming the field, never its value */
export function toRequest(bytes: Uint8Array, origin: RequestOrigin): ModelRequest {
  const body = parse(bytes);
  if (!isValid(body)) refuse(body);
  const { model, stream, n, stream_options: streamOptions } = body;
  let kept: Readonly<Record<string, string>> | undefined;
  let frozen: Readonly<Record<string, unknown>> | undefined;
  const request: Omit<ModelRequest, "clientKey"> & { clientKey?: string } = {
    model,
    stream: stream ?? false,
    choiceCount: n ?? 1,
    wantsUsage: streamOptions?.include_usage ?? false,
    dialect: "openai-chat",
    bytes,
    // Most requests pass without anybody reading their fields: freezing them all, and copying the headers, would cost more than parsing.
    get body() {
      frozen ??= deepFreeze(parse(bytes));
      return frozen;
    },
    get headers() {
      kept ??= shownHeaders(origin.headers?.() ?? {});
      return kept;
    },
  };
  if (origin.clientKey !== undefined) request.clientKey = origin.clientKey;
  return Object.freeze(request);
}

/** The fields that are read here. */
interface RequestBody {
  readonly model: string;
  readonly stream?: boolean | null;
  readonly n?: number | null;
  readonly stream_options?: { readonly include_usage?: boolean | null } | null;
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === "object" && value !== null;
const isFlag = (value: unknown): boolean => value === undefined || value === null || typeof value === "boolean";

/** What `requestSchema` says, a tenth of its time; the schema is asked only for the words of a refusal. */
function isValid(body: Readonly<Record<string, unknown>>): body is Readonly<Record<string, unknown>> & RequestBody {
  const { model, messages, stream, n, stream_options: options } = body;
  if (typeof model !== "string" || model === "" || model.length > maxModel) return false;
  if (!Array.isArray(messages) || !messages.every(isObject) || !isFlag(stream)) return false;
  if (n !== undefined && n !== null && !(Number.isInteger(n) && (n as number) >= 1 && (n as number) <= maxChoices)) return false;
  return options === undefined || options === null || (isObject(options) && isFlag(options.include_usage));
}

function refuse(body: Readonly<Record<string, unknown>>): never {
  const checked = v.safeParse(requestSchema, body, { abortEarly: true });
  if (checked.success) throw new MidStreamError("KERNEL_INTERNAL", "The request's two checks contradict each other");
  const [issue] = checked.issues;
  const missing = issue.kind === "schema" && issue.received === "undefined";
  throw invalid(v.getDotPath(issue) ?? undefined, missing ? "is required" : issue.message);
}

const decoder = new TextDecoder("utf-8", { fatal: true });

/**
 * Levels that a body may nest. Real ones stay below 50, JSON Schemas of tools included. Parsing costs 0.5 us a level on Bun 1.4.5:
 * 16 MiB of brackets would stop every stream of the process for five seconds.
 */
const maxDepth = 1000;

const quote = 0x22;
const backslash = 0x5c;

/** Index of the quote that ends the string that begins at `start`; the end of the text where none does. */
function stringEnd(bytes: Uint8Array, start: number): number {
  for (let end = bytes.indexOf(quote, start + 1); end >= 0; end = bytes.indexOf(quote, end + 1)) {
    let escapes = 0;
    while (bytes[end - 1 - escapes] === backslash) escapes += 1;
    if (escapes % 2 === 0) return end;
  }
  return bytes.byteLength;
}

/** Of JSON; of anything else it says something, and the parser refuses it. */
function isTooDeep(bytes: Uint8Array): boolean {
  let depth = 0;
  for (let at = 0; at < bytes.byteLength; at += 1) {
    const byte = bytes[at];
    if (byte === quote) at = stringEnd(bytes, at);
    else if (byte === 0x5b || byte === 0x7b) {
      depth += 1;
      if (depth > maxDepth) return true;
    } else if (byte === 0x5d || byte === 0x7d) depth -= 1;
  }
  return false;
}

function parse(bytes: Uint8Array): Readonly<Record<string, unknown>> {
  // A shorter body cannot nest so deep and be JSON.
  if (bytes.byteLength > 2 * maxDepth && isTooDeep(bytes))
    throw invalid(undefined, `The request's body nests more than ${maxDepth} levels`);
  let body: unknown;
  try {
    body = JSON.parse(decoder.decode(bytes));
  } catch {
    throw invalid(undefined, "The request's body is no JSON"); // The parser's message would repeat the body.
  }
  if (typeof body !== "object" || body === null || Array.isArray(body)) throw invalid(undefined, "The request's body is no JSON object");
  return body as Readonly<Record<string, unknown>>;
}

function shownHeaders(headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (isShownHeader(name)) kept[name.toLowerCase()] = value;
  }
  return Object.freeze(kept);
}

/**
 * Members and elements of one request that are frozen. JavaScriptCore takes 2 us for an element of an array, and as long again when it is
 * read: 16 MiB of numbers would stop every stream for half a minute. Real requests have hundreds; what is beyond is left as it is.
 */
const maxFrozen = 20_000;

/** Without recursion: a request's depth is the client's choice. */
function deepFreeze<T extends object>(root: T): T {
  const waiting: object[] = [root];
  let frozen = 0;
  for (let value = waiting.pop(); value !== undefined; value = waiting.pop()) {
    const members = Array.isArray(value) ? value : Object.values(value);
    frozen += 1 + members.length;
    if (frozen > maxFrozen) break;
    for (const member of members) if (typeof member === "object" && member !== null) waiting.push(member);
    Object.freeze(value);
  }
  return root;
}
