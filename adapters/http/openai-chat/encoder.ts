/**
 * Parts back into the client's bytes: frames rewritten in place, and the few frames that the gateway makes itself.
 *
 * The same bytes as native/wire (patch.rs, synth.rs); a differential test compares them.
 */
import { asArray, asObject, type ChoiceSlots, choiceSlots, type Json } from "../../../core/dialects/openai-chat/index.ts";
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
    rewrite: (frame, texts, blocked) => (stream ? rewriteFrame(frame, texts) : rewriteWhole(frame, texts, blocked)),
    blocked: (choice, message, like) => (stream ? blockedFrames(choice, message, like) : nothing),
    done: () => (stream ? done.slice() : nothing),
    error: (error: MidStreamError) => {
      const json = JSON.stringify({ error: errorObject(error) });
      return stream ? frameOf(json) : encoder.encode(json);
    },
    keepAlive: () => (stream ? keepAlive.slice() : nothing),
    annotate: (annotation, body) => (stream ? frameOf(annotationChunk(annotation)) : annotatedBody(annotation, body)),
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

/** Edits for the texts of each choice, and for log-probabilities that repeat a changed one. */
function textEdits(json: Uint8Array, choices: readonly ChoiceSlots[], texts: readonly (string | undefined)[]): SpanEdit[] {
  const edits: SpanEdit[] = [];
  let index = 0;
  for (const { position, texts: slots } of choices) {
    let changed = false;
    for (const slot of slots) {
      const text = texts[index];
      index += 1;
      if (text === undefined || text === slot.text) continue;
      changed = true;
      push(edits, locate(json, slot.path), textValue(text, slot.isJson));
    }
    const logprobs = changed ? locate(json, ["choices", position, "logprobs"]) : undefined;
    if (logprobs !== undefined && json[logprobs.start] !== nullStart) push(edits, logprobs, "null");
  }
  return edits;
}

const nullStart = 110;

function push(edits: SpanEdit[], span: Span | undefined, text: string): void {
  if (span !== undefined) edits.push({ span, text });
}

const parsed = (frame: Frame): Json => asObject(JSON.parse(frame.payload)) ?? {};

function rewriteFrame(frame: Frame, texts: readonly (string | undefined)[]): Uint8Array {
  const payload = payloadOf(frame.bytes);
  const edits = textEdits(payload.bytes, choiceSlots(parsed(frame), "delta", frame.payload), texts);
  return replaceSpans(
    frame.bytes,
    edits.map(({ span, text }) => ({ span: payload.inFrame(span), text })),
  );
}

function rewriteWhole(frame: Frame, texts: readonly (string | undefined)[], blocked?: ReadonlyMap<number, string>): Uint8Array {
  const choices = choiceSlots(parsed(frame), "message", frame.payload);
  const body = replaceSpans(frame.bytes, textEdits(frame.bytes, choices, texts));
  if (blocked === undefined || blocked.size === 0) return body;
  // Text values have moved: the ends of blocked choices are looked up in what they have become.
  const edits: SpanEdit[] = [];
  for (const { choice, position } of choices) {
    const message = blocked.get(choice);
    if (message !== undefined) blockedEdits(body, ["choices", position], { message, edits });
  }
  return replaceSpans(body, edits);
}

/** Adds the message to the choice's content and replaces the finish reason, or adds either where it is missing. */
function blockedEdits(body: Uint8Array, choice: JsonPath, into: { readonly message: string; readonly edits: SpanEdit[] }): void {
  const { message, edits } = into;
  const finish = locate(body, [...choice, "finish_reason"]);
  const whole = locate(body, choice);
  if (finish !== undefined) edits.push({ span: finish, text: '"content_filter"' });
  else if (whole !== undefined)
    edits.push({ span: { start: whole.end - 1, end: whole.end - 1 }, text: ',"finish_reason":"content_filter"' });
  if (message === "") return;
  const content = locate(body, [...choice, "message", "content"]);
  const holder = locate(body, [...choice, "message"]);
  if (content !== undefined) {
    const value: unknown = JSON.parse(new TextDecoder().decode(body.subarray(content.start, content.end)));
    edits.push({ span: content, text: withMessage(value, message) });
  } else if (holder !== undefined) {
    const comma = holder.end - holder.start > 2 ? "," : "";
    edits.push({ span: { start: holder.end - 1, end: holder.end - 1 }, text: `${comma}"content":${jsonString(message)}` });
  }
}

function withMessage(content: unknown, message: string): string {
  if (Array.isArray(content)) return JSON.stringify([...content, { type: "text", text: message }]);
  return jsonString((typeof content === "string" ? content : "") + message);
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
const annotationChunk = (annotation: Annotation): string =>
  `{"id":"","object":"chat.completion.chunk","created":0,"model":"","choices":[],"midstream":${annotationField(annotation)}}`;

function annotatedBody(annotation: Annotation, body: Uint8Array = nothing): Uint8Array {
  const root = locate(body, []);
  if (root === undefined || body[root.end - 1] !== closeBrace) return body;
  const isEmpty = asArray(Object.keys(asObject(JSON.parse(new TextDecoder().decode(body))) ?? {})).length === 0;
  const at = root.end - 1;
  return replaceSpans(body, [{ span: { start: at, end: at }, text: `${isEmpty ? "" : ","}"midstream":${annotationField(annotation)}` }]);
}

const closeBrace = 125;
