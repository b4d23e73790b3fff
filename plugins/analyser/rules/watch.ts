/**
 * Watches one answer: its events become positions of a trace, rules that break become findings.
 *
 * Must not know what is done about a broken rule.
 */
import type { AnalyserFinding, AnalyserSession, Channel, Finding, Part, RuleSet, SettledVerdict } from "../../../core/plugin/index.ts";
import { clockSignals, eventsOfFinding } from "./events.ts";
import type { Alphabet } from "./letters.ts";
import type { Broken, Trace } from "./trace.ts";

/** What all answers of one instance share. */
export interface Watched {
  readonly set: RuleSet;
  readonly alphabet: Alphabet;
  /** For each rule: its name, its formula as understood, its score. */
  readonly rules: readonly { readonly id: string; readonly formula: string; readonly score: number; readonly tag: string }[];
  readonly now: () => number;
}

interface Place {
  readonly channel: Channel;
  readonly choice: number;
  readonly block: number;
  readonly at: number;
  /** Bytes that it is about; 0 for an event. */
  readonly length?: number;
}

/** One choice: a trace of its own, because choices are alternatives and not one after the other. */
interface Choice {
  readonly trace: Trace;
  /** Text so far, by channel and block. */
  readonly bytes: Map<number, number>;
  readonly totals: Map<string, number>;
  /** Where the answer is: what a verdict can still act on. */
  place: Place;
  findings: number;
  toolCalls: number;
  lastAt: number;
}

/** How a watch gets at its traces: a new one for each choice, or the session's. */
export interface TraceSource {
  /** A trace that has read everything up to this answer, and what broke on it meanwhile. `now`: when the request came. */
  open(choice: number, now: number): { readonly trace: Trace; readonly broken: readonly Broken[] };
  close(choice: number, trace: Trace): void;
  /** Whether the end of the answer is the end of the trace. */
  readonly endsWithAnswer: boolean;
}

const begins: Readonly<Partial<Record<Part["type"], { readonly channel: Channel; readonly event: string }>>> = {
  "text-delta": { channel: "content", event: "answer" },
  "reasoning-delta": { channel: "reasoning", event: "reasoning" },
  "refusal-delta": { channel: "refusal", event: "refusal" },
};

const sizes: Readonly<Partial<Record<Channel, string>>> = { content: "answer.bytes", reasoning: "reasoning.bytes" };

/** One answer's watch. */
export class Watch implements AnalyserSession {
  private readonly watched: Watched;
  private readonly source: TraceSource;
  private readonly choices = new Map<number, Choice>();
  private readonly startedAt: number;
  private readonly readsClock: boolean;
  /** What broke before the first call. */
  private readonly waiting: AnalyserFinding[] = [];

  constructor(watched: Watched, source: TraceSource) {
    this.watched = watched;
    this.source = source;
    this.startedAt = watched.now();
    this.readsClock = clockSignals.some((name) => watched.alphabet.signals.has(name));
    // At once: time counts from the request, and it may pass without any part.
    this.choice(0, this.waiting);
  }

  push(part: Part): readonly AnalyserFinding[] {
    const found = this.waiting.splice(0);
    if (part.type === "usage") {
      for (const number of this.choices.keys()) this.usage(number, part.usage, found);
      return found;
    }
    if (!("choice" in part)) return found;
    const choice = this.choice(part.choice, found);
    choice.lastAt = this.watched.now();
    if (part.type === "choice-end") this.step(choice, ["end", `end:${part.reason}`], found);
    else if (part.type === "tool-input-start") this.toolCall(choice, part, found);
    else if ("delta" in part && part.delta !== "") this.text(choice, part, found);
    return found;
  }

  settled(finding: Finding, verdicts: readonly SettledVerdict[]): readonly AnalyserFinding[] {
    if (finding.channel === "request") return [];
    const found: AnalyserFinding[] = [];
    const { choice: number, block, channel, from, analyser, rule } = finding;
    const choice = this.choice(number, found);
    choice.findings += 1;
    const { letters } = choice.trace;
    letters.set("findings", choice.findings);
    const type = analyser.split("/")[1] ?? "";
    for (const name of [type, rule, `${type}/${rule}`]) letters.set(`${name}.score`, finding.score);
    // The rule acts where the finding stands, which may be before text that has come since.
    const { place } = choice;
    choice.place = { choice: number, block, channel, at: from };
    this.step(choice, eventsOfFinding(finding, verdicts), found);
    choice.place = place;
    return found;
  }

  tick(): readonly AnalyserFinding[] {
    const found = this.waiting.splice(0);
    for (const choice of this.choices.values()) {
      if (this.readsClock) this.step(choice, [], found);
      else this.report(choice, choice.trace.advance(this.watched.now()), found);
    }
    return found;
  }

  end(): readonly AnalyserFinding[] {
    const found: AnalyserFinding[] = [];
    if (this.source.endsWithAnswer) for (const choice of this.choices.values()) this.report(choice, choice.trace.finish(), found);
    return found;
  }

  [Symbol.dispose](): void {
    for (const [number, { trace }] of this.choices) this.source.close(number, trace);
    this.choices.clear();
  }

  private choice(number: number, found: AnalyserFinding[]): Choice {
    const known = this.choices.get(number);
    if (known !== undefined) return known;
    const { trace, broken } = this.source.open(number, this.startedAt);
    const place: Place = { channel: "content", choice: number, block: 0, at: 0 };
    const made = { trace, bytes: new Map(), totals: new Map(), place, findings: 0, toolCalls: 0, lastAt: this.watched.now() };
    this.choices.set(number, made);
    this.report(made, broken, found);
    return made;
  }

  private usage(number: number, usage: Extract<Part, { type: "usage" }>["usage"], found: AnalyserFinding[]): void {
    const choice = this.choice(number, found);
    choice.trace.letters.set("input-tokens", usage.inputTokens);
    choice.trace.letters.set("output-tokens", usage.outputTokens);
    this.step(choice, ["usage"], found);
  }

  private toolCall(choice: Choice, part: Extract<Part, { type: "tool-input-start" }>, found: AnalyserFinding[]): void {
    choice.toolCalls += 1;
    choice.trace.letters.set("tool-calls", choice.toolCalls);
    choice.place = { channel: "tool-input", choice: part.choice, block: part.block, at: 0 };
    this.step(choice, ["tool-call", `tool-call:${part.toolName}`], found);
  }

  private text(choice: Choice, part: Extract<Part, { readonly delta: string }>, found: AnalyserFinding[]): void {
    const begun = begins[part.type];
    const before = choice.bytes.get(part.block) ?? 0;
    const after = before + Buffer.byteLength(part.delta);
    choice.bytes.set(part.block, after);
    const channel = begun?.channel ?? "tool-input";
    choice.place = { channel, choice: part.choice, block: part.block, at: before };
    if (before === 0 && begun !== undefined) this.step(choice, [begun.event], found);
    const signal = sizes[channel];
    if (signal !== undefined) this.grow(choice, { signal, by: after - before, before }, found);
    choice.place = { channel, choice: part.choice, block: part.block, at: after };
  }

  /** A position where the size passes a bound of a rule, and only there, so that no cutting of the text changes what is seen. */
  private grow(
    choice: Choice,
    text: { readonly signal: string; readonly by: number; readonly before: number },
    found: AnalyserFinding[],
  ): void {
    const { signal, by, before } = text;
    const edges = this.watched.alphabet.edges.get(signal);
    if (edges === undefined) return;
    const total = choice.totals.get(signal) ?? 0;
    choice.totals.set(signal, total + by);
    for (const edge of edges) {
      if (edge <= total || edge > total + by) continue;
      choice.trace.letters.set(signal, edge);
      // The byte that makes it so many.
      choice.place = { ...choice.place, at: before + edge - total - 1, length: 1 };
      this.step(choice, [], found);
    }
    choice.trace.letters.set(signal, total + by);
  }

  private step(choice: Choice, events: readonly string[], found: AnalyserFinding[]): void {
    const now = this.watched.now();
    if (this.readsClock) {
      choice.trace.letters.set("elapsed", (now - this.startedAt) / 1000);
      choice.trace.letters.set("idle", (now - choice.lastAt) / 1000);
    }
    this.report(choice, choice.trace.step(now, events), found);
  }

  private report(choice: Choice, broken: readonly Broken[], found: AnalyserFinding[]): void {
    for (const { rule: index, positions, timeMs, atEnd, certificate } of broken) {
      const rule = this.watched.rules[index];
      if (rule === undefined) continue;
      const { at, length = 0, ...place } = choice.place;
      const elapsedMs = Math.max(0, Math.round(timeMs - this.startedAt));
      found.push({
        rule: rule.id,
        tag: rule.tag,
        ...place,
        range: { start: at, end: at + length },
        from: at,
        score: rule.score,
        data: { formula: rule.formula, positions, elapsedMs, atEnd, ...(certificate !== undefined && { certificate }) },
      });
    }
  }
}
