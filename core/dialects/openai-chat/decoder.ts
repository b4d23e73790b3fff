/**
 * Chat-completions answers to parts: streams of SSE chunks, and whole objects.
 *
 * What every provider of this dialect shares.
 */
import { isMidStreamError } from "../../errors/midstream-error.ts";
import type { Decoder } from "../../plugin/contract.ts";
import type { Frame, Part } from "../../stream/part.ts";
import { type SseFrame, SseFramer } from "../../stream/sse.ts";
import { ChunkReader } from "./chunk-reader.ts";
import { asArray, asObject, type Json } from "./text-slots.ts";

/** The payload that ends a stream. */
const doneMark = "[DONE]";

/** Reads one answer: `stream` for SSE, `unary` for one object. */
export const openaiChatDecoder = (mode: "stream" | "unary"): Decoder => (mode === "stream" ? new StreamDecoder() : new UnaryDecoder());

/** The object that JSON text holds; undefined if it is none, "malformed" if the text is no JSON. */
function parse(text: string): Json | undefined | "malformed" {
  try {
    return asObject(JSON.parse(text));
  } catch {
    return "malformed"; // The parser's message would repeat the text.
  }
}

/** An error's code and message, in the shapes that vendors send. */
function errorOf(object: Json): { readonly code: string; readonly message: string } | undefined {
  const error = object.error;
  if (error === undefined || error === null) return undefined;
  const { code, type, message } = asObject(error) ?? {};
  const name = [code, type].find((value) => typeof value === "string" || typeof value === "number");
  const text = [error, message].find((value) => typeof value === "string");
  return { code: String(name ?? "upstream_error"), message: String(text ?? "The upstream sent an error") };
}

class StreamDecoder implements Decoder {
  readonly #framer = new SseFramer();
  readonly #reader = new ChunkReader("delta");
  /** An end or an error has been reported; what comes after is dropped. */
  #over = false;

  push(bytes: Uint8Array): readonly Part[] {
    if (this.#over) return [];
    try {
      return this.#parts(this.#framer.push(bytes));
    } catch (error) {
      if (!isMidStreamError(error)) throw error;
      return [this.#error(error.message)];
    }
  }

  end(): readonly Part[] {
    if (this.#over) return [];
    const parts = this.#parts(this.#unterminated());
    if (this.#over) return parts;
    this.#over = true;
    if (this.#reader.complete) return [...parts, { type: "response-end" }];
    return [...parts, { type: "error", code: "PROVIDER_CUT", message: "The upstream ended its answer before it was complete" }];
  }

  /** An event without its blank line counts if its data are whole: some servers forget the last one. */
  #unterminated(): SseFrame[] {
    const frame = this.#framer.end();
    if (frame === undefined || frame.payload === "" || (frame.payload !== doneMark && parse(frame.payload) === "malformed")) return [];
    const last = frame.bytes.at(-1);
    const missing = last === 10 || last === 13 ? [10] : [10, 10];
    return [{ ...frame, bytes: Uint8Array.from([...frame.bytes, ...missing]) }];
  }

  #parts(frames: readonly SseFrame[]): Part[] {
    const parts: Part[] = [];
    for (const frame of frames) if (!this.#over) this.#frame(frame, parts);
    return parts;
  }

  #frame({ event, bytes, payload }: SseFrame, parts: Part[]): void {
    const frame: Frame = { bytes, payload };
    const read = payload === "" || payload === doneMark ? undefined : parse(payload);
    const object = read === "malformed" ? undefined : read;
    const error =
      errorOf(object ?? {}) ?? (event === "error" ? { code: "upstream_error", message: "The upstream sent an error" } : undefined);
    if (payload === doneMark) {
      this.#over = true;
      parts.push({ type: "response-end", frame });
    } else if (error !== undefined) {
      this.#over = true;
      parts.push({ type: "error", ...error, frame });
    } else if (read === "malformed") {
      // Text that cannot be read cannot be analysed.
      parts.push(this.#error("The upstream sent an event that is no JSON"));
    } else if (object !== undefined && (Array.isArray(object.choices) || asObject(object.usage) !== undefined)) {
      for (const part of this.#reader.read(object, frame)) parts.push(part);
    } else {
      parts.push({ type: "raw", frame });
    }
  }

  #error(message: string): Part {
    this.#over = true;
    return { type: "error", code: "PROVIDER_BAD_RESPONSE", message };
  }
}

class UnaryDecoder implements Decoder {
  readonly #chunks: Uint8Array[] = [];

  push(bytes: Uint8Array): readonly Part[] {
    this.#chunks.push(new Uint8Array(bytes));
    return [];
  }

  end(): readonly Part[] {
    const bytes = joined(this.#chunks);
    const frame: Frame = { bytes, payload: new TextDecoder().decode(bytes) };
    const object = parse(frame.payload);
    if (object === "malformed" || object === undefined) {
      return [{ type: "error", code: "PROVIDER_BAD_RESPONSE", message: "The upstream's answer is no JSON object" }];
    }
    const error = errorOf(object);
    if (error !== undefined) return [{ type: "error", ...error, frame }];
    if (asArray(object.choices).length === 0) {
      return [{ type: "error", code: "PROVIDER_BAD_RESPONSE", message: "The upstream's answer has no choices" }];
    }
    return [...new ChunkReader("message").read(object, frame), { type: "response-end", frame }];
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
