/**
 * OpenAI's moderations endpoint and what imitates it: `{ model, input }` gives `results[0]` with `flagged`, `categories` (booleans) and
 * `category_scores` (0 to 1), keyed by names such as `hate/threatening`
 * (platform.openai.com/docs/api-reference/moderations/object).
 */
import { type Adapter, members, probability, slug } from "./adapter.ts";

/** Most categories of one response that are read. */
const maxCategories = 64;

/** Makes the adapter. */
export const moderations = ({ model }: { readonly model: string }): Adapter => ({
  request: ({ text }) => ({ ...(model !== "" && { model }), input: text }),
  read(body) {
    const results = members(body)?.results;
    const result = Array.isArray(results) ? members(results[0]) : undefined;
    const scores = members(result?.category_scores);
    if (result === undefined || scores === undefined) return undefined;
    const flags = members(result.categories) ?? {};
    const categories = Object.entries(scores)
      .slice(0, maxCategories)
      .flatMap(([name, value]) => {
        const score = probability(value);
        return score === undefined ? [] : [{ category: slug(name), score, flagged: flags[name] === true }];
      });
    return { label: result.flagged === true ? "flagged" : "passed", categories };
  },
});
