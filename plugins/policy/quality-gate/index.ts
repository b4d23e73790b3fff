/**
 * `policy/quality-gate`: what becomes of an answer that is not good enough.
 *
 * Must not know how quality is measured.
 */
import * as v from "valibot";
import { ruleMatches } from "../../../core/pipeline/glob.ts";
import {
  type DeltaPart,
  definePlugin,
  type Finding,
  type HeldText,
  type PolicySession,
  type Session,
  type Verdict,
} from "../../../core/plugin/index.ts";
import { actionNames, actions } from "./actions.ts";

/** Most bytes of a text that can be held back. */
const mostHeld = 1_048_576;

const glob = v.pipe(
  v.string(),
  v.regex(/^!?[a-z0-9*-]+(\/[a-z0-9*-]+)?$/, "must be a glob over type/rule or rule, such as quality/refusal"),
);
const globs = (fallback: readonly string[], description: string) =>
  v.pipe(v.optional(v.pipe(v.array(glob), v.maxLength(256)), [...fallback]), v.description(description));

const config = v.strictObject({
  block: globs(["quality/low-quality"], "Globs over type/rule or rule of findings that end the answer; a leading ! excludes"),
  annotate: globs(
    ["quality/*"],
    "Globs of findings that are told to a client that asks for them, and nothing else; [] = no client is told anything",
  ),
  minScore: v.pipe(
    v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(1)), 0),
    v.description("Findings with a lower confidence do not count, 0 to 1"),
  ),
  message: v.pipe(
    v.optional(v.pipe(v.string(), v.maxLength(2_000)), ""),
    v.description("Text that the client gets in the place of what was taken back, up to 2000 characters; empty: none"),
  ),
  holdBytes: v.pipe(
    v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(65_536)), 0),
    v.description("Bytes at the beginning of a streamed text that wait for the first findings, 0 to 65536; 0 = nothing waits"),
  ),
  holdWhole: v.pipe(
    v.optional(v.boolean(), true),
    v.description("Whether an answer that is not streamed is taken back as a whole, up to 1 MB"),
  ),
});

type Settings = v.InferOutput<typeof config>;

const bytes = new TextEncoder();

/** Whether a text has at most that many UTF-8 bytes: one to three for each UTF-16 unit, so that most texts need no look. */
const fits = (text: string, most: number): boolean => text.length * 3 <= most || (text.length <= most && bytes.encode(text).length <= most);

/** One answer. */
class Gate implements PolicySession {
  private readonly settings: Settings;
  /** Bytes at the beginning of each text that wait. */
  private readonly waits: number;

  constructor(settings: Settings, session: Session) {
    this.settings = settings;
    this.waits = session.request.stream ? settings.holdBytes : settings.holdWhole ? mostHeld : 0;
  }

  decide(part: DeltaPart, found: readonly Finding[], held: HeldText): Verdict {
    const isContent = part.type === "text-delta";
    for (const finding of found) {
      if (finding.score < this.settings.minScore) continue;
      const isWhole = isContent && held.heldFrom === 0 && finding.from <= this.waits;
      const type = finding.analyser.split("/")[1] ?? "";
      const name = actionNames.find((action) => ruleMatches(this.settings[action], type, finding.rule));
      const verdict = name && actions[name]({ finding, isWhole, message: this.settings.message });
      if (verdict !== undefined) return verdict;
    }
    const mayWait = isContent && this.waits > 0 && held.heldFrom === 0;
    return mayWait && fits(held.text, this.waits) ? { action: "hold", from: 0 } : { action: "release" };
  }
}

export default definePlugin({
  api: 1,
  role: "policy",
  type: "quality-gate",
  description: "What becomes of an answer that is not good enough: it is told, or ended with a message",
  config,
  capabilities: { reads: [], holdBytes: mostHeld, streams: true, cost: "light", onFailure: "closed" },
  async setup(settings) {
    return {
      begin: (session: Session) => new Gate(settings, session),
      annotates: settings.annotate.length > 0,
      async [Symbol.asyncDispose]() {},
    };
  },
});
