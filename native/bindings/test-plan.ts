/** A small plan for the tests of this folder: four digits are a PIN, and the policy redacts it. */
import type { NativePlanSpec, WireSettings } from "../../core/native/native-core.ts";

export const pinPlan: NativePlanSpec = {
  analysers: [
    {
      id: "analyser/test/pin",
      rules: [
        { id: "pin", tag: "PIN", pattern: "[0-9]{4}", score: 0.95, maxBytes: 8 },
        { id: "code", tag: "CODE", pattern: "[A-Z]{3}-[0-9]{2}", score: 0.7, maxBytes: 8 },
      ],
    },
  ],
  actions: [
    {
      policy: "policy/test/mask",
      analyser: "analyser/test/pin",
      rule: "pin",
      action: "rewrite",
      minScore: 0,
      minCount: 1,
      monitor: false,
      replacement: { kind: "tag", text: "[PIN]" },
    },
  ],
};

export const streamSettings: WireSettings = {
  mode: "stream",
  framing: "identity",
  contentLength: -1,
  stripUsage: false,
  choiceCount: 1,
  passUnknown: false,
  flow: false,
};

/** SSE of an answer whose deltas are the texts. */
export function sse(texts: readonly string[]): Uint8Array {
  const chunk = (delta: object, finish: string | null) =>
    `data: ${JSON.stringify({ id: "c1", object: "chat.completion.chunk", choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;
  const events = [...texts.map((content) => chunk({ content }, null)), chunk({}, "stop"), "data: [DONE]\n\n"];
  return new TextEncoder().encode(events.join(""));
}
