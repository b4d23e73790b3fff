/** Frames of this provider's upstreams to parts: those of the dialect, which other providers speak too. */
export { openaiChatDecoder } from "../../../core/dialects/openai-chat/index.ts";
