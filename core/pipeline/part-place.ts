/** Which text a part belongs to. */
import type { Channel, Part } from "../stream/part.ts";

const channels: Partial<Readonly<Record<Part["type"], Channel>>> = {
  "reasoning-delta": "reasoning",
  "reasoning-end": "reasoning",
  "refusal-delta": "refusal",
  "tool-input-delta": "tool-input",
  "tool-input-end": "tool-input",
};

/** Channel of a part that belongs to a block. */
export const channelOf = (part: Part): Channel => channels[part.type] ?? "content";

/** Whether a choice ends with one of these parts. */
export const endsChoice = (choice: number, parts: readonly Part[]): boolean =>
  parts.some((other) => other.type === "choice-end" && other.choice === choice);
