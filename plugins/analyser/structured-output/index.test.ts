import assert from "node:assert/strict";
import { test } from "node:test";
import * as v from "valibot";
import { isMidStreamError } from "../../../core/errors/midstream-error.ts";
import type { AnalyserSession } from "../../../core/plugin/contract.ts";
import { type Conversation, emptyConversation } from "../../../core/stream/conversation.ts";
import { block, type FakeRun, fakePlan, planPolicy, runParts } from "../../../core/testing/fake-plan.ts";
import { testContext } from "../../../core/testing/plugin-context.ts";
import { testSession } from "../../../core/testing/session.ts";
import { loadNative } from "../../../native/bindings/load.ts";
import structured from "./index.ts";

const native = loadNative();
const context = testContext("analyser/structured-output/test", { native });
const done = ["e0", "."];

const person = {
  type: "object",
  properties: { name: { type: "string", maxLength: 10 }, age: { type: "integer", minimum: 0 } },
  required: ["name", "age"],
  additionalProperties: false,
};

/** Runs lines; returns what was found, and what left where a policy ends broken answers. */
async function run(config: unknown, lines: readonly string[], asked: Partial<Conversation> = {}, more: FakeRun = {}) {
  await using analyser = await structured.setup(v.parse(structured.config, config), context);
  const plan = fakePlan({
    analysers: { "analyser/structured-output/s": analyser },
    policies: { "policy/block/b": planPolicy([block("structured-output/*", "broken")]) },
    capabilities: { reads: structured.capabilities.reads },
  });
  const { out, records } = runParts(plan, lines, { ...more, session: { conversation: { ...emptyConversation, ...asked } } });
  const found = records.map(({ finding }) => finding);
  return { out, found: found.map((finding) => `${finding?.rule}@${finding?.range.start}`), data: found[0]?.data };
}

const asJson = { output: { json: true } } as const;
const asPerson = { output: { json: true, schema: person } } as const;

test("the answer ends before the first byte after which nothing valid can come", async () => {
  const { out, found, data } = await run({}, ['t0 {"name":"Ann","age":"x"}', ...done], asPerson);
  assert.deepEqual(found, ["type@20"]);
  assert.equal(out[0], 't0 {"name":"Ann","age":');
  assert.ok(!out.join("").includes('"x"'));
  assert.equal(data?.path, "/age");
  assert.equal(data?.schemaPath, "/properties/age/type");
});

test("every cut of the text gives the same finding", async () => {
  const lines = ['t0 {"name":"Ann",', 't0 "shoe":4}', ...done];
  const once = await run({}, lines, asPerson);
  assert.deepEqual(once.found, ["additional-properties@15"]);
  for (const chunk of [1, 2, 5]) assert.deepEqual(await run({}, lines, asPerson, { chunk }), once, `chunk ${chunk}`);
});

test("a valid answer is left alone, whatever its shape", async () => {
  const lines = ['t0 {"age":30,"na', 't0 me":"Ann"} ', ...done];
  assert.deepEqual((await run({}, lines, asPerson)).out, lines);
});

test("text is only checked where JSON is asked for, or always", async () => {
  const lines = ["t0 Hello there", ...done];
  assert.deepEqual((await run({}, lines)).found, []);
  assert.deepEqual((await run({ content: "never" }, lines, asJson)).found, []);
  assert.deepEqual((await run({}, lines, asJson)).found, ["syntax@0"]);
  assert.deepEqual((await run({ content: "always", schema: person }, ['t0 {"age":-1', ...done])).found, ["minimum@8"]);
});

test("an answer that ends inside of its value is incomplete", async () => {
  assert.deepEqual((await run({}, ['t0 {"name":"Ann"', ...done], asPerson)).found, ["incomplete@13"]);
  assert.deepEqual((await run({}, ['t0 {"name":"Ann"}', ...done], asPerson)).found, ["required@13"]);
});

test("arguments of a tool are checked against its own parameters", async () => {
  const tools = [{ name: "find", parameters: { type: "object", required: ["q"], properties: { q: { type: "string" } } } }];
  await using analyser = await structured.setup(v.parse(structured.config, {}), context);
  using watch = analyser.begin?.(testSession({ conversation: { ...emptyConversation, tools } })) as AnalyserSession & Disposable;
  watch.push({ type: "tool-input-start", choice: 0, block: 3, toolCallId: "c", toolName: "find" });
  const [found] = watch.push({ type: "tool-input-delta", choice: 0, block: 3, delta: '{"q":1}' });
  assert.deepEqual([found?.rule, found?.channel, found?.range], ["type", "tool-input", { start: 5, end: 6 }]);
  assert.deepEqual((await run({ toolInput: false }, ['k0 {"q":', ...done], { tools })).found, []);
  assert.deepEqual((await run({}, ['k0 {"q":]', ...done])).found, ["syntax@5"]);
});

test("JSON in a fence may have prose around it", async () => {
  const lines = ["t0 Here it is:\\n```json\\n{}\\n```\\nDone.", ...done];
  assert.deepEqual((await run({ placement: "fenced" }, lines, asJson)).found, []);
});

test("a schema of the config that is none is a config error with its place, one of a request means JSON without schema", async () => {
  const wrong = { type: "object", properties: { a: { type: "nonsense" } } };
  await assert.rejects(
    structured.setup(v.parse(structured.config, { schema: wrong }), context),
    (error) => isMidStreamError(error) && /\/properties\/a\/type/.test(error.message),
  );
  assert.deepEqual((await run({}, ["t0 {]", ...done], { output: { json: true, schema: wrong } })).found, ["syntax@1"]);
});

test("a schema of a request that is too long means JSON without schema, one of the config does not", async () => {
  const long = { ...person, description: "x".repeat(1024) };
  const lines = ['t0 {"name":5}', ...done];
  const settings = { maxSchemaChars: 1024 };
  assert.deepEqual((await run(settings, lines, { output: { json: true, schema: long } })).found, []);
  assert.deepEqual((await run(settings, ["t0 {]", ...done], { output: { json: true, schema: long } })).found, ["syntax@1"]);
  assert.deepEqual((await run({ ...settings, schema: long }, lines, asJson)).found, ["type@8"]);
});

test("more schemas than are kept are compiled again, and their guards still guard", async () => {
  await using analyser = await structured.setup(v.parse(structured.config, { maxSchemas: 2 }), context);
  for (const round of [1, 2]) {
    for (const type of ["string", "integer", "boolean"]) {
      const conversation = { ...emptyConversation, output: { json: true, schema: { type } } };
      const session = testSession({ conversation });
      using stream = analyser.begin?.(session) as AnalyserSession & Disposable;
      const found = [...(stream.push?.({ type: "text-delta", channel: "content", choice: 0, block: 0, delta: "[" } as never) ?? [])];
      assert.deepEqual(
        found.map(({ rule }) => rule),
        ["type"],
        `${type}, round ${round}`,
      );
    }
  }
});

test("what only the complete text shows is found at its end, by the operator's schema and no client's", async () => {
  const schema = { type: "object", properties: { when: { type: "string", format: "date" } }, unevaluatedProperties: false };
  const own = { content: "always", schema };
  const good = '{"when":"2024-02-29"}';
  const odd = '{"when":"2023-02-29"}';
  assert.deepEqual((await run(own, [`t0 ${good}`, ...done])).found, []);
  for (const lines of [[`t0 ${odd}`], ['t0 {"when":"2023', 't0 -02-29"}']]) {
    const { found, data } = await run(own, [...lines, ...done]);
    assert.deepEqual(found, ["schema@0"]);
    assert.deepEqual(data, { path: "/when", schemaPath: "/properties/when/format", keyword: "format", expected: [] });
  }
  const asked = { output: { json: true, schema } };
  assert.deepEqual((await run({}, [`t0 ${odd}`, ...done], asked)).found, []);
  assert.deepEqual((await run(own, [`t0 ${odd}`, ...done], asked)).found, []);
});
