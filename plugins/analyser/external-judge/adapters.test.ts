import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { completion, moderation, tokenLogprobs } from "../../../test/judge/stub.ts";
import type { Adapter, JudgeInput } from "./adapters/adapter.ts";
import { slug } from "./adapters/adapter.ts";
import { type ChatGuardSettings, chatGuard } from "./adapters/chat-guard.ts";
import { moderations } from "./adapters/moderations.ts";
import { pairScore } from "./adapters/pair-score.ts";
import { spanLabels } from "./adapters/span-labels.ts";

const guard = (more: Partial<ChatGuardSettings> = {}) =>
  chatGuard({ model: "guard", format: "auto", yesMeans: "risk", category: "unsafe", logprobs: false, ...more });
const input = (more: Partial<JudgeInput> = {}): JudgeInput => ({ text: "The text.", question: "", context: [], ...more });
const brief = (adapter: Adapter, body: unknown, of = input()) => {
  const verdict = adapter.read(body, of);
  return (
    verdict && [verdict.label, ...verdict.categories.map(({ category, score, flagged }) => [category, Number(score.toFixed(3)), flagged])]
  );
};

const said: readonly (readonly [what: string, content: string, verdict: unknown])[] = [
  ["Qwen3Guard, safe", "Safety: Safe\nCategories: None\nRefusal: No", ["safe"]],
  ["Qwen3Guard, unsafe", "Safety: Unsafe\nCategories: Violent\nRefusal: No", ["unsafe", ["violent", 1, true]]],
  [
    "Qwen3Guard, several categories",
    "Safety: Unsafe\nCategories: Non-violent Illegal Acts, Suicide & Self-Harm",
    ["unsafe", ["non-violent-illegal-acts", 1, true], ["suicide-self-harm", 1, true]],
  ],
  ["Qwen3Guard, controversial", "Safety: Controversial\nCategories: PII", ["controversial", ["pii", 0.5, true]]],
  ["Qwen3Guard, unsafe without a category", "Safety: Unsafe\nCategories: None", ["unsafe", ["unsafe", 1, true]]],
  ["Llama Guard, safe", "\n\nsafe", ["safe", ["unsafe", 0, false]]],
  ["Llama Guard, unsafe", "\n\nunsafe\nS1,S10", ["unsafe", ["s1", 1, true], ["s10", 1, true]]],
  ["Granite Guardian 3.0", "Yes", ["yes", ["unsafe", 1, true]]],
  ["Granite Guardian 3.2", "No\n<confidence> High </confidence>", ["no", ["unsafe", 0, false]]],
  ["Granite Guardian 3.3, thinking", "<think>yes it may be no</think>\n<score> yes </score>", ["yes", ["unsafe", 1, true]]],
  ["ShieldGemma", "Yes, the response violates the policy.", ["yes", ["unsafe", 1, true]]],
  ["a refusal to judge", "I cannot help with that.", undefined],
  ["nothing", "", undefined],
];

for (const [what, content, verdict] of said) {
  test(`a guard's words are read: ${what}`, () => assert.deepEqual(brief(guard(), completion(content)), verdict));
}

test("a guard that must speak one format is not read in another", () => {
  assert.equal(brief(guard({ format: "yes-no" }), completion("unsafe\nS1")), undefined);
  assert.equal(brief(guard({ format: "llama-guard" }), completion("Safety: Unsafe\nCategories: Violent")), undefined);
});

test("a yes can mean that all is well, and the category is the operator's", () => {
  const adapter = guard({ yesMeans: "safe", category: "unsupported" });
  assert.deepEqual(brief(adapter, completion("Yes")), ["yes", ["unsupported", 0, false]]);
  assert.deepEqual(brief(adapter, completion("No")), ["no", ["unsupported", 1, true]]);
});

test("log-probabilities make a score of a word", () => {
  const yes = completion("No", tokenLogprobs("No", { No: 0.6, Yes: 0.2, Maybe: 0.2 }));
  assert.deepEqual(brief(guard(), yes), ["no", ["unsafe", 0.25, false]]);
  const unsafe = completion("unsafe\nS2", tokenLogprobs("unsafe", { unsafe: 0.9, safe: 0.1 }));
  assert.deepEqual(brief(guard(), unsafe), ["unsafe", ["s2", 0.9, true]]);
});

test("a guard gets the question and the text as two turns, or the text alone", () => {
  const pair = guard({ logprobs: true }).request(input({ question: "How?", context: ["a fact"] }));
  assert.deepEqual(pair, {
    model: "guard",
    messages: [
      { role: "user", content: "How?" },
      { role: "assistant", content: "The text." },
    ],
    temperature: 0,
    max_tokens: 64,
    stream: false,
    logprobs: true,
    top_logprobs: 5,
    documents: [{ doc_id: "0", text: "a fact" }],
  });
  assert.deepEqual(guard({ model: "" }).request(input())?.messages, [{ role: "user", content: "The text." }]);
});

test("a moderation's scores and flags are read, by names as they are", () => {
  const adapter = moderations({ model: "omni-moderation-latest" });
  assert.deepEqual(adapter.request(input()), { model: "omni-moderation-latest", input: "The text." });
  assert.deepEqual(brief(adapter, moderation({ "hate/threatening": 0.8, violence: 0.1 })), [
    "flagged",
    ["hate-threatening", 0.8, true],
    ["violence", 0.1, false],
  ]);
});

const pairs: readonly (readonly [shape: Parameters<typeof pairScore>[0]["shape"], request: unknown, body: unknown, support: number])[] = [
  ["vllm-score", { model: "m", text_1: "A fact.", text_2: "The text." }, { data: [{ index: 0, object: "score", score: 0.25 }] }, 0.25],
  ["vllm-score", { model: "m", text_1: "A fact.", text_2: "The text." }, { data: [{ index: 0, object: "score", score: [0.75] }] }, 0.75],
  ["factcheck", { model: "m", claim: "The text.", context: "A fact." }, { support_prob: 0.1 }, 0.1],
  ["minicheck", { model: "m", inputs: { docs: ["A fact."], claims: ["The text."] } }, [0.9], 0.9],
  [
    "text-classification",
    { model: "m", inputs: [["A fact.", "The text."]] },
    [
      [
        { label: "hallucinated", score: 0.7 },
        { label: "consistent", score: 0.3 },
      ],
    ],
    0.3,
  ],
  ["text-classification", { model: "m", inputs: [["A fact.", "The text."]] }, [{ label: "contradiction", score: 0.75 }], 0.25],
];

for (const [shape, request, body, support] of pairs) {
  test(`a pair is scored: ${shape} with ${JSON.stringify(body).slice(0, 40)}`, () => {
    const adapter = pairScore({ model: "m", shape });
    const of = input({ context: ["A fact."] });
    assert.deepEqual(adapter.request(of), request);
    assert.deepEqual(brief(adapter, body, of), [
      support < 0.5 ? "unsupported" : "supported",
      ["unsupported", Number((1 - support).toFixed(3)), support < 0.5],
    ]);
  });
}

test("without context nothing can be said of grounding", () => {
  assert.equal(pairScore({ model: "", shape: "vllm-score" }).request(input()), undefined);
  assert.equal(spanLabels().request(input()), undefined);
});

test("spans count code points, as Python does", () => {
  const of = input({ text: "😀 Paris has 69 million.", context: ["Paris has 2 million."], question: "How many?" });
  assert.deepEqual(spanLabels().request(of), { contexts: of.context, question: "How many?", answer: of.text });
  const body = { predictions: [{ text: "69 million", start: 12, end: 22, hallucination_score: 0.98 }] };
  const [span] = spanLabels().read(body, of)?.categories ?? [];
  assert.equal(of.text.slice(span?.start, span?.end), "69 million");
  assert.deepEqual([span?.category, span?.score], ["hallucination", 0.98]);
});

test("spans of the library's own words are read too", () => {
  const of = input();
  const body = { predictions: [{ start: 0, end: 3, confidence: 0.7, label: "Contradiction (numeric)" }] };
  assert.deepEqual(brief(spanLabels(), body, of), ["hallucination", ["contradiction-numeric", 0.7, true]]);
  assert.deepEqual(brief(spanLabels(), { predictions: [] }, of), ["supported"]);
});

test("spans outside of the text, upside down or without a score are no verdict", () => {
  const of = input();
  for (const wrong of [
    { start: 0, end: 100 },
    { start: 3, end: 1 },
    { start: -1, end: 2 },
    { start: 0.5, end: 2 },
  ])
    assert.equal(brief(spanLabels(), { predictions: [{ hallucination_score: 0.5, ...wrong }] }, of), undefined);
  assert.equal(brief(spanLabels(), { predictions: [{ start: 0, end: 1, hallucination_score: 7 }] }, of), undefined);
});

test("whatever a judge answers, an adapter reads a verdict within its bounds or none", () => {
  const shapes = ["vllm-score", "factcheck", "minicheck", "text-classification"] as const;
  const all = [
    guard(),
    guard({ logprobs: true }),
    moderations({ model: "" }),
    spanLabels(),
    ...shapes.map((shape) => pairScore({ model: "", shape })),
  ];
  const key = fc.constantFrom(
    "choices",
    "message",
    "content",
    "results",
    "category_scores",
    "predictions",
    "start",
    "score",
    "data",
    "logprobs",
  );
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof({ depthSize: "small" }, fc.jsonValue(), fc.array(tie("tree")), fc.dictionary(key, tie("tree"))),
  }));
  fc.assert(
    fc.property(tree, (body) => {
      for (const adapter of all) {
        const verdict = adapter.read(body, input({ context: ["c"] }));
        for (const { category, score, start = 0, end = 9 } of verdict?.categories ?? []) {
          assert.match(category, /^[a-z0-9]+(-[a-z0-9]+)*$/);
          assert.ok(score >= 0 && score <= 1 && start >= 0 && end <= 9 && start <= end);
        }
      }
    }),
    { seed: 20_261_124, numRuns: 100 },
  );
});

test("a category's name becomes a rule's name, whatever it is", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (name) => {
      assert.match(slug(name), /^[a-z0-9]+(-[a-z0-9]+)*$/);
      assert.ok(slug(name).length <= 64);
    }),
    { seed: 20_261_125, numRuns: 50 },
  );
});
