/** A small grammar of harmless sentences. */
import type { Random } from "./random.ts";

const subjects = [
  "The plan",
  "A short walk",
  "The new schedule",
  "Our library",
  "The garden",
  "This method",
  "The old bridge",
  "A good index",
];
const verbs = ["helps", "connects", "explains", "shortens", "improves", "supports", "replaces", "describes"];
const objects = [
  "the daily work",
  "most small towns",
  "a long report",
  "the first draft",
  "every second page",
  "the common case",
  "what came before",
];
const ends = [
  "in the end",
  "without much effort",
  "for most readers",
  "after a week",
  "where it matters",
  "as the table shows",
  "and little else",
];
const multiByte = ["Größe zählt — naïve façades", "Привет, мир", "数据流很长", "résumé ✓ ½ €", "👩‍💻 works 👍🏽"];

/** One sentence. */
export const sentence = (random: Random): string =>
  `${random.pick(subjects)} ${random.pick(verbs)} ${random.pick(objects)} ${random.pick(ends)}.`;

/** One sentence with characters of two to four bytes and of several code points. */
export const multiByteSentence = (random: Random): string => `${random.pick(multiByte)}: ${sentence(random)}`;

/** Pieces as a model's tokens are: a few characters, cut anywhere but inside a code point. */
export function tokensOf(text: string, random: Random): string[] {
  const characters = [...text];
  const tokens: string[] = [];
  for (let at = 0; at < characters.length; ) {
    const length = 1 + random.below(6);
    tokens.push(characters.slice(at, at + length).join(""));
    at += length;
  }
  return tokens;
}
