/** What one answer shall be: read from the config, the model's name and `#directives` in the last user message. */
import { asArray, asObject } from "../../../core/dialects/openai-chat/index.ts";
import type { ModelRequest } from "../../../core/stream/model-request.ts";
import type { SimulatorConfig } from "./schema.ts";

/** Directive -> what it does; the README's table is made of these lines. */
export const directives = {
  // What the answer says.
  plain: "harmless sentences only",
  pii: "a sentence for each kind of personal data",
  secrets: "a sentence for each kind of secret",
  loop: "one sentence again and again, ending with length",
  unicode: "characters of two to four bytes",
  echo: "the last user message, without its directives",
  reasoning: "reasoning before the content, with an e-mail address in it",
  tools: "a tool call with an e-mail address in its arguments",
  refusal: "a refusal in place of content",
  logprobs: "log-probabilities for every token",
  tokens: "tokens:N: length of the answer",
  seed: "seed:N: other random numbers",
  // Pace.
  rate: "rate:N: tokens per second, 0 = at once",
  first: "first:MS: wait before the first token",
  stall: "stall or stall:MS: silence in the middle, for ever or so long",
  hang: "no head, until the client leaves",
  // Failures.
  refuse: "no connection at all",
  error: "error:STATUS: an error status with a body",
  "error-event": "status 200 and an error event as the first and only one",
  "error-late": "an error event in the middle",
  empty: "status 200 and nothing",
  cut: "the connection breaks in the middle, between frames",
  "cut-frame": "the connection breaks inside a frame",
  "half-line": "the body ends in order inside a line",
  "no-finish": "no finish reason, no [DONE]",
  "bad-json": "a frame in the middle that is no JSON",
  "not-sse": "an HTML page with status 200",
  // Shapes of a stream.
  "no-done": "no [DONE]",
  "no-end": "no blank line after the last frame",
  "double-done": "[DONE] twice",
  junk: "another frame after [DONE]",
  crlf: "lines that end with CR LF",
  cr: "lines that end with CR",
  bom: "a byte order mark at the start",
  comments: "comments between frames",
  events: "an event name and an id on every frame",
  "multi-data": "payloads over several data lines",
  "no-space": "no blank after data:",
  split: "split or split:N: network chunks of N bytes, default 1",
  whole: "everything in one network chunk",
  // Shapes of vendors.
  "content-parts": "content as a list of text and thinking items (Mistral)",
  "reasoning-field": "reasoning in the field reasoning (OpenRouter, Groq)",
  "empty-choices": "a first chunk without choices (Azure)",
  "usage-finish": "usage in the chunk with the finish reason",
  "usage-every": "usage in every chunk (Perplexity)",
  "usage-none": "no usage, though asked for",
  "usage-groq": "usage in x_groq",
  "tool-no-index": "tool calls without index (Gemini)",
  "tool-same-index": "two tool calls with the same index",
  "tool-object": "tool arguments as an object",
  "function-call": "the older function_call",
} as const;

/** Name of a directive. */
export type Directive = keyof typeof directives;

/** One answer's wishes. */
export interface Scenario {
  has(directive: Directive): boolean;
  /** Number behind the colon; `fallback` where the directive or the number is missing. */
  number(directive: Directive, fallback: number): number;
  /** Last user message without its directives. */
  readonly prompt: string;
}

const isDirective = (name: string): name is Directive => Object.hasOwn(directives, name);

/** `name` or `name:number`. */
function parseDirective(text: string): [Directive, number | undefined] | undefined {
  const [name = "", number] = text.split(":");
  return isDirective(name) ? [name, number === undefined || number === "" ? undefined : Number(number)] : undefined;
}

/** Directives in a model's name behind the configured one: `simulator-pii-cut-frame`. */
function fromModel(model: string, models: readonly string[]): string[] {
  const base = models.filter((name) => model === name || model.startsWith(`${name}-`)).sort((a, b) => b.length - a.length)[0];
  const words = base === undefined ? [] : model.slice(base.length + 1).split("-");
  const found: string[] = [];
  for (let at = 0; at < words.length; at++) {
    const two = `${words[at]}-${words[at + 1]}`;
    if (at + 1 < words.length && parseDirective(two) !== undefined) {
      found.push(two);
      at += 1;
    } else found.push(words[at]!);
  }
  return found;
}

/** Text of the last message of the user; of content parts, their texts. */
export function lastPrompt(request: ModelRequest): string {
  const message = asArray(request.body.messages).findLast((entry) => asObject(entry)?.role === "user");
  const content = asObject(message)?.content;
  if (typeof content === "string") return content;
  return asArray(content)
    .map((item) => asObject(item)?.text)
    .filter((text) => typeof text === "string")
    .join(" ");
}

/** Later sources win: config, model name, message. */
export function scenarioOf(request: ModelRequest, config: SimulatorConfig): Scenario {
  const wishes = new Map<Directive, number | undefined>();
  const prompt = lastPrompt(request);
  const inPrompt = [...prompt.matchAll(/(?:^|\s)#([a-z][a-z-]*(?::[0-9.]+)?)/g)].map((match) => match[1]!);
  for (const text of [...config.directives, ...fromModel(request.model, config.models), ...inPrompt]) {
    const directive = parseDirective(text);
    if (directive !== undefined) wishes.set(...directive);
  }
  return {
    has: (directive) => wishes.has(directive),
    number(directive, fallback) {
      const number = wishes.get(directive);
      return number === undefined || !Number.isFinite(number) ? fallback : number;
    },
    prompt: prompt.replace(/(^|\s)#[a-z][a-z-]*(?::[0-9.]+)?/g, "$1").trim(),
  };
}
