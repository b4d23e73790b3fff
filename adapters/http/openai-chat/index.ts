/** The dialect `openai-chat` at the client's door: OpenAI's chat completions. Must not decide anything, and must not know Hono. */
import { conversationOf } from "../../../core/dialects/openai-chat/index.ts";
import type { Dialect } from "../../../core/pipeline/dialect.ts";
import { createEncoder } from "./encoder.ts";
import { toRequest } from "./request.ts";

export { type ErrorObject, errorObject } from "./error-object.ts";

/** Encoders keep nothing of an answer: one serves them all. */
const encoders = { stream: createEncoder("stream"), unary: createEncoder("unary") } as const;

/** OpenAI's chat-completions wire format. */
export const openaiChat: Dialect = { id: "openai-chat", toRequest, conversation: conversationOf, encoder: (mode) => encoders[mode] };
