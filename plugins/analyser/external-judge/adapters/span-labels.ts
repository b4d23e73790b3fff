/**
 * LettuceDetect's web API: `{ contexts, question, answer }` gives `predictions`, each with `start`, `end` and `hallucination_score`
 * (lettucedetect_api/server.py and models.py of github.com/KRLabsOrg/LettuceDetect, POST /v1/lettucedetect/spans). Its library says
 * `confidence` instead, and its later models name a `label` or `category`.
 *
 * Offsets count characters as Python does, one for each code point.
 */
import { type Adapter, members, probability, slug } from "./adapter.ts";

/** Most spans of one response that are read. */
const maxSpans = 256;

/** Makes the adapter. */
export const spanLabels = (): Adapter => ({
  request({ text, question, context }) {
    return context.length === 0 ? undefined : { contexts: context, question, answer: text };
  },
  read(body, { text }) {
    const predictions = members(body)?.predictions;
    if (!Array.isArray(predictions)) return undefined;
    const places = codePoints(text);
    const spans = predictions.slice(0, maxSpans).map((prediction) => spanOf(members(prediction), places));
    if (spans.some((span) => span === undefined)) return undefined;
    const categories = spans.filter((span) => span !== undefined);
    return { label: categories.length === 0 ? "supported" : "hallucination", categories };
  },
});

function spanOf(span: Readonly<Record<string, unknown>> | undefined, places: readonly number[]) {
  const [start, end] = [placeOf(span?.start, places), placeOf(span?.end, places)];
  const score = probability(span?.hallucination_score) ?? probability(span?.confidence) ?? probability(span?.score);
  if (start === undefined || end === undefined || score === undefined || end < start) return undefined;
  const name = [span?.label, span?.category].find((value) => typeof value === "string");
  return { category: name === undefined ? "hallucination" : slug(name), score, flagged: true, start, end };
}

/** UTF-16 offset of each code point, and of the end. */
function codePoints(text: string): number[] {
  const places: number[] = [];
  let at = 0;
  for (const character of text) {
    places.push(at);
    at += character.length;
  }
  places.push(at);
  return places;
}

const placeOf = (value: unknown, places: readonly number[]): number | undefined =>
  typeof value === "number" && Number.isInteger(value) && value >= 0 ? places[value] : undefined;
