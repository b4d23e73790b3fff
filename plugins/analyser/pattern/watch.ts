/**
 * Watches one answer for named patterns: phrases natively, shapes of signals and sequences of events here.
 *
 * Must not know what is done about a finding.
 */
import type {
  AnalyserFinding,
  AnalyserSession,
  Channel,
  Finding,
  Message,
  Part,
  SettledVerdict,
  TextWatch,
} from "../../../core/plugin/index.ts";
import { eventsOfFinding, eventsOfMessages } from "./events.ts";
import { Sentences } from "./sentences.ts";
import { Sequence } from "./sequence.ts";
import { Spring, type Stretch } from "./spring.ts";

/** A template of events. */
export interface EventPattern {
  readonly name: string;
  readonly events: readonly string[];
  readonly minConfidence: number;
  readonly within: number;
}

/** A shape of a signal. */
export interface SignalPattern {
  readonly name: string;
  /** `gap`, `sentence-words`, or the score of findings: `toxicity.score`, `toxicity/insult.score`. */
  readonly signal: string;
  readonly shape: readonly number[];
  readonly minConfidence: number;
}

/** What all answers of one instance share. */
export interface Patterns {
  /** Names of the patterns by the index of their phrases. */
  readonly phrases: readonly string[];
  readonly events: readonly EventPattern[];
  readonly signals: readonly SignalPattern[];
  readonly channels: readonly Channel[];
  /** Tool calls and messages of the request come first. */
  readonly readsConversation: boolean;
  readonly now: () => number;
}

/** Label of all findings. */
export const tag = "PATTERN";

/** A finding of the native detector, under its pattern's name. */
export function named<F extends { readonly rule: string; readonly data?: Readonly<Record<string, unknown>> }>(
  finding: F,
  phrases: readonly string[],
): F {
  const { phrase, ...data } = finding.data ?? {};
  return { ...finding, rule: phrases[Number(phrase)] ?? finding.rule, data: { kind: "phrase", ...data } };
}

/**
 * Mean distance of the shape's samples from their mean: the scale that a distance is judged by. A level shape has its level.
 */
export function spreadOf(shape: readonly number[]): number {
  const mean = shape.reduce((sum, value) => sum + value, 0) / shape.length;
  const spread = shape.reduce((sum, value) => sum + Math.abs(value - mean), 0) / shape.length;
  return spread > 0 ? spread : Math.abs(mean) || 1;
}

interface Place {
  readonly channel: Channel;
  readonly block: number;
  readonly at: number;
}

/** Samples whose places are kept: a longer stretch begins at the oldest of them. */
const maxPlaces = 1024;

/** One shape being followed. */
class Shape {
  readonly pattern: SignalPattern;
  /** Of the newest samples, the newest last. */
  private readonly places: Place[] = [];
  private samples = 0;
  private readonly spring: Spring;
  private readonly scale: number;

  constructor(pattern: SignalPattern) {
    this.pattern = pattern;
    this.scale = spreadOf(pattern.shape) * pattern.shape.length;
    this.spring = new Spring(pattern.shape, (1 - pattern.minConfidence) * this.scale);
  }

  push(value: number, place: Place): Stretch | undefined {
    if (this.places.length === maxPlaces) this.places.shift();
    this.places.push(place);
    this.samples += 1;
    return this.spring.push(value);
  }

  /** Where a sample stood. */
  placeOf(sample: number): Place | undefined {
    return this.places[Math.max(0, sample - this.samples + this.places.length)];
  }

  finish(): Stretch | undefined {
    return this.spring.finish();
  }

  confidence({ distance }: Stretch): number {
    return Math.max(0, 1 - distance / this.scale);
  }
}

interface Text {
  readonly channel: Channel;
  bytes: number;
  readonly sentences: Sentences | undefined;
}

/** One choice: choices are alternatives and not one after the other. */
interface Choice {
  readonly sequences: readonly (readonly [pattern: EventPattern, sequence: Sequence])[];
  readonly shapes: readonly Shape[];
  readonly texts: Map<number, Text>;
  place: Place;
  lastMs: number;
}

const channelOf: Readonly<Partial<Record<Part["type"], Channel>>> = {
  "text-delta": "content",
  "reasoning-delta": "reasoning",
  "refusal-delta": "refusal",
  "tool-input-delta": "tool-input",
};
const beginOf: Readonly<Partial<Record<Channel, string>>> = { content: "answer", reasoning: "reasoning", refusal: "refusal" };

/** One answer's watch. */
export class PatternWatch implements AnalyserSession {
  private readonly patterns: Patterns;
  private readonly messages: readonly Message[];
  private readonly text: TextWatch | undefined;
  private readonly choices = new Map<number, Choice>();
  private readonly startedMs: number;
  private readonly readsSentences: boolean;

  /** @param text the phrases' watch, if there are any; closed with this one */
  constructor(patterns: Patterns, messages: readonly Message[], text: TextWatch | undefined) {
    this.patterns = patterns;
    this.messages = messages;
    this.text = text;
    this.startedMs = patterns.now();
    this.readsSentences = patterns.signals.some(({ signal }) => signal === "sentence-words");
  }

  push(part: Part): readonly AnalyserFinding[] {
    const found = [...(this.text?.push(part) ?? [])].map((finding) => named(finding, this.patterns.phrases));
    if (!("choice" in part)) return found;
    const choice = this.choice(part.choice);
    if (part.type === "choice-end") this.endChoice(part.choice, choice, part.reason, found);
    else if (part.type === "tool-input-start") {
      choice.place = { channel: "tool-input", block: part.block, at: 0 };
      this.event(part.choice, ["tool-call", `tool-call:${part.toolName}`], found);
    } else if ("delta" in part && part.delta !== "") this.delta(part, choice, found);
    else if (part.type === "text-end" || part.type === "reasoning-end") this.closeText(part.choice, choice, part.block, found);
    return found;
  }

  settled(finding: Finding, verdicts: readonly SettledVerdict[]): readonly AnalyserFinding[] {
    const { channel, choice: number, block, from: at, analyser, rule, score } = finding;
    if (channel === "request") return [];
    const found: AnalyserFinding[] = [];
    const choice = this.choice(number);
    const { place } = choice;
    // It acts where the finding stands, which may be before text that has come since.
    choice.place = { channel, block, at };
    const type = analyser.split("/")[1] ?? "";
    for (const name of [type, rule, `${type}/${rule}`]) this.sample(number, `${name}.score`, score, found);
    this.event(number, eventsOfFinding(finding, verdicts), found);
    choice.place = place;
    return found;
  }

  end(): readonly AnalyserFinding[] {
    return (this.text?.end() ?? []).map((finding) => named(finding, this.patterns.phrases));
  }

  [Symbol.dispose](): void {
    this.text?.[Symbol.dispose]();
    this.choices.clear();
  }

  private choice(number: number): Choice {
    const known = this.choices.get(number);
    if (known !== undefined) return known;
    const sequences = this.patterns.events.map((pattern) => [pattern, new Sequence(pattern.events, pattern)] as const);
    // What came before this answer is told to nobody: it has been, when it happened.
    const before = this.patterns.readsConversation ? eventsOfMessages(this.messages) : [];
    for (const names of [...before, ["request"]]) for (const [, sequence] of sequences) sequence.push(names);
    const shapes = this.patterns.signals.map((pattern) => new Shape(pattern));
    const place: Place = { channel: "content", block: 0, at: 0 };
    const made: Choice = { sequences, shapes, texts: new Map(), place, lastMs: this.startedMs };
    this.choices.set(number, made);
    return made;
  }

  private delta(part: Extract<Part, { readonly delta: string }>, choice: Choice, found: AnalyserFinding[]): void {
    const channel = channelOf[part.type] ?? "content";
    const number = part.choice;
    const known = choice.texts.get(part.block);
    const reads = this.readsSentences && channel !== "tool-input" && this.patterns.channels.includes(channel);
    const text = known ?? { channel, bytes: 0, sentences: reads ? new Sentences() : undefined };
    choice.place = { channel, block: part.block, at: text.bytes };
    if (known === undefined) {
      choice.texts.set(part.block, text);
      const begin = beginOf[channel];
      if (begin !== undefined) this.event(number, [begin], found);
    }
    const now = this.patterns.now();
    this.sample(number, "gap", (now - choice.lastMs) / 1000, found);
    choice.lastMs = now;
    text.sentences?.push(part.delta, (words, at) => this.sentence(number, part.block, { words, at }, found));
    text.bytes += Buffer.byteLength(part.delta);
    choice.place = { channel, block: part.block, at: text.bytes };
  }

  private sentence(
    number: number,
    block: number,
    { words, at }: { readonly words: number; readonly at: number },
    found: AnalyserFinding[],
  ): void {
    const choice = this.choice(number);
    const channel = choice.texts.get(block)?.channel ?? "content";
    choice.place = { channel, block, at };
    this.sample(number, "sentence-words", words, found);
  }

  private closeText(number: number, choice: Choice, block: number, found: AnalyserFinding[]): void {
    choice.texts.get(block)?.sentences?.finish((words, at) => this.sentence(number, block, { words, at }, found));
  }

  private endChoice(number: number, choice: Choice, reason: string, found: AnalyserFinding[]): void {
    for (const block of choice.texts.keys()) this.closeText(number, choice, block, found);
    this.event(number, ["end", `end:${reason}`], found);
    for (const shape of choice.shapes) this.tellStretch(number, shape, shape.finish(), found);
  }

  private sample(number: number, signal: string, value: number, found: AnalyserFinding[]): void {
    const { shapes, place } = this.choice(number);
    for (const shape of shapes) {
      if (shape.pattern.signal === signal) this.tellStretch(number, shape, shape.push(value, place), found);
    }
  }

  private tellStretch(number: number, shape: Shape, stretch: Stretch | undefined, found: AnalyserFinding[]): void {
    if (stretch === undefined) return;
    const { name, signal } = shape.pattern;
    const data = { kind: "signal", signal, samples: stretch.end - stretch.start };
    const finding = this.finding(number, { rule: name, score: shape.confidence(stretch), data });
    // It is told later than it stands; a verdict acts from now on, in the text that is being written.
    const [first, last] = [shape.placeOf(stretch.start), shape.placeOf(stretch.end - 1)];
    if (last === undefined || last.block !== finding.block) found.push(finding);
    else found.push({ ...finding, range: { start: first?.block === last.block ? first.at : last.at, end: last.at } });
  }

  private event(number: number, names: readonly string[], found: AnalyserFinding[]): void {
    for (const [{ name, events }, sequence] of this.choice(number).sequences) {
      const seen = sequence.push(names);
      if (seen === undefined) continue;
      const data = { kind: "events", matched: seen.matched, of: events.length, events: seen.events };
      found.push(this.finding(number, { rule: name, score: seen.matched / events.length, data }));
    }
  }

  /** Where the answer is now: what a verdict can still act on. */
  private finding(choice: number, { rule, score, data }: { rule: string; score: number; data: Record<string, unknown> }): AnalyserFinding {
    const { channel, block, at } = this.choice(choice).place;
    return { rule, tag, channel, choice, block, range: { start: at, end: at }, from: at, score, data };
  }
}
