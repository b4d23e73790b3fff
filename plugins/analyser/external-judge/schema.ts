/** Config of `analyser/external-judge`. */
import * as v from "valibot";
import { secretReferenceSchema } from "../../../core/config/schema.ts";

const integer = (fallback: number, minimum: number, maximum: number, description: string) =>
  v.pipe(v.optional(v.pipe(v.number(), v.integer(), v.minValue(minimum), v.maxValue(maximum)), fallback), v.description(description));

const score = v.pipe(v.number(), v.minValue(0), v.maxValue(1));

/** Most text that one block may have held back, in bytes: what the plugin declares. */
export const maxHoldBytes = 1_048_576;

/** `lag(2)` as a number of units; 0 for `gate`, Infinity for `observe`. */
export function unitsAhead(mode: string): number {
  if (mode === "gate") return 0;
  if (mode === "observe") return Number.POSITIVE_INFINITY;
  return Number(/^lag\(([0-9]+)\)$/.exec(mode)?.[1] ?? 0);
}

const breaker = v.strictObject({
  failures: integer(5, 1, 1_000, "Calls that must fail in a row before no more are made for a while"),
  openMs: integer(10_000, 1, 3_600_000, "How long no calls are made then, in milliseconds; one call tries it again afterwards"),
});

/** Strict; `adapter` and `url` are required, every other field has a default. */
export const judgeConfig = v.pipe(
  v.strictObject({
    adapter: v.pipe(
      v.picklist(["openai-chat-guard", "openai-moderations", "pair-score", "span-labels"]),
      v.description("Which format the judge speaks"),
    ),
    url: v.pipe(
      v.string(),
      v.url(),
      v.regex(/^https?:\/\/[^@#]*$/, "must begin with http:// or https:// and hold no user or fragment"),
      v.description("The judge's endpoint, whole: http://127.0.0.1:8000/v1/chat/completions"),
    ),
    model: v.pipe(v.optional(v.pipe(v.string(), v.maxLength(256)), ""), v.description("Model to name in requests; empty: none is named")),
    key: v.pipe(v.optional(secretReferenceSchema), v.description("Key of the judge, as { env } or { file }; default: none is sent")),
    keyHeader: v.pipe(
      v.optional(v.pipe(v.string(), v.regex(/^[a-z0-9-]+$/, "must be a header's name in lower case")), "authorization"),
      v.description("Header that carries the key; authorization carries it as a bearer token"),
    ),
    parameters: v.pipe(
      v.optional(v.record(v.string(), v.unknown()), {}),
      v.description("Further members of each request's body: { max_tokens, chat_template_kwargs, ... }"),
    ),
    format: v.pipe(
      v.optional(v.picklist(["auto", "qwen3guard", "llama-guard", "yes-no"]), "auto"),
      v.description("openai-chat-guard: how the model answers; auto tells the three apart"),
    ),
    yesMeans: v.pipe(
      v.optional(v.picklist(["risk", "safe"]), "risk"),
      v.description("openai-chat-guard, yes-no: what a yes says (Granite Guardian and ShieldGemma: risk)"),
    ),
    category: v.pipe(
      v.optional(v.pipe(v.string(), v.regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, "must be kebab-case, such as harm")), "unsafe"),
      v.description("openai-chat-guard: category of what a judge finds that names none"),
    ),
    logprobs: v.pipe(
      v.optional(v.boolean(), false),
      v.description("openai-chat-guard: ask for log-probabilities, so that scores are more than 0 and 1"),
    ),
    shape: v.pipe(
      v.optional(v.picklist(["vllm-score", "factcheck", "minicheck", "text-classification"]), "vllm-score"),
      v.description("pair-score: which HTTP interface the judge has"),
    ),
    unit: v.pipe(
      v.optional(v.picklist(["sentence", "window", "final"]), "sentence"),
      v.description("What is judged at once: a sentence, so many characters, or the whole text at its end"),
    ),
    windowChars: integer(1_000, 16, 16_384, "Characters of a window, what it repeats included; longest sentence"),
    overlapChars: integer(0, 0, 8_192, "Characters before a unit that go to the judge with it"),
    debounce: integer(1, 1, 16, "Units in a row in which a category must be found before it is a finding"),
    mode: v.pipe(
      v.optional(
        v.pipe(v.string(), v.regex(/^(gate|observe|lag\((0|[1-9][0-9]?)\))$/, "must be gate, observe or lag(n), n up to 99")),
        "lag(1)",
      ),
      v.description("gate: text waits for its verdict; lag(n): it is at most n units ahead of it; observe: it never waits"),
    ),
    deadlineMs: integer(2_000, 1, 120_000, "Longest wait for a verdict, in milliseconds, from the end of the unit on"),
    onTimeout: v.pipe(
      v.optional(v.picklist(["open", "closed", "hold"]), "open"),
      v.description("A unit without a verdict: let it pass, report no-verdict, or ask again until holdLimitMs and then report"),
    ),
    holdLimitMs: integer(30_000, 1, 600_000, "onTimeout hold: longest wait for a verdict in all, in milliseconds"),
    endWaitMs: integer(0, 0, 120_000, "lag, observe: how long the answer's end waits for verdicts that are still out, in milliseconds"),
    maxInFlight: integer(8, 1, 1_024, "Calls under way at once, of all answers together"),
    maxQueued: integer(64, 0, 65_536, "Units that wait for a call, of all answers together; further ones get no verdict"),
    maxHeldBytes: integer(
      65_536,
      1_024,
      maxHoldBytes,
      "Most text of a block held back, in bytes; the oldest units get no verdict beyond it",
    ),
    breaker: v.pipe(v.optional(breaker, {}), v.description("When a judge that keeps failing is left alone")),
    maxResponseBytes: integer(262_144, 1_024, 16_777_216, "Largest response of the judge, in bytes"),
    sample: v.pipe(v.optional(score, 1), v.description("Share of answers that are judged, 0 to 1")),
    channels: v.pipe(
      v.optional(v.pipe(v.array(v.picklist(["content", "reasoning", "refusal", "tool-input"])), v.minLength(1)), ["content"]),
      v.description("Which texts are judged"),
    ),
    question: v.pipe(v.optional(v.boolean(), true), v.description("Whether the judge gets the last message of the user too")),
    context: v.pipe(
      v.optional(v.array(v.picklist(["documents", "instructions", "user", "tool"]))),
      v.description(
        "What the judge gets as context: the request's documents (its member context), else messages by who speaks; default: all for pair-score and span-labels, else none",
      ),
    ),
    maxContextChars: integer(16_000, 0, 1_000_000, "Most characters of the context, and of the question; the end of a longer one is taken"),
    thresholds: v.pipe(
      v.optional(
        v.record(v.pipe(v.string(), v.regex(/^(\*|[a-z0-9]+(-[a-z0-9]+)*)$/, "must be a category in kebab-case, or *")), score),
        {},
      ),
      v.description("Least score of a finding, by category; * = all others; default: what the judge itself flags"),
    ),
    transport: v.pipe(
      v.optional(v.pipe(v.string(), v.regex(/^transport\/[^/]+\/[^/]+$/, "must be transport/type/name")), "transport/http/default"),
      v.description("Id of the transport that carries it"),
    ),
  }),
  v.forward(
    v.check(({ windowChars, overlapChars }) => overlapChars <= windowChars / 2, "must be at most half of windowChars"),
    ["overlapChars"],
  ),
);

/** Config after defaults. */
export type JudgeConfig = v.InferOutput<typeof judgeConfig>;
