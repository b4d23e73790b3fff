/**
 * Chat-completions answers to parts: streams of SSE chunks, and whole objects.
 *
 * What every provider of this dialect shares.
 */
import type { Decoder } from "../../plugin/contract.ts";
import { isLenientJson } from "../../stream/broken-json.ts";
import type { Frame, Part } from "../../stream/part.ts";
import { maxFrameBytes, type SseFrame, SseFramer } from "../../stream/sse.ts";
import { ChunkReader } from "./chunk-reader.ts";
import { repeatsMember } from "./repeated-members.ts";
import { asArray, asObject, echoPaths, type Json, type TextHolder } from "./text-slots.ts";

/** The payload that ends a stream. */
const doneMark = "[DONE]";

/** Reads one answer: `stream` for SSE, `unary` for one object. */
export const openaiChatDecoder = (mode: "stream" | "unary"): Decoder => (mode === "stream" ? new StreamDecoder() : new UnaryDecoder());

/** The object that JSON text holds; undefined if it is none, "malformed" if no client reads the text, "lenient" if some do. */
function parse(text: string): Json | undefined | "malformed" | "lenient" {
  try {
    return asObject(JSON.parse(text));
  } catch {
    return isLenientJson(text) ? "lenient" : "malformed"; // The parser's message would repeat the text.
  }
}

const asRead = (read: ReturnType<typeof parse>): Json | undefined => (typeof read === "string" ? undefined : read);

/** An error's code and message, in the shapes that vendors send. */
function errorOf(object: Json): { readonly code: string; readonly message: string } | undefined {
  const error = object.error;
  if (error === undefined || error === null) return undefined;
  const { code, type, message } = asObject(error) ?? {};
  const name = [code, type].find((value) => typeof value === "string" || typeof value === "number");
  const text = [error, message].find((value) => typeof value === "string");
  return { code: String(name ?? "upstream_error"), message: String(text ?? "The upstream sent an error") };
}

/** Clients would differ in what they read. */
const ambiguous: Part = {
  type: "error",
  code: "PROVIDER_BAD_RESPONSE",
  message: "The upstream sent an object with a member that stands twice",
};

/** Its texts would pass without having been looked at. */
const lenient: Part = {
  type: "error",
  code: "PROVIDER_BAD_RESPONSE",
  message: "The upstream sent what is no JSON and some clients read as such (NaN, Infinity, a control character in a string)",
};

/** Without the upstream's own words, which may repeat a text. */
const errorBeside = { type: "error", message: "The upstream sent an error beside a last text" } as const;

class StreamDecoder implements Decoder {
  readonly #framer = new SseFramer();
  readonly #reader = new ChunkReader("delta");
  /** An end or an error has been reported; what comes after is dropped. */
  #over = false;

  push(bytes: Uint8Array): readonly Part[] {
    if (this.#over) return [];
    const parts = this.#parts(this.#framer.push(bytes));
    if (this.#over || !this.#framer.isOverfull) return parts;
    this.#over = true;
    return [
      ...parts,
      { type: "error", code: "PROVIDER_BAD_RESPONSE", message: `The upstream sent an event of more than ${maxFrameBytes} bytes` },
    ];
  }

  end(): readonly Part[] {
    if (this.#over) return [];
    // Some servers forget the last blank line: an event without it counts if its data are whole.
    const last = this.#framer.end();
    if (last !== undefined && last.payload.trim() !== doneMark && parse(last.payload) === "malformed") return [this.#cut()];
    const parts = last === undefined ? [] : this.#parts([last]);
    if (this.#over) return parts;
    if (!this.#reader.complete) return [...parts, this.#cut()];
    this.#over = true;
    return [...parts, { type: "response-end" }];
  }

  #parts(frames: readonly SseFrame[]): Part[] {
    const parts: Part[] = [];
    for (const frame of frames) if (!this.#over) this.#frame(frame, parts);
    return parts;
  }

  #frame({ event, bytes, payload }: SseFrame, parts: Part[]): void {
    const text = payload.trim();
    if (text === doneMark) {
      this.#done({ bytes, payload }, parts);
      return;
    }
    const read = text === "" ? undefined : parse(payload);
    const object = asRead(read);
    const frame = frameOf({ bytes, payload }, object, "delta");
    const named = event === "error" && text !== "" ? { code: "upstream_error", message: "The upstream sent an error" } : undefined;
    const error = errorOf(object ?? {}) ?? named;
    if (read === "lenient" || (object !== undefined && repeatsMember(payload))) {
      this.#over = true;
      parts.push(read === "lenient" ? lenient : ambiguous);
    } else if (error !== undefined) {
      this.#over = true;
      const texts = object !== undefined && isChunk(object) ? this.#reader.read(object, frame) : [];
      // A last text beside the error is looked at as any other.
      if (texts.some(({ type }) => type.endsWith("-delta"))) parts.push(...texts, { ...errorBeside, code: error.code });
      else parts.push({ type: "error", ...error, frame });
    } else if (object !== undefined && isChunk(object)) {
      for (const part of this.#reader.read(object, frame)) parts.push(part);
    } else {
      parts.push({ type: "raw", frame });
    }
  }

  /** Without one choice the mark ends nothing; whether all choices have ended is the pipeline's to judge, which knows what policies ended. */
  #done(frame: Frame, parts: Part[]): void {
    if (!this.#reader.hasChoices) {
      parts.push(this.#cut());
      return;
    }
    this.#over = true;
    parts.push({ type: "response-end", frame });
  }

  #cut(): Part {
    this.#over = true;
    return { type: "error", code: "PROVIDER_CUT", message: "The upstream ended its answer before it was complete" };
  }
}

const frameOf = (frame: Frame, object: Json | undefined, holder: TextHolder): Frame =>
  object !== undefined && echoPaths(object, holder).length > 0 ? { ...frame, repeats: true } : frame;

/** An object whose choices can be read. */
const isChunk = ({ choices, usage }: Json): boolean =>
  Array.isArray(choices) ? choices.every((choice) => asObject(choice) !== undefined) : asObject(usage) !== undefined;

/** Bytes of a whole answer; the limit of native/wire. */
const maxBodyBytes = 16_777_216;

class UnaryDecoder implements Decoder {
  readonly #chunks: Uint8Array[] = [];
  #bytes = 0;

  push(bytes: Uint8Array): readonly Part[] {
    if (this.#bytes > maxBodyBytes) return [];
    this.#bytes += bytes.length;
    this.#chunks.push(new Uint8Array(bytes));
    if (this.#bytes <= maxBodyBytes) return [];
    return [{ type: "error", code: "PROVIDER_BAD_RESPONSE", message: `The upstream sent a body of more than ${maxBodyBytes} bytes` }];
  }

  end(): readonly Part[] {
    if (this.#bytes > maxBodyBytes) return [];
    const bytes = joined(this.#chunks);
    const payload = new TextDecoder().decode(bytes);
    const object = parse(payload);
    if (object === "lenient") return [lenient];
    const read = asRead(object);
    if (read !== undefined && repeatsMember(payload)) return [ambiguous];
    const frame = frameOf({ bytes, payload }, read, "message");
    const error = errorOf(read ?? {});
    if (error !== undefined) return [{ type: "error", ...error, frame }];
    const end: Part = { type: "response-end", frame };
    // Without a choice it is no answer, whatever else it says.
    if (read === undefined || !isChunk(read) || asArray(read.choices).length === 0) return [{ type: "raw", frame }, end];
    return [...new ChunkReader("message").read(read, frame), end];
  }
}

function joined(chunks: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all;
}
