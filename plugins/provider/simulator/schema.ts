/** Config of `provider/simulator`. */
import * as v from "valibot";

const count = (fallback: number, minimum: number, maximum: number, description: string) =>
  v.pipe(v.optional(v.pipe(v.number(), v.integer(), v.minValue(minimum), v.maxValue(maximum)), fallback), v.description(description));

/** Strict; every field has a default. */
export const simulatorConfig = v.strictObject({
  seed: count(1, 0, 4_294_967_295, "Start of the random numbers; the same seed and request give the same bytes"),
  models: v.pipe(
    v.optional(v.array(v.pipe(v.string(), v.nonEmpty(), v.maxLength(256))), ["simulator"]),
    v.description("Names that it answers to; a name may end in directives: simulator-pii, simulator-loop-slow"),
  ),
  tokens: count(60, 1, 1_000_000, "Length of an answer in tokens where the request does not say"),
  tokensPerSecond: count(50, 0, 1_000_000, "Pace of a streamed answer, in tokens per second; 0 = as fast as the reader"),
  jitter: v.pipe(
    v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(1)), 0.2),
    v.description("Share of a token's time by which the pace varies, 0 to 1"),
  ),
  firstTokenMs: count(100, 0, 600_000, "Wait before the first token, in milliseconds"),
  framing: v.pipe(
    v.optional(v.picklist(["chunked", "identity"]), "chunked"),
    v.description("How the body is delimited where raw bytes are asked for"),
  ),
  directives: v.pipe(
    v.optional(v.array(v.pipe(v.string(), v.nonEmpty())), []),
    v.description("Directives for every answer, without the leading #: pii, secrets, loop, tools, cut, error:429, ..."),
  ),
});

/** Config after defaults. */
export type SimulatorConfig = v.InferOutput<typeof simulatorConfig>;
