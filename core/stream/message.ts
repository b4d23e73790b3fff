/** What a conversation holds before the answer: the request's messages, free of any dialect. */

/** Who speaks. `instructions` is the operator (system and developer messages). */
export type MessageRole = "instructions" | "user" | "assistant" | "tool";

/** One message of a request, in its order. Text of several parts is joined by line feeds; what is no text is left out. */
export interface Message {
  readonly role: MessageRole;
  readonly text: string;
  /** Tools that the assistant called in this message, in order. */
  readonly toolCalls: readonly { readonly id: string; readonly name: string; readonly arguments: string }[];
  /** Of a tool's result: the call that it answers. */
  readonly toolCallId?: string;
}
