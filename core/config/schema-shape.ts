/** Looks into valibot schemas: what they expect, in words, and which keys they know. */

/** The parts of a valibot schema that are read here; its own types do not allow walking. */
export interface SchemaShape {
  readonly type: string;
  readonly wrapped?: SchemaShape;
  readonly entries?: Readonly<Record<string, SchemaShape>>;
  readonly value?: SchemaShape;
  readonly item?: SchemaShape;
  readonly options?: readonly unknown[];
  readonly literal?: unknown;
}

/** The schema inside of `optional`, `nullable` and the like. A pipe's schema is its first, which is what walks see anyway. */
export function unwrapped(schema: SchemaShape): SchemaShape {
  let inner = schema;
  while (inner.wrapped !== undefined) inner = inner.wrapped;
  return inner;
}

const isShape = (value: unknown): value is SchemaShape => typeof value === "object" && value !== null && "type" in value;

/** Options of a union. */
export const optionsOf = (schema: SchemaShape): readonly SchemaShape[] => (schema.options ?? []).filter(isShape).map(unwrapped);

/** Words of a picklist, enum or union of literals. */
export function wordsOf(schema: SchemaShape): readonly string[] {
  const inner = unwrapped(schema);
  if (inner.type === "picklist") return (inner.options ?? []).filter((option) => typeof option === "string");
  if (inner.type === "literal") return typeof inner.literal === "string" ? [inner.literal] : [];
  return inner.type === "union" ? optionsOf(inner).flatMap(wordsOf) : [];
}

const names: Readonly<Record<string, string>> = {
  string: "a string",
  number: "a number",
  boolean: "true or false",
  array: "a list",
  record: "an object",
  object: "an object",
  loose_object: "an object",
};

/** What a schema expects: `a list`, `"open" or "closed"`, `{ env } or { file }`. */
export function expectation(schema: SchemaShape): string {
  const inner = unwrapped(schema);
  if (inner.type === "strict_object") return `{ ${Object.keys(inner.entries ?? {}).join(", ")} }`;
  if (inner.type === "picklist") return (inner.options ?? []).map((option) => JSON.stringify(option)).join(" or ");
  if (inner.type === "literal") return JSON.stringify(inner.literal);
  if (inner.type === "union") return [...new Set(optionsOf(inner).map(expectation))].join(" or ");
  return names[inner.type] ?? inner.type;
}

/** The option of a union that a value is meant to be: the one of its class that knows most of its keys. */
export function likelyOption(schema: SchemaShape, value: unknown): SchemaShape | undefined {
  const known = (option: SchemaShape) =>
    typeof value === "object" && value !== null
      ? Object.keys(value).filter((key) => option.entries && Object.hasOwn(option.entries, key)).length
      : 0;
  const fits = optionsOf(schema).filter((option) => fitsClass(option, value));
  return fits.sort((a, b) => known(b) - known(a))[0];
}

function fitsClass(option: SchemaShape, value: unknown): boolean {
  if (Array.isArray(value)) return option.type === "array";
  if (typeof value === "object" && value !== null) return option.entries !== undefined || option.type === "record";
  return option.type === typeof value;
}

/** The schema at a path of a value; undefined where the schema has no such place. */
export function schemaAt(schema: SchemaShape, value: unknown, path: readonly (string | number)[]): SchemaShape | undefined {
  let at: SchemaShape | undefined = schema;
  let current = value;
  for (const key of path) {
    at = at && childOf(at, current, key);
    current = typeof current === "object" && current !== null ? (current as Record<string | number, unknown>)[key] : undefined;
  }
  return at;
}

/** The schema of one key or item. */
export function childOf(schema: SchemaShape, value: unknown, key: string | number): SchemaShape | undefined {
  const inner = unwrapped(schema);
  if (inner.type === "union") {
    const option = likelyOption(inner, value);
    return option && childOf(option, value, key);
  }
  const { entries } = inner;
  return (entries !== undefined && Object.hasOwn(entries, key) ? entries[key] : undefined) ?? inner.value ?? inner.item;
}
