/** Config of `policy/redact`. */
import * as v from "valibot";
import { secretReferenceSchema } from "../../../core/config/schema.ts";

const count = (fallback: number, minimum: number, maximum: number, description: string) =>
  v.pipe(v.optional(v.pipe(v.number(), v.integer(), v.minValue(minimum), v.maxValue(maximum)), fallback), v.description(description));

/** `pii/*`, `email`, `secrets/aws-*`, `!pii/phone`. */
const glob = v.pipe(v.string(), v.regex(/^!?[a-z0-9*-]+(\/[a-z0-9*-]+)?$/, "must be a glob over type/rule or rule, such as pii/*"));

/** Strict; every field has a default, `hash` needs a key. */
export const redactConfig = v.pipe(
  v.strictObject({
    rules: v.pipe(
      v.optional(v.pipe(v.array(glob), v.minLength(1), v.maxLength(256)), ["*"]),
      v.description(
        "Globs over type/rule or rule; a leading ! excludes; * means every rule whose text can still be replaced: all but loops",
      ),
    ),
    mode: v.pipe(
      v.optional(v.picklist(["enforce", "monitor"]), "enforce"),
      v.description("monitor: verdicts are recorded, the text stays as it is"),
    ),
    with: v.pipe(
      v.optional(v.picklist(["tag", "mask", "hash", "remove", "pseudonym"]), "tag"),
      v.description("What stands in the place of a match: [EMAIL], ****, [EMAIL:9f86d0...], nothing, or [EMAIL_1]"),
    ),
    tag: v.pipe(
      v.optional(v.pipe(v.string(), v.nonEmpty(), v.maxLength(128)), "[{tag}]"),
      v.description("Text for with: tag; {tag} stands for the rule's tag; 1 to 128 characters"),
    ),
    keepLast: count(0, 0, 64, "Characters at a match's end that with: mask leaves readable"),
    maskChar: v.pipe(
      v.optional(v.pipe(v.string(), v.regex(/^[^\p{C}\p{Z}]$/u, "must be one visible character")), "*"),
      v.description("Character that with: mask writes for each character of a match"),
    ),
    key: v.pipe(
      v.optional(secretReferenceSchema),
      v.description(
        "Key for with: hash, as { env } or { file }, at least 16 bytes; equal values get equal hashes as long as the key stays",
      ),
    ),
    hashLength: count(12, 8, 64, "Hex digits of the hash that are written"),
    minScore: v.pipe(
      v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(1)), 0),
      v.description("Findings with a lower confidence stay, 0 to 1"),
    ),
  }),
  v.forward(
    v.partialCheck([["with"], ["key"]], (config) => config.with !== "hash" || config.key !== undefined, "is needed for with: hash"),
    ["key"],
  ),
);

/** Config after defaults. */
export type RedactConfig = v.InferOutput<typeof redactConfig>;
