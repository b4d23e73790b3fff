/**
 * Parts back into the client's bytes: frames rewritten in place, and the few frames that the gateway makes itself.
 *
 * The same bytes as native/wire (patch.rs, synth.rs); a differential test compares them.
 */
import { asArray, asObject, type ChoiceSlots, choiceSlots, echoPaths, type Json } from "../../../core/dialects/openai-chat/index.ts";
import type { MidStreamError } from "../../../core/errors/midstream-error.ts";
import type { Annotation, Encoder } from "../../../core/pipeline/dialect.ts";
import { type JsonPath, jsonString, locate, replaceSpans, type Span, type SpanEdit } from "../../../core/stream/json-spans.ts";
import type { Frame } from "../../../core/stream/part.ts";
import { dataSpans } from "../../../core/stream/sse.ts";
import { errorObject } from "./error-object.ts";

const encoder = new TextEncoder();
const nothing = new Uint8Array(0);
const done = encoder.encode("data: [DONE]\n\n");
const keepAlive = encoder.encode(": keep-alive\n\n");

const frameOf = (json: string): Uint8Array => encoder.encode(`data: ${json}\n\n`);

/** Longest value that made frames repeat, in bytes; that of native/wire. */
const maxEchoBytes = 512;

/** The encoder of one answer. */
export function createEncoder(mode: "stream" | "unary"): Encoder {
  const stream = mode === "stream";
  return {
    rewrite: (frame, texts, blocked) => (stream ? rewriteFrame : rewriteWhole)(frame, texts, blocked),
    blocked: (choice, message, like) => (stream ? blockedFrames(choice, message, like) : nothing),
    done: () => (stream ? done.slice() : nothing),
    error: (error: MidStreamError) => {
      const json = JSON.stringify({ error: errorObject(error) });
      return stream ? frameOf(json) : encoder.encode(json);
    },
    keepAlive: () => (stream ? keepAlive.slice() : nothing),
    annotate: (annotation, { body, like }) => (stream ? frameOf(annotationChunk(annotation, like)) : annotatedBody(annotation, body)),
  };
}

/** Where a payload's bytes stand in a frame. */
interface Payload {
  readonly bytes: Uint8Array;
  /** From a range of the payload to one of the frame. */
  readonly inFrame: (span: Span) => Span;
}

function payloadOf(frame: Uint8Array): Payload {
  const lines = dataSpans(frame);
  const [only] = lines;
  if (lines.length === 1 && only !== undefined) {
    return {
      bytes: frame.subarray(only.start, only.end),
      inFrame: ({ start, end }) => ({ start: start + only.start, end: end + only.start }),
    };
  }
  const bytes = new Uint8Array(lines.reduce((sum, line) => sum + line.end - line.start + 1, 0));
  const starts: number[] = [];
  let at = 0;
  for (const line of lines) {
    starts.push(at);
    bytes.set(frame.subarray(line.start, line.end), at);
    at += line.end - line.start;
    bytes[at] = 10;
    at += 1;
  }
  const place = (offset: number): number => {
    const line = Math.max(
      0,
      starts.findLastIndex((start) => start <= offset),
    );
    return lines[line]!.start + offset - starts[line]!;
  };
  // A value may end where its line does, so its last byte is mapped, not the byte behind.
  return { bytes, inFrame: ({ start, end }) => ({ start: place(start), end: place(end - 1) + 1 }) };
}

/** The value for a text in place of a string, or of JSON that was itself the text. */
function textValue(text: string, isJson: boolean): string {
  if (!isJson) return jsonString(text);
  try {
    JSON.parse(text);
    // A line end between tokens would end the frame's line.
    return text.replace(/[\u0000-\u001f]/g, " ");
  } catch {
    return jsonString(text); // No JSON any more: as a string it cannot break the frame.
  }
}

/** The value for a rewritten text: a half of a character at an end of it, which was cut there, stays one, as in native/wire/src/text.rs. */
function withHalves(text: string): string {
  const start = /^[\udc00-\udfff]/.exec(text)?.[0] ?? "";
  const end = /[\ud800-\udbff]$/.exec(text)?.[0] ?? "";
  // `JSON.stringify` writes lone surrogates as escapes of themselves.
  return JSON.stringify(start + text.slice(start.length, text.length - end.length).toWellFormed() + end);
}

/** Choices that a policy ended, with its message. */
type Blocked = ReadonlyMap<number, string>;

/** What one rewrite works on: a payload, and what shall become of its texts. */
interface Rewrite {
  readonly json: Uint8Array;
  readonly object: Json;
  readonly choices: readonly ChoiceSlots[];
  readonly texts: readonly (string | undefined)[];
  readonly blocked: Blocked;
}

/** Edits for the texts of each choice, for log-probabilities that repeat a changed one, and for values that repeat a text. */
function editsOf(rewrite: Rewrite, holder: "delta" | "message"): SpanEdit[] {
  const { json, choices, texts, blocked } = rewrite;
  const edits: SpanEdit[] = [];
  let first = 0;
  for (const choice of choices) {
    const own = texts.slice(first, first + choice.texts.length);
    first += choice.texts.length;
    const message = blocked.get(choice.choice);
    const inPlace = holder === "message" && message !== undefined ? endWhole(json, { choice, message, edits }) : undefined;
    let changed = holder === "delta" && message !== undefined;
    for (const [index, slot] of choice.texts.entries()) {
      const text = own[index];
      const isChanged = text !== undefined;
      changed ||= isChanged;
      const behind = inPlace === index ? (message ?? "") : "";
      if (!isChanged && behind === "") continue;
      const value = !slot.isJson && isChanged && behind === "" ? withHalves(text) : textValue((text ?? slot.text) + behind, slot.isJson);
      push(edits, locate(json, slot.path), value);
    }
    const path: JsonPath = ["choices", choice.position];
    if (changed) pushUnlessNull(edits, json, { path: [...path, "logprobs"], text: "null" });
    // In a stream the blocked choice's reason comes in a frame of its own.
    if (holder === "delta" && message !== undefined && choice.finishReason !== undefined) {
      push(edits, locate(json, [...path, "finish_reason"]), "null");
    }
  }
  for (const path of echoPaths(rewrite.object, holder)) push(edits, locate(json, path), '""');
  return edits;
}

const nullStart = 110;

function push(edits: SpanEdit[], span: Span | undefined, text: string): void {
  if (span !== undefined) edits.push({ span, text });
}

function pushUnlessNull(edits: SpanEdit[], json: Uint8Array, { path, text }: { readonly path: JsonPath; readonly text: string }): void {
  const span = locate(json, path);
  if (span !== undefined && json[span.start] !== nullStart) edits.push({ span, text });
}

const parsed = (frame: Frame): Json => asObject(JSON.parse(frame.payload)) ?? {};

function rewriteFrame(frame: Frame, texts: readonly (string | undefined)[], blocked: Blocked = new Map()): Uint8Array {
  const { bytes, inFrame } = payloadOf(frame.bytes);
  const object = parsed(frame);
  const edits = editsOf({ json: bytes, object, choices: choiceSlots(object, "delta", frame.payload), texts, blocked }, "delta");
  return replaceSpans(
    frame.bytes,
    edits.map(({ span, text }) => ({ span: inFrame(span), text })),
  );
}

function rewriteWhole(frame: Frame, texts: readonly (string | undefined)[], blocked: Blocked = new Map()): Uint8Array {
  const object = parsed(frame);
  const choices = choiceSlots(object, "message", frame.payload);
  return replaceSpans(frame.bytes, editsOf({ json: frame.bytes, object, choices, texts, blocked }, "message"));
}

/**
 * Edits that end a choice of a whole answer: the finish reason, and the policy's message where the content is no string with text.
 * Where it is one, its place among the choice's texts is returned, and the message stands behind it.
 */
function endWhole(
  json: Uint8Array,
  { choice, message, edits }: { readonly choice: ChoiceSlots; readonly message: string; readonly edits: SpanEdit[] },
): number | undefined {
  const path: JsonPath = ["choices", choice.position];
  const finish = locate(json, [...path, "finish_reason"]);
  if (finish === undefined) addMember(json, { path, text: '"finish_reason":"content_filter"', edits });
  else edits.push({ span: finish, text: '"content_filter"' });
  if (message === "") return undefined;
  const inPlace = choice.texts.findIndex((slot) => slot.path.length === 4 && slot.path[3] === "content");
  if (inPlace >= 0) return inPlace;
  const content = locate(json, [...path, "message", "content"]);
  if (content === undefined) addMember(json, { path: [...path, "message"], text: `"content":${jsonString(message)}`, edits });
  else if (json[content.start] !== openBracket) edits.push({ span: content, text: jsonString(message) });
  else addMember(json, { path: [...path, "message", "content"], text: `{"type":"text","text":${jsonString(message)}}`, edits });
  return undefined;
}

/** Adds a member to an object or an item to a list, behind the others. */
function addMember(
  json: Uint8Array,
  { path, text, edits }: { readonly path: JsonPath; readonly text: string; readonly edits: SpanEdit[] },
): void {
  const holder = locate(json, path);
  if (holder === undefined || (json[holder.start] !== openBrace && json[holder.start] !== openBracket)) return;
  const end = holder.end - 1;
  const isEmpty = json.subarray(holder.start + 1, end).every((byte) => byte <= 32);
  edits.push({ span: { start: end, end }, text: isEmpty ? text : `,${text}` });
}

/** JSON of a chunk without choices of its own, with what the answer's frames say about it. */
function envelope(like: Frame | undefined): {
  readonly id: string;
  readonly created: string;
  readonly model: string;
  readonly more: string;
} {
  const bytes = like === undefined ? nothing : payloadOf(like.bytes).bytes;
  const value = (name: string, fallback: string): string => {
    const span = locate(bytes, [name]);
    if (span === undefined || span.end === span.start || span.end - span.start > maxEchoBytes) return fallback;
    return new TextDecoder().decode(bytes.subarray(span.start, span.end)).replace(/[\u0000-\u001f]/g, " ");
  };
  const fingerprint = value("system_fingerprint", "");
  return {
    id: value("id", '""'),
    created: value("created", "0"),
    model: value("model", '""'),
    more: fingerprint === "" ? "" : `,"system_fingerprint":${fingerprint}`,
  };
}

function blockedFrames(choice: number, message: string, like: Frame | undefined): Uint8Array {
  const { id, created, model, more } = envelope(like);
  const frame = (delta: string, reason: string): string =>
    `data: {"id":${id},"object":"chat.completion.chunk","created":${created},"model":${model}${more},"choices":[{"index":${choice},"delta":{${delta}},"logprobs":null,"finish_reason":${reason}}]}\n\n`;
  const first = message === "" ? "" : frame(`"content":${jsonString(message)}`, "null");
  return encoder.encode(first + frame("", '"content_filter"'));
}

/** The side band's field: what was seen and done. */
function annotationField({ findings, verdicts }: Annotation): string {
  return JSON.stringify({ findings, verdicts });
}

/** A chunk with empty choices and one more field: what every SDK tolerates (facts/gateways.md, section 7). */
function annotationChunk(annotation: Annotation, like: Frame | undefined): string {
  const { id, created, model, more } = envelope(like);
  const head = `{"id":${id},"object":"chat.completion.chunk","created":${created},"model":${model}${more}`;
  return `${head},"choices":[],"midstream":${annotationField(annotation)}}`;
}

function annotatedBody(annotation: Annotation, body: Uint8Array = nothing): Uint8Array {
  const root = locate(body, []);
  if (root === undefined || body[root.end - 1] !== closeBrace) return body;
  const isEmpty = asArray(Object.keys(asObject(JSON.parse(new TextDecoder().decode(body))) ?? {})).length === 0;
  const at = root.end - 1;
  return replaceSpans(body, [{ span: { start: at, end: at }, text: `${isEmpty ? "" : ","}"midstream":${annotationField(annotation)}` }]);
}

const openBrace = 123;
const closeBrace = 125;
const openBracket = 91;
