/** What only the end of an answer makes certain counts like everything before it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import OpenAI from "openai";
import { startTestGateway } from "./gateway.ts";
import { answerOf, jsonResponse, startUpstream } from "./upstream.ts";

const address = ["john", "example.com"].join("@");
const plugins = {
  "analyser/rules/own": { rules: { "no-email": "G !(pii/email)" } },
  "policy/block/rules": { rules: ["rules/no-email"], message: "[ended]" },
};
const pipeline = { analysers: ["analyser/pii/all", "analyser/rules/own"], policies: ["policy/block/rules"] };

for (const [where, text] of [
  ["at the end", `Mail ${address}`],
  ["before the end", `Mail ${address} today.`],
] as const) {
  for (const [how, pieces] of [
    ["in one piece", [text]],
    ["letter by letter", [...text]],
  ] as const) {
    test(`a rule over findings breaks at an address ${where}, ${how} and whole`, async () => {
      const choices = [{ index: 0, message: { role: "assistant", content: text }, finish_reason: "stop" }];
      const whole = { id: "1", object: "chat.completion", created: 1, model: "m", choices };
      await using upstream = await startUpstream(({ body }) =>
        JSON.parse(body).stream === true ? answerOf(pieces) : jsonResponse(200, whole),
      );
      await using gateway = await startTestGateway(upstream.url, pipeline, { plugins });
      const client = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: "test", maxRetries: 0 });
      const asked = { model: "m", messages: [{ role: "user" as const, content: "Whom?" }] };
      let [said, finish]: [string, string | null] = ["", null];
      for await (const part of await client.chat.completions.create({ ...asked, stream: true })) {
        said += part.choices[0]?.delta.content ?? "";
        finish = part.choices[0]?.finish_reason ?? finish;
      }
      assert.deepEqual([said, finish], ["Mail [ended]", "content_filter"]);
      const answer = await client.chat.completions.create(asked);
      assert.deepEqual([answer.choices[0]?.message.content, answer.choices[0]?.finish_reason], ["Mail [ended]", "content_filter"]);
    });
  }
}
