/** A chat-completions request in the kernel's terms. Reads leniently: the vendor judges the shapes, not the gateway. */
import type { Conversation, Message, MessageRole, OutputFormat, ToolDefinition } from "../../stream/conversation.ts";

const roles: Readonly<Record<string, MessageRole>> = {
  system: "instructions",
  developer: "instructions",
  user: "user",
  assistant: "assistant",
  tool: "tool",
  function: "tool",
};

type Fields = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Fields => typeof value === "object" && value !== null && !Array.isArray(value);
const textOr = (value: unknown, fallback: string): string => (typeof value === "string" ? value : fallback);

/** Text of a `content` field: a string, or parts of which those with text count. */
function textOf(content: unknown): string {
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) return "";
  const texts = content.flatMap((part) => (isObject(part) && typeof part.text === "string" ? [part.text] : []));
  return texts.join("\n");
}

function callsOf(message: Fields): Message["toolCalls"] {
  const calls = Array.isArray(message.tool_calls) ? message.tool_calls : [];
  const legacy = isObject(message.function_call) ? [{ id: "", function: message.function_call }] : [];
  return [...calls, ...legacy].flatMap((call) => {
    if (!isObject(call) || !isObject(call.function)) return [];
    const { name, arguments: text } = call.function;
    return [{ id: textOr(call.id, ""), name: textOr(name, ""), arguments: textOr(text, "") }];
  });
}

/** Messages in order; what has no known role is left out. */
function messagesOf(body: Fields): readonly Message[] {
  const messages = Array.isArray(body.messages) ? body.messages : [];
  return messages.flatMap((message: unknown): Message[] => {
    const role = isObject(message) ? roles[textOr(message.role, "")] : undefined;
    if (!isObject(message) || role === undefined) return [];
    const id = message.tool_call_id;
    return [{ role, text: textOf(message.content), toolCalls: callsOf(message), ...(typeof id === "string" && { toolCallId: id }) }];
  });
}

/**
 * Texts of MidStream's own request member `context`, what the answer shall rest on: a text, or an array of texts and of objects with a
 * `text`. Undefined for any other shape, which belongs to somebody else.
 */
export function contextTexts(context: unknown): readonly string[] | undefined {
  const items: readonly unknown[] = Array.isArray(context) ? context : [context];
  const texts = items.map((item) => (isObject(item) ? item.text : item));
  return texts.every((text) => typeof text === "string") ? texts : undefined;
}

/** `context`, and the `documents` that some vendors take, of which what has a `text` counts. */
function documentsOf(body: Fields): readonly Message[] {
  const documents = Array.isArray(body.documents) ? body.documents : [];
  const texts = documents.flatMap((document: unknown) => (document === undefined ? [] : (contextTexts(document) ?? [])));
  const own = body.context === undefined ? [] : (contextTexts(body.context) ?? []);
  return [...own, ...texts].map((text) => ({ role: "document", text, toolCalls: [] }));
}

function toolsOf(body: Fields): readonly ToolDefinition[] {
  const tools = Array.isArray(body.tools) ? body.tools : [];
  const legacy = Array.isArray(body.functions) ? body.functions.map((definition: unknown) => ({ function: definition })) : [];
  return [...tools, ...legacy].flatMap((tool: unknown): ToolDefinition[] => {
    if (!isObject(tool) || !isObject(tool.function)) return [];
    const { name, parameters } = tool.function;
    return typeof name === "string" ? [{ name, ...(parameters !== undefined && { parameters }) }] : [];
  });
}

function outputOf(body: Fields): OutputFormat {
  const format = isObject(body.response_format) ? body.response_format : {};
  if (format.type === "json_object") return { json: true };
  const wanted = format.type === "json_schema" ? format.json_schema : undefined;
  if (!isObject(wanted)) return { json: false };
  return { json: true, ...(wanted.schema !== undefined && { schema: wanted.schema }) };
}

/** Reads a request's body. */
export const conversationOf = (body: Fields): Conversation => ({
  messages: [...messagesOf(body), ...documentsOf(body)],
  tools: toolsOf(body),
  output: outputOf(body),
});
