/**
 * Watches one answer: each text that should be JSON gets a stream of its own; the first impossible byte is a finding.
 *
 * Must not know what is done about it.
 */
import type { AnalyserFinding, AnalyserSession, BlockRef, Channel, JsonGuard, JsonStream, Part } from "../../../core/plugin/index.ts";
import type { FinalValidator } from "./final.ts";

/** Which guard watches which text; undefined: none. */
export interface Guards {
  readonly content: JsonGuard | undefined;
  /** Asked about the answer's text when it is complete. */
  readonly final: FinalValidator | undefined;
  tool(name: string): JsonGuard | undefined;
}

interface Watched {
  /** Undefined: nobody asked for JSON here. */
  readonly stream: JsonStream | undefined;
  readonly channel: Channel;
  readonly choice: number;
  readonly block: number;
  readonly final: FinalValidator | undefined;
  /** Kept for the final validator only. */
  text: string;
  bytes: number;
  isOver: boolean;
}

const none: readonly AnalyserFinding[] = Object.freeze([]);

/** One answer's watch. */
export class Watch implements AnalyserSession {
  private readonly guards: Guards;
  private readonly watched = new Map<string, Watched>();

  constructor(guards: Guards) {
    this.guards = guards;
  }

  push(part: Part): readonly AnalyserFinding[] {
    switch (part.type) {
      case "text-delta":
        this.begin(part, "content", () => this.guards.content);
        return this.take(part.choice, part.block, part.delta);
      case "tool-input-start":
        this.begin(part, "tool-input", () => this.guards.tool(part.toolName));
        return none;
      case "tool-input-delta":
        // A provider that does not say which tool is called: JSON is JSON.
        this.begin(part, "tool-input", () => this.guards.tool(""));
        return this.take(part.choice, part.block, part.delta);
      case "text-end":
      case "tool-input-end":
        return this.finish(this.watched.get(`${part.choice}/${part.block}`));
      default:
        return none;
    }
  }

  [Symbol.dispose](): void {
    for (const { stream } of this.watched.values()) stream?.[Symbol.dispose]();
    this.watched.clear();
  }

  private begin({ choice, block }: BlockRef, channel: Channel, guardOf: () => JsonGuard | undefined): void {
    const key = `${choice}/${block}`;
    if (this.watched.has(key)) return;
    const stream = guardOf()?.open();
    const final = channel === "content" ? this.guards.final : undefined;
    this.watched.set(key, { stream, channel, choice, block, final, text: "", bytes: 0, isOver: stream === undefined });
  }

  private take(choice: number, block: number, delta: string): readonly AnalyserFinding[] {
    const watched = this.watched.get(`${choice}/${block}`);
    if (watched?.stream === undefined || watched.isOver) return none;
    watched.bytes += Buffer.byteLength(delta);
    if (watched.final !== undefined) watched.text += delta;
    return watched.stream.push(delta) === "broken" ? this.broken(watched) : none;
  }

  private finish(watched: Watched | undefined): readonly AnalyserFinding[] {
    if (watched?.stream === undefined || watched.isOver) return none;
    if (watched.stream.finish() === "broken") return this.broken(watched);
    return watched.final === undefined ? none : this.lastWord(watched, watched.final);
  }

  /** The text has left by now: what is found can be told, and acted on where whole answers wait. */
  private lastWord(watched: Watched, final: FinalValidator): readonly AnalyserFinding[] {
    watched.isOver = true;
    const breach = final.check(watched.text);
    if (breach === undefined) return none;
    const { channel, choice, block, bytes } = watched;
    const { path, schemaPath, keyword } = breach;
    const data = { path, schemaPath, keyword, expected: [] };
    return [{ rule: "schema", tag: "JSON", channel, choice, block, range: { start: 0, end: bytes }, from: bytes, score: 1, data }];
  }

  private broken(watched: Watched): readonly AnalyserFinding[] {
    watched.isOver = true;
    const violation = watched.stream?.violation();
    if (violation === undefined) return none;
    const { offset, path, schemaPath, kind, expected } = violation;
    const { channel, choice, block, bytes } = watched;
    const start = Math.min(offset, bytes);
    // The path is made of names that the model chose; it is what a policy needs to ask for a correction.
    const data = { path, ...(schemaPath !== null && { schemaPath }), expected };
    return [
      { rule: kind, tag: "JSON", channel, choice, block, range: { start, end: Math.min(start + 1, bytes) }, from: start, score: 1, data },
    ];
  }
}
