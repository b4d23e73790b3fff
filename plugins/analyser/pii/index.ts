/**
 * `analyser/pii`: personal data in an answer's text. The rules are data (rules.json) over the native core's patterns and verifiers;
 * this chooses among them.
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

/** Country of a rule's name (`br` of `br-cpf`); undefined for rules of all countries. `ip-address` is no rule of a country. */
const countryOf = (rule: string): string | undefined => (rule === "ip-address" ? undefined : /^([a-z]{2})-/.exec(rule)?.[1]);

const countries = [...new Set(shipped.flatMap((rule) => countryOf(rule.id) ?? []))].sort();

const config = v.strictObject({
  rules: v.pipe(
    v.optional(v.pipe(v.array(v.pipe(v.string(), v.nonEmpty(), v.maxLength(256))), v.nonEmpty()), ["*"]),
    v.description("Globs over rule names: email, us-*; a leading ! excludes; the README lists the names"),
  ),
  minScore: v.pipe(
    v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(1)), 0.5),
    v.description("Least confidence of a finding, 0 to 1; 0.2 adds numbers whose only sign is a weak check digit"),
  ),
  countries: v.pipe(
    v.optional(v.pipe(v.array(v.picklist(countries)), v.nonEmpty())),
    v.description("Countries whose identifiers are looked for, two letters as in the rule names; default all"),
  ),
  channels: v.pipe(
    v.optional(v.pipe(v.array(v.picklist(channels)), v.nonEmpty())),
    v.description("Channels that are analysed; default all: content, reasoning, refusal, tool-input"),
  ),
});

export default definePlugin({
  api: 1,
  role: "analyser",
  type: "pii",
  description: "E-mail addresses, telephone numbers, cards, accounts, hosts, wallets and identifiers of 40 countries",
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
    const rules = choose(settings, context.id);
    const only = settings.channels === undefined ? {} : { channels: settings.channels };
    return { plan: { rules, minScore, ...only }, async [Symbol.asyncDispose]() {} };
  },
});

/**
 * Rules that the globs and the countries leave.
 * @throws MidStreamError CONFIG_RULE_INVALID where a glob names nothing, or nothing is left
 */
function choose(settings: v.InferOutput<typeof config>, id: string): readonly PatternRule[] {
  const globs = settings.rules;
  const names = globs.some((glob) => !glob.startsWith("!")) ? globs : ["*", ...globs];
  for (const [at, glob] of globs.entries()) {
    const name = glob.replace(/^!/, "");
    if (shipped.some((rule) => ruleMatches([name], "pii", rule.id))) continue;
    throw new MidStreamError("CONFIG_RULE_INVALID", `rules[${at}] "${glob}" names no rule of analyser/pii`, { pluginId: id });
  }
  const chosen = shipped.filter((rule) => {
    const country = countryOf(rule.id);
    const here = country === undefined || settings.countries === undefined || settings.countries.includes(country);
    return here && ruleMatches(names, "pii", rule.id);
  });
  if (chosen.length > 0) return chosen;
  throw new MidStreamError("CONFIG_RULE_INVALID", "rules and countries leave no rule of analyser/pii", { pluginId: id });
}
