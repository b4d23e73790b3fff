/** A recorded answer: what the file holds, cut into the events that were sent. */
import { MidStreamError } from "../../../core/errors/midstream-error.ts";
import { SseFramer } from "../../../core/stream/sse.ts";
import type { ReplayConfig } from "./schema.ts";

/** How a recording is played. */
export interface Recording {
  readonly kind: "stream" | "body";
  /** Events with their blank lines, or the one body. */
  readonly pieces: readonly Uint8Array[];
}

const encoder = new TextEncoder();

/** What a file looks like: events, one payload a line, or one object over all of it. */
function formatOf(text: string): "payloads" | "sse" | "body" {
  const lines = text.split(/\r\n|[\r\n]/).filter((line) => line !== "");
  const first = lines[0] ?? "";
  if (/^(?:\uFEFF?data|event|id|retry|)\s*:/.test(first)) return "sse";
  if (lines.length > 1 && lines.every((line) => line.trimStart().startsWith("{") || line === "[DONE]")) return "payloads";
  return /"object"\s*:\s*"chat\.completion\.chunk"/.test(text) ? "payloads" : "body";
}

/** Each line becomes an event; `[DONE]` is added where the file has none, as recordings leave it out. */
function fromPayloads(text: string): Uint8Array[] {
  const lines = text.split(/\r\n|[\r\n]/).filter((line) => line.trim() !== "");
  if (lines.at(-1) !== "[DONE]") lines.push("[DONE]");
  return lines.map((line) => encoder.encode(`data: ${line}\n\n`));
}

/** Bytes as they are, what stands behind the last blank line included. */
function fromEvents(bytes: Uint8Array): Uint8Array[] {
  const framer = new SseFramer();
  const frames = framer.push(bytes).map((frame) => frame.bytes);
  const length = frames.reduce((sum, frame) => sum + frame.length, 0);
  return length === bytes.length ? frames : [...frames, bytes.subarray(length)];
}

/** @throws MidStreamError SETUP_FAILED for an empty file */
export function readRecording(bytes: Uint8Array, format: ReplayConfig["format"]): Recording {
  const text = new TextDecoder().decode(bytes);
  if (text.trim() === "") throw new MidStreamError("SETUP_FAILED", "A recording is empty");
  const kind = format === "auto" ? formatOf(text) : format;
  if (kind === "body") return { kind: "body", pieces: [bytes] };
  return { kind: "stream", pieces: kind === "payloads" ? fromPayloads(text) : fromEvents(bytes) };
}
