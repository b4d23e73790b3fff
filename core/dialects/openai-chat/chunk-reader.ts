/** Objects of the chat-completions dialect to parts: which blocks are open, which choices have ended. */
import type { Channel, FinishReason, Frame, Part, TokenLogprob, Usage } from "../../stream/part.ts";
import { asArray, asObject, type ChoiceSlots, choiceSlots, contentBlock, type Json, type TextHolder } from "./text-slots.ts";

const finishReasons: Readonly<Record<string, FinishReason>> = {
  stop: "stop",
  length: "length",
  tool_calls: "tool-calls",
  function_call: "tool-calls",
  content_filter: "content-filter",
};

const deltaTypes = {
  content: "text-delta",
  reasoning: "reasoning-delta",
  refusal: "refusal-delta",
  "tool-input": "tool-input-delta",
} as const satisfies Record<Channel, Part["type"]>;

/** Most choices of one answer, as on the wire path (native/wire/src/stream.rs); vendors allow 128. */
const maxChoices = 1024;
const tooManyChoices: Part = {
  type: "error",
  code: "PROVIDER_BAD_RESPONSE",
  message: `The upstream sent an answer of more than ${maxChoices} choices`,
};

/** State of one answer. */
export class ChunkReader {
  readonly #holder: TextHolder;
  #begun = false;
  /** Open blocks of each choice that has appeared. */
  readonly #open = new Map<number, Map<number, Channel>>();
  readonly #finished = new Set<number>();

  constructor(holder: TextHolder) {
    this.#holder = holder;
  }

  /** Whether any choice has appeared. */
  get hasChoices(): boolean {
    return this.#open.size > 0;
  }

  /** A finish reason has been seen for every choice that appeared, and one appeared. */
  get complete(): boolean {
    return this.#open.size > 0 && this.#finished.size === this.#open.size;
  }

  /** At least one part for the frame, and at least one for each of its choices: a frame must leave, and is not `raw`, without text too. */
  read(object: Json, frame: Frame): Part[] {
    const parts: Part[] = [];
    const choices = choiceSlots(object, this.#holder, frame.payload);
    const usage = usageOf(object.usage) ?? usageOf(asObject(object.x_groq)?.usage);
    if (!this.#begun || (choices.length === 0 && usage === undefined)) {
      this.#begun = true;
      const { id, model } = object;
      const names = { ...(typeof id === "string" ? { id } : {}), ...(typeof model === "string" ? { model } : {}) };
      parts.push({ type: "response-start", ...names, frame });
    }
    for (const slots of choices) {
      if (this.#open.size >= maxChoices && !this.#open.has(slots.choice)) {
        parts.push(tooManyChoices);
        return parts;
      }
      const before = parts.length;
      this.#choice(slots, { logprobs: asObject(asArray(object.choices)[slots.position])?.logprobs, frame, parts });
      if (parts.length === before) parts.push({ type: "text-delta", choice: slots.choice, block: contentBlock, delta: "", frame });
    }
    if (usage !== undefined) parts.push({ type: "usage", usage, frame });
    return parts;
  }

  #choice(slots: ChoiceSlots, rest: { readonly logprobs: unknown; readonly frame: Frame; readonly parts: Part[] }): void {
    const { choice } = slots;
    const { frame, parts } = rest;
    const open = this.#open.get(choice) ?? new Map<number, Channel>();
    this.#open.set(choice, open);
    const startTool = (of: number): void => {
      // Vendors repeat ids and names, or send all calls under one index: a block starts once.
      const tool = open.has(of) ? undefined : slots.tools.find((call) => call.block === of);
      if (tool === undefined) return;
      open.set(of, "tool-input");
      parts.push({ type: "tool-input-start", choice, block: of, toolCallId: tool.id, toolName: tool.name, frame });
    };
    this.#deltas(slots, { ...rest, open, startTool });
    for (const { block } of slots.tools) startTool(block);
    if (slots.finishReason === undefined) return;
    for (const [block, channel] of open) {
      if (channel === "content") parts.push({ type: "text-end", choice, block, frame });
      else if (channel === "reasoning") parts.push({ type: "reasoning-end", choice, block, frame });
      else if (channel === "tool-input") parts.push({ type: "tool-input-end", choice, block, frame });
    }
    open.clear();
    this.#finished.add(choice);
    parts.push({ type: "choice-end", choice, reason: finishReasons[slots.finishReason] ?? "other", frame });
  }

  #deltas(
    slots: ChoiceSlots,
    rest: {
      readonly logprobs: unknown;
      readonly open: Map<number, Channel>;
      readonly startTool: (block: number) => void;
      readonly frame: Frame;
      readonly parts: Part[];
    },
  ): void {
    const { choice } = slots;
    const { open, frame, parts } = rest;
    // A choice's log-probabilities ride on its first delta of the channel.
    const pending = rest.logprobs ? logprobsByChannel(rest.logprobs) : undefined;
    for (const { block, channel, text } of slots.texts) {
      if (channel === "tool-input") rest.startTool(block);
      else if (!open.has(block)) {
        open.set(block, channel);
        if (channel === "content") parts.push({ type: "text-start", choice, block, frame });
        else if (channel === "reasoning") parts.push({ type: "reasoning-start", choice, block, frame });
      }
      const type = deltaTypes[channel];
      const logprobs = pending?.get(channel);
      pending?.delete(channel);
      if (type === "tool-input-delta" || logprobs === undefined) parts.push({ type, choice, block, delta: text, frame });
      else parts.push({ type, choice, block, delta: text, logprobs, frame });
    }
  }
}

const logprobsByChannel = (value: unknown): Map<Channel, TokenLogprob[] | undefined> =>
  new Map([
    ["content", logprobsOf(value, "content")],
    ["refusal", logprobsOf(value, "refusal")],
  ]);

const asCount = (value: unknown): number | undefined =>
  typeof value === "number" && Number.isFinite(value) && value >= 0 ? Math.floor(value) : undefined;

/** Token counts in the shapes that vendors send; undefined where there are none. */
function usageOf(value: unknown): Usage | undefined {
  const usage = asObject(value);
  if (usage === undefined) return undefined;
  const input = asCount(usage.prompt_tokens) ?? asCount(usage.input_tokens);
  const output = asCount(usage.completion_tokens) ?? asCount(usage.output_tokens);
  const total = asCount(usage.total_tokens);
  if (input === undefined && output === undefined && total === undefined) return undefined;
  const [inputTokens, outputTokens] = [input ?? 0, output ?? 0];
  return { inputTokens, outputTokens, totalTokens: total ?? inputTokens + outputTokens };
}

function logprobsOf(value: unknown, field: "content" | "refusal"): TokenLogprob[] | undefined {
  const entries = asObject(value)?.[field];
  if (!Array.isArray(entries)) return undefined;
  return entries.flatMap((entry) => {
    const { token, logprob, top_logprobs: top } = asObject(entry) ?? {};
    if (typeof token !== "string" || typeof logprob !== "number") return [];
    const entropy = entropyOf(top);
    return [entropy === undefined ? { token, logprob } : { token, logprob, entropy }];
  });
}

/**
 * Entropy over the alternatives given, in nats. The probability that they leave counts as one further token: shared among several it could
 * only mean more, so this is a lower bound. Undefined where there are not two alternatives.
 */
function entropyOf(top: unknown): number | undefined {
  if (!Array.isArray(top) || top.length < 2) return undefined;
  let [entropy, rest] = [0, 1];
  for (const one of top) {
    const logprob = asObject(one)?.logprob;
    if (typeof logprob !== "number" || !(logprob <= 0)) return undefined;
    const share = Math.exp(logprob);
    // Vendors write -9999 for what cannot be: its share is 0, and so is its part of the sum.
    if (share > 0) entropy -= share * logprob;
    rest -= share;
  }
  // Rounded shares may sum up to a little more than 1.
  if (rest > 1e-6) entropy -= rest * Math.log(rest);
  return entropy;
}
