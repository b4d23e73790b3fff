/**
 * Two paths, one behaviour: the native wire and the parts engine get the same upstream bytes and must give the same bytes, findings,
 * verdicts and ends. The native core is the real one; the plans hold every kind of action.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { openaiChat } from "../adapters/http/openai-chat/index.ts";
import { parseStrict } from "../core/config/issues.ts";
import { configError } from "../core/config/problem.ts";
import { pipelineSchema } from "../core/config/schema.ts";
import { openaiChatDecoder } from "../core/dialects/openai-chat/index.ts";
import { Guard } from "../core/kernel/guard.ts";
import { type Engine, verdictRecords } from "../core/pipeline/engine.ts";
import { PartsEngine } from "../core/pipeline/parts-engine.ts";
import { type PipelinePlan, planPipeline } from "../core/pipeline/plan.ts";
import type { Analyser, Policy, PolicyPlan } from "../core/plugin/contract.ts";
import { testSession } from "../core/testing/session.ts";
import { loadNative } from "../native/bindings/load.ts";

const seed = 20_261_122;
const native = await loadNative();

const capabilities = { reads: [], holdBytes: 0, streams: true, cost: "native", onFailure: "closed" } as const;

const analysers: Readonly<Record<string, Analyser>> = {
  "analyser/own/x": {
    plan: {
      rules: [
        { id: "mail", tag: "MAIL", pattern: "[a-z]+@[a-z]+\\.[a-z]+", score: 1, maxBytes: 64 },
        { id: "digits", tag: "DIGITS", pattern: "[0-9]{4,8}", score: 0.5, maxBytes: 16 },
      ],
      literals: [
        { id: "name", tag: "NAME", words: ["alice", "bob smith"] },
        { id: "face", tag: "FACE", words: ["😀", "😂 😂"] },
      ],
      repetition: {},
    },
  },
  "analyser/more/x": { plan: { literals: [{ id: "place", tag: "PLACE", words: ["smith street", "rome"] }] } },
};

const tag = (name: string) => ({ kind: "tag", text: `[${name}]` }) as const;
const rewrite = (...match: string[]): PolicyPlan["rules"][number] => ({ match, action: "rewrite", replacement: tag });

const policies: Readonly<Record<string, PolicyPlan["rules"]>> = {
  nothing: [],
  tags: [rewrite("*")],
  masks: [{ match: ["*"], action: "rewrite", replacement: () => ({ kind: "mask", char: "•", keepLast: 2 }) }],
  numbers: [{ match: ["*"], action: "rewrite", replacement: (name) => ({ kind: "pseudonym", tag: name }) }],
  hashes: [{ match: ["*"], action: "rewrite", replacement: (name) => ({ kind: "hash", tag: name, key: "k", length: 8 }) }],
  removes: [{ match: ["*"], action: "rewrite", replacement: () => ({ kind: "remove" }) }],
  blocks: [rewrite("mail", "digits"), { match: ["name"], action: "block", message: "Stopped here", minCount: 2 }],
  ends: [rewrite("*"), { match: ["loop-*", "place"], action: "block" }],
};

function planOf(rules: PolicyPlan["rules"], more: Readonly<Record<string, unknown>> = {}): PipelinePlan {
  const { value } = parseStrict(pipelineSchema, { providers: ["provider/p/x"], ...more });
  const policy: Policy = { plan: { rules, monitor: false } };
  const { plan, problems } = planPipeline(
    "default",
    { ...(value as NonNullable<typeof value>), sinks: [] },
    {
      native,
      members: {
        providers: [],
        sinks: [],
        analysers: Object.entries(analysers).map(([id, instance]) => ({ id, instance, capabilities, onFailure: "closed" as const })),
        policies: [{ id: "policy/p/x", instance: policy, capabilities, onFailure: "closed" }],
      },
    },
  );
  if (plan === undefined) throw configError(problems);
  return plan;
}

interface Case {
  readonly body: Uint8Array;
  readonly mode: "stream" | "unary";
  readonly end: "eof" | "failed" | "timed-out";
  readonly choiceCount: number;
  readonly stripUsage: boolean;
  readonly chunk: number;
}

const request = (choiceCount: number) => ({
  model: "m",
  stream: true,
  choiceCount,
  wantsUsage: true,
  dialect: "openai-chat",
  body: {},
  headers: {},
});

function enginesOf(plan: PipelinePlan, settings: Case): readonly [wire: Engine, parts: Engine] {
  const { mode, choiceCount, stripUsage } = settings;
  const wire = plan.native.openWire({
    mode,
    framing: "identity",
    contentLength: -1,
    stripUsage,
    choiceCount,
    passUnknown: plan.config.onUnknown === "pass",
    flow: plan.config.frames === "flow",
  });
  const parts = new PartsEngine({
    plan,
    session: testSession({ request: request(choiceCount) }),
    guard: new Guard(
      () => 0,
      () => {},
    ),
    provider: "provider/p/x",
    decoder: openaiChatDecoder(mode),
    encoder: openaiChat.encoder(mode, request(choiceCount)),
    mode,
    stripUsage,
    choiceCount,
    annotate: false,
  });
  return [wire, parts];
}

/** What an engine made of a body: everything that must be the same. */
function outcome(engine: Engine, { body, chunk, end }: Case) {
  const pieces: Uint8Array[] = [];
  const keep = (bytes: Uint8Array) => {
    if (bytes.byteLength > 0) pieces.push(bytes.slice());
  };
  const take = (bytes: Uint8Array) => {
    keep(bytes);
    while (engine.state.more) keep(engine.drain());
  };
  for (let at = 0; at < body.length; at += chunk) take(engine.feed(body.subarray(at, at + chunk)));
  if (!engine.state.done) take(engine.end(end));
  const { blocked, failed, done, inputTokens, outputTokens, started } = engine.state;
  const records = engine.takeRecords().map((record) => {
    const { finding } = record;
    const where =
      finding && `${finding.choice}/${finding.block} ${finding.channel} ${finding.range.start}-${finding.range.end}@${finding.from}`;
    return `${finding?.analyser} ${finding?.rule} ${where} ${verdictRecords(record).map(({ policy, action, outcome }) => `${policy} ${action} ${outcome}`)}`;
  });
  engine[Symbol.dispose]();
  const out = new TextDecoder().decode(joined(pieces));
  // The texts of errors are written in two languages and say the same in other words: what clients act on is compared.
  const text = out.replace(/data: (\{"error":\{"message":"[^"]*".*?"code":"([A-Z_]+)".*?\}\})/g, "data: error $2");
  // Whether an error counts as a start makes no difference to anyone.
  return { text, records: records.sort(), blocked, failed, done, inputTokens, outputTokens, started: started || failed };
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.byteLength, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.byteLength;
  }
  return whole;
}

// ---- streams ------------------------------------------------------------------------------------------------------

const words = [
  "alice",
  "ali",
  "bob ",
  "smith",
  " street",
  "rome",
  "x@y.zz",
  "1234",
  "56",
  " ",
  ".",
  "é",
  "\n",
  '"',
  "\\",
  "😀",
  "😂",
  // Halves of one, which leave as escapes, and what they are read as.
  "\ud83d",
  "\ude00",
  "\ufffd",
  "and on and on ",
];
const text = fc.array(fc.constantFrom(...words), { maxLength: 5 }).map((pieces) => pieces.join(""));

const delta = fc.oneof(
  { weight: 6, arbitrary: text.map((content) => ({ content })) },
  { weight: 2, arbitrary: text.map((reasoning_content) => ({ reasoning_content })) },
  { weight: 1, arbitrary: text.map((refusal) => ({ refusal })) },
  { weight: 2, arbitrary: fc.tuple(fc.nat(1), text).map(([index, text]) => ({ tool_calls: [{ index, function: { arguments: text } }] })) },
  { weight: 1, arbitrary: fc.tuple(text, text).map(([content, reasoning]) => ({ reasoning, content })) },
  { weight: 1, arbitrary: fc.constant({ role: "assistant", content: null }) },
);

const choice = fc.record({
  index: fc.nat(1),
  delta,
  finish_reason: fc.constantFrom(null, null, null, null, null, "stop"),
  logprobs: fc.constantFrom(null, undefined, { content: [{ token: "a", logprob: -1 }] }),
});

const frame = fc.oneof(
  { weight: 12, arbitrary: choice.map((each) => event({ id: "c", model: "m", created: 1, choices: [each] })) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(choice, choice)
      .map(([a, b]) => [a, { ...b, index: 1 - a.index }])
      .map((choices) => event({ id: "c", model: "m", created: 1, choices })),
  },
  // A character cut over two deltas.
  {
    weight: 2,
    arbitrary: fc
      .tuple(fc.nat(1), text, text)
      .map(([index, a, b]) =>
        [`${a}\ud83d`, `\ude00${b}`]
          .map((content) => event({ id: "c", model: "m", created: 1, choices: [{ index, delta: { content } }] }))
          .join(""),
      ),
  },
  {
    weight: 1,
    arbitrary: fc.constant(event({ id: "c", choices: [], usage: { prompt_tokens: 3, completion_tokens: 4, total_tokens: 7 } })),
  },
  { weight: 1, arbitrary: fc.constantFrom(": comment\n\n", "event: ping\ndata: {}\n\n", "id: 7\n\n") },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      'data: {"choices":[{"index":0,"delta":{"content":"alice ","content":"x@y.zz "}}]}\n\n',
      'data: {"other":{"content":1,"content":2},"hello":"world"}\n\n',
      "data: no JSON\n\n",
      'data: {"choices":5}\n\n',
    ),
  },
);

function event(value: object): string {
  return `data: ${JSON.stringify(value)}\n\n`;
}

const finish = [0, 1]
  .map((index) => event({ id: "c", model: "m", created: 1, choices: [{ index, delta: {}, finish_reason: "stop" }] }))
  .join("");

const ending = fc.constantFrom(
  `${finish}data: [DONE]\n\n`,
  finish,
  "data: [DONE]\n\n",
  'data: {"error":{"message":"boom","type":"server_error","param":null,"code":"x"}}\n\n',
  "",
  `${finish}data: {"id":"c","choi`,
);

const streams = fc.record({
  frames: fc.array(frame, { minLength: 1, maxLength: 14 }),
  ending,
  end: fc.constantFrom("eof" as const, "eof" as const, "failed" as const, "timed-out" as const),
  lineEnd: fc.constantFrom("\n", "\n", "\r\n", "\r"),
  choiceCount: fc.constantFrom(1, 2, 2),
  stripUsage: fc.boolean(),
  chunk: fc.integer({ min: 1, max: 400 }),
});

for (const [name, rules, frames] of Object.entries(policies).flatMap(([name, rules]) => [
  [name, rules, "whole"] as const,
  [name, rules, "flow"] as const,
])) {
  test(`both paths give the same of any stream: policy "${name}", frames "${frames}"`, () => {
    const plan = planOf(rules, { frames });
    fc.assert(
      fc.property(streams, ({ frames, ending, lineEnd, ...rest }) => {
        const body = new TextEncoder().encode([...frames, ending].join("").replaceAll("\n", lineEnd));
        const [wire, parts] = enginesOf(plan, { ...rest, body, mode: "stream" }).map((engine) =>
          outcome(engine, { ...rest, body, mode: "stream" }),
        );
        assert.deepEqual(parts, wire);
      }),
      { seed, numRuns: 150 },
    );
  });
}

/** Texts of each block as a client with strings of UTF-16 joins them. */
function textsOf(stream: string): Map<string, string> {
  const texts = new Map<string, string>();
  for (const [, json] of stream.matchAll(/^data: (\{.*\})$/gm)) {
    for (const { index, delta } of (JSON.parse(json ?? "") as { choices: { index: number; delta: object }[] }).choices) {
      for (const [name, text] of Object.entries(delta)) texts.set(`${index} ${name}`, (texts.get(`${index} ${name}`) ?? "") + text);
    }
  }
  return texts;
}

for (const frames of ["whole", "flow"]) {
  test(`an answer cut anywhere between UTF-16 units has the findings and the texts of one in a single delta, frames "${frames}"`, () => {
    const plan = planOf(policies.tags ?? [], { frames });
    const units = fc
      .array(fc.constantFrom("alice ", "😀", "😂", " ", "x", "x@y.zz", "é"), { minLength: 1, maxLength: 14 })
      .map((pieces) => pieces.join(""));
    const cuts = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 5 });
    const streamOf = (pieces: Iterable<string>) =>
      [...pieces].map((content) => event({ choices: [{ index: 0, delta: { content } }] })).join("") + finish;
    fc.assert(
      fc.property(units, cuts, (text, cuts) => {
        const pieces: string[] = [];
        for (let at = 0; at < text.length; at += pieces.at(-1)?.length ?? 1)
          pieces.push(text.slice(at, at + cuts[pieces.length % cuts.length]!));
        const results = [streamOf(pieces), streamOf([text])].map((stream) => {
          const settings: Case = {
            body: new TextEncoder().encode(stream),
            mode: "stream",
            end: "eof",
            choiceCount: 2,
            stripUsage: false,
            chunk: 64,
          };
          return enginesOf(plan, settings).map((engine) => outcome(engine, settings));
        });
        const [cut, whole] = results.map((paths) => paths.map(({ text, records }) => ({ texts: textsOf(text), records })));
        assert.deepEqual(cut, whole);
        assert.deepEqual(cut?.[0], cut?.[1]);
      }),
      { seed, numRuns: 200 },
    );
  });
}

// ---- whole answers ------------------------------------------------------------------------------------------------

const message = fc.record(
  {
    role: fc.constant("assistant"),
    content: fc.oneof(text, fc.constant(null)),
    reasoning_content: text,
    refusal: fc.oneof(text, fc.constant(null)),
    tool_calls: fc.array(
      text.map((args) => ({ id: "t", type: "function", function: { name: "f", arguments: args } })),
      { maxLength: 2 },
    ),
  },
  { requiredKeys: ["role", "content"] },
);

const bodies = fc.record({
  choices: fc.array(fc.tuple(message, fc.constantFrom("stop", "length", "tool_calls")), { minLength: 1, maxLength: 2 }),
  chunk: fc.integer({ min: 1, max: 400 }),
});

test("what is no chunk passes or ends the answer on both paths alike, as configured", () => {
  for (const onUnknown of ["pass", "block"]) {
    const plan = planOf(policies.tags ?? [], { onUnknown });
    for (const mode of ["stream", "unary"] as const) {
      for (const json of [
        '{"choices":[{"index":0,"delta":{"content":"x@y.zz"},"logprobs":{"content":[{"token":"x","logprob":-Infinity}]}}]}',
        '{"choices":[{"index":0,"delta":{"content":"x@y.zz\t"}}]}',
        '{"x":NaN}',
        '{"x":-NaN}',
        "[NaN]",
        '{"hello":"x@y.zz"}',
        "5",
        "no JSON",
        '{"choices":5}',
        '{"choices":[]}',
        '{"choices":[1]}',
      ]) {
        const text = mode === "stream" ? `data: ${json}\n\n${finish}data: [DONE]\n\n` : json;
        const settings: Case = { body: new TextEncoder().encode(text), mode, end: "eof", choiceCount: 1, stripUsage: false, chunk: 7 };
        const [wire, parts] = enginesOf(plan, settings).map((engine) => outcome(engine, settings));
        // A whole answer that failed is told by a status: what is in its body does not leave.
        const shown = (seen = wire) => (mode === "unary" && seen?.failed ? { ...seen, text: "" } : seen);
        assert.deepEqual(shown(parts), shown(wire), `${onUnknown} ${mode} ${json}`);
      }
    }
  }
});

for (const [name, rules] of Object.entries(policies)) {
  test(`both paths give the same of any whole answer: policy "${name}"`, () => {
    const plan = planOf(rules);
    fc.assert(
      fc.property(bodies, ({ choices, chunk }) => {
        const whole = {
          id: "c",
          object: "chat.completion",
          choices: choices.map(([message, finish_reason], index) => ({ index, message, finish_reason, logprobs: null })),
          usage: { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 },
        };
        const body = new TextEncoder().encode(JSON.stringify(whole));
        const settings: Case = { body, mode: "unary", end: "eof", choiceCount: choices.length, stripUsage: false, chunk };
        const [wire, parts] = enginesOf(plan, settings).map((engine) => outcome(engine, settings));
        assert.deepEqual(parts, wire);
      }),
      { seed, numRuns: 100 },
    );
  });
}
