/**
 * `provider/replay`: plays answers that were recorded, byte for byte, at a chosen pace.
 *
 * Must not know clients, sockets or policies.
 */
import { readFile, stat } from "node:fs/promises";
import { openaiChatDecoder } from "../../../core/dialects/openai-chat/index.ts";
import { MidStreamError } from "../../../core/errors/midstream-error.ts";
import { definePlugin } from "../../../core/plugin/contract.ts";
import { type PlayStep, playResponse, realPlayClock } from "../../../core/stream/play.ts";
import { type Recording, readRecording } from "./recording.ts";
import { type ReplayConfig, replayConfig } from "./schema.ts";

/** @throws MidStreamError SETUP_FAILED naming the model and the file */
async function load(model: string, file: string, config: ReplayConfig): Promise<Recording> {
  try {
    const { size } = await stat(file);
    if (size > config.maxFileBytes)
      throw new MidStreamError("SETUP_FAILED", `has ${size} bytes, above maxFileBytes ${config.maxFileBytes}`);
    return readRecording(await readFile(file), config.format);
  } catch (error) {
    const why = error instanceof Error ? error.message : "cannot be read";
    throw new MidStreamError("SETUP_FAILED", `Recording ${file} of model ${model}: ${why}`, { cause: error });
  }
}

function* script({ pieces }: Recording, { framesPerSecond, firstFrameMs }: ReplayConfig): Generator<PlayStep> {
  const everyMs = framesPerSecond > 0 ? 1_000 / framesPerSecond : 0;
  for (const [index, bytes] of pieces.entries()) yield { type: "bytes", afterMs: index === 0 ? firstFrameMs : everyMs, bytes };
}

const contentTypes = { stream: "text/event-stream; charset=utf-8", body: "application/json" } as const;

export default definePlugin({
  api: 1,
  role: "provider",
  type: "replay",
  description: "Recorded answers, played byte for byte at a chosen pace",
  config: replayConfig,
  capabilities: { reads: [], holdBytes: 0, streams: true, cost: "light", onFailure: "closed" },
  async setup(config, context) {
    const recordings = new Map<string, Recording>();
    for (const [model, file] of Object.entries(config.files)) recordings.set(model, await load(model, context.path(file), config));
    const clock = realPlayClock(context.now);
    return {
      dialect: "openai-chat",
      decoder: openaiChatDecoder,
      addsUsage: () => false,
      models: async () => [...recordings.keys()].map((id) => ({ id, ownedBy: context.id })),
      async open(request, session, { rawBody }) {
        session.signal.throwIfAborted();
        const recording = recordings.get(request.model);
        if (recording === undefined) {
          throw new MidStreamError("REQUEST_UNKNOWN_MODEL", `${context.id} has no recording for the requested model`, { field: "model" });
        }
        if ((recording.kind === "stream") !== request.stream) {
          throw new MidStreamError(
            "REQUEST_INVALID",
            `The recording is a ${recording.kind}, which needs stream: ${recording.kind === "stream"}`,
            {
              field: "stream",
              publicMessage: `Invalid field stream: the recording of this model needs ${recording.kind === "stream"}`,
            },
          );
        }
        return playResponse({
          status: 200,
          headers: new Map([["content-type", contentTypes[recording.kind]]]),
          steps: script(recording, config),
          framing: rawBody ? config.framing : "identity",
          signal: session.signal,
          clock,
        });
      },
      async [Symbol.asyncDispose]() {},
    };
  },
});
