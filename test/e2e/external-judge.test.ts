/** A judge beside real streams: the gateway's own clock, transport and wake-ups, and what a client gets. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { completion, type Reply, startJudge } from "../judge/stub.ts";
import { startTestGateway } from "./gateway.ts";
import { answerOf, startUpstream } from "./upstream.ts";

const texts = ["Rice is washed before", " it is cooked. Then they ", "FIGHT until one is dead. ", "After that all went home."];

/** Asks through a gateway whose answers are judged; returns the body that the client gets. */
async function ask(judge: object, stream: boolean): Promise<string> {
  const whole = [{ index: 0, message: { role: "assistant", content: texts.join("") }, finish_reason: "stop" }];
  const json = JSON.stringify({ id: "chatcmpl-1", object: "chat.completion", created: 1, model: "m", choices: whole });
  const head = `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(json)}\r\n\r\n`;
  await using upstream = await startUpstream(() => (stream ? answerOf(texts) : [{ send: head + json }]));
  await using gateway = await startTestGateway(
    upstream.url,
    { analysers: ["analyser/external-judge/guard"], policies: ["policy/block/unsafe"] },
    {
      plugins: {
        "analyser/external-judge/guard": { adapter: "openai-chat-guard", mode: "gate", ...judge },
        "policy/block/unsafe": { rules: ["external-judge/*"], message: "[stopped]" },
      },
    },
  );
  const response = await fetch(`${gateway.url}/v1/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ model: "m", stream, messages: [{ role: "user", content: "What happened?" }] }),
  });
  return response.text();
}

const said = (body: string) => [...body.matchAll(/"content":"([^"]*)"/g)].map(([, text]) => text).join("");

for (const stream of [true, false]) {
  test(`a client gets the text before what the judge rejects, and an honest end: stream ${stream}`, async () => {
    await using judge = await startJudge(({ body }): Reply => {
      const isBad = body.messages[1].content.includes("FIGHT");
      return { json: completion(isBad ? "unsafe\nS1" : "safe") };
    });
    const body = await ask({ url: `${judge.url}/v1/chat/completions` }, stream);
    assert.equal(said(body), "Rice is washed before it is cooked.[stopped]");
    assert.match(body, /"finish_reason":"content_filter"/);
    if (stream) assert.match(body, /data: \[DONE\]\n\n$/);
  });

  test(`a judge that is not there leaves the answer as it is: stream ${stream}`, async () => {
    const body = await ask({ url: "http://127.0.0.1:1/" }, stream);
    assert.equal(said(body), texts.join(""));
    assert.match(body, /"finish_reason":"stop"/);
  });

  test(`a judge that never answers is waited for until its deadline: stream ${stream}`, async () => {
    await using judge = await startJudge(() => ({ hang: "silent" }));
    const body = await ask({ url: judge.url, deadlineMs: 50, onTimeout: "closed" }, stream);
    assert.equal(said(body), "[stopped]");
  });
}
