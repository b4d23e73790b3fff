/** Config of `policy/escalate`. */
import * as v from "valibot";
import { headerNameSchema } from "../../../core/config/schema.ts";

const glob = v.pipe(v.string(), v.regex(/^!?[a-z0-9*-]+(\/[a-z0-9*-]+)?$/, "must be a glob over type/rule or rule, such as toxicity/*"));
const amount = v.pipe(v.number(), v.minValue(0), v.maxValue(1_000_000));

const signal = v.strictObject({
  match: v.pipe(v.array(glob), v.minLength(1), v.maxLength(256), v.description("Globs over type/rule or rule; a leading ! excludes")),
  weight: v.pipe(v.optional(amount, 1), v.description("Evidence of a finding with score 1; lower scores count in proportion")),
  minScore: v.pipe(
    v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(1)), 0),
    v.description("Findings with a lower confidence do not count, 0 to 1"),
  ),
});

const rung = v.strictObject({
  at: v.pipe(v.number(), v.gtValue(0), v.maxValue(1_000_000), v.description("Evidence from which on the level is reached")),
  down: v.pipe(v.optional(amount), v.description("Evidence below which it is left again, at most at; default: half of at")),
  action: v.pipe(v.picklist(["annotate", "slow", "ask", "block"]), v.description("What is done from this level on")),
  message: v.pipe(
    v.optional(v.pipe(v.string(), v.maxLength(2_000)), ""),
    v.description("ask, block: text that the client gets, up to 2000 characters"),
  ),
  bytesPerSecond: v.pipe(
    v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(1_000_000)), 40),
    v.description("slow: pace of an answer's text, in bytes a second"),
  ),
  maxDelayMs: v.pipe(
    v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(600_000)), 20_000),
    v.description("slow: after so many milliseconds the rest of the answer leaves at once"),
  ),
});

/** Strict; `ladder` is required, every other field has a default. */
export const escalateConfig = v.strictObject({
  ladder: v.pipe(
    v.array(rung),
    v.minLength(1),
    v.maxLength(16),
    v.check((rungs) => rungs.every(({ at }, index) => at > (rungs[index - 1]?.at ?? 0)), "must rise: each at above the one before"),
    v.check((rungs) => rungs.every(({ at, down = at / 2 }) => down <= at), "must have each down at most its at"),
    v.check(
      (rungs) => rungs.every(({ at, down = at / 2 }, index) => down >= (downOf(rungs[index - 1]) ?? 0)),
      "must rise: each down at least the one before",
    ),
    v.description("Levels from the lowest: [{ at, down, action, ... }]; what a rung does goes on above it"),
  ),
  signals: v.pipe(
    v.optional(v.pipe(v.array(signal), v.minLength(1), v.maxLength(64)), [{ match: ["*"] }]),
    v.description("Which findings are evidence, and how much: the first that matches counts"),
  ),
  halfLifeMs: v.pipe(
    v.optional(v.pipe(v.number(), v.integer(), v.minValue(1_000), v.maxValue(31_536_000_000)), 600_000),
    v.description("Time in which half of a tenant's evidence is forgotten, in milliseconds"),
  ),
  tenant: v.pipe(
    v.optional(
      v.union([v.strictObject({ header: headerNameSchema }), v.strictObject({ body: v.picklist(["user", "safety_identifier"]) })]),
      { header: "x-tenant-id" },
    ),
    v.description("Where a request says whose it is: { header } or { body }; one that does not say counts for itself alone"),
  ),
  store: v.pipe(
    v.optional(v.pipe(v.string(), v.regex(/^store\/[^/]+\/[^/]+$/, "must be store/type/name")), "store/memory/default"),
    v.description("Id of the store that keeps tenants' evidence"),
  ),
  mode: v.pipe(v.optional(v.picklist(["enforce", "monitor"]), "enforce"), v.description("monitor: levels are logged, nothing is done")),
});

function downOf(of: { readonly at: number; readonly down?: number | undefined } | undefined): number | undefined {
  return of === undefined ? undefined : (of.down ?? of.at / 2);
}

/** Config after defaults. */
export type EscalateConfig = v.InferOutput<typeof escalateConfig>;
