/**
 * Where the text of a chat-completions object stands: one slot for each non-empty string that a model wrote.
 *
 * The one table of the dialect's field names for text; decoders make parts from it, the encoder at the door finds by it what to rewrite.
 */
import type { JsonPath } from "../../stream/json-spans.ts";
import type { Channel } from "../../stream/part.ts";

/** Blocks of a choice: fixed ones, then one for each tool call. */
export const contentBlock = 0;
export const reasoningBlock = 1;
export const refusalBlock = 2;
export const firstToolBlock = 3;

/** A tool call's block, id and name as far as this object tells. */
export interface ToolCall {
  readonly block: number;
  readonly id: string;
  readonly name: string;
}

/** One text. */
export interface TextSlot {
  readonly block: number;
  readonly channel: Channel;
  /** From the root of the object. */
  readonly path: JsonPath;
  readonly text: string;
}

/** One entry of `choices`. */
export interface ChoiceSlots {
  readonly choice: number;
  /** Number in the array, which need not be the choice. */
  readonly position: number;
  readonly tools: readonly ToolCall[];
  readonly texts: readonly TextSlot[];
  readonly finishReason: string | undefined;
  readonly logprobs: unknown;
}

/** `delta` in streams, `message` in whole answers. */
export type TextHolder = "delta" | "message";

type Json = Readonly<Record<string, unknown>>;

/** A JSON object, or undefined. */
export const asObject = (value: unknown): Json | undefined =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Json) : undefined;

/** A JSON array, or an empty one. */
export const asArray = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

const asText = (value: unknown): string => (typeof value === "string" ? value : "");

/** A number that can be an index; `fallback` for anything else. */
const asIndex = (value: unknown, fallback: number): number =>
  typeof value === "number" && Number.isInteger(value) && value >= 0 && value < 65_536 ? value : fallback;

/** Slots of every choice of the object, in its order; inside a choice: reasoning, content, refusal, tool calls. */
export function choiceSlots(object: Json, holder: TextHolder): ChoiceSlots[] {
  return asArray(object["choices"]).map((entry, position) => {
    const choice = asObject(entry) ?? {};
    const message = asObject(choice[holder]) ?? {};
    const finish = choice["finish_reason"];
    return {
      choice: asIndex(choice["index"], position),
      position,
      tools: toolCalls(message),
      texts: messageTexts(message, ["choices", position, holder]).filter((slot) => slot.text !== ""),
      finishReason: typeof finish === "string" ? finish : undefined,
      logprobs: choice["logprobs"],
    };
  });
}

function messageTexts(message: Json, path: JsonPath): TextSlot[] {
  const reasoning = ["reasoning_content", "reasoning"].map(
    (field): TextSlot => ({ block: reasoningBlock, channel: "reasoning", path: [...path, field], text: asText(message[field]) }),
  );
  const content = contentTexts(message["content"], [...path, "content"]);
  return [
    ...reasoning,
    ...content.filter((slot) => slot.channel === "reasoning"),
    ...content.filter((slot) => slot.channel === "content"),
    { block: refusalBlock, channel: "refusal", path: [...path, "refusal"], text: asText(message["refusal"]) },
    ...toolTexts(message, path),
  ];
}

/** `content` is a string, or an array of text and thinking items (Mistral). */
function contentTexts(content: unknown, path: JsonPath): TextSlot[] {
  if (typeof content === "string") return [{ block: contentBlock, channel: "content", path, text: content }];
  return asArray(content).flatMap((entry, position): TextSlot[] => {
    const item = asObject(entry) ?? {};
    const at: JsonPath = [...path, position];
    if (item["type"] === "thinking") {
      return asArray(item["thinking"]).map((thought, number) => ({
        block: reasoningBlock,
        channel: "reasoning",
        path: [...at, "thinking", number, "text"],
        text: asText(asObject(thought)?.["text"]),
      }));
    }
    return [{ block: contentBlock, channel: "content", path: [...at, "text"], text: asText(item["text"]) }];
  });
}

function toolTexts(message: Json, path: JsonPath): TextSlot[] {
  const calls = asArray(message["tool_calls"]).map((entry, position): TextSlot => {
    const call = asObject(entry) ?? {};
    return {
      block: firstToolBlock + asIndex(call["index"], position),
      channel: "tool-input",
      path: [...path, "tool_calls", position, "function", "arguments"],
      text: asText(asObject(call["function"])?.["arguments"]),
    };
  });
  const legacy = asText(asObject(message["function_call"])?.["arguments"]);
  return [...calls, { block: firstToolBlock, channel: "tool-input", path: [...path, "function_call", "arguments"], text: legacy }];
}

function toolCalls(message: Json): ToolCall[] {
  const calls = asArray(message["tool_calls"]).map((entry, position) => {
    const call = asObject(entry) ?? {};
    return {
      block: firstToolBlock + asIndex(call["index"], position),
      id: asText(call["id"]),
      name: asText(asObject(call["function"])?.["name"]),
    };
  });
  const legacy = asObject(message["function_call"]);
  return legacy === undefined ? calls : [...calls, { block: firstToolBlock, id: "", name: asText(legacy["name"]) }];
}
