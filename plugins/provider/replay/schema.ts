/** Config of `provider/replay`. */
import * as v from "valibot";

/** Strict; `files` is required, every other field has a default. */
export const replayConfig = v.strictObject({
  files: v.pipe(
    v.record(v.pipe(v.string(), v.nonEmpty(), v.maxLength(256)), v.pipe(v.string(), v.nonEmpty())),
    v.minEntries(1),
    v.description("Recordings: { name of the model for clients: path of the file, relative to the config's }"),
  ),
  format: v.pipe(
    v.optional(v.picklist(["auto", "payloads", "sse", "body"]), "auto"),
    v.description("payloads: one JSON payload a line; sse: raw events; body: one whole JSON answer; auto: by what the file holds"),
  ),
  framesPerSecond: v.pipe(
    v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(1_000_000)), 50),
    v.description("Pace in frames per second; 0 = as fast as the reader"),
  ),
  firstFrameMs: v.pipe(
    v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(600_000)), 0),
    v.description("Wait before the first frame, in milliseconds"),
  ),
  framing: v.pipe(
    v.optional(v.picklist(["chunked", "identity"]), "chunked"),
    v.description("How the body is delimited where raw bytes are asked for"),
  ),
  maxFileBytes: v.pipe(
    v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(1_073_741_824)), 67_108_864),
    v.description("Largest recording, in bytes; files are read at start"),
  ),
});

/** Config after defaults. */
export type ReplayConfig = v.InferOutput<typeof replayConfig>;
