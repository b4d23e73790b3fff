/** The data sets of the quality bench of personal data as texts with expected spans. Must not know rules. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { dataFolder, rows } from "./data.ts";
import { byteOffsets, type Span } from "./pii-score.ts";

export interface Sample {
  readonly text: string;
  readonly expected: readonly Span[];
}

/** A row of presidio_vectors.jsonl: facts about one entity only. */
export interface Vector extends Sample {
  readonly entity: string;
  /** The source wants a hit, but with a score so low that only a context word makes it a finding. */
  readonly weak: boolean;
}

const lines = <Row>(...path: string[]): Row[] => rows<Row>(join(...path));

const spansIn = (text: string, spans: readonly { type: string; start: number; end: number }[]): Span[] => {
  const offsets = byteOffsets(text);
  const at = (point: number): number => offsets[point] ?? 0;
  return spans.map(({ type, start, end }) => ({ entity: type, start: at(start), end: at(end) }));
};

interface Marked {
  readonly text: string;
  readonly spans: readonly { type: string; start: number; end: number }[];
}

/** Synthetic texts of presidio-research. */
export const synthetic = (): Sample[] =>
  lines<Marked>("pii", "synth_v2.jsonl").map(({ text, spans }) => ({ text, expected: spansIn(text, spans) }));

/** Russian identifiers, valid and invalid. */
export const russian = (): Sample[] =>
  lines<Marked>("ru", "vectors.jsonl").map(({ text, spans }) => ({ text, expected: spansIn(text, spans) }));

/** Example numbers of all regions in international form, each in a sentence. */
export const phones = (): Sample[] =>
  lines<{ e164: string }>("phones", "examples.jsonl").map(({ e164 }, row) => {
    const [before, after] = [
      ["The office answers under ", " on weekdays."],
      ["Write down ", ", please"],
      ["It is (", ")."],
    ][row % 3] as [string, string];
    return { text: before + e164 + after, expected: [{ entity: "PHONE_NUMBER", start: before.length, end: before.length + e164.length }] };
  });

/** Presidio's test rows, without those that depend on a setting. */
export const vectors = (): Vector[] =>
  lines<{ entity: string; text: string; expected: [number, number][]; scores: unknown; ambiguous: boolean }>(
    "pii",
    "presidio_vectors.jsonl",
  )
    .filter((row) => !row.ambiguous)
    .map(({ entity, text, expected, scores }) => {
      const stated = [scores].flat(3).filter((score) => typeof score === "number");
      return {
        entity,
        text,
        expected: spansIn(
          text,
          expected.map(([start, end]) => ({ type: entity, start, end })),
        ),
        weak: stated.length > 0 && Math.max(...stated) < 0.4,
      };
    });

/** Replies of a language model, as benign text. */
export const replies = (): string[] => lines<{ response: string }>("grounding", "halueval_general.jsonl").map((row) => row.response);

/** The 100,000 random digits of ru/negatives.json, by its generator; the hash there proves that they are the same. */
export const randomDigits = (): string[] => {
  const plan = JSON.parse(readFileSync(join(dataFolder, "ru", "negatives.json"), "utf8")) as {
    seed: number;
    count: number;
    templates: string[];
    sha256_of_all_texts_each_followed_by_newline: string;
  };
  const mask = (1n << 64n) - 1n;
  let state = BigInt(plan.seed);
  const draw = (modulus: number): number => {
    state = (state + 0x9e3779b97f4a7c15n) & mask;
    let mixed = state;
    mixed = ((mixed ^ (mixed >> 30n)) * 0xbf58476d1ce4e5b9n) & mask;
    mixed = ((mixed ^ (mixed >> 27n)) * 0x94d049bb133111ebn) & mask;
    return Number((mixed ^ (mixed >> 31n)) % BigInt(modulus));
  };
  const hash = createHash("sha256");
  const texts: string[] = [];
  for (let record = 0; record < plan.count; record += 1) {
    const length = 9 + draw(12);
    let digits = "";
    for (let place = 0; place < length; place += 1) digits += draw(10);
    const text = (plan.templates[draw(plan.templates.length)] ?? "{v}").replace("{v}", digits);
    hash.update(`${text}\n`);
    texts.push(text);
  }
  if (hash.digest("hex") !== plan.sha256_of_all_texts_each_followed_by_newline) {
    throw new Error("The generator of random digits does not repeat those of ru/negatives.json");
  }
  return texts;
};
