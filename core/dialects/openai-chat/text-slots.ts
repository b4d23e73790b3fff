/**
 * Where the text of a chat-completions object stands: one slot for each value that is not empty and that a model wrote.
 *
 * The one table of the dialect's field names for text on the TypeScript side; decoders make parts from it, the encoder at the door
 * finds by it what to rewrite. The same table as native/wire/src/chunk.rs: same blocks, same order.
 */
import { type JsonPath, locate } from "../../stream/json-spans.ts";
import type { Channel } from "../../stream/part.ts";

/** Blocks of a choice: fixed ones, then one for each tool call. */
export const contentBlock = 0;
const reasoningBlock = 1;
const refusalBlock = 2;
export const firstToolBlock = 3;
/** From here on: text that repeats or accompanies the numbered blocks; each is a text of its own. */
const sideBlocks = 2 ** 30;
/** `reasoning` beside `reasoning_content`: some vendors send both with the same text. */
const secondReasoningBlock = sideBlocks;
const transcriptBlock = sideBlocks + 1;
const firstDetailBlock = sideBlocks + 16;
const largestIndex = 2 ** 32 - 1;

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
  /** The value is no string: the text is its JSON (tool arguments given as an object). */
  readonly isJson: boolean;
}

/** One entry of `choices`. */
export interface ChoiceSlots {
  readonly choice: number;
  /** Number in the array, which need not be the choice. */
  readonly position: number;
  readonly tools: readonly ToolCall[];
  readonly texts: readonly TextSlot[];
  readonly finishReason: string | undefined;
}

/** `delta` in streams, `message` in whole answers. */
export type TextHolder = "delta" | "message";

/** A JSON object. */
export type Json = Readonly<Record<string, unknown>>;

/** A JSON object, or undefined. */
export const asObject = (value: unknown): Json | undefined =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Json) : undefined;

/** A JSON array, or an empty one. */
export const asArray = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

const asText = (value: unknown): string => (typeof value === "string" ? value : "");

/** A number that can be an index; `fallback` for anything else. */
const asIndex = (value: unknown, fallback: number): number =>
  typeof value === "number" && Number.isInteger(value) && value >= 0 ? Math.min(value, largestIndex) : fallback;

const block = (first: number, index: number): number => Math.min(first + index, largestIndex);

const ranks: Readonly<Record<Channel, number>> = { reasoning: 0, content: 1, refusal: 2, "tool-input": 3 };

/** Slots of every choice of the object, in its order; inside a choice: reasoning, content, refusal, tool calls. `payload` is its JSON text. */
export function choiceSlots(object: Json, holder: TextHolder, payload: string): ChoiceSlots[] {
  return asArray(object.choices).map((entry, position) => {
    const choice = asObject(entry) ?? {};
    const message = asObject(choice[holder]) ?? {};
    const finish = choice.finish_reason;
    const reader = new MessageReader(payload);
    reader.message(message, ["choices", position, holder]);
    return {
      choice: asIndex(choice.index, position),
      position,
      tools: reader.tools,
      // Stable: in one channel the order of the text.
      texts: reader.texts.length > 1 ? reader.texts.sort((a, b) => ranks[a.channel] - ranks[b.channel]) : reader.texts,
      finishReason: typeof finish === "string" && finish !== "" ? finish : undefined,
    };
  });
}

/**
 * Values that repeat a choice's text in the shape of the other mode (a whole `message` in a stream). They are not analysed: where
 * policies act, they leave empty.
 */
export function echoPaths(object: Json, holder: TextHolder): readonly JsonPath[] {
  const other = holder === "delta" ? "message" : "delta";
  // Hardly any answer has it, and every frame is asked.
  if (!asArray(object.choices).some((entry) => asObject(entry)?.[other] !== undefined)) return noPaths;
  return asArray(object.choices).flatMap((entry, position) => {
    const message = asObject(asObject(entry)?.[other]);
    if (message === undefined) return [];
    const reader = new MessageReader("");
    reader.message(message, ["choices", position, other]);
    return reader.texts.map((text) => text.path);
  });
}

const noPaths: readonly JsonPath[] = [];

class MessageReader {
  readonly texts: TextSlot[] = [];
  readonly tools: ToolCall[] = [];
  readonly #payload: string;

  constructor(payload: string) {
    this.#payload = payload;
  }

  message(message: Json, path: JsonPath): void {
    let reasoning = reasoningBlock;
    for (const [name, value] of Object.entries(message)) {
      if (value === null || value === "") continue;
      const at = [...path, name];
      if (name === "content") this.#content(value, at, { block: contentBlock, channel: "content" });
      else if (name === "reasoning_content" || name === "reasoning") {
        const count = this.texts.length;
        this.#content(value, at, { block: reasoning, channel: "reasoning" });
        if (this.texts.length > count) reasoning = secondReasoningBlock;
      } else if (name === "reasoning_details") this.#details(value, at);
      else if (name === "refusal") this.#text(value, at, { block: refusalBlock, channel: "refusal" });
      else if (name === "tool_calls") this.#toolCalls(value, at);
      else if (name === "function_call") this.#call(asObject(value), at, { block: firstToolBlock, id: "" });
      else if (name === "audio") {
        this.#text(asObject(value)?.transcript, [...at, "transcript"], { block: transcriptBlock, channel: "content" });
      }
    }
  }

  /** A string, or a list of strings, text and thinking items (Mistral). */
  #content(value: unknown, path: JsonPath, where: { readonly block: number; readonly channel: Channel }): void {
    if (!Array.isArray(value)) {
      this.#text(value, path, where);
      return;
    }
    value.forEach((entry, position) => {
      const at = [...path, position];
      const item = asObject(entry);
      if (item === undefined) this.#text(entry, at, where);
      for (const [name, inner] of Object.entries(item ?? {})) {
        if (name === "text" || name === "refusal") this.#text(inner, [...at, name], where);
        else if (name === "thinking" || name === "reasoning") {
          this.#content(inner, [...at, name], { block: reasoningBlock, channel: "reasoning" });
        } else if (name === "content" || name === "summary") this.#content(inner, [...at, name], where);
      }
    });
  }

  #details(value: unknown, path: JsonPath): void {
    asArray(value).forEach((entry, position) => {
      const detail = asObject(entry) ?? {};
      const where = { block: block(firstDetailBlock, asIndex(detail.index, position)), channel: "reasoning" } as const;
      for (const name of Object.keys(detail)) {
        if (name === "text" || name === "summary") this.#text(detail[name], [...path, position, name], where);
      }
    });
  }

  #toolCalls(value: unknown, path: JsonPath): void {
    asArray(value).forEach((entry, position) => {
      const call = asObject(entry) ?? {};
      const where = { block: block(firstToolBlock, asIndex(call.index, position)), id: asText(call.id) };
      for (const name of Object.keys(call)) {
        if (name === "function" || name === "custom") this.#call(asObject(call[name]), [...path, position, name], where);
      }
    });
  }

  #call(called: Json | undefined, path: JsonPath, where: { readonly block: number; readonly id: string }): void {
    if (called === undefined) return;
    this.tools.push({ ...where, name: asText(called.name) });
    for (const name of Object.keys(called)) {
      if (name !== "arguments" && name !== "input") continue;
      const value = called[name];
      const slot = { block: where.block, channel: "tool-input" } as const;
      if (typeof value === "object" && value !== null) this.#json([...path, name], slot);
      else this.#text(value, [...path, name], slot);
    }
  }

  #text(value: unknown, path: JsonPath, where: { readonly block: number; readonly channel: Channel }): void {
    const text = asText(value);
    if (text !== "") this.texts.push({ ...where, path, text, isJson: false });
  }

  #json(path: JsonPath, where: { readonly block: number; readonly channel: Channel }): void {
    const json = new TextEncoder().encode(this.#payload);
    const span = locate(json, path);
    if (span !== undefined)
      this.texts.push({ ...where, path, text: new TextDecoder().decode(json.subarray(span.start, span.end)), isJson: true });
  }
}
