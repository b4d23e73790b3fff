/** What an adapter turns into a judge's request, and a judge's response into. */

/** One text to judge. */
export interface JudgeInput {
  /** The unit with what it repeats of the text before it. */
  readonly text: string;
  /** Last message of the user; "" where it is not sent. */
  readonly question: string;
  /** Texts that the answer should rest on, oldest first. */
  readonly context: readonly string[];
}

/** What a judge says of one category. */
export interface CategoryScore {
  /** Kebab-case. */
  readonly category: string;
  /** Confidence that it is there, 0 to 1. */
  readonly score: number;
  /** Whether the judge itself counts it as found. */
  readonly flagged: boolean;
  /** Where, in UTF-16 units of the text; absent: all of it. */
  readonly start?: number;
  readonly end?: number;
}

/** A judge's word on one text. */
export interface JudgeVerdict {
  /** The judge's own word in kebab-case: `safe`, `controversial`. */
  readonly label: string;
  readonly categories: readonly CategoryScore[];
}

/** Speaks one format. Pure: knows neither HTTP nor time. */
export interface Adapter {
  /** Body of the request; undefined: this judge cannot judge it (there is no context). */
  request(input: JudgeInput): Readonly<Record<string, unknown>> | undefined;
  /** Undefined: not what such a judge answers. */
  read(body: unknown, input: JudgeInput): JudgeVerdict | undefined;
}

/** Longest name of a category that is kept. */
const maxSlug = 64;

/** A judge's name of something as the name of a rule; `other` where nothing of it is left. */
export const slug = (name: string): string =>
  name
    .slice(0, 4 * maxSlug)
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .slice(0, maxSlug)
    .replaceAll(/^-+|-+$/g, "") || "other";

/** An object's members, or undefined. */
export const members = (value: unknown): Readonly<Record<string, unknown>> | undefined =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Readonly<Record<string, unknown>>) : undefined;

/** A probability, or undefined. */
export const probability = (value: unknown): number | undefined =>
  typeof value === "number" && Number.isFinite(value) && value >= 0 && value <= 1 ? value : undefined;
