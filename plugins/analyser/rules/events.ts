/** Events of a conversation as names of propositions; the README lists them. Knows no rules. */
import type { Finding, Message, SettledVerdict } from "../../../core/plugin/index.ts";

/** Names without a parameter, with what they mean. */
export const eventNames: Readonly<Record<string, string>> = {
  request: "the request has come in; the first position of every answer",
  instructions: "a message of the operator (system, developer)",
  user: "a message of the user",
  assistant: "an earlier answer, as the request repeats it",
  "tool-call": "the model calls a tool; tool-call:NAME for one",
  "tool-result": "a tool's result is in the request; tool-result:NAME for one",
  answer: "a text of the answer begins",
  reasoning: "a text of reasoning begins",
  refusal: "a refusal begins",
  finding: "an analyser found something; also TYPE (pii), RULE (email) and TYPE/RULE (pii/email)",
  redacted: "together with a finding: a policy has replaced it",
  blocked: "together with a finding: a policy ended the choice with it",
  usage: "the provider has said how many tokens it took",
  end: "the choice ends; also end:REASON: stop, length, tool-calls, content-filter, blocked, other",
};

/** Names of the signals, with unit and meaning. */
export const signalNames: Readonly<Record<string, string>> = {
  elapsed: "seconds since the request",
  idle: "seconds since the answer last said anything",
  "answer.bytes": "UTF-8 bytes of the answer's text so far",
  "reasoning.bytes": "UTF-8 bytes of reasoning so far",
  findings: "findings so far",
  "tool-calls": "tool calls so far",
  "input-tokens": "tokens of the request, as the provider counts them",
  "output-tokens": "tokens of the answer, as the provider counts them",
};

/** Signals that begin at 0; the others have no value until somebody says one, and no comparison on them holds until then. */
export const zeroSignals = ["elapsed", "idle", "answer.bytes", "reasoning.bytes", "findings", "tool-calls"] as const;

/** Signals that change although nothing happens. */
export const clockSignals = ["elapsed", "idle"] as const;

const parameterised = ["tool-call:", "tool-result:", "end:"];

/** Whether a name is none of ours: then it must be a finding's. */
export const isEvent = (name: string): boolean =>
  Object.hasOwn(eventNames, name) || parameterised.some((prefix) => name.startsWith(prefix) && name.length > prefix.length);

/** A signal is one of ours, or a score of an analyser, a rule or both. */
export const isSignal = (name: string): boolean => Object.hasOwn(signalNames, name) || /^[a-z0-9-]+(\/[a-z0-9-]+)?\.score$/.test(name);

/** The events of a message of the request. `tools`: names by the ids of earlier calls. */
export function eventsOfMessage(message: Message, tools: Map<string, string>): readonly (readonly string[])[] {
  const { role, toolCalls, toolCallId } = message;
  for (const { id, name } of toolCalls) tools.set(id, name);
  if (role === "tool") {
    const name = toolCallId === undefined ? undefined : tools.get(toolCallId);
    return [name === undefined ? ["tool-result"] : ["tool-result", `tool-result:${name}`]];
  }
  return [[role], ...toolCalls.map(({ name }) => ["tool-call", `tool-call:${name}`])];
}

/** Names under which a finding is known: `finding`, `pii`, `email`, `pii/email`, and what was done about it. */
export function eventsOfFinding({ analyser, rule }: Finding, verdicts: readonly SettledVerdict[]): readonly string[] {
  const type = analyser.split("/")[1] ?? "";
  const names = ["finding", type, rule, `${type}/${rule}`];
  for (const { action, outcome } of verdicts) {
    if (outcome !== "applied") continue;
    if (action === "rewrite") names.push("redacted");
    if (action === "block") names.push("blocked");
  }
  return names;
}
