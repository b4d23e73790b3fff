/** The dialect `openai-chat` at the client's door. Must not decide anything. */
import { MidStreamError } from "../../../core/errors/midstream-error.ts";
import type { Dialect } from "../../../core/pipeline/dialect.ts";

/** OpenAI's chat-completions wire format. */
export const openaiChat: Dialect = {
  id: "openai-chat",
  toRequest: () => {
    throw new MidStreamError("KERNEL_INTERNAL", "The dialect openai-chat is not complete");
  },
  encoder: () => {
    throw new MidStreamError("KERNEL_INTERNAL", "The dialect openai-chat is not complete");
  },
};
