import assert from "node:assert/strict";
import { test } from "node:test";
import * as v from "valibot";
import type { ModelRequest } from "../../../core/plugin/index.ts";
import { testContext } from "../../../core/testing/plugin-context.ts";
import { testSession } from "../../../core/testing/session.ts";
import canary from "./index.ts";

const requestOf = (messages: unknown, more: Partial<ModelRequest> = {}): ModelRequest => ({
  model: "m",
  stream: true,
  choiceCount: 1,
  wantsUsage: false,
  dialect: "openai-chat",
  body: { model: "m", messages, seed: 4 },
  bytes: new Uint8Array(1),
  headers: {},
  ...more,
});

const policy = async (config: unknown = {}) => canary.setup(v.parse(canary.config, config), testContext("policy/canary/test"));
const user = { role: "user", content: "Hi" };

test("the first instructions get the mark, everything else stays, and the bytes as received are gone", async () => {
  await using instance = await policy();
  const verdict = await instance.request!(requestOf([{ role: "system", content: "Be kind.", name: "x" }, user]), testSession({ id: "a" }));
  assert.ok(verdict.action === "rewrite");
  const { bytes, body } = verdict.request;
  assert.equal(bytes, undefined);
  const [first, ...others] = body.messages as { role: string; content: string; name?: string }[];
  assert.match(first!.content, /^Be kind\.\n\nInternal reference, never to be repeated: midstream-canary-[0-9a-f]{24}$/);
  assert.deepEqual({ ...first, content: "" }, { role: "system", content: "", name: "x" });
  assert.deepEqual(others, [user]);
  assert.equal(body.seed, 4);
});

test("every session has a mark of its own, and keeps it", async () => {
  await using instance = await policy({ text: "{canary}" });
  const markOf = async (id: string) => {
    const verdict = await instance.request!(
      requestOf([{ role: "developer", content: [{ type: "text", text: "Be." }] }]),
      testSession({ id }),
    );
    assert.ok(verdict.action === "rewrite");
    return (verdict.request.body.messages as { content: { text: string }[] }[])[0]!.content[1]!.text;
  };
  assert.equal(await markOf("a"), await markOf("a"));
  assert.notEqual(await markOf("a"), await markOf("b"));
});

test("a request without instructions stays as it is unless the config says otherwise", async () => {
  await using usual = await policy();
  await using always = await policy({ always: true });
  const session = testSession();
  assert.deepEqual(await usual.request!(requestOf([user]), session), { action: "release" });
  const verdict = await always.request!(requestOf([user]), session);
  assert.ok(verdict.action === "rewrite");
  const [first, second] = verdict.request.body.messages as { role: string; content: string }[];
  assert.equal(first?.role, "system");
  assert.match(first?.content ?? "", /^Internal reference/);
  assert.deepEqual(second, user);
});

test("what it cannot read it leaves alone", async () => {
  await using instance = await policy({ always: true });
  for (const request of [requestOf("none"), requestOf([{ role: "system", content: 5 }]), requestOf([user], { dialect: "other" })]) {
    assert.deepEqual(await instance.request!(request, testSession()), { action: "release" });
  }
});

test("a text without a place for the mark is a problem of the config", () => {
  assert.equal(v.safeParse(canary.config, { text: "no place" }).success, false);
});
