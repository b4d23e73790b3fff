/**
 * `analyser/pattern`: named patterns of a conversation: phrases with errors in them, shapes of signals, sequences of events.
 *
 * Must not know what is done about a finding. Phrases are native/pattern.
 */
import * as v from "valibot";
import {
  definePlugin,
  isMidStreamError,
  MidStreamError,
  type PluginContext,
  requestFindings,
  type Session,
  type TextDetector,
  TextWatch,
  textContextOf,
  textReads,
} from "../../../core/plugin/index.ts";
import { isEvent } from "./events.ts";
import { type EventPattern, named, type Patterns, PatternWatch, type SignalPattern } from "./watch.ts";

const maxPatterns = 64;
const maxPhrases = 16;
const maxEvents = 64;
const maxShape = 256;

const confidence = (fallback: number, description: string) =>
  v.pipe(v.optional(v.pipe(v.number(), v.minValue(0.1), v.maxValue(1)), fallback), v.description(description));

const phrasePattern = v.strictObject({
  phrases: v.pipe(
    v.array(v.pipe(v.string(), v.minLength(4), v.maxLength(64))),
    v.minLength(1),
    v.maxLength(maxPhrases),
    v.description("Phrases; case does not count, and any white space is like any other"),
  ),
  maxEdits: v.pipe(
    v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(21)), 0),
    v.description("Most characters that are substituted, inserted or left out; at most a third of the phrase"),
  ),
  wholeWords: v.pipe(v.optional(v.boolean(), true), v.description("Whether a phrase begins and ends where words do")),
});

const eventPattern = v.strictObject({
  events: v.pipe(
    v.array(v.pipe(v.string(), v.check(isEvent, "must be an event, such as tool-call:search, pii/email or end:stop"))),
    v.minLength(2),
    v.maxLength(maxEvents),
    v.description("Events in their order; others may come between them"),
  ),
  minConfidence: confidence(1, "Share of the events that must have come in this order, 0.1 to 1"),
  within: v.pipe(
    v.optional(v.pipe(v.number(), v.integer(), v.minValue(2), v.maxValue(256)), 64),
    v.description("Newest events that are looked at, all kinds counted"),
  ),
});

const signalPattern = v.strictObject({
  signal: v.pipe(
    v.string(),
    v.regex(/^(gap|sentence-words|[a-z0-9-]+(\/[a-z0-9-]+)?\.score)$/, "must be gap, sentence-words, or a score such as toxicity.score"),
    v.description(
      "gap: seconds between two deltas; sentence-words: words a sentence; TYPE.score, RULE.score, TYPE/RULE.score: of findings",
    ),
  ),
  shape: v.pipe(
    v.array(v.pipe(v.number(), v.finite())),
    v.minLength(2),
    v.maxLength(maxShape),
    v.description("Samples that the signal must follow, in its own unit; it may be faster or slower"),
  ),
  minConfidence: confidence(0.8, "1 minus the warped distance, as a share of the shape's spread; 0.1 to 1"),
});

const config = v.strictObject({
  patterns: v.pipe(
    v.record(
      v.pipe(v.string(), v.regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, "must be kebab-case, such as asks-for-refund")),
      v.union([phrasePattern, eventPattern, signalPattern]),
    ),
    v.check((patterns) => {
      const count = Object.keys(patterns).length;
      return count >= 1 && count <= maxPatterns;
    }, `must be 1 to ${maxPatterns} patterns`),
    v.description("Patterns by name; each has phrases, or events, or a signal with its shape"),
  ),
  channels: v.pipe(
    v.optional(v.pipe(v.array(v.picklist(["content", "reasoning", "refusal", "tool-input"])), v.minLength(1)), ["content", "reasoning"]),
    v.description("Channels in which phrases are looked for, and whose sentences count"),
  ),
  requestRoles: v.pipe(
    v.optional(v.array(v.picklist(["instructions", "user", "assistant", "tool", "document"])), []),
    v.description("Messages of the request in which phrases are looked for too"),
  ),
  conversation: v.pipe(
    v.optional(v.boolean(), true),
    v.description("Whether messages and tool calls of the request are events that came before those of the answer"),
  ),
});

type Settings = v.InferOutput<typeof config>;

function patternsOf(settings: Settings, now: () => number) {
  const phrases: { readonly name: string; readonly text: string; readonly maxEdits: number; readonly wholeWords: boolean }[] = [];
  const events: EventPattern[] = [];
  const signals: SignalPattern[] = [];
  for (const [name, pattern] of Object.entries(settings.patterns)) {
    if ("phrases" in pattern) {
      const { maxEdits, wholeWords } = pattern;
      phrases.push(...pattern.phrases.map((text) => ({ name, text, maxEdits, wholeWords })));
    } else if ("events" in pattern) events.push({ name, ...pattern });
    else signals.push({ name, ...pattern });
  }
  const patterns: Patterns = {
    phrases: phrases.map(({ name }) => name),
    events,
    signals,
    channels: settings.channels,
    readsConversation: settings.conversation,
    now,
  };
  return { phrases, patterns };
}

/** @throws MidStreamError CONFIG_INVALID that names the pattern */
function compile(phrases: ReturnType<typeof patternsOf>["phrases"], context: PluginContext): TextDetector | undefined {
  if (phrases.length === 0) return undefined;
  try {
    return context.native.compileDetector("pattern", { phrases: phrases.map(({ name: _name, ...phrase }) => phrase) });
  } catch (error) {
    if (!isMidStreamError(error)) throw error;
    const name = phrases[Number(/phrases\.(\d+)\./.exec(error.message)?.[1])]?.name;
    const field = name === undefined ? "patterns" : `patterns.${name}`;
    throw new MidStreamError("CONFIG_INVALID", `${context.id}: ${field}: ${error.message}`, { pluginId: context.id, field });
  }
}

export default definePlugin({
  api: 1,
  role: "analyser",
  type: "pattern",
  description: "Named patterns: phrases with errors in them, shapes of signals, sequences of events",
  config,
  capabilities: { reads: [...textReads, "tool-input-start"], holdBytes: 0, streams: true, cost: "light", onFailure: "open" },
  async setup(settings, context) {
    const { phrases, patterns } = patternsOf(settings, context.now);
    const detector = compile(phrases, context);
    const roles = new Set(settings.requestRoles);
    return {
      begin({ conversation }: Session) {
        const text = detector && new TextWatch(detector.begin(textContextOf({ ...conversation, messages: [] })), settings.channels);
        return new PatternWatch(patterns, conversation.messages, text);
      },
      ...(detector !== undefined &&
        roles.size > 0 && {
          request: (session: Session) => requestFindings(detector, session, roles).map((finding) => named(finding, patterns.phrases)),
        }),
      async [Symbol.asyncDispose]() {
        detector?.[Symbol.dispose]();
      },
    };
  },
});
