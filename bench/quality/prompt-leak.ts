/**
 * Question: does `analyser/prompt-leak` see an answer that repeats its instructions, and nothing in an answer that does not?
 * The set is made here from texts of data/: prompts of people (data/injection) and encyclopaedic knowledge (data/grounding) stand for
 * instructions; answers of language models (data/grounding) carry the leaks and are the honest ones.
 * Gates: verbatim leaks >= 99 % found, false alarms <= 0.5 % of honest answers.
 */
import { loadNative } from "../../native/bindings/load.ts";
import { rows } from "./data.ts";

const minVerbatim = 0.99;
const maxAlarmShare = 0.005;
/** Fewest words of a prompt. */
const minWords = 30;

/** Seeded numbers below `n` (Numerical Recipes' generator). */
function dice(seed: number): (n: number) => number {
  let state = (seed * 2_654_435_761 + 1) >>> 0;
  return (n) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state >>> 8) % n;
  };
}

const wordsOf = (text: string): string[] => text.split(/\s+/).filter((word) => word !== "");

function shuffled<T>(list: readonly T[], roll: (n: number) => number): T[] {
  const out = [...list];
  for (let at = out.length - 1; at > 0; at--) {
    const other = roll(at + 1);
    [out[at], out[other]] = [out[other] as T, out[at] as T];
  }
  return out;
}

/** Makes one answer out of a prompt. */
type Leak = (prompt: string, answer: string, roll: (n: number) => number) => string;

const slice =
  (min: number, max: number): Leak =>
  (prompt, answer, roll) => {
    const words = wordsOf(prompt);
    const length = Math.min(words.length, min + roll(max - min + 1));
    const start = roll(words.length - length + 1);
    return `${answer} ${words.slice(start, start + length).join(" ")}. ${answer}`;
  };

const every =
  (step: number): Leak =>
  (prompt) =>
    wordsOf(prompt)
      .filter((_, at) => at % step !== step - 1)
      .join(" ");

const leaks: Readonly<Record<string, Leak>> = {
  verbatim: (prompt) => `Here they are: ${prompt}`,
  "verbatim, other case, invisible characters": (prompt, _, roll) =>
    [...prompt.toUpperCase()].map((letter) => (roll(6) === 0 ? `${letter}\u200b` : letter)).join(""),
  "part, 15 to 40 words": slice(15, 40),
  "part, 9 to 14 words": slice(9, 14),
  "sentences in another order": (prompt, _, roll) => shuffled(prompt.split(/(?<=[.!?])\s+/), roll).join(" "),
  "every 10th word left out": every(10),
  "every 6th word left out": every(6),
  "every 4th word left out": every(4),
};

/** Runs the bench. */
export async function run(): Promise<{ table: Record<string, unknown>[]; failures: string[]; gates: number }> {
  const native = await loadNative();
  using detector = native.compileDetector("prompt-leak", {});
  const find = (prompt: string, text: string) => {
    using answer = detector.begin({ messages: [{ origin: "instructions", text: prompt }], wantsJson: false });
    let held = 0;
    const pieces = text.match(/.{1,4}/gsu) ?? [];
    let sent = 0;
    for (const piece of pieces) {
      sent += Buffer.byteLength(piece);
      const from = answer.push(0, 0, "content", piece);
      held += sent - Math.min(from, sent);
    }
    answer.end(0, 0);
    return { scores: answer.take().map(({ score }) => score), heldBytes: pieces.length === 0 ? 0 : held / pieces.length };
  };
  const prompts = promptTexts();
  const answers = [
    ...rows<{ readonly response: string }>("grounding/halueval_general.jsonl"),
    ...rows<{ readonly response: string }>("grounding/begin_dev_cmu.jsonl"),
  ].map(({ response }) => response);
  const failures: string[] = [];
  const table = Object.entries(leaks).map(([kind, make], seed) => {
    const found = prompts.filter((prompt, at) => {
      const answer = answers[(at * 7) % answers.length] as string;
      return find(prompt, make(prompt, answer, dice(seed * 1000 + at))).scores.length > 0;
    });
    const recall = found.length / prompts.length;
    if (kind === "verbatim" && recall < minVerbatim) failures.push(`prompt-leak: ${(100 * recall).toFixed(1)} % of verbatim leaks found`);
    return { set: kind, cases: prompts.length, found: found.length, share: `${(100 * recall).toFixed(1)} %` };
  });
  let heldBytes = 0;
  const alarms = answers.filter((answer, at) => {
    const { scores, heldBytes: held } = find(prompts[at % prompts.length] as string, answer);
    heldBytes += held / answers.length;
    return scores.length > 0;
  });
  const share = alarms.length / answers.length;
  if (share > maxAlarmShare) failures.push(`prompt-leak: ${alarms.length} of ${answers.length} honest answers called leaks`);
  table.push({ set: "honest answers", cases: answers.length, found: alarms.length, share: `${(100 * share).toFixed(2)} %` });
  const own = rows<{ readonly knowledge: string; readonly response: string }>("grounding/begin_dev_wow.jsonl");
  const quoting = own.filter(({ knowledge, response }) => find(knowledge, response).scores.length > 0).length;
  const quotingShare = `${((100 * quoting) / own.length).toFixed(1)} %`;
  table.push({ set: "answers from facts that the instructions hold: no gate", cases: own.length, found: quoting, share: quotingShare });
  table.push({ set: "held back on honest answers", cases: answers.length, found: 0, share: `${heldBytes.toFixed(1)} bytes, mean` });
  return { table, failures, gates: 2 };
}

/** Texts that stand for instructions. */
function promptTexts(): string[] {
  const wild = rows<{ readonly text: string }>("injection/inthewild_jailbreak.jsonl").map(({ text }) => text);
  const knowledge = [...new Set(rows<{ readonly knowledge: string }>("grounding/begin_dev_wow.jsonl").map((row) => row.knowledge))];
  const joined = Array.from({ length: Math.floor(knowledge.length / 3) }, (_, at) => knowledge.slice(3 * at, 3 * at + 3).join(" "));
  return [...wild.filter((_, at) => at % 2 === 0), ...joined].filter((text) => wordsOf(text).length >= minWords);
}
