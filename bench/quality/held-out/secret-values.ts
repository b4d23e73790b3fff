/** Values of the forms in secret-formats.txt, made at run time from a seed. Must not know the rules. */
import { readFileSync } from "node:fs";

/** One line of secret-formats.txt. */
export interface Format {
  readonly rule: string;
  /** Name that a setting of this kind usually has: `GITHUB_TOKEN`. */
  readonly variable: string;
  /** The value alone tells nothing: only the name before it does. */
  readonly needsName: boolean;
  readonly shape: string;
}

const digits = "0123456789";
const lower = "abcdefghijklmnopqrstuvwxyz";
const upper = lower.toUpperCase();

const alphabets: Readonly<Record<string, string>> = {
  "": digits + lower + upper,
  "2": `${lower}234567`,
  A: lower + upper,
  B: `${upper}234567`,
  E: "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L",
  H: `${digits}ABCDEF`,
  U: digits + upper,
  b: `${digits}${lower}${upper}+/`,
  c: `${digits}${lower}${upper}./`,
  d: digits,
  h: `${digits}abcdef`,
  k: "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz",
  l: digits + lower,
  s: `${digits}${lower}${upper}._`,
  t: `${digits}${lower}${upper}~._-`,
  w: `${digits}${lower}${upper}_-`,
};

/** Numbers of SplitMix64: the same in every run. */
export class Numbers {
  #state: bigint;

  constructor(seed: number) {
    this.#state = BigInt(seed);
  }

  /** A number from 0 to `limit` - 1. */
  below(limit: number): number {
    const mask = (1n << 64n) - 1n;
    this.#state = (this.#state + 0x9e3779b97f4a7c15n) & mask;
    let mixed = this.#state;
    mixed = ((mixed ^ (mixed >> 30n)) * 0xbf58476d1ce4e5b9n) & mask;
    mixed = ((mixed ^ (mixed >> 27n)) * 0x94d049bb133111ebn) & mask;
    return Number((mixed ^ (mixed >> 31n)) % BigInt(limit));
  }

  of(alphabet: string, length: number): string {
    let text = "";
    for (let place = 0; place < length; place += 1) text += alphabet[this.below(alphabet.length)];
    return text;
  }

  uuid(): string {
    const hex = (length: number): string => this.of(alphabets.h as string, length);
    return `${hex(8)}-${hex(4)}-4${hex(3)}-${"89ab"[this.below(4)]}${hex(3)}-${hex(12)}`;
  }
}

export const formats = (): Format[] =>
  readFileSync(new URL("./secret-formats.txt", import.meta.url), "utf8")
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => {
      const [rule = "", name = "", shape = ""] = line.split(/\s+/);
      return { rule, variable: name.replace("=", ""), needsName: name.startsWith("="), shape };
    });

const part = /\{(uuid|(\d+)(?:-(\d+))?(?::(\w))?)\}/g;

/** A value of the form. */
export const makeValue = (shape: string, numbers: Numbers): string =>
  shape.replaceAll(part, (_, what: string, least: string, most: string | undefined, alphabet: string | undefined) => {
    if (what === "uuid") return numbers.uuid();
    const length = Number(least) + numbers.below(Number(most ?? least) - Number(least) + 1);
    return numbers.of(alphabets[alphabet ?? ""] ?? "", length);
  });

/** What stands before the first random part, as a manual prints it with a gap: `ghp_`. */
export const prefixOf = (shape: string): string => shape.slice(0, shape.search(/\{(?:uuid|\d)/));
