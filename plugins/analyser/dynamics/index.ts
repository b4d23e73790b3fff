/**
 * `analyser/dynamics`: how an answer behaves while it streams: novelty, rhythm, drift, stalls; and, where it is asked for, how a session
 * behaves over its turns, how sure the model was and which regime a series shows. The measures of a text are native/dynamics; this names
 * their settings.
 *
 * Must not know what is done about a finding.
 */
import * as v from "valibot";
import { headerNameSchema } from "../../../core/config/schema.ts";
import { definePlugin, emptyConversation, type Session, TextWatch, textContextOf, textReads } from "../../../core/plugin/index.ts";
import { Sessions } from "./sessions.ts";
import { maxHeldBytes, TurnWatch } from "./turn-watch.ts";

// Bounds and defaults are those of native/dynamics/src/settings.rs.
const count = (fallback: number, minimum: number, maximum: number, description: string) =>
  v.pipe(v.optional(v.pipe(v.number(), v.integer(), v.minValue(minimum), v.maxValue(maximum)), fallback), v.description(description));

const share = (fallback: number, minimum: number, maximum: number, description: string) =>
  v.pipe(v.optional(v.pipe(v.number(), v.minValue(minimum), v.maxValue(maximum)), fallback), v.description(description));

const config = v.strictObject({
  repeatedShare: share(0.65, 0.1, 0.9, "Share of groups of four words seen before above which evidence for low-novelty gathers"),
  repeatedWords: count(120, 16, 10_000, "Old groups beyond that share that make low-novelty; 120 at 0.65: 343 words, all of them old"),
  periodRepeats: count(6, 3, 100, "Times that a period of sentence lengths must follow the first one, for periodic"),
  driftDistance: share(0.48, 0.1, 0.6, "Share of bits in which the sketches of beginning and present differ, for drift; 0.5 = unrelated"),
  driftWords: count(250, 16, 100_000, "Words for which that distance must last"),
  stallMs: count(10_000, 100, 3_600_000, "Shortest silence that can be a stall, in milliseconds"),
  stallFactor: count(20, 2, 10_000, "Times the stream's median gap between arrivals that a stall must last"),
  collapseNats: share(0, 0, 5, "Mean surprise of the newest tokens below which the answer has collapsed, in nats; 0 = not watched"),
  collapseTokens: count(128, 16, 4096, "Tokens over which that mean is taken; the provider must send log-probabilities"),
  regimes: v.pipe(
    v.optional(v.boolean(), false),
    v.description("Exploratory: the dynamical regime of each series of a text, at its end. Evidence of nothing; not for policies"),
  ),
  scope: v.pipe(
    v.optional(v.picklist(["answer", "session"]), "answer"),
    v.description("answer: each answer alone; session: also what its turns do together: come round, shrink, say nothing new"),
  ),
  sessionHeader: v.pipe(
    v.optional(headerNameSchema, "x-session-id"),
    v.description("Request header that names the session; a request without it is a session of its own, read from its messages"),
  ),
  maxSessions: count(
    2_000,
    1,
    1_000_000,
    "Sessions that are kept between answers; the least recently used leaves first. About 10 KB each, 26 with regimes",
  ),
  sessionTtlMs: count(3_600_000, 1_000, 31_536_000_000, "How long a session is kept after an answer, in milliseconds"),
  turnSimilarity: share(0.9, 0.5, 1, "Similarity from which two answers are the same; tool calls must be equal"),
  turnRepeats: count(
    3,
    2,
    50,
    "Times that a period of turns must follow the first one, for turn-loop; answers in a row for turn-low-novelty",
  ),
  shrinkTurns: count(6, 3, 100, "Answers in a row of which each is shorter than the one before, to half of the first, for turn-shrink"),
  channels: v.pipe(
    v.optional(v.pipe(v.array(v.picklist(["content", "reasoning", "refusal", "tool-input"])), v.minLength(1)), ["content", "reasoning"]),
    v.description("Channels that are read; arguments of tool calls are data and repeat by nature"),
  ),
});

export default definePlugin({
  api: 1,
  role: "analyser",
  type: "dynamics",
  description:
    "Behaviour of the text (low novelty, periodic sentence lengths, drift, stalls) and of a session's turns (loops, shrinking answers)",
  config,
  // Text is never held back: what lasts is seen only when it has lasted. A tool call waits where it may be the one too many.
  // Parts are read only where `collapseNats`, `regimes` or `scope` asks for it.
  capabilities: { reads: [...textReads, "tool-input-start"], holdBytes: maxHeldBytes, streams: true, cost: "native", onFailure: "open" },
  async setup({ channels, collapseNats, collapseTokens, scope, ...settings }, { native, now }) {
    const { repeatedShare, repeatedWords, periodRepeats, driftDistance, driftWords, stallMs, stallFactor, regimes } = settings;
    const dynamics = { repeatedShare, repeatedWords, periodRepeats, driftDistance, driftWords, stallMs, stallFactor };
    const plan = { dynamics, channels };
    const sessions = scope === "session" ? new Sessions(settings, native.temporal, now) : undefined;
    const detector =
      regimes || collapseNats > 0 ? native.compileDetector("dynamics", { regimes, collapseNats, collapseTokens }) : undefined;
    if (detector === undefined && sessions === undefined) return { plan, async [Symbol.asyncDispose]() {} };
    const context = textContextOf(emptyConversation);
    const textWatch = () => detector && new TextWatch(detector.begin(context), channels);
    return {
      plan,
      begin(session: Session) {
        const text = textWatch();
        if (sessions !== undefined) return new TurnWatch({ session: sessions.open(session), now, text });
        return text ?? { push: () => [] };
      },
      async [Symbol.asyncDispose]() {
        sessions?.dispose();
        detector?.[Symbol.dispose]();
      },
    };
  },
});
