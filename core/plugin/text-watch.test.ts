import assert from "node:assert/strict";
import { test } from "node:test";
import type { TextAnswer, TextContext, TextDetector, TextFound } from "../native/native-core.ts";
import { emptyConversation } from "../stream/conversation.ts";
import type { Part } from "../stream/part.ts";
import { testSession } from "../testing/session.ts";
import { requestFindings, TextWatch, textContextOf } from "./text-watch.ts";

/** Writes down what it is told; finds each "!" at once, holds from each "?". */
class Notes implements TextAnswer {
  readonly told: string[] = [];
  private readonly waiting: TextFound[] = [];

  push(choice: number, block: number, origin: TextFound["origin"], text: string): number {
    this.told.push(`${choice}/${block} ${origin} ${JSON.stringify(text)}`);
    for (const { index } of text.matchAll(/!/g)) {
      const range = { start: index, end: index + 1 };
      this.waiting.push({ choice, block, origin, rule: "mark", tag: "MARK", range, from: index, score: 0.5, data: { loud: true } });
    }
    const held = text.indexOf("?");
    return held < 0 ? Number.POSITIVE_INFINITY : held;
  }

  token(choice: number, block: number, range: { start: number; end: number }, logprob: number, entropy: number): void {
    this.told.push(`${choice}/${block} ${range.start}-${range.end} ${logprob} ${entropy}`);
  }

  end(choice: number, block: number): void {
    this.told.push(`${choice}/${block} end`);
  }

  take(): readonly TextFound[] {
    return this.waiting.splice(0);
  }

  [Symbol.dispose](): void {
    this.told.push("closed");
  }
}

const ref = { choice: 0, block: 1 };

test("reads the channels that were asked for, and ends a text once, whoever ends it", () => {
  const notes = new Notes();
  const watch = new TextWatch(notes, ["content", "refusal"]);
  const parts: Part[] = [
    { type: "reasoning-delta", choice: 0, block: 0, delta: "hm" },
    { type: "text-delta", ...ref, delta: "a" },
    { type: "text-delta", choice: 1, block: 1, delta: "b" },
    { type: "refusal-delta", choice: 1, block: 2, delta: "no" },
    { type: "tool-input-delta", choice: 0, block: 3, delta: "{}" },
    { type: "text-end", ...ref },
    { type: "choice-end", choice: 0, reason: "stop" },
    { type: "choice-end", choice: 1, reason: "stop" },
  ];
  for (const part of parts) assert.deepEqual(watch.push(part), []);
  watch.end();
  watch[Symbol.dispose]();
  assert.deepEqual(notes.told, ['0/1 content "a"', '1/1 content "b"', '1/2 refusal "no"', "0/1 end", "1/1 end", "1/2 end", "closed"]);
});

test("a text that an upstream left open ends with the answer", () => {
  const notes = new Notes();
  const watch = new TextWatch(notes, ["content"]);
  watch.push({ type: "text-delta", ...ref, delta: "a" });
  watch.end();
  assert.deepEqual(notes.told.at(-1), "0/1 end");
});

test("findings carry the channel, the place and the features", () => {
  const watch = new TextWatch(new Notes(), ["content"]);
  const found = watch.push({ type: "text-delta", ...ref, delta: "so!" });
  const range = { start: 2, end: 3 };
  assert.deepEqual(found, [
    { choice: 0, block: 1, channel: "content", rule: "mark", tag: "MARK", range, from: 2, score: 0.5, data: { loud: true } },
  ]);
});

test("text is held back only for a detector that may hold", () => {
  const part: Part = { type: "text-delta", ...ref, delta: "so?" };
  assert.equal(new TextWatch(new Notes(), ["content"]).holdFrom, undefined);
  const watch = new TextWatch(new Notes(), ["content"], true);
  watch.push(part);
  assert.equal(watch.holdFrom?.(0, 1), 2);
  watch.push({ ...part, delta: "x" });
  assert.equal(watch.holdFrom?.(0, 1), undefined);
  assert.equal(watch.holdFrom?.(7, 7), undefined);
});

test("tokens are told in bytes of the text, and only where they are the delta", () => {
  const notes = new Notes();
  const watch = new TextWatch(notes, ["content"]);
  const logprobs = [
    { token: "é", logprob: -1, entropy: 0.5 },
    { token: "a", logprob: -2 },
  ];
  watch.push({ type: "text-delta", ...ref, delta: "x" });
  watch.push({ type: "text-delta", ...ref, delta: "éa", logprobs });
  watch.push({ type: "text-delta", ...ref, delta: "other", logprobs });
  assert.deepEqual(
    notes.told.filter((line) => !line.includes("content")),
    ["0/1 1-3 -1 0.5", "0/1 3-4 -2 -1"],
  );
});

const conversation = {
  ...emptyConversation,
  messages: [
    { role: "instructions", text: "Be kind!", toolCalls: [] },
    { role: "assistant", text: "", toolCalls: [] },
    { role: "user", text: "Hey!", toolCalls: [] },
    { role: "document", text: "Fine.", toolCalls: [] },
  ],
} as const;

test("the context of an answer is the conversation's texts in order", () => {
  assert.deepEqual(textContextOf(conversation), {
    messages: [
      { origin: "instructions", text: "Be kind!" },
      { origin: "user", text: "Hey!" },
      { origin: "document", text: "Fine." },
    ],
    wantsJson: false,
  } satisfies TextContext);
});

test("of a request the wanted roles are read, and a finding names its message", () => {
  const notes = new Notes();
  const detector: TextDetector = { rules: [], begin: () => notes, [Symbol.dispose]() {} };
  const found = requestFindings(detector, testSession({ conversation }), new Set(["user", "document"]));
  assert.deepEqual(found, [{ message: 2, rule: "mark", tag: "MARK", range: { start: 3, end: 4 }, score: 0.5, data: { loud: true } }]);
  assert.deepEqual(notes.told, ['0/2 user "Hey!"', "0/2 end", '0/3 document "Fine."', "0/3 end", "closed"]);
});
