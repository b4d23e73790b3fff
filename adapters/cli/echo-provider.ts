/** A provider that answers with what the request holds in `answer`, in deltas of a chosen size: how commands feed a real pipeline. */
import * as v from "valibot";
import { openaiChatDecoder } from "../../core/dialects/openai-chat/decoder.ts";
import { definePlugin, type UpstreamResponse } from "../../core/index.ts";

const encoder = new TextEncoder();
const frame = (payload: unknown) => encoder.encode(`data: ${JSON.stringify(payload)}\n\n`);
const chunk = (delta: object, finish: string | null) => ({
  id: "scan",
  object: "chat.completion.chunk",
  created: 0,
  model: "scan",
  choices: [{ index: 0, delta, finish_reason: finish }],
});

/** Pieces of at most `bytes` UTF-8 bytes that split no character; a character of more bytes stands alone. */
export function* pieces(text: string, bytes: number): Generator<string> {
  let piece = "";
  let size = 0;
  for (const character of text) {
    const length = Buffer.byteLength(character);
    if (size > 0 && size + length > bytes) {
      yield piece;
      piece = "";
      size = 0;
    }
    piece += character;
    size += length;
  }
  if (piece !== "") yield piece;
}

function response(text: string, chunkBytes: number): UpstreamResponse {
  let cancelled = false;
  return {
    status: 200,
    headers: new Map([["content-type", "text/event-stream"]]),
    framing: "identity",
    contentLength: -1,
    read(sink) {
      for (const content of pieces(text, chunkBytes)) {
        if (cancelled) return;
        sink.chunk(frame(chunk({ content }, null)));
      }
      if (cancelled) return;
      sink.chunk(frame(chunk({}, "stop")));
      sink.chunk(encoder.encode("data: [DONE]\n\n"));
      sink.end();
    },
    // The client of this stream is the command itself, which is never slow.
    pause() {},
    resume() {},
    release() {},
    cancel() {
      cancelled = true;
    },
  };
}

/** The plugin `provider/midstream-echo`, known to the commands' scratch kernels only. */
export default definePlugin({
  api: 1,
  role: "provider",
  type: "midstream-echo",
  description: "Answers with the request's member `answer`",
  config: v.strictObject({ chunkBytes: v.pipe(v.number(), v.integer(), v.minValue(1), v.description("UTF-8 bytes of a delta")) }),
  capabilities: { reads: [], holdBytes: 0, streams: true, cost: "light", onFailure: "closed" },
  async setup({ chunkBytes }) {
    return {
      dialect: "openai-chat",
      models: async () => [],
      addsUsage: () => false,
      async open(request) {
        return response(String(request.body.answer ?? ""), chunkBytes);
      },
      decoder: openaiChatDecoder,
      async [Symbol.asyncDispose]() {},
    };
  },
});
