/** Payloads to bytes over time: line ends, network chunks, pace, and everything that can go wrong. */
import type { PlayStep } from "../../../core/stream/play.ts";
import type { SimulatedAnswer } from "./answer.ts";
import type { SimulatedFrame } from "./frames.ts";
import type { Random } from "./random.ts";
import type { Scenario } from "./scenario.ts";
import type { SimulatorConfig } from "./schema.ts";

const encoder = new TextEncoder();

/** A stall without a number: longer than any time-out. */
const foreverMs = 86_400_000;

/** An event in the shapes that servers send. */
function eventText(payload: string, scenario: Scenario): string {
  const end = scenario.has("crlf") ? "\r\n" : scenario.has("cr") ? "\r" : "\n";
  const name = scenario.has("no-space") ? "data:" : "data: ";
  // Between two members a line may end; inside a string it may not.
  const lines = scenario.has("multi-data") ? payload.replace(/,"choices"/, ',\n"choices"').split("\n") : [payload];
  const before = scenario.has("comments") ? `: working${end}${end}` : "";
  const named = scenario.has("events") ? `event: message${end}id: 1${end}` : "";
  return before + named + lines.map((line) => `${name}${line}${end}`).join("") + end;
}

const errorPayload = (message: string, code: string): string =>
  JSON.stringify({ error: { message, type: "server_error", param: null, code } });

/** Where in the stream the trouble of the middle comes: after so many tokens. */
const middle = (answer: SimulatedAnswer): number => Math.max(1, Math.floor(answer.usage.completion_tokens / 2));

/** Events with the time before each. A generator: a long answer is never whole in memory. */
function* timedEvents(
  input: ScriptInput,
): Generator<PlayStep | { readonly type: "text"; readonly afterMs: number; readonly text: string }> {
  const { scenario, config, random } = input;
  const rate = scenario.number("rate", config.tokensPerSecond);
  const tokenMs = rate > 0 ? 1_000 / rate : 0;
  const firstMs = scenario.number("first", rate > 0 ? config.firstTokenMs : 0);
  const trouble = middle(input.answer);
  let tokens = 0;
  let waitMs = firstMs;
  for (const { payload, isToken } of input.frames) {
    if (isToken) {
      if (tokens > 0) waitMs += Math.max(0, tokenMs * (1 + (random.next() * 2 - 1) * config.jitter));
      tokens += 1;
    }
    if (isToken && tokens === trouble + 1) {
      if (scenario.has("stall")) waitMs += scenario.number("stall", foreverMs);
      const last = troubleOf(payload, scenario);
      if (last !== undefined) {
        if (last.text !== "") yield { type: "text", afterMs: waitMs, text: last.text };
        if (last.cuts) yield { type: "cut", afterMs: 0 };
        return;
      }
      if (scenario.has("bad-json"))
        yield { type: "text", afterMs: 0, text: eventText('{"id":"x","choices":[{"delta":{"content":"lost', scenario) };
    }
    yield { type: "text", afterMs: waitMs, text: eventText(payload, scenario) };
    waitMs = 0;
  }
  yield* endEvents(scenario, waitMs);
}

/** What comes in place of the frame in the middle, if the answer dies there. */
function troubleOf(payload: string, scenario: Scenario): { readonly text: string; readonly cuts: boolean } | undefined {
  const event = eventText(payload, scenario);
  if (scenario.has("error-late")) return { text: eventText(errorPayload("The server is overloaded", "overloaded"), scenario), cuts: false };
  if (scenario.has("cut")) return { text: "", cuts: true };
  if (scenario.has("cut-frame")) return { text: event.slice(0, event.length / 2), cuts: true };
  if (scenario.has("half-line")) return { text: event.slice(0, event.length / 2), cuts: false };
  return undefined;
}

function* endEvents(
  scenario: Scenario,
  afterMs: number,
): Generator<{ readonly type: "text"; readonly afterMs: number; readonly text: string }> {
  if (scenario.has("no-done") || scenario.has("no-finish")) return;
  const done = eventText("[DONE]", scenario);
  yield { type: "text", afterMs, text: scenario.has("no-end") ? done.trimEnd() : done };
  if (scenario.has("double-done")) yield { type: "text", afterMs: 0, text: done };
  if (scenario.has("junk"))
    yield { type: "text", afterMs: 0, text: eventText('{"choices":[{"index":0,"delta":{"content":"junk"}}]}', scenario) };
}

/** What a script is made of. */
export interface ScriptInput {
  readonly answer: SimulatedAnswer;
  readonly frames: Iterable<SimulatedFrame>;
  readonly scenario: Scenario;
  readonly config: SimulatorConfig;
  readonly random: Random;
}

/** The body of a streamed answer. */
export function* streamScript(input: ScriptInput): Generator<PlayStep> {
  const { scenario } = input;
  if (scenario.has("empty")) return;
  if (scenario.has("bom")) yield { type: "bytes", afterMs: 0, bytes: Uint8Array.of(0xef, 0xbb, 0xbf) };
  const events = scenario.has("error-event")
    ? [{ type: "text", afterMs: 0, text: eventText(errorPayload("The model is not available", "model_unavailable"), scenario) } as const]
    : timedEvents(input);
  yield* scenario.has("split")
    ? split(events, Math.max(1, scenario.number("split", 1)))
    : scenario.has("whole")
      ? whole(events)
      : each(events);
}

type Event = PlayStep | { readonly type: "text"; readonly afterMs: number; readonly text: string };

function* each(events: Iterable<Event>): Generator<PlayStep> {
  for (const event of events)
    yield event.type === "text" ? { type: "bytes", afterMs: event.afterMs, bytes: encoder.encode(event.text) } : event;
}

function* split(events: Iterable<Event>, size: number): Generator<PlayStep> {
  for (const step of each(events)) {
    if (step.type !== "bytes") yield step;
    else {
      for (let at = 0; at < step.bytes.length; at += size) {
        yield { type: "bytes", afterMs: at === 0 ? step.afterMs : 0, bytes: step.bytes.subarray(at, at + size) };
      }
    }
  }
}

function* whole(events: Iterable<Event>): Generator<PlayStep> {
  let text = "";
  for (const event of events) {
    if (event.type === "text") text += event.text;
    else {
      yield { type: "bytes", afterMs: 0, bytes: encoder.encode(text) };
      yield event;
      return;
    }
  }
  yield { type: "bytes", afterMs: 0, bytes: encoder.encode(text) };
}

/** The body of a whole answer, with the troubles that one can have. */
export function* wholeScript(body: string, { scenario, config }: Pick<ScriptInput, "scenario" | "config">): Generator<PlayStep> {
  if (scenario.has("empty")) return;
  const bytes = encoder.encode(scenario.has("error-event") ? errorPayload("The model is not available", "model_unavailable") : body);
  const dies = scenario.has("cut") || scenario.has("cut-frame") || scenario.has("half-line") || scenario.has("bad-json");
  const length = dies ? Math.floor(bytes.length / 2) : bytes.length;
  const size = scenario.has("split") ? Math.max(1, scenario.number("split", 1)) : length;
  const firstMs = scenario.number("first", scenario.number("rate", config.tokensPerSecond) > 0 ? config.firstTokenMs : 0);
  for (let at = 0; at < length; at += size) {
    const stallMs = at > 0 || !scenario.has("stall") ? 0 : scenario.number("stall", foreverMs);
    yield { type: "bytes", afterMs: (at === 0 ? firstMs : 0) + stallMs, bytes: bytes.subarray(at, Math.min(length, at + size)) };
  }
  if (scenario.has("cut") || scenario.has("cut-frame")) yield { type: "cut", afterMs: 0 };
}
