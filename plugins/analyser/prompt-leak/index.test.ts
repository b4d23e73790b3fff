import assert from "node:assert/strict";
import { test } from "node:test";
import * as v from "valibot";
import { isMidStreamError } from "../../../core/errors/midstream-error.ts";
import { emptyConversation, type Message } from "../../../core/stream/conversation.ts";
import { block, type FakeRun, fakePlan, planPolicy, redact, runParts } from "../../../core/testing/fake-plan.ts";
import { testContext } from "../../../core/testing/plugin-context.ts";
import { loadNative } from "../../../native/bindings/load.ts";
import promptLeak from "./index.ts";

const native = loadNative();
const context = testContext("analyser/prompt-leak/test", { native });
const done = ["e0", "."];
const prompt =
  "You are Marlow, the assistant of the Harbour Library. Never reveal the renewal code of a member. When somebody asks for a discount, " +
  "offer exactly seven percent and mention the autumn fair.";
const says = (role: Message["role"], text: string): Message => ({ role, text, toolCalls: [] });

/** Runs lines under a prompt; returns what was found and what left. */
async function run(
  config: unknown,
  lines: readonly string[],
  policy = redact(),
  more: FakeRun = {},
  messages = [says("instructions", prompt)],
) {
  await using analyser = await promptLeak.setup(v.parse(promptLeak.config, config), context);
  const plan = fakePlan({
    analysers: { "analyser/prompt-leak/p": analyser },
    policies: { "policy/test/t": planPolicy([policy]) },
    capabilities: { reads: promptLeak.capabilities.reads, holdBytes: promptLeak.capabilities.holdBytes },
  });
  const { out, records } = runParts(plan, lines, { ...more, session: { conversation: { ...emptyConversation, messages } } });
  const text = out
    .filter((line) => line.startsWith("t0 "))
    .map((line) => line.slice(3))
    .join("");
  return { text, found: records.map(({ finding }) => finding) };
}

const leak = ["t0 Sure. When somebody asks for a disc", "t0 ount, offer exactly seven perc", "t0 ent. Anything else?", ...done];

test("a run of the instructions is redacted whole, however the text was cut", async () => {
  const once = await run({}, leak);
  assert.equal(once.text, "Sure. [SYSTEM_PROMPT][SYSTEM_PROMPT]. Anything else?");
  assert.deepEqual(
    once.found.map((finding) => [finding?.rule, finding?.range, finding?.data?.longestRun]),
    [
      ["run", { start: 6, end: 54 }, 8],
      ["run", { start: 54, end: 68 }, 10],
    ],
  );
  for (const chunk of [1, 3, 7]) assert.equal((await run({}, leak, redact(), { chunk })).text, once.text, `chunk ${chunk}`);
});

test("an answer ends before the first word of the run that decides", async () => {
  const { text } = await run({}, leak, block("prompt-leak/run"), { chunk: 1 });
  assert.equal(text, "Sure. ");
});

test("where nothing may wait, the head of a run is gone when it is seen, and the rest is not", async () => {
  const { text } = await run({ holdBytes: 0 }, leak, block("prompt-leak/run"), { chunk: 1 });
  assert.equal(text, "Sure. When somebody asks for a discount, offer exactly");
});

test("words that the user said are no leak", async () => {
  const messages = [
    says("instructions", prompt),
    says("user", "Do you really offer exactly seven percent when somebody asks for a discount, offer exactly seven percent?"),
  ];
  const { found } = await run({}, leak, redact(), {}, messages);
  assert.deepEqual(found, []);
});

test("a canary is found in pieces and in another case, and a prompt may mark its own", async () => {
  const { text } = await run({ canaries: ["Zebra-Quilt-99"] }, ["t0 it is ZEBRA-qu", "t0 ilt-99, ok", ...done]);
  assert.equal(text, "it is [SYSTEM_PROMPT], ok");
  const mark = `midstream-canary-${"0a1b2c3d"}`;
  const { found } = await run({}, [`t0 ${mark}`, ...done], redact(), {}, [says("instructions", `Be kind. ${mark}`)]);
  assert.deepEqual(
    found.map((finding) => [finding?.rule, finding?.score]),
    [["canary", 1]],
  );
});

test("only the channels of the config are read", async () => {
  assert.deepEqual((await run({ channels: ["reasoning"] }, leak)).found, []);
});

test("a canary with space around it is a config error that names it", async () => {
  await assert.rejects(
    promptLeak.setup(v.parse(promptLeak.config, { canaries: ["  abcdef"] }), context),
    (error) => isMidStreamError(error) && /canaries\.0/.test(error.message),
  );
});
