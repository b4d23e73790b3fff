/** Sessions of several turns, bounded by count and age; the least recently used leave first. */
import type { Message, Session, TemporalCore } from "../../../core/plugin/index.ts";
import { SessionTurns, type TurnSettings } from "./session-turns.ts";
import { CallText, type Turn, TurnText } from "./turn.ts";

/** Answers that are read out of a request, the newest. */
const mostRead = 64;

/** Bounds of what is kept between turns. */
export interface SessionBounds {
  readonly sessionHeader: string;
  readonly maxSessions: number;
  readonly sessionTtlMs: number;
}

interface Kept {
  readonly turns: SessionTurns;
  readonly usedAt: number;
}

function turnOf(message: Message | undefined): Turn {
  const said = new TurnText();
  said.push(message?.text ?? "");
  const calls = (message?.toolCalls ?? []).map(({ name, arguments: written }) => {
    const call = new CallText(name);
    call.push(written);
    return call.key();
  });
  return said.turn(calls);
}

/** The sessions of one instance. */
export class Sessions {
  readonly settings: TurnSettings & SessionBounds;
  readonly temporal: TemporalCore;
  private readonly now: () => number;
  /** In the order of use. */
  private readonly kept = new Map<string, Kept>();

  constructor(settings: TurnSettings & SessionBounds, temporal: TemporalCore, now: () => number) {
    this.settings = settings;
    this.temporal = temporal;
    this.now = now;
  }

  get size(): number {
    return this.kept.size;
  }

  /** The turns before this request: those that were seen, or of a session that is not known those that the request tells of. */
  open({ request, conversation }: Session): SessionTurns {
    const now = this.now();
    const key = request.headers[this.settings.sessionHeader];
    if (key === undefined) return this.read(conversation.messages);
    const known = this.kept.get(key);
    // Taken out first, so that it makes no room for itself.
    this.kept.delete(key);
    this.forget(now);
    const isOld = known !== undefined && now - known.usedAt >= this.settings.sessionTtlMs;
    const turns = known === undefined || isOld ? this.read(conversation.messages) : known.turns;
    this.kept.set(key, { turns, usedAt: now });
    return turns;
  }

  dispose(): void {
    this.kept.clear();
  }

  private read(messages: readonly Message[]): SessionTurns {
    const answers = messages.filter(({ role }) => role === "assistant").slice(-mostRead);
    const turns = new Map<number, Turn>();
    // Most of a long conversation is never looked at.
    return SessionTurns.after(this, answers.length, (back) => {
      const known = turns.get(back);
      if (known !== undefined) return known;
      const turn = turnOf(answers.at(-back - 1));
      turns.set(back, turn);
      return turn;
    });
  }

  private forget(now: number): void {
    for (const [key, { usedAt }] of this.kept) {
      if (this.kept.size < this.settings.maxSessions && now - usedAt < this.settings.sessionTtlMs) return;
      this.kept.delete(key);
    }
  }
}
