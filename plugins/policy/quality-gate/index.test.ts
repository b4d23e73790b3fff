import assert from "node:assert/strict";
import { test } from "node:test";
import * as v from "valibot";
import type { DeltaPart, Finding, HeldText, ModelRequest } from "../../../core/plugin/index.ts";
import { lineRequest } from "../../../core/testing/lines-dialect.ts";
import { testContext } from "../../../core/testing/plugin-context.ts";
import { testSession } from "../../../core/testing/session.ts";
import gate from "./index.ts";

const context = testContext("policy/quality-gate/test");
const request = (stream: boolean): ModelRequest => ({ ...lineRequest(), stream });

const finding = (rule: string, from: number, score = 0.9): Finding => ({
  analyser: "analyser/quality/q",
  rule,
  tag: "QUALITY",
  channel: "content",
  choice: 0,
  block: 0,
  range: { start: 0, end: from },
  from,
  score,
});
const part: DeltaPart = { type: "text-delta", choice: 0, block: 0, delta: "x" };
const held = (text: string, heldFrom = 0, last = false): HeldText => ({ text, heldFrom, last });

async function open(config: unknown, stream: boolean) {
  const instance = await gate.setup(v.parse(gate.config, config), context);
  return { instance, session: instance.begin!(testSession({ request: request(stream) })) };
}

test("an answer that is not streamed is taken back as a whole", async () => {
  const { session } = await open({ block: ["quality/refusal"], message: "Sorry." }, false);
  assert.deepEqual(session.decide(part, [], held("I cannot help.")), { action: "hold", from: 0 });
  assert.deepEqual(session.decide(part, [finding("refusal", 14)], held("I cannot help.", 0, true)), {
    action: "block",
    from: 0,
    rule: "refusal",
    message: "Sorry.",
  });
});

test("a streamed answer ends where the finding became certain, or as a whole while its beginning waits", async () => {
  const late = await open({ block: ["refusal"] }, true);
  assert.deepEqual(late.session.decide(part, [], held("I cannot")), { action: "release" });
  assert.deepEqual(late.session.decide(part, [finding("refusal", 14)], held("help.", 9)), { action: "block", from: 14, rule: "refusal" });
  const early = await open({ block: ["refusal"], holdBytes: 20 }, true);
  assert.deepEqual(early.session.decide(part, [], held("I cannot")), { action: "hold", from: 0 });
  assert.deepEqual(early.session.decide(part, [finding("refusal", 14)], held("I cannot help. And")), {
    action: "block",
    from: 0,
    rule: "refusal",
  });
  assert.deepEqual(early.session.decide(part, [], held("more than twenty bytes of it")), { action: "release" });
  // The same finding behind the beginning that waits, however the text was cut.
  assert.deepEqual(early.session.decide(part, [finding("refusal", 24)], held("more than twenty bytes of it")), {
    action: "block",
    from: 24,
    rule: "refusal",
  });
});

test("what is only to be told changes no text, and low scores do not count", async () => {
  const { session, instance } = await open({ block: ["quality/low-quality"], minScore: 0.5 }, true);
  assert.equal(instance.annotates, true);
  assert.deepEqual(session.decide(part, [finding("unfinished", 3)], held("abc")), { action: "release" });
  assert.deepEqual(session.decide(part, [finding("low-quality", 3, 0.4)], held("abc")), { action: "release" });
  const { instance: silent } = await open({ annotate: [] }, true);
  assert.equal(silent.annotates, false);
});

test("globs that exclude win", async () => {
  const { session } = await open({ block: ["quality/*", "!quality/unfinished"] }, true);
  assert.deepEqual(session.decide(part, [finding("unfinished", 3)], held("abc")), { action: "release" });
  assert.equal(session.decide(part, [finding("language", 3)], held("abc")).action, "block");
});

test("tool arguments and thinking are not held back", async () => {
  const { session } = await open({}, false);
  assert.deepEqual(session.decide({ type: "tool-input-delta", choice: 0, block: 1, delta: "{" }, [], held("{")), { action: "release" });
});
