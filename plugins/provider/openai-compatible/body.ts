/** The request's body for the upstream: the client's bytes, with as few of them replaced as the config demands. */
import { Buffer } from "node:buffer";
import { asObject, contextTexts } from "../../../core/dialects/openai-chat/index.ts";
import { jsonString, locate, replaceSpans, type SpanEdit } from "../../../core/stream/json-spans.ts";
import type { ModelRequest } from "../../../core/stream/model-request.ts";

const space = 32;
const comma = 44;
const colon = 58;
const openBrace = 123;
const closeBrace = 125;

/** What must differ from the client's request. */
export interface BodyChanges {
  readonly model?: string;
  readonly addUsage: boolean;
}

/** Byte for byte the client's where nothing must differ; else spliced; written anew only where the client's bytes are gone. */
export function requestBody(request: ModelRequest, changes: BodyChanges): Uint8Array {
  const { bytes } = request;
  const has = bytes === undefined ? unknown : mentions(bytes);
  // MidStream's own member, which vendors refuse.
  if (has.context && request.body.context !== undefined && contextTexts(request.body.context) !== undefined) {
    const { context: _, ...body } = request.body;
    const left = bytes === undefined ? undefined : without(bytes, "context");
    const { bytes: _bytes, ...rest } = request;
    return requestBody({ ...rest, body, ...(left !== undefined && { bytes: left }) }, changes);
  }
  if (bytes === undefined) return written(request, changes);
  if (changes.model === undefined && !changes.addUsage) return bytes;
  if (changes.model === undefined && !has.options) {
    // The usual request: one member more, without a look at what is between the braces. A request always has members.
    const end = bytes.lastIndexOf(closeBrace);
    if (bytes[0] === openBrace && end > 0) return inserted(bytes, end, usageMember);
  }
  const root = locate(bytes, []);
  // A byte order mark, for one, hides the object.
  if (root === undefined || bytes[root.start] !== openBrace || bytes[root.end - 1] !== closeBrace) return written(request, changes);
  const edits: SpanEdit[] = [];
  const model = changes.model === undefined ? undefined : locate(bytes, ["model"]);
  if (model !== undefined) edits.push({ span: model, text: jsonString(changes.model!) });
  if (changes.addUsage) edits.push(usageEdit(bytes, root.end - 1));
  return replaceSpans(bytes, edits);
}

/** The bytes without a member; undefined where its name is not written plainly, or stands twice. */
function without(bytes: Uint8Array, name: string): Uint8Array | undefined {
  const value = locate(bytes, [name]);
  const plain = `"${name}"`;
  if (value === undefined) return undefined;
  let at = value.start;
  const back = (wanted: (byte: number) => boolean) => {
    while (at > 0 && wanted(bytes[at - 1]!)) at -= 1;
  };
  back((byte) => byte <= space || byte === colon);
  const start = at - plain.length;
  if (start < 1 || new TextDecoder().decode(bytes.subarray(start, at)) !== plain) return undefined;
  let end = value.end;
  while (bytes[end]! <= space) end += 1;
  at = start;
  if (bytes[end] === comma) end += 1;
  else back((byte) => byte <= space || byte === comma);
  const rest = replaceSpans(bytes, [{ span: { start: at, end }, text: "" }]);
  return locate(rest, [name]) === undefined ? rest : undefined;
}

const usageText = ',"stream_options":{"include_usage":true}';
const usageMember = new TextEncoder().encode(usageText);

/** Members that a body may have. */
interface Mentions {
  readonly context: boolean;
  readonly options: boolean;
}

const unknown: Mentions = { context: true, options: true };
const neither: Mentions = { context: false, options: false };

/**
 * Whether the members' names may stand in the bytes, as names or in a text: reading the usual body, which has neither, is spared. In an
 * escape the name of the options would not be seen; added once more then, the last one counts.
 */
function mentions(bytes: Uint8Array): Mentions {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const context = text.includes(contextName) || text.includes(escapeSign);
  const options = text.includes(optionsName);
  return context || options ? { context, options } : neither;
}

const contextName = Buffer.from('"context"');
const optionsName = Buffer.from("stream_options");
/** A name may be written with escapes. */
const escapeSign = Buffer.from("\\u");

/** `bytes` with a member before the brace at `at`, near their end. */
function inserted(bytes: Uint8Array, at: number, member: Uint8Array): Uint8Array {
  const whole = new Uint8Array(bytes.length + member.length);
  whole.set(bytes);
  whole.set(member, at);
  for (let tail = at; tail < bytes.length; tail += 1) whole[tail + member.length] = bytes[tail]!;
  return whole;
}

function usageEdit(bytes: Uint8Array, end: number): SpanEdit {
  const options = locate(bytes, ["stream_options"]);
  if (options === undefined) return { span: { start: end, end }, text: usageText };
  if (bytes[options.start] !== openBrace) return { span: options, text: '{"include_usage":true}' };
  const asked = locate(bytes, ["stream_options", "include_usage"]);
  if (asked !== undefined) return { span: asked, text: "true" };
  const isEmpty = bytes.subarray(options.start + 1, options.end - 1).every((byte) => byte <= 32);
  const at = options.start + 1;
  return { span: { start: at, end: at }, text: `"include_usage":true${isEmpty ? "" : ","}` };
}

function written({ body }: ModelRequest, { model, addUsage }: BodyChanges): Uint8Array {
  const changed = {
    ...body,
    ...(model === undefined ? {} : { model }),
    ...(addUsage ? { stream_options: { ...asObject(body.stream_options), include_usage: true } } : {}),
  };
  return new TextEncoder().encode(JSON.stringify(changed));
}
