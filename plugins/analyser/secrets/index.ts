/**
 * `analyser/secrets`: keys, tokens, passwords and private keys in an answer's text. The rules are data (rules.json) that the native
 * core runs; this chooses among them.
 *
 * Must not know what is done about a finding, and never sees text.
 */
import * as v from "valibot";
import { MidStreamError } from "../../../core/errors/midstream-error.ts";
import type { PatternRule } from "../../../core/native/rule.ts";
import { ruleMatches } from "../../../core/pipeline/glob.ts";
import { definePlugin } from "../../../core/plugin/contract.ts";
import { channels } from "../../../core/stream/part.ts";
import table from "./rules.json" with { type: "json" };

/** The shipped rules. JSON widens their literals to strings; the native core checks them when it compiles them. */
const shipped = table.rules as readonly PatternRule[];

/** Verifiers that set a score of their own, which may be over the rule's. Source: native/scan/src/verify/password.rs. */
const scoring: readonly string[] = ["password-literal", "password-bare"];

const config = v.strictObject({
  rules: v.pipe(
    v.optional(v.pipe(v.array(v.pipe(v.string(), v.nonEmpty(), v.maxLength(256))), v.nonEmpty()), ["*"]),
    v.description("Globs over rule names: aws-*, password-*; a leading ! excludes; the README lists the names"),
  ),
  minScore: v.pipe(
    v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(1)), 0.5),
    v.description("Least confidence of a finding, 0 to 1; 0.3 adds names that are no secrets (buckets, ARNs) and plain-word passwords"),
  ),
  channels: v.pipe(
    v.optional(v.pipe(v.array(v.picklist(channels)), v.nonEmpty())),
    v.description("Channels that are analysed; default all: content, reasoning, refusal, tool-input"),
  ),
});

export default definePlugin({
  api: 1,
  role: "analyser",
  type: "secrets",
  description: "Keys, tokens, passwords and private keys of more than 200 vendors and formats",
  config,
  capabilities: {
    reads: [],
    holdBytes: Math.max(...shipped.map((rule) => rule.maxBytes)),
    streams: true,
    cost: "native",
    onFailure: "open",
  },
  async setup(settings, context) {
    const { minScore } = settings;
    const rules = choose(settings.rules, minScore, context.id);
    const only = settings.channels === undefined ? {} : { channels: settings.channels };
    return { plan: { rules, minScore, ...only }, async [Symbol.asyncDispose]() {} };
  },
});

/**
 * Rules that the globs name and that can reach the least score; others would only cost time.
 * @throws MidStreamError CONFIG_RULE_INVALID where a glob, or all of them together, leave nothing
 */
function choose(globs: readonly string[], minScore: number, id: string): readonly PatternRule[] {
  const names = globs.some((glob) => !glob.startsWith("!")) ? globs : ["*", ...globs];
  for (const [at, glob] of globs.entries()) {
    const name = glob.replace(/^!/, "");
    if (shipped.some((rule) => ruleMatches([name], "secrets", rule.id))) continue;
    throw new MidStreamError("CONFIG_RULE_INVALID", `rules[${at}] "${glob}" names no rule of analyser/secrets`, { pluginId: id });
  }
  const chosen = shipped.filter((rule) => ruleMatches(names, "secrets", rule.id) && reaches(rule, minScore));
  if (chosen.length > 0) return chosen;
  throw new MidStreamError("CONFIG_RULE_INVALID", `rules and minScore ${minScore} leave no rule of analyser/secrets`, { pluginId: id });
}

function reaches(rule: PatternRule, minScore: number): boolean {
  const scored = rule.verify?.some((name) => scoring.includes(name)) ?? false;
  return scored || rule.score + (rule.context?.boost ?? 0) >= minScore;
}
