/**
 * Generates native/scan/src/verify/phone_metadata.rs: the number plans of all regions as two minimal automata over digits.
 * `bun plugins/analyser/pii/phone-metadata.ts` writes it; a test fails if it is stale.
 *
 * The plans are those of libphonenumber, from the npm package libphonenumber-js. Must not know how numbers stand in text.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** One region as the package's `metadata.max.json` holds it; the positions are those of its `metadata.js`. */
type Region = readonly unknown[];
interface Metadata {
  readonly countries: Readonly<Record<string, Region>>;
  readonly nonGeographic: Readonly<Record<string, Region>>;
}

const CALLING_CODE = 0;
const NATIONAL_PATTERN = 2;
const POSSIBLE_LENGTHS = 3;
const NATIONAL_PREFIX = 5;
const TYPES = 11;

/** A set of digit strings: edges by digit to other sets, hash-consed, so that equal sets are one object. */
interface State {
  readonly id: number;
  readonly accepts: boolean;
  /** Ten edges; undefined where no string goes on. */
  readonly next: readonly (State | undefined)[];
}

/** All states of this run: a generator's memory, not a plugin's. */
const states = new Map<string, State>();

/** The one state with these edges; undefined for the empty set. */
const intern = (accepts: boolean, next: readonly (State | undefined)[]): State | undefined => {
  if (!accepts && next.every((state) => state === undefined)) return undefined;
  const key = `${accepts ? 1 : 0}:${next.map((state) => state?.id ?? "").join()}`;
  let state = states.get(key);
  if (state === undefined) {
    state = { id: states.size, accepts, next };
    states.set(key, state);
  }
  return state;
};

const NO_EDGES: readonly undefined[] = Array.from({ length: 10 }, () => undefined);
const END = intern(true, NO_EDGES) as State;

type Set_ = State | undefined;
const memoized = (combine: (a: Set_, b: Set_, again: (a: Set_, b: Set_) => Set_) => Set_) => {
  const known = new Map<string, Set_>();
  const again = (a: Set_, b: Set_): Set_ => {
    const key = `${a?.id ?? ""}|${b?.id ?? ""}`;
    if (!known.has(key)) known.set(key, combine(a, b, again));
    return known.get(key);
  };
  return again;
};

const union = memoized((a, b, again) => {
  if (a === undefined || a === b) return b;
  if (b === undefined) return a;
  return intern(
    a.accepts || b.accepts,
    a.next.map((state, digit) => again(state, b.next[digit])),
  );
});

const concatenation = memoized((a, b, again) => {
  if (a === undefined || b === undefined) return undefined;
  if (a === END) return b;
  const rest = intern(
    false,
    a.next.map((state) => again(state, b)),
  );
  return a.accepts ? union(rest, b) : rest;
});

const intersection = memoized((a, b, again) => {
  if (a === undefined || b === undefined) return undefined;
  return intern(
    a.accepts && b.accepts,
    a.next.map((state, digit) => again(state, b.next[digit])),
  );
});

const oneOf = (digits: readonly number[]): Set_ =>
  intern(
    false,
    NO_EDGES.map((_, digit) => (digits.includes(digit) ? END : undefined)),
  );

const ANY = oneOf([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);

/** All strings of one of the lengths. */
const anyOf = (lengths: readonly number[]): Set_ => {
  let [set, run]: [Set_, Set_] = [undefined, END];
  for (let length = 0; length <= Math.max(...lengths); length += 1) {
    if (lengths.includes(length)) set = union(set, run);
    run = concatenation(ANY, run);
  }
  return set;
};

/** Strings that a pattern of the metadata matches: digits, `\d`, classes, groups, `|`, `?`, `{n}`, `{n,m}`. */
const parse = (pattern: string): Set_ => {
  let at = 0;
  const expect = (text: string): void => {
    if (!pattern.startsWith(text, at)) throw new Error(`Pattern has something else than "${text}" at ${at}: ${pattern}`);
    at += text.length;
  };
  const number = (): number => {
    const digits = /^\d+/.exec(pattern.slice(at))?.[0] ?? "";
    at += digits.length;
    return Number(digits);
  };
  const digitClass = (): Set_ => {
    const digits: number[] = [];
    while (pattern[at] !== "]") {
      const first = Number(pattern[at++]);
      let last = first;
      if (pattern[at] === "-") {
        last = Number(pattern[at + 1]);
        at += 2;
      }
      for (let digit = first; digit <= last; digit += 1) digits.push(digit);
    }
    at += 1;
    return oneOf(digits);
  };
  const atom = (): Set_ => {
    const first = pattern[at++];
    if (first === "[") return digitClass();
    if (first === "\\") {
      expect("d");
      return ANY;
    }
    if (first === "(") {
      if (pattern.startsWith("?:", at)) at += 2;
      const inner = alternatives();
      expect(")");
      return inner;
    }
    if (first === undefined || !/\d/.test(first)) throw new Error(`Pattern has an unknown construct at ${at}: ${pattern}`);
    return oneOf([Number(first)]);
  };
  const repeated = (): Set_ => {
    const once = atom();
    let [least, most] = [1, 1];
    if (pattern[at] === "?") {
      at += 1;
      least = 0;
    } else if (pattern[at] === "{") {
      at += 1;
      least = number();
      most = least;
      if (pattern[at] === ",") {
        at += 1;
        most = number();
      }
      expect("}");
    }
    let set: Set_ = END;
    for (let times = most; times > least; times -= 1) set = union(END, concatenation(once, set));
    for (let times = 0; times < least; times += 1) set = concatenation(once, set);
    return set;
  };
  const sequence = (): Set_ => {
    const parts: Set_[] = [];
    while (at < pattern.length && pattern[at] !== "|" && pattern[at] !== ")") parts.push(repeated());
    return parts.reduceRight<Set_>((rest, part) => concatenation(part, rest), END);
  };
  const alternatives = (): Set_ => {
    let set = sequence();
    while (pattern[at] === "|") {
      at += 1;
      set = union(set, sequence());
    }
    return set;
  };
  const set = alternatives();
  if (at !== pattern.length) throw new Error(`Pattern ends early at ${at}: ${pattern}`);
  return set;
};

/** National significant numbers of a region that some type of line has. */
const assigned = (region: Region): Set_ => {
  const all = region[POSSIBLE_LENGTHS] as number[];
  let set: Set_;
  for (const type of (region[TYPES] as ([string, number[]?] | 0)[] | 0) || []) {
    if (type !== 0 && type[0]) set = union(set, intersection(parse(type[0]), anyOf(type[1] ?? all)));
  }
  return set ?? intersection(parse(region[NATIONAL_PATTERN] as string), anyOf(all));
};

const digits = (text: string): Set_ => [...text].reduceRight<Set_>((rest, digit) => concatenation(oneOf([Number(digit)]), rest), END);

/** The set as rows of ten edges and a mark; row 0 is the start, an edge to row 0 is none. */
const rows = (start: Set_): number[][] => {
  const order = new Map<State, number>();
  const visit = (state: State): void => {
    if (order.has(state)) return;
    order.set(state, order.size);
    for (const next of state.next) if (next !== undefined) visit(next);
  };
  if (start !== undefined) visit(start);
  return [...order.keys()].map((state) => [
    ...state.next.map((next) => (next === undefined ? 0 : (order.get(next) ?? 0))),
    state.accepts ? 1 : 0,
  ]);
};

const table = (name: string, comment: string, set: Set_): string => {
  const lines = rows(set).map((row) => `    [${row.join(", ")}],`);
  if (lines.length > 65_535) throw new Error(`${name} has ${lines.length} states, more than an edge of 16 bits can name`);
  return `/// ${comment}\n#[rustfmt::skip]\npub(super) static ${name}: [[u16; 11]; ${lines.length}] = [\n${lines.join("\n")}\n];\n`;
};

/** Text of the generated file for the metadata that is installed. */
export const phoneMetadata = (): string => {
  const folder = new URL("../../../node_modules/libphonenumber-js/", import.meta.url);
  const metadata = JSON.parse(readFileSync(new URL("metadata.max.json", folder), "utf8")) as Metadata;
  const { version } = JSON.parse(readFileSync(new URL("package.json", folder), "utf8")) as { version: string };
  let international: Set_;
  let national: Set_;
  for (const region of Object.values(metadata.countries)) {
    const code = region[CALLING_CODE] as string;
    international = union(international, concatenation(digits(code), assigned(region)));
    const prefix = region[NATIONAL_PREFIX] as string | 0;
    national = union(national, assigned(region));
    if (prefix) national = union(national, concatenation(digits(prefix), assigned(region)));
  }
  for (const [code, region] of Object.entries(metadata.nonGeographic)) {
    international = union(international, concatenation(digits(code), assigned(region)));
  }
  return `//! Generated by plugins/analyser/pii/phone-metadata.ts; do not edit.
//!
//! Number plans of all regions, from libphonenumber-js ${version} (MIT), whose metadata is that of Google's libphonenumber
//! (Apache-2.0, Copyright The Libphonenumber Authors). Each row is a state: ten edges by digit (0 = none) and whether a
//! number may end there. Row 0 is the start.

${table("INTERNATIONAL", "Country calling code and a national number that some type of line of the region has.", international)}
${table("NATIONAL", "National number of any region, with or without the region's national prefix.", national)}`;
};

/** Where the generated file lies. */
export const phoneMetadataPath = fileURLToPath(new URL("../../../native/scan/src/verify/phone_metadata.rs", import.meta.url));

if (import.meta.main) writeFileSync(phoneMetadataPath, phoneMetadata());
