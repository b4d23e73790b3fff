/**
 * Guard models behind chat completions, as vLLM, SGLang and Ollama serve them: the model's own chat template makes its prompt of the
 * messages, and it answers in one of three ways.
 *
 * - Qwen3Guard-Gen: `Safety: Safe|Controversial|Unsafe`, `Categories: A, B|None`, and of a response `Refusal: Yes|No`
 *   (github.com/QwenLM/Qwen3Guard, README, "API deployment"; huggingface.co/Qwen/Qwen3Guard-Gen-8B).
 * - Llama Guard 3, 4: `safe`, or `unsafe` and on the next line `S1,S2` (huggingface.co/meta-llama/Llama-Guard-3-8B; ollama.com/library/llama-guard3).
 * - Granite Guardian: `Yes|No`, from 3.2 on with `<confidence> High|Low </confidence>`, from 3.3 on `<score> yes|no </score>` behind
 *   `<think>` (ibm.com/granite/docs/models/guardian). ShieldGemma: `Yes|No`, whose score is the softmax of both tokens' log-probabilities
 *   (ai.google.dev/gemma/docs/shieldgemma/model_card).
 */
import type { Adapter, CategoryScore, JudgeVerdict } from "./adapter.ts";
import { members, slug } from "./adapter.ts";

/** What the adapter needs of the config. */
export interface ChatGuardSettings {
  readonly model: string;
  readonly format: "auto" | "qwen3guard" | "llama-guard" | "yes-no";
  readonly yesMeans: "risk" | "safe";
  readonly category: string;
  readonly logprobs: boolean;
}

/** Longest answer that is read, in characters: reasoning comes before the word that counts. */
const maxAnswer = 65_536;

/** Scores of Qwen3Guard's three words: `controversial` is a finding where the threshold is at most a half. */
const severities: Readonly<Record<string, number>> = { safe: 0, controversial: 0.5, unsafe: 1 };

/** Makes the adapter. */
export function chatGuard(settings: ChatGuardSettings): Adapter {
  return {
    request({ text, question, context }) {
      // A guard judges the last message; without a question the text is judged as a prompt would be.
      const messages =
        question === ""
          ? [{ role: "user", content: text }]
          : [
              { role: "user", content: question },
              { role: "assistant", content: text },
            ];
      return {
        ...(settings.model !== "" && { model: settings.model }),
        messages,
        temperature: 0,
        max_tokens: 64,
        stream: false,
        ...(settings.logprobs && { logprobs: true, top_logprobs: 5 }),
        ...(context.length > 0 && { documents: context.map((document, index) => ({ doc_id: String(index), text: document })) }),
      };
    },
    read(body) {
      const choices = members(body)?.choices;
      const choice = Array.isArray(choices) ? members(choices[0]) : undefined;
      const content = members(choice?.message)?.content;
      if (typeof content !== "string" || content.length > maxAnswer) return undefined;
      const said = content.replace(/^[\s\S]*<\/think>/, "").trim();
      const { format } = settings;
      const readers = [
        ["qwen3guard", () => qwen3guard(said, settings)],
        ["llama-guard", () => llamaGuard(said, settings, choice)],
        ["yes-no", () => yesNo(said, settings, choice)],
      ] as const;
      for (const [name, read] of readers) {
        if (format !== "auto" && format !== name) continue;
        const verdict = read();
        if (verdict !== undefined) return verdict;
      }
      return undefined;
    },
  };
}

function qwen3guard(said: string, { category }: ChatGuardSettings): JudgeVerdict | undefined {
  const label = /^Safety: *(Safe|Controversial|Unsafe)\b/m.exec(said)?.[1]?.toLowerCase();
  if (label === undefined) return undefined;
  const score = severities[label] ?? 0;
  if (score === 0) return { label, categories: [] };
  const named = (/^Categories: *(.*)$/m.exec(said)?.[1] ?? "").split(",").map((name) => name.trim());
  const categories = named.filter((name) => name !== "" && name !== "None").map(slug);
  return { label, categories: found(categories.length === 0 ? [category] : categories, score) };
}

function llamaGuard(said: string, { category }: ChatGuardSettings, choice: unknown): JudgeVerdict | undefined {
  const [first = "", second = ""] = said.split("\n").map((line) => line.trim());
  const label = /^(safe|unsafe)$/i.exec(first)?.[1]?.toLowerCase();
  if (label === undefined) return undefined;
  const score = share(choice, "unsafe", "safe") ?? (label === "unsafe" ? 1 : 0);
  const categories = second.split(",").flatMap((name) => (/^\s*S[0-9]{1,2}\s*$/.test(name) ? [name.trim().toLowerCase()] : []));
  const names = categories.length === 0 ? [category] : categories;
  return { label, categories: found(names, score, label === "unsafe") };
}

function yesNo(said: string, { yesMeans, category }: ChatGuardSettings, choice: unknown): JudgeVerdict | undefined {
  const word = (/<score>\s*(yes|no)\s*<\/score>/i.exec(said) ?? /^(yes|no)\b/i.exec(said))?.[1]?.toLowerCase();
  if (word === undefined) return undefined;
  const [risk, safe] = yesMeans === "risk" ? ["yes", "no"] : ["no", "yes"];
  const isRisk = word === risk;
  const score = share(choice, risk ?? "", safe ?? "") ?? (isRisk ? 1 : 0);
  return { label: word, categories: found([category], score, isRisk) };
}

const found = (categories: readonly string[], score: number, flagged = score > 0): CategoryScore[] =>
  [...new Set(categories)].map((category) => ({ category, score, flagged }));

/** Probability of one word against the other where the answer says either for the last time; undefined without log-probabilities. */
function share(choice: unknown, one: string, other: string): number | undefined {
  const tokens = members(members(choice)?.logprobs)?.content;
  if (!Array.isArray(tokens)) return undefined;
  const wordOf = (token: unknown) => (typeof token === "string" ? token.trim().toLowerCase() : "");
  const said = tokens.map(members).findLast((token) => [one, other].includes(wordOf(token?.token)));
  if (said === undefined) return undefined;
  const alternatives = Array.isArray(said.top_logprobs) ? said.top_logprobs.map(members) : [];
  const weights = { [one]: 0, [other]: 0 };
  for (const { token, logprob } of [...alternatives, ...(alternatives.length === 0 ? [said] : [])].filter((entry) => entry !== undefined)) {
    const word = wordOf(token);
    if (word in weights && typeof logprob === "number" && logprob <= 0) weights[word] = (weights[word] ?? 0) + Math.exp(logprob);
  }
  const [mine, theirs] = [weights[one] ?? 0, weights[other] ?? 0];
  return mine + theirs > 0 ? mine / (mine + theirs) : undefined;
}
