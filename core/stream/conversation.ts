/** What a request says, free of any dialect: the conversation so far, and what the answer shall look like. */

/** Who speaks. `instructions` is the operator (system and developer messages); `document` is what the request brought along to answer from. */
export type MessageRole = "instructions" | "user" | "assistant" | "tool" | "document";

/** One message of a request, in its order. Text of several parts is joined by line feeds; what is no text is left out. */
export interface Message {
  readonly role: MessageRole;
  readonly text: string;
  /** Tools that the assistant called in this message, in order. */
  readonly toolCalls: readonly { readonly id: string; readonly name: string; readonly arguments: string }[];
  /** Of a tool's result: the call that it answers. */
  readonly toolCallId?: string;
}

/** A tool that the model may call. */
export interface ToolDefinition {
  readonly name: string;
  /** JSON Schema of its arguments; absent where the request gives none. */
  readonly parameters?: unknown;
}

/** What the client wants the answer's text to be; absent members are not asked for. */
export interface OutputFormat {
  /** The text is one JSON value. */
  readonly json: boolean;
  /** JSON Schema of that value. */
  readonly schema?: unknown;
}

/** A request as analysers read it. */
export interface Conversation {
  /** Documents stand behind the conversation's own messages. */
  readonly messages: readonly Message[];
  readonly tools: readonly ToolDefinition[];
  readonly output: OutputFormat;
}

/** A request that says nothing. */
export const emptyConversation: Conversation = { messages: [], tools: [], output: { json: false } };
