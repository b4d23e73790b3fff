/** An agent that calls the same tool with the same arguments turn after turn, through the real `openai` client, and who stops it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import OpenAI from "openai";
import { startTestGateway } from "./gateway.ts";
import { chunk, event, jsonResponse, last, type Seen, type Step, startUpstream, streamHead } from "./upstream.ts";

type Message = OpenAI.ChatCompletionMessageParam;

/** A tool call of the scripted model, by its turn; the same arguments are written differently each time. */
type Script = (turn: number) => { readonly name: string; readonly input: string };

const tools: OpenAI.ChatCompletionTool[] = ["search", "read", "list"].map((name) => ({ type: "function", function: { name } }));

const functionOf = (turn: number, name: string, input: string) => ({
  index: 0,
  id: `call_${turn}`,
  type: "function",
  function: { name, arguments: input },
});

function streamed(turn: number, { name, input }: ReturnType<Script>): Step[] {
  const more = (text: string) => event(chunk({ tool_calls: [{ index: 0, function: { arguments: text } }] }));
  const middle = input.length >> 1;
  return [
    { send: streamHead },
    event(chunk({ role: "assistant", content: "" })),
    event(chunk({ tool_calls: [functionOf(turn, name, "")] })),
    more(input.slice(0, middle)),
    more(input.slice(middle)),
    event(chunk({}, "tool_calls")),
    event("[DONE]"),
    last,
  ];
}

function whole(turn: number, { name, input }: ReturnType<Script>): Step[] {
  const message = { role: "assistant", content: null, tool_calls: [functionOf(turn, name, input)] };
  const choices = [{ index: 0, message, finish_reason: "tool_calls" }];
  return jsonResponse(200, { id: "chatcmpl-1", object: "chat.completion", created: 1, model: "m", choices });
}

interface Turn {
  readonly finish: string | null;
  readonly text: string;
  readonly calls: readonly { readonly id: string; readonly name: string; readonly input: string }[];
}

async function askStreamed(client: OpenAI, messages: Message[], headers: Record<string, string>): Promise<Turn> {
  const calls: { id: string; name: string; input: string }[] = [];
  let [text, finish]: [string, string | null] = ["", null];
  const body = { model: "m", messages, tools, stream: true } as const;
  for await (const { choices } of await client.chat.completions.create(body, { headers })) {
    text += choices[0]?.delta.content ?? "";
    finish = choices[0]?.finish_reason ?? finish;
    for (const { index, id = "", function: called } of choices[0]?.delta.tool_calls ?? []) {
      calls[index] ??= { id, name: called?.name ?? "", input: "" };
      calls[index].input += called?.arguments ?? "";
    }
  }
  return { finish, text, calls };
}

async function askWhole(client: OpenAI, messages: Message[], headers: Record<string, string>): Promise<Turn> {
  const { choices } = await client.chat.completions.create({ model: "m", messages, tools }, { headers });
  const { finish_reason: finish = null, message } = choices[0] ?? {};
  const calls = (message?.tool_calls ?? []).flatMap((call) =>
    call.type === "function" ? [{ id: call.id, name: call.function.name, input: call.function.arguments }] : [],
  );
  return { finish, text: message?.content ?? "", calls };
}

interface Run {
  readonly script: Script;
  readonly stream: boolean;
  readonly plugins?: object;
  readonly analysers?: readonly string[];
  /** What the agent sends besides: the whole conversation each time, or only what is new, with the session's name. */
  readonly sends?: "conversation" | "news";
}

/** Runs an agent until an answer has no call that it can carry out, at most twelve turns. */
async function runAgent({ script, stream, plugins = {}, analysers = ["analyser/dynamics/turns"], sends = "conversation" }: Run) {
  const answers = (_: Seen, turn: number) => (stream ? streamed(turn, script(turn)) : whole(turn, script(turn)));
  await using upstream = await startUpstream(answers);
  const more = {
    "analyser/dynamics/turns": { scope: "session" },
    "policy/block/loop": { rules: ["dynamics/turn-loop"], message: "[The agent was stopped: it goes round in circles.]" },
    ...plugins,
  };
  await using gateway = await startTestGateway(upstream.url, { analysers, policies: ["policy/block/loop"] }, { plugins: more });
  const client = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: "test", maxRetries: 0 });
  const question: Message = { role: "user", content: "Where is the pump?" };
  let messages: Message[] = [question];
  const turns: Turn[] = [];
  while (turns.length < 12) {
    const headers: Record<string, string> = sends === "news" ? { "x-session-id": "agent-7" } : {};
    const turn = await (stream ? askStreamed : askWhole)(client, messages, headers);
    turns.push(turn);
    if (turn.finish !== "tool_calls") break;
    const results = turn.calls.map(({ id }): Message => ({ role: "tool", tool_call_id: id, content: "Nothing found." }));
    const calls = turn.calls.map(({ id, name, input }) => ({ id, type: "function" as const, function: { name, arguments: input } }));
    messages = sends === "news" ? [question, ...results] : [...messages, { role: "assistant", tool_calls: calls }, ...results];
  }
  return { turns, asked: upstream.seen.length };
}

const same: Script = (turn) => ({ name: "search", input: turn % 2 === 0 ? '{"q":"pump","limit":10}' : '{ "limit": 10, "q": "pump" }' });

for (const stream of [true, false]) {
  for (const sends of ["conversation", "news"] as const) {
    test(`the fourth same call of an agent is taken back and ends the answer: stream ${stream}, sends ${sends}`, async () => {
      const { turns, asked } = await runAgent({ script: same, stream, sends });
      assert.equal(asked, 4);
      assert.deepEqual(
        turns.map(({ finish }) => finish),
        ["tool_calls", "tool_calls", "tool_calls", "content_filter"],
      );
      assert.equal(turns[3]?.calls.map(({ input }) => input).join(""), "");
      assert.equal(turns[3]?.text, "[The agent was stopped: it goes round in circles.]");
    });
  }

  test(`an agent that goes to and fro between two calls is stopped at the fourth round: stream ${stream}`, async () => {
    const script: Script = (turn) => ({ name: turn % 2 === 0 ? "read" : "list", input: '{"path":"/pump"}' });
    const { turns } = await runAgent({ script, stream });
    assert.deepEqual([turns.length, turns.at(-1)?.finish], [8, "content_filter"]);
  });

  test(`an agent that makes progress is not stopped: stream ${stream}`, async () => {
    const script: Script = (turn) => ({ name: "list", input: `{"page":${turn}}` });
    const { turns } = await runAgent({ script, stream });
    assert.deepEqual([turns.length, turns.at(-1)?.finish, turns.at(-1)?.calls[0]?.input], [12, "tool_calls", '{"page":11}']);
  });

  test(`loops are only recorded where the policy is a monitor: stream ${stream}`, async () => {
    const plugins = { "policy/block/loop": { rules: ["dynamics/turn-loop"], mode: "monitor" } };
    const { turns } = await runAgent({ script: same, stream, plugins });
    assert.deepEqual([turns.length, turns.at(-1)?.finish, turns.at(-1)?.calls.length], [12, "tool_calls", 1]);
  });

  test(`rules and patterns see the calls of earlier turns too: stream ${stream}`, async () => {
    const plugins = {
      "analyser/rules/calls": {
        scope: "session",
        rules: {
          "five-searches":
            "G !(tool-call:search & Y O (tool-call:search & Y O (tool-call:search & Y O (tool-call:search & Y O tool-call:search))))",
        },
      },
      "analyser/pattern/calls": {
        patterns: { "six-searches": { events: Array.from({ length: 6 }, () => "tool-call:search") } },
      },
      "policy/block/loop": { rules: ["rules/five-searches"], message: "five" },
    };
    const byRule = await runAgent({ script: same, stream, plugins, analysers: ["analyser/rules/calls"] });
    assert.deepEqual([byRule.turns.length, byRule.turns.at(-1)?.finish], [5, "content_filter"]);
    const blocking = { ...plugins, "policy/block/loop": { rules: ["pattern/six-searches"], message: "six" } };
    const byPattern = await runAgent({ script: same, stream, plugins: blocking, analysers: ["analyser/pattern/calls"] });
    assert.deepEqual([byPattern.turns.length, byPattern.turns.at(-1)?.finish], [6, "content_filter"]);
  });

  test(`a rule stops an agent by the finding that its turns go round: stream ${stream}`, async () => {
    const plugins = {
      "analyser/rules/loops": { scope: "session", rules: { "no-loop": "G !(dynamics/turn-loop)" } },
      "policy/block/loop": { rules: ["rules/no-loop"], message: "rule" },
    };
    const analysers = ["analyser/dynamics/turns", "analyser/rules/loops"];
    const { turns } = await runAgent({ script: same, stream, plugins, analysers, sends: "news" });
    assert.deepEqual([turns.length, turns.at(-1)?.finish], [4, "content_filter"]);
  });
}
