/** Sessions of several turns: those that are kept, and those that are read out of a request. */
import { KeptSessions, type Message, type Session, type SessionUse, type TemporalCore } from "../../../core/plugin/index.ts";
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
  private readonly sessions: KeptSessions<SessionTurns>;

  constructor(settings: TurnSettings & SessionBounds, temporal: TemporalCore, now: () => number) {
    this.settings = settings;
    this.temporal = temporal;
    this.sessions = new KeptSessions({ maxSessions: settings.maxSessions, ttlMs: settings.sessionTtlMs }, { now });
  }

  /**
   * The turns before this request: those that were seen, or of a session that is not known those that the request tells of.
   *
   * @returns to be disposed when the answer closes
   */
  open({ request, conversation }: Session): SessionUse<SessionTurns> {
    const key = request.headers[this.settings.sessionHeader];
    if (key === undefined) return { kept: this.read(conversation.messages), [Symbol.dispose]() {} };
    return this.sessions.use(key, () => this.read(conversation.messages));
  }

  dispose(): void {
    this.sessions.dispose();
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
}
