/**
 * Question: what do the detectors that judge text add to a token, and how much memory to a stream?
 *
 * Bar of issue 4: all of them together at most 4 us a token and 32 KB a stream. A token is four bytes of English prose; the baseline is a
 * session of the scanner with all PII rules, in the same run. Medians of rounds. Run with `bun bench/detectors.ts` or `deno run -A`.
 */
import { arch, cpus, platform } from "node:os";
import type { NativePlan, TextContext, TextDetectorKind } from "../core/native/native-core.ts";
import { loadNative } from "../native/bindings/load.ts";
import { analyserPlan } from "./quality/plan.ts";

const kinds: readonly TextDetectorKind[] = ["toxicity", "prompt-leak", "grounding", "quality"];
const barUs = 4;
const barKb = 32;
const tokenBytes = 4;
const rounds = 9;
/** Streams that are open at once while memory is measured. */
const streams = 1_000;

const sentences = [
  "The river rises in the hills north of the old town and reaches the sea after 212 kilometres.",
  "Most of its water comes from snow, so that it is highest in May, when the meadows stand under water for a week or two.",
  "Boats go up as far as the second bridge; beyond it the bed is too shallow, and rocks make every journey a risk.",
  "The first mill was built in 1784 by a miller from Flanders, whose name is on the stone above the door.",
  "In a dry summer one can cross on foot, which children do, although a sign asks them not to.",
];
const text = Array.from({ length: 4 }, () => sentences.join(" ")).join("\n\n");
const tokens = text.match(new RegExp(`[\\s\\S]{1,${tokenBytes}}`, "g")) ?? [];
const context: TextContext = {
  messages: [
    {
      origin: "instructions",
      text: "You are the guide of a small museum. Answer in whole sentences and never name the donor of the mill.",
    },
    { origin: "document", text: sentences.slice(0, 3).join(" ") },
    { origin: "user", text: "Tell me about the river, please, in about twenty sentences." },
  ],
  wantsJson: false,
};

/** One answer: takes tokens, then ends. */
interface Stream extends Disposable {
  push(token: string): void;
  end(): void;
}

const median = (values: number[]) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

function usPerToken(open: () => Stream): number {
  const once = () => {
    using stream = open();
    const start = performance.now();
    for (const token of tokens) stream.push(token);
    stream.end();
    return ((performance.now() - start) * 1_000) / tokens.length;
  };
  for (let warm = 0; warm < 20; warm += 1) once();
  return median(Array.from({ length: rounds * 5 }, once));
}

/** Growth of the process while many streams stand in the middle of their answer. */
function kbPerStream(open: () => Stream): number {
  const fill = () =>
    Array.from({ length: streams }, () => {
      const stream = open();
      for (const token of tokens.slice(0, tokens.length / 2)) stream.push(token);
      return stream;
    });
  // The first fill grows the heaps; the second one's growth after it has been let go is what a stream takes.
  for (const stream of fill()) stream[Symbol.dispose]();
  const before = process.memoryUsage().rss;
  const held = [fill(), fill(), fill()].flat();
  const grown = process.memoryUsage().rss - before;
  for (const stream of held) stream[Symbol.dispose]();
  return Math.max(0, grown) / 1024 / (held.length - streams);
}

const scanner = (plan: NativePlan) => (): Stream => {
  const session = plan.openSession();
  return {
    push: (token) => void session.push(0, 0, "content", token),
    end: () => session.end(0, 0),
    [Symbol.dispose]: () => session[Symbol.dispose](),
  };
};

const native = await loadNative();
const plan = native.compile({ analysers: [await analyserPlan("pii")], actions: [] });
const table: Record<string, unknown>[] = [];
const row = (what: string, open: () => Stream) => {
  const us = usPerToken(open);
  const kb = kbPerStream(open);
  table.push({ detector: what, "us a token": Number(us.toFixed(3)), "KB a stream": Number(kb.toFixed(1)) });
  return { us, kb };
};
row("baseline: scanner, all PII rules", scanner(plan));
const detectors = kinds.map((kind) => [kind, native.compileDetector(kind, {})] as const);
const openAll = (chosen: typeof detectors) => (): Stream => {
  const answers = chosen.map(([, detector]) => detector.begin(context));
  return {
    push(token) {
      for (const answer of answers) answer.push(0, 0, "content", token);
    },
    end() {
      for (const answer of answers) answer.end(0, 0);
    },
    [Symbol.dispose]() {
      for (const answer of answers) answer[Symbol.dispose]();
    },
  };
};
for (const one of detectors) row(one[0], openAll([one]));
const all = row("all of them", openAll(detectors));
console.log(`${platform()} ${arch()}, ${cpus()[0]?.model ?? "unknown CPU"}, ${tokens.length} tokens of ${tokenBytes} bytes, FFI included`);
console.table(table);
console.log(
  `bar: ${barUs} us a token (${all.us <= barUs ? "met" : "missed"}), ${barKb} KB a stream (${all.kb <= barKb ? "met" : "missed"})`,
);
