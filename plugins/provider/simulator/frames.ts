/** A simulated answer as payloads of the chat-completions dialect, in the shapes that vendors send. */
import type { ModelRequest } from "../../../core/stream/model-request.ts";
import type { SimulatedAnswer, SimulatedChoice, SimulatedTool } from "./answer.ts";
import type { Scenario } from "./scenario.ts";

/** Seconds since 1970 in every answer: a clock would make answers differ. */
const created = 1_750_000_000;

type Delta = Readonly<Record<string, unknown>>;

/** One event. */
export interface SimulatedFrame {
  readonly payload: string;
  /** Whether it carries a token, which takes its time. */
  readonly isToken: boolean;
}

interface Context {
  readonly answer: SimulatedAnswer;
  readonly scenario: Scenario;
  readonly logprobs: boolean;
  readonly usage: boolean;
}

/** All frames of a stream but `[DONE]`. */
export function* framesOf(answer: SimulatedAnswer, scenario: Scenario, request: ModelRequest): Generator<SimulatedFrame> {
  const context: Context = {
    answer,
    scenario,
    logprobs: scenario.has("logprobs") || request.body.logprobs === true,
    usage: request.wantsUsage && !scenario.has("usage-none"),
  };
  const chunk = (choices: readonly unknown[], more: object = {}): string => chunkText(context, choices, more);
  if (scenario.has("empty-choices")) yield { payload: chunk([], { prompt_filter_results: [] }), isToken: false };
  for (let index = 0; index < answer.choices.length; index++) {
    yield { payload: chunk([choiceChunk(index, { role: "assistant", content: "" })]), isToken: false };
  }
  yield* tokenFrames(context);
  if (scenario.has("no-finish")) return;
  for (const [index, choice] of answer.choices.entries()) {
    const usage = index === answer.choices.length - 1 ? finishUsage(context) : {};
    yield { payload: chunk([choiceChunk(index, {}, { reason: choice.finishReason })], usage), isToken: false };
  }
  const apart = context.usage && !scenario.has("usage-finish") && !scenario.has("usage-groq") && !scenario.has("usage-every");
  if (apart) yield { payload: chunk([], { usage: answer.usage }), isToken: false };
}

function finishUsage({ answer, scenario, usage }: Context): object {
  if (scenario.has("usage-groq")) return { x_groq: { id: answer.id, usage: answer.usage } };
  return usage && scenario.has("usage-finish") ? { usage: answer.usage } : {};
}

/** Tokens of all choices in turn, as a server that works on them together sends them. */
function* tokenFrames(context: Context): Generator<SimulatedFrame> {
  const { answer } = context;
  const queues = answer.choices.map((choice) => deltasOf(choice, context));
  for (let open = queues.length; open > 0; ) {
    open = 0;
    for (const [index, queue] of queues.entries()) {
      const next = queue.next();
      if (next.done === true) continue;
      open += 1;
      const { delta, token } = next.value;
      const rest = context.logprobs && token !== undefined ? { token } : {};
      yield { payload: chunkText(context, [choiceChunk(index, delta, rest)]), isToken: true };
    }
  }
}

function* deltasOf(choice: SimulatedChoice, { scenario }: Context): Generator<{ readonly delta: Delta; readonly token?: string }> {
  const parts = scenario.has("content-parts");
  const field = scenario.has("reasoning-field") ? "reasoning" : "reasoning_content";
  for (const text of choice.reasoning) {
    yield { delta: parts ? { content: [{ type: "thinking", thinking: [{ type: "text", text }] }] } : { [field]: text } };
  }
  for (const text of choice.content) yield { delta: { content: parts ? [{ type: "text", text }] : text }, token: text };
  for (const text of choice.refusal) yield { delta: { refusal: text } };
  for (const [index, tool] of choice.tools.entries()) yield* toolDeltas(tool, index, scenario);
}

function* toolDeltas(tool: SimulatedTool, index: number, scenario: Scenario): Generator<{ readonly delta: Delta }> {
  if (scenario.has("function-call")) {
    yield { delta: { function_call: { name: tool.name, arguments: "" } } };
    for (const piece of tool.arguments) yield { delta: { function_call: { arguments: piece } } };
    return;
  }
  const place = scenario.has("tool-no-index") ? {} : { index: scenario.has("tool-same-index") ? 0 : index };
  const head = { ...place, id: tool.id, type: "function" };
  const whole = tool.arguments.join("");
  if (scenario.has("tool-object")) {
    yield { delta: { tool_calls: [{ ...head, function: { name: tool.name, arguments: JSON.parse(whole) as unknown } }] } };
  } else if (scenario.has("tool-no-index")) {
    yield { delta: { tool_calls: [{ ...head, function: { name: tool.name, arguments: whole } }] } };
  } else {
    yield { delta: { tool_calls: [{ ...head, function: { name: tool.name, arguments: "" } }] } };
    for (const piece of tool.arguments) yield { delta: { tool_calls: [{ ...place, function: { arguments: piece } }] } };
  }
}

function choiceChunk(index: number, delta: Delta, rest: { readonly token?: string; readonly reason?: string } = {}): object {
  const logprobs = rest.token === undefined ? {} : { logprobs: { content: [logprobOf(rest.token)], refusal: null } };
  return { index, delta, ...logprobs, finish_reason: rest.reason ?? null };
}

const logprobOf = (token: string): object => ({
  token,
  logprob: -0.25,
  bytes: [...new TextEncoder().encode(token)],
  top_logprobs: [],
});

function chunkText({ answer, scenario }: Context, choices: readonly unknown[], more: object = {}): string {
  const usage = scenario.has("usage-every") ? { usage: answer.usage } : {};
  return JSON.stringify({ id: answer.id, object: "chat.completion.chunk", created, model: answer.model, choices, ...usage, ...more });
}

/** The whole answer as one object. */
export function wholeAnswer(answer: SimulatedAnswer, scenario: Scenario, request: ModelRequest): string {
  const logprobs = scenario.has("logprobs") || request.body.logprobs === true;
  const choices = answer.choices.map((choice, index) => ({
    index,
    message: messageOf(choice, scenario),
    logprobs: logprobs ? { content: choice.content.map(logprobOf), refusal: null } : null,
    finish_reason: choice.finishReason,
  }));
  const usage = scenario.has("usage-none") ? {} : { usage: answer.usage };
  return JSON.stringify({ id: answer.id, object: "chat.completion", created, model: answer.model, choices, ...usage });
}

function messageOf(choice: SimulatedChoice, scenario: Scenario): object {
  const text = choice.content.join("");
  const thought = choice.reasoning.join("");
  const parts = scenario.has("content-parts");
  const thinking = thought === "" ? [] : [{ type: "thinking", thinking: [{ type: "text", text: thought }] }];
  const content = parts ? [...thinking, { type: "text", text }] : text === "" ? null : text;
  const [first] = choice.tools;
  const calls = choice.tools.map((tool) => ({
    id: tool.id,
    type: "function",
    function: { name: tool.name, arguments: scenario.has("tool-object") ? JSON.parse(tool.arguments.join("")) : tool.arguments.join("") },
  }));
  const called = scenario.has("function-call") && first !== undefined ? { function_call: calls[0]!.function } : { tool_calls: calls };
  return {
    role: "assistant",
    content,
    refusal: choice.refusal.length === 0 ? null : choice.refusal.join(""),
    ...(thought === "" || parts ? {} : { [scenario.has("reasoning-field") ? "reasoning" : "reasoning_content"]: thought }),
    ...(first === undefined ? {} : called),
  };
}
