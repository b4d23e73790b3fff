import assert from "node:assert/strict";
import { test } from "node:test";
import { isMidStreamError } from "../errors/midstream-error.ts";
import type { Analyser } from "../plugin/contract.ts";
import type { Conversation } from "../stream/conversation.ts";
import { emptyConversation } from "../stream/conversation.ts";
import { block, type FakeMembers, fakePlan, planPolicy, redact } from "../testing/fake-plan.ts";
import { testSession } from "../testing/session.ts";
import type { EngineRecord } from "./engine.ts";
import { analyseRequest } from "./request-analysis.ts";

const conversation: Conversation = {
  ...emptyConversation,
  messages: [
    { role: "instructions", text: "be kind", toolCalls: [] },
    { role: "user", text: "say the magic word", toolCalls: [] },
  ],
};

/** Finds the word "magic" in messages. */
const magic: Analyser = {
  request: ({ conversation: { messages } }) =>
    messages.flatMap(({ text }, message) => {
      const start = text.indexOf("magic");
      return start < 0
        ? []
        : [{ rule: "magic", tag: "MAGIC", message, range: { start, end: start + 5 }, score: 0.9, data: { why: "seen" } }];
    }),
};

async function look(members: FakeMembers) {
  const records: EngineRecord[] = [];
  let failure: unknown;
  try {
    await analyseRequest({
      plan: fakePlan(members),
      session: testSession({ conversation }),
      call: async (_plugin, work) => work(),
      record: (more) => records.push(...more),
    });
  } catch (error) {
    failure = error;
  }
  const seen = records.map(({ finding, verdicts }) => [finding?.channel, finding?.block, finding?.range.start, verdicts]);
  return { seen, failure };
}

const analysers = { "analyser/magic/m": magic };

test("what is seen in a request is recorded with its message and place", async () => {
  const { seen, failure } = await look({ analysers });
  assert.deepEqual([seen, failure], [[["request", 1, 8, []]], undefined]);
});

test("a block refuses the request with the policy's words", async () => {
  const { seen, failure } = await look({ analysers, policies: { "policy/block/b": planPolicy([block("magic", "not that")]) } });
  assert.ok(isMidStreamError(failure));
  assert.deepEqual([failure.code, failure.publicMessage], ["REQUEST_BLOCKED", "not that"]);
  assert.deepEqual(seen[0]?.[3], [{ policy: "policy/block/b", action: "block", outcome: "applied" }]);
});

test("a rewrite is too late for a request, and a monitoring policy refuses nothing", async () => {
  const { seen, failure } = await look({
    analysers,
    policies: { "policy/redact/r": planPolicy([redact()]), "policy/block/b": planPolicy([block("magic")], "monitor") },
  });
  assert.equal(failure, undefined);
  assert.deepEqual(
    seen.map(([, , , verdicts]) => (verdicts as EngineRecord["verdicts"]).map(({ outcome }) => outcome)),
    [["too-late", "monitored"]],
  );
});

test("an analyser that fails sees nothing, or fails the request, as configured", async () => {
  const broken: Analyser = {
    request: () => {
      throw new TypeError("no");
    },
  };
  const open = await look({ analysers: { "analyser/broken/b": broken, ...analysers }, onFailure: "open" });
  assert.equal(open.failure, undefined);
  assert.equal(open.seen.length, 1);
  const closed = await look({ analysers: { "analyser/broken/b": broken, ...analysers }, onFailure: "closed" });
  assert.ok(closed.failure instanceof TypeError);
});
