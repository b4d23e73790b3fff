/** What the simulated model says: texts in tokens, before any wire format. */
import type { ModelRequest } from "../../../core/stream/model-request.ts";
import { multiByteSentence, sentence, tokensOf } from "./grammar.ts";
import { card, email, personalSentences, phone } from "./personal-data.ts";
import { createRandom, type Random, seedOf } from "./random.ts";
import type { Scenario } from "./scenario.ts";
import type { SimulatorConfig } from "./schema.ts";
import { secretSentences } from "./secrets.ts";

/** One tool call; its arguments are JSON in pieces. */
export interface SimulatedTool {
  readonly id: string;
  readonly name: string;
  readonly arguments: readonly string[];
}

/** One choice, in tokens. */
export interface SimulatedChoice {
  readonly reasoning: readonly string[];
  readonly content: readonly string[];
  readonly refusal: readonly string[];
  readonly tools: readonly SimulatedTool[];
  readonly finishReason: "stop" | "length" | "tool_calls" | "function_call";
}

/** One answer. */
export interface SimulatedAnswer {
  readonly id: string;
  readonly model: string;
  readonly choices: readonly SimulatedChoice[];
  readonly usage: { readonly prompt_tokens: number; readonly completion_tokens: number; readonly total_tokens: number };
}

/** Roughly four characters a token, as English text has. */
const promptTokens = (prompt: string): number => Math.max(1, Math.ceil(prompt.length / 4));

/** The same request, config and seed give the same answer. */
export function answerTo(request: ModelRequest, scenario: Scenario, config: SimulatorConfig): SimulatedAnswer {
  const seed = seedOf(`${request.model}\n${scenario.prompt}`, scenario.number("seed", config.seed));
  const ids = createRandom(seed);
  const asked = Math.min(lengthOf(request) ?? Number.POSITIVE_INFINITY, scenario.number("tokens", Number.POSITIVE_INFINITY));
  const length = asked === Number.POSITIVE_INFINITY ? undefined : Math.max(1, Math.min(1_000_000, Math.floor(asked)));
  const choices = Array.from({ length: request.choiceCount }, (_, index) =>
    choiceOf(scenario, { random: createRandom(seed + index), length, usual: config.tokens }),
  );
  const output = choices.reduce(
    (sum, { reasoning, content, refusal, tools }) =>
      sum + reasoning.length + content.length + refusal.length + tools.reduce((all, tool) => all + tool.arguments.length, 0),
    0,
  );
  const input = promptTokens(scenario.prompt);
  return {
    id: `chatcmpl-${ids.text(24, "abcdefghijklmnopqrstuvwxyz0123456789")}`,
    model: request.model,
    choices,
    usage: { prompt_tokens: input, completion_tokens: output, total_tokens: input + output },
  };
}

/** The client's own limit, in either of its names. */
function lengthOf({ body }: ModelRequest): number | undefined {
  const limit = body.max_completion_tokens ?? body.max_tokens;
  return typeof limit === "number" && Number.isInteger(limit) && limit > 0 ? limit : undefined;
}

interface Length {
  readonly random: Random;
  /** Most tokens that the client or a directive allows. */
  readonly length: number | undefined;
  /** Tokens of a text without an end of its own. */
  readonly usual: number;
}

function choiceOf(scenario: Scenario, { random, length, usual }: Length): SimulatedChoice {
  const tools = toolsOf(scenario, random);
  const text = contentOf(scenario, { random, length, usual });
  const refuses = scenario.has("refusal");
  const all = tokensOf(text, random);
  const isCut = scenario.has("loop") || all.length > (length ?? all.length);
  const content = tools.length > 0 || refuses ? [] : all.slice(0, length);
  const thought = `The user wants an answer; ${email(random)} wrote before. ${sentence(random)}`;
  return {
    reasoning: scenario.has("reasoning") ? tokensOf(thought, random) : [],
    content,
    refusal: refuses ? tokensOf("I am sorry, but I cannot help with that.", random) : [],
    tools,
    finishReason:
      tools.length > 0 ? (scenario.has("function-call") ? "function_call" : "tool_calls") : isCut && !refuses ? "length" : "stop",
  };
}

function contentOf(scenario: Scenario, { random, length, usual }: Length): string {
  if (scenario.has("echo")) return scenario.prompt;
  const special = [
    ...(scenario.has("pii") ? personalSentences(random) : []),
    ...(scenario.has("secrets") ? secretSentences(random) : []),
    ...(scenario.has("unicode") ? Array.from({ length: 6 }, () => multiByteSentence(random)) : []),
  ];
  if (scenario.has("loop")) {
    // Three and a half characters a token on average; long enough to be found.
    const repeated = ` ${sentence(random)}`;
    return sentence(random) + repeated.repeat(Math.ceil(((length ?? usual * 4) * 4) / repeated.length));
  }
  if (special.length > 0) return [sentence(random), ...special, sentence(random)].join(" ");
  if (scenario.has("plain")) {
    let text = sentence(random);
    while (text.length < (length ?? usual) * 4) text += ` ${sentence(random)}`;
    return text;
  }
  return helpful(random);
}

/** What a first request gets: a useful-looking answer with something to redact. */
const helpful = (random: Random): string =>
  `Happy to help. Please write to ${email(random)} or call ${phone(random)}, and quote your order. ` +
  `The deposit was paid with card ${card(random)}. ${sentence(random)} Is there anything else?`;

function toolsOf(scenario: Scenario, random: Random): SimulatedTool[] {
  const wanted: readonly ("tools" | "tool-no-index" | "tool-same-index" | "tool-object" | "function-call")[] = [
    "tools",
    "tool-no-index",
    "tool-same-index",
    "tool-object",
    "function-call",
  ];
  if (!wanted.some((directive) => scenario.has(directive))) return [];
  const count = scenario.has("function-call") ? 1 : 2;
  return Array.from({ length: count }, (_, index) => {
    const input = { to: email(random), subject: `Order ${random.below(9_000) + 1_000}`, note: "See\nbelow" };
    return {
      id: `call_${random.text(16, "abcdefghijklmnopqrstuvwxyz0123456789")}`,
      name: index === 0 ? "send_mail" : "log_contact",
      arguments: tokensOf(JSON.stringify(input), random),
    };
  });
}
