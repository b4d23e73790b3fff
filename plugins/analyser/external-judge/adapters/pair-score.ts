/**
 * Models that say whether a premise supports a sentence (HHEM, MiniCheck, NLI cross-encoders), behind one of four HTTP interfaces. The
 * finding is `unsupported`; its score is one minus the support.
 *
 * - `vllm-score`: `{ model, text_1, text_2 }` gives `data[0].score`, in early versions a list of one
 *   (docs.vllm.ai, "Scoring Usages", POST /v1/score).
 * - `factcheck`: `{ claim, context }` gives `support_prob` (docs.bespokelabs.ai/minicheck/api, POST /v0/minicheck/factcheck).
 * - `minicheck`: `{ inputs: { docs, claims } }` gives a list of probabilities (the handler.py of
 *   huggingface.co/lytang/MiniCheck-Flan-T5-Large, for Inference Endpoints).
 * - `text-classification`: `{ inputs: [[premise, sentence]] }` gives `[{ label, score }, ...]`, nested once more for a batch
 *   (Hugging Face text-embeddings-inference, POST /predict; labels of HHEM are `consistent` and `hallucinated`, of NLI `entailment`).
 */
import { type Adapter, members, probability } from "./adapter.ts";

/** What the adapter needs of the config. */
export interface PairScoreSettings {
  readonly model: string;
  readonly shape: "vllm-score" | "factcheck" | "minicheck" | "text-classification";
}

const requests: Readonly<Record<PairScoreSettings["shape"], (premise: string, sentence: string) => Readonly<Record<string, unknown>>>> = {
  "vllm-score": (premise, sentence) => ({ text_1: premise, text_2: sentence }),
  factcheck: (premise, sentence) => ({ claim: sentence, context: premise }),
  minicheck: (premise, sentence) => ({ inputs: { docs: [premise], claims: [sentence] } }),
  "text-classification": (premise, sentence) => ({ inputs: [[premise, sentence]] }),
};

const first = (value: unknown): unknown => (Array.isArray(value) ? value[0] : undefined);

const supports: Readonly<Record<PairScoreSettings["shape"], (body: unknown) => unknown>> = {
  "vllm-score": (body) => {
    const score = members(first(members(body)?.data))?.score;
    return Array.isArray(score) ? score[0] : score;
  },
  factcheck: (body) => members(body)?.support_prob,
  minicheck: first,
  "text-classification": labelled,
};

const supported = /^(consistent|entail(ment|ed)|supported|label_1)$/i;
const unsupported = /^(hallucinated|inconsistent|contradiction|not_entailment|unsupported|label_0)$/i;

/** Support as the labels' scores say it: that of the label that means it, or what the opposite leaves. */
function labelled(body: unknown): number | undefined {
  const list = Array.isArray(first(body)) ? first(body) : body;
  if (!Array.isArray(list)) return undefined;
  const labels = list.map((entry) => ({ label: members(entry)?.label, score: probability(members(entry)?.score) }));
  const of = (name: RegExp) => labels.find(({ label }) => typeof label === "string" && name.test(label))?.score;
  const against = of(unsupported);
  return of(supported) ?? (against === undefined ? undefined : 1 - against);
}

/** Makes the adapter. */
export const pairScore = ({ model, shape }: PairScoreSettings): Adapter => ({
  request({ text, context }) {
    if (context.length === 0) return undefined;
    return { ...(model !== "" && { model }), ...requests[shape](context.join("\n\n"), text) };
  },
  read(body) {
    const support = probability(supports[shape](body));
    if (support === undefined) return undefined;
    const flagged = support < 0.5;
    return { label: flagged ? "unsupported" : "supported", categories: [{ category: "unsupported", score: 1 - support, flagged }] };
  },
});
