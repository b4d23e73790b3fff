/**
 * The wire format of OpenAI's chat completions, as far as more than one plugin and door needs it.
 *
 * A library beside the kernel: `core/kernel` and `core/pipeline` must not import it.
 */

export { contextTexts, conversationOf } from "./conversation.ts";
export { openaiChatDecoder } from "./decoder.ts";
export { asArray, asObject, type ChoiceSlots, choiceSlots, echoPaths, type Json, type TextHolder, type TextSlot } from "./text-slots.ts";
