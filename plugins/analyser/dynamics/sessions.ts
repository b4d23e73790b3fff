/** Sessions of several turns, bounded by count and age; the least recently used leave first. */
import type { Message, Session, TemporalCore } from "../../../core/plugin/index.ts";
import { SessionTurns, type TurnSettings } from "./session-turns.ts";
import { CallText, TurnText } from "./turn.ts";

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

/** The sessions of one instance. */
export class Sessions {
  private readonly settings: TurnSettings & SessionBounds;
  private readonly temporal: TemporalCore;
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
    const turns = new SessionTurns(this.settings, this.temporal);
    for (const { text, toolCalls } of messages.filter(({ role }) => role === "assistant").slice(-mostRead)) {
      const said = new TurnText();
      said.push(text);
      const calls = toolCalls.map((call) => {
        const made = new CallText(call.name);
        made.push(call.arguments);
        return made.key();
      });
      turns.take(said.turn(calls));
    }
    return turns;
  }

  private forget(now: number): void {
    for (const [key, { usedAt }] of this.kept) {
      if (this.kept.size < this.settings.maxSessions && now - usedAt < this.settings.sessionTtlMs) return;
      this.kept.delete(key);
    }
  }
}
