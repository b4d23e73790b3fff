/** Checks a value against a valibot schema and words everything that is wrong, without the value itself. */
import * as v from "valibot";
import { classOf, type PathKey } from "./path.ts";
import { type Problem, problemOf } from "./problem.ts";
import { childOf, expectation, likelyOption, type SchemaShape, schemaAt, unwrapped, wordsOf } from "./schema-shape.ts";
import { suggest } from "./suggest.ts";

/** Outcome of a check. */
export type Parsed<T> = { readonly problems: readonly Problem[]; readonly value?: T };

/** Checks a value that stands at `at` in the file; all problems at once. */
export function parseStrict<S extends v.GenericSchema>(schema: S, value: unknown, at: readonly PathKey[] = []): Parsed<v.InferOutput<S>> {
  // valibot's own types do not allow walking; the shape names what is read.
  const shape = schema as unknown as SchemaShape;
  const result = v.safeParse(schema, value);
  const problems = [...unknownKeys(shape, value, at)];
  for (const issue of result.issues ?? []) {
    if (issue.expected !== "never") problems.push(...toProblems(shape, value, issue, at));
  }
  if (problems.length === 0 && result.success) return { problems, value: result.output };
  if (problems.length === 0) problems.push(problemOf(at, "is invalid"));
  return { problems: unique(problems) };
}

/** Unknown keys at every depth: valibot stops at the first of an object. */
function* unknownKeys(schema: SchemaShape, value: unknown, at: readonly PathKey[]): Iterable<Problem> {
  if (typeof value !== "object" || value === null) return;
  const inner = unwrapped(schema);
  if (inner.type === "union") {
    const option = likelyOption(inner, value);
    if (option) yield* unknownKeys(option, value, at);
    return;
  }
  for (const [key, child] of Object.entries(value)) {
    const path = [...at, Array.isArray(value) ? Number(key) : key];
    if (inner.type === "strict_object" && inner.entries && !Object.hasOwn(inner.entries, key)) {
      yield problemOf(path, "unknown key", suggest(key, Object.keys(inner.entries)));
    } else {
      const next = childOf(inner, value, key);
      if (next) yield* unknownKeys(next, child, path);
    }
  }
}

type Issue = v.BaseIssue<unknown>;

function toProblems(schema: SchemaShape, value: unknown, issue: Issue, at: readonly PathKey[]): Problem[] {
  const keys = (issue.path ?? []).map((item) => item.key as PathKey);
  const path = [...at, ...keys];
  const last = issue.path?.at(-1);
  if (issue.type === "strict_object" && last?.origin === "key") return [problemOf(path, "is required")];
  const place = schemaAt(schema, value, keys);
  if (issue.type === "union" && place) {
    const option = likelyOption(unwrapped(place), issue.input);
    if (option) {
      // The class is right, so what is wrong lies inside of that option.
      return [...parseStrict(option as unknown as v.GenericSchema, issue.input, path).problems];
    }
  }
  const described = last?.origin === "key" ? "key " : "";
  if (issue.kind === "validation") return [problemOf(path, described + validationMessage(issue))];
  const expected = place ? expectation(place) : String(issue.expected);
  const near = place && typeof issue.input === "string" ? suggest(issue.input, wordsOf(place)) : undefined;
  return [problemOf(path, `${described}must be ${expected}, not ${classOf(issue.input)}`, near)];
}

const limits: Readonly<Record<string, string>> = {
  min_value: "must be at least",
  max_value: "must be at most",
  min_length: "must have at least this many items or characters:",
  max_length: "must have at most this many items or characters:",
  min_entries: "must have at least this many entries:",
  max_entries: "must have at most this many entries:",
};

/** A schema's own words where it has any; valibot's would contain the value. */
function validationMessage(issue: Issue): string {
  if (!issue.message.startsWith("Invalid ")) return issue.message;
  const limit = limits[issue.type];
  if (limit !== undefined) return `${limit} ${String(issue.requirement)}`;
  if (issue.type === "integer") return "must be a whole number";
  if (issue.type === "non_empty") return "must not be empty";
  if (issue.type === "url") return "must be a URL";
  return issue.expected === null ? `is invalid (${issue.type})` : `must be ${issue.expected}`;
}

function unique(problems: readonly Problem[]): Problem[] {
  return [...new Map(problems.map((problem) => [`${problem.path}: ${problem.message}`, problem])).values()];
}
