/** Events of a conversation by their names, as a template of events spells them; the README lists them. */
import type { Finding, Message, SettledVerdict } from "../../../core/plugin/index.ts";

const plain = ["request", "instructions", "user", "assistant", "document", "tool-call", "tool-result", "answer", "reasoning", "refusal"];
const marks = ["finding", "redacted", "blocked", "end"];
const parameterised = /^(tool-call|tool-result|end):.+$/;
/** Of a finding: TYPE, RULE or TYPE/RULE. */
const finding = /^[a-z0-9-]+(\/[a-z0-9-]+)?$/;

/** Whether a template may use this name. */
export const isEvent = (name: string): boolean =>
  plain.includes(name) || marks.includes(name) || parameterised.test(name) || finding.test(name);

/** The events of a request's messages, in their order. */
export function eventsOfMessages(messages: readonly Message[]): readonly (readonly string[])[] {
  const tools = new Map<string, string>();
  return messages.flatMap(({ role, toolCalls, toolCallId }) => {
    for (const { id, name } of toolCalls) tools.set(id, name);
    if (role !== "tool") return [[role], ...toolCalls.map(({ name }) => ["tool-call", `tool-call:${name}`])];
    const name = toolCallId === undefined ? undefined : tools.get(toolCallId);
    return [name === undefined ? ["tool-result"] : ["tool-result", `tool-result:${name}`]];
  });
}

/** `finding`, `pii`, `email`, `pii/email`, and what was done about it. */
export function eventsOfFinding({ analyser, rule }: Finding, verdicts: readonly SettledVerdict[]): readonly string[] {
  const type = analyser.split("/")[1] ?? "";
  const done = verdicts.filter(({ outcome }) => outcome === "applied").map(({ action }) => action);
  const marks = [...(done.includes("rewrite") ? ["redacted"] : []), ...(done.includes("block") ? ["blocked"] : [])];
  return ["finding", type, rule, `${type}/${rule}`, ...marks];
}
