/**
 * Watches one answer as a turn of its session: what it makes certain is told at the end of the text or of the tool call that does.
 *
 * Must not know what is done about a finding.
 */
import type { AnalyserFinding, AnalyserSession, Channel, Part, SessionUse, TextWatch } from "../../../core/plugin/index.ts";
import type { SessionTurns, TurnFound } from "./session-turns.ts";
import { CallText, type Turn, TurnText } from "./turn.ts";

/** Most text of a tool call that waits, in bytes. */
export const maxHeldBytes = 65_536;

/** Label of all findings. */
const tag = "DYNAMICS";
const none: readonly AnalyserFinding[] = Object.freeze([]);

interface CallBlock {
  readonly call: CallText;
  bytes: number;
  key: string | undefined;
}

/** One answer. Only its first choice is a turn: the client carries one of them on. */
export class TurnWatch implements AnalyserSession {
  /** Where a call may be the one too many it waits until that is known; absent elsewhere, so that nobody asks. */
  readonly holdFrom?: (choice: number, block: number) => number | undefined;
  private readonly session: SessionUse<SessionTurns>;
  private readonly turns: SessionTurns;
  private readonly now: () => number;
  private readonly text: TextWatch | undefined;
  private readonly startedMs: number;
  private readonly said = new TurnText();
  private readonly calls = new Map<number, CallBlock>();
  /** Bytes of each text block. */
  private readonly bytes = new Map<number, number>();
  private place: { readonly channel: Channel; readonly block: number; readonly at: number } = { channel: "content", block: 0, at: 0 };
  private isOver = false;
  /** Rules that have been told: one answer is one turn. */
  private readonly told = new Set<string>();

  /**
   * @param of.session the turns before this one; closed with this one
   * @param of.text the watch of the text alone, if there is one; closed with this one
   */
  constructor(of: { readonly session: SessionUse<SessionTurns>; readonly now: () => number; readonly text: TextWatch | undefined }) {
    this.session = of.session;
    this.turns = of.session.kept;
    this.now = of.now;
    this.text = of.text;
    this.startedMs = of.now();
    if (!this.turns.mayCloseCallLoop) return;
    this.holdFrom = (choice, block) => {
      const call = choice === 0 ? this.calls.get(block) : undefined;
      return call === undefined || call.key !== undefined || call.bytes > maxHeldBytes ? undefined : 0;
    };
  }

  push(part: Part): readonly AnalyserFinding[] {
    const found = this.text?.push(part) ?? none;
    if (!("choice" in part) || part.choice !== 0 || this.isOver) return found;
    const more = this.read(part);
    return more.length === 0 ? found : [...found, ...more];
  }

  end(): readonly AnalyserFinding[] {
    return this.text?.end() ?? none;
  }

  [Symbol.dispose](): void {
    this.session[Symbol.dispose]();
    this.text?.[Symbol.dispose]();
  }

  private read(part: Extract<Part, { readonly choice: number }>): readonly AnalyserFinding[] {
    switch (part.type) {
      case "text-delta":
      case "refusal-delta": {
        this.said.push(part.delta);
        const at = (this.bytes.get(part.block) ?? 0) + Buffer.byteLength(part.delta);
        this.bytes.set(part.block, at);
        this.place = { channel: part.type === "text-delta" ? "content" : "refusal", block: part.block, at };
        return none;
      }
      case "tool-input-start":
        this.calls.set(part.block, { call: new CallText(part.toolName), bytes: 0, key: undefined });
        return none;
      case "tool-input-delta": {
        const call = this.calls.get(part.block);
        call?.call.push(part.delta);
        if (call !== undefined) call.bytes += Buffer.byteLength(part.delta);
        return none;
      }
      case "text-end":
        return this.tell([...this.turns.takeDue(), ...this.turns.look(this.said.turn([]))]);
      case "tool-input-end":
        return this.endCall(part.block);
      case "choice-end":
        this.close();
        return none;
      default:
        return none;
    }
  }

  private endCall(block: number): readonly AnalyserFinding[] {
    const call = this.calls.get(block);
    if (call === undefined || call.key !== undefined) return none;
    call.key = call.call.key();
    this.place = { channel: "tool-input", block, at: call.bytes };
    return this.tell([...this.turns.takeDue(), ...this.turns.look(this.turn())], call.bytes);
  }

  /** The turn so far. Calls that have not ended are no part of it. */
  private turn(seconds?: number): Turn {
    const calls = [...this.calls.values()].flatMap(({ key }) => key ?? []);
    return this.said.turn(calls, seconds);
  }

  private close(): void {
    this.isOver = true;
    for (const call of this.calls.values()) call.key ??= call.call.key();
    this.turns.take(this.turn(Math.max(0, this.now() - this.startedMs) / 1000));
  }

  /** @param length bytes before the place that a finding is about: the tool call's; a text has left */
  private tell(found: readonly TurnFound[], length = 0): readonly AnalyserFinding[] {
    const { channel, block, at } = this.place;
    const fresh = found.filter(({ rule }) => rule === "exploratory-regime" || !this.told.has(rule));
    for (const { rule } of fresh) this.told.add(rule);
    return fresh.map(({ rule, score, data }) => ({
      rule,
      tag,
      channel,
      choice: 0,
      block,
      range: { start: at - length, end: at },
      score,
      data,
    }));
  }
}
