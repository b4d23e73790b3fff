/** Findings and records, from words to the core's types. */
import type { NativeRecord } from "../../core/native/native-core.ts";
import type { Finding } from "../../core/stream/finding.ts";
import type { Channel } from "../../core/stream/part.ts";
import { words } from "./flat-abi.ts";
import type { ActionInfo, RuleInfo, Finding as TypedFinding } from "./generated/midstream.ts";
import type { Memory } from "./memory.ts";

/** Channels by their code. */
const channels: readonly Channel[] = ["content", "reasoning", "refusal", "tool-input"];

/** Codes of channels. */
export const channelCodes: Readonly<Record<Channel, number>> = { content: 0, reasoning: 1, refusal: 2, "tool-input": 3 };

/** Outcomes by their code. */
const outcomes = ["applied", "too-late", "monitored"] as const;

/** What the plan says of the numbers in findings and records. */
export interface Names {
  readonly rules: readonly RuleInfo[];
  readonly actions: readonly ActionInfo[];
}

/** Shared, so that a call without findings allocates nothing. */
export const noFindings: readonly Finding[] = Object.freeze([]);
export const noRecords: readonly NativeRecord[] = Object.freeze([]);

/** The single-precision score as the decimal that was meant: 0.95, not 0.949999988. */
const decimal = (score: number): number => Math.round(score * 1e6) / 1e6;

/** A finding of the typed ABI. */
export function typedFinding(found: TypedFinding, names: Names): Finding {
  const { analyser, rule, tag } = names.rules[found.rule]!;
  const { channel, choice, block, start, end, from, score } = found;
  return { analyser, rule, tag, channel, choice, block, range: { start, end }, from, score: decimal(score) };
}

/** The finding whose words begin at `at` of the list. */
export function flatFinding(memory: Memory, at: number, names: Names): Finding {
  const list = memory.list.view;
  const { analyser, rule, tag } = names.rules[list[at]!]!;
  return {
    analyser,
    rule,
    tag,
    choice: list[at + 1]!,
    block: list[at + 2]!,
    channel: channels[list[at + 3]!]!,
    range: { start: list[at + 4]!, end: list[at + 5]! },
    from: list[at + 6]!,
    score: decimal(memory.listFloats[at + 7]!),
  };
}

/** Appends the records in the first `count` words of the list. */
export function flatRecords(memory: Memory, count: number, names: Names, records: NativeRecord[]): void {
  const list = memory.list.view;
  for (let at = 0; at < count; ) {
    const finding = flatFinding(memory, at, names);
    const verdictCount = list[at + words.finding]!;
    at += words.record;
    const verdicts = Array.from({ length: verdictCount }, (_, index) => {
      const { policy, kind } = names.actions[list[at + index * words.verdict]!]!;
      return { policy, action: kind, outcome: outcomes[list[at + index * words.verdict + 1]!]! };
    });
    at += verdictCount * words.verdict;
    records.push({ finding, verdicts });
  }
}
