import assert from "node:assert/strict";
import { test } from "node:test";
import * as v from "valibot";
import { isMidStreamError } from "../../../core/errors/midstream-error.ts";
import type { SecretReference } from "../../../core/plugin/contract.ts";
import { testContext } from "../../../core/testing/plugin-context.ts";
import literals from "./index.ts";

const files: Record<string, string> = {
  "names.txt": "Falcon\r\n\n  Blue Heron  \nFalcon\n",
  "empty.txt": "\n \n",
  "long.txt": `ok\n${"x".repeat(513)}\n`,
};
const context = testContext("analyser/literals/test", {
  secret: (reference: SecretReference) => ("file" in reference ? (files[reference.file] ?? "") : `value of ${reference.env}`),
});
const setup = async (config: unknown) => literals.setup(v.parse(literals.config, config) as never, context);
const fault = (config: unknown) =>
  setup(config).then(
    () => assert.fail("set up"),
    (error: unknown) => {
      assert.ok(isMidStreamError(error));
      return error.message;
    },
  );

test("words are whole and of either case unless the config says otherwise", async () => {
  await using instance = await setup({ words: ["Falcon"] });
  const rule = { id: "word", tag: "WORD", words: ["Falcon"], caseSensitive: false, wholeWord: true, score: 1 };
  assert.deepEqual(instance.plan, { literals: [rule] });
  await using exact = await setup({ words: ["Falcon"], caseSensitive: true, wholeWord: false, tag: "CODE_NAME" });
  assert.deepEqual(exact.plan?.literals, [{ ...rule, tag: "CODE_NAME", caseSensitive: true, wholeWord: false }]);
});

test("a file gives a word a line, without blank lines, margins and doubles", async () => {
  await using instance = await setup({ words: ["Heron", { file: "names.txt" }, { env: "NAME" }] });
  assert.deepEqual(instance.plan?.literals?.[0]?.words, ["Heron", "Falcon", "Blue Heron", "value of NAME"]);
});

test("canaries are exact, found inside words too, and have a rule of their own", async () => {
  await using instance = await setup({ canaries: ["7f3e-9a21-canary"], channels: ["content"] });
  const rule = { id: "canary", tag: "CANARY", words: ["7f3e-9a21-canary"], caseSensitive: true, wholeWord: false, score: 1 };
  assert.deepEqual(instance.plan, { literals: [rule], channels: ["content"] });
});

test("errors name the place and never the word", async () => {
  assert.match(await fault({ words: ["ok", ""] }), /words\[1\] has 0 bytes, must be 1 to 512/);
  assert.match(await fault({ words: ["  "] }), /words\[0\] is white space only/);
  assert.match(await fault({ words: ["ok", { file: "long.txt" }] }), /words\[1\], file long\.txt, line 2 has 513 bytes/);
  assert.match(await fault({ words: [{ file: "empty.txt" }] }), /words\[0\], file empty\.txt: has no words/);
  const short = await fault({ canaries: ["hush"] });
  assert.match(short, /canaries\[0\] has 4 bytes, must be 8 to 512/);
  assert.ok(!short.includes("hush"));
});

test("an instance without any word does not start", async () => {
  const { issues } = v.safeParse(literals.config, {});
  assert.deepEqual(
    issues?.map(({ message }) => message),
    ["words and canaries are both empty"],
  );
});

test("length counts bytes of UTF-8, not characters", async () => {
  await using instance = await setup({ words: ["ж".repeat(256)] });
  assert.equal(instance.plan?.literals?.[0]?.words.length, 1);
  assert.match(await fault({ words: ["ж".repeat(257)] }), /has 514 bytes/);
});

for (const wrong of [
  { words: "Falcon" },
  { words: [{ path: "x" }] },
  { tag: "code name" },
  { tag: "" },
  { channels: [] },
  { word: ["x"] },
]) {
  test(`refuses ${JSON.stringify(wrong)}`, () => assert.equal(v.safeParse(literals.config, wrong).success, false));
}

test("every field has a description", () => {
  for (const field of Object.values(literals.config.entries)) assert.ok(v.getDescription(field));
});

test("disposing twice is harmless", async () => {
  const instance = await setup({ words: ["Falcon"] });
  await instance[Symbol.asyncDispose]();
  await instance[Symbol.asyncDispose]();
});
