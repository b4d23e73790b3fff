/** Where traces come from: one for each choice of an answer, or one for all answers of a session of several turns. */
import { type KeptBounds, KeptSessions, type Message, type RuleSet, type Session, type SessionUse } from "../../../core/plugin/index.ts";
import { eventsOfMessage } from "./events.ts";
import type { Alphabet } from "./letters.ts";
import { type Broken, Trace } from "./trace.ts";
import type { TraceSource } from "./watch.ts";

/** What traces are made of. */
export interface TraceSettings {
  readonly set: RuleSet;
  readonly alphabet: Alphabet;
  readonly now: () => number;
}

function read(
  trace: Trace,
  messages: readonly Message[],
  { tools, now }: { readonly tools: Map<string, string>; readonly now: number },
): Broken[] {
  return messages.flatMap((message) => eventsOfMessage(message, tools).flatMap((events) => trace.step(now, events)));
}

/** A trace that has read the request: its messages, then `request`. */
function begun(settings: TraceSettings, session: Session, now: number) {
  const trace = new Trace(settings.set, settings.alphabet);
  const broken = read(trace, session.conversation.messages, { tools: new Map(), now });
  return { trace, broken: [...broken, ...trace.step(now, ["request"])] };
}

/** Every choice begins with the request and ends with the answer. */
export const answerTraces = (settings: TraceSettings, session: Session): TraceSource => ({
  open: (_choice, now) => begun(settings, session, now),
  close: (_choice, trace) => trace.dispose(),
  endsWithAnswer: true,
});

interface Kept {
  readonly trace: Trace;
  /** Messages that the trace has read, the answers among them; undefined before its first request. */
  messages: number | undefined;
  readonly tools: Map<string, string>;
}

/** Traces that live as long as their sessions. */
export class SessionTraces {
  private readonly settings: TraceSettings;
  private readonly sessions: KeptSessions<Kept>;

  constructor(settings: TraceSettings, bounds: KeptBounds) {
    this.settings = settings;
    this.sessions = new KeptSessions(bounds, { now: settings.now, drop: ({ trace }) => trace.dispose() });
  }

  get size(): number {
    return this.sessions.size;
  }

  /** The source for one turn. Only the first choice goes on in the session: the client carries one of them on. */
  source(key: string, session: Session): TraceSource {
    let use: SessionUse<Kept> | undefined;
    return {
      open: (choice, now) => {
        if (choice !== 0) return begun(this.settings, session, now);
        use = this.sessions.use(key, () => ({
          trace: new Trace(this.settings.set, this.settings.alphabet),
          messages: undefined,
          tools: new Map(),
        }));
        try {
          return resumed(use.kept, session.conversation.messages, now);
        } catch (error) {
          // Nobody closes what has not been opened.
          use[Symbol.dispose]();
          throw error;
        }
      },
      close: (choice, trace) => (choice === 0 ? use?.[Symbol.dispose]() : trace.dispose()),
      endsWithAnswer: false,
    };
  }

  dispose(): void {
    this.sessions.dispose();
  }
}

function resumed(kept: Kept, messages: readonly Message[], now: number) {
  const { trace, tools, messages: known } = kept;
  const seen = known ?? 0;
  // The answer that this session saw itself comes back as a message: its events have been read as they happened.
  const isOwn = known !== undefined && messages[seen]?.role === "assistant";
  const first = isOwn ? seen + 1 : seen;
  for (const { toolCalls } of messages.slice(0, first)) for (const { id, name } of toolCalls) tools.set(id, name);
  const broken = read(trace, messages.slice(first), { tools, now });
  kept.messages = messages.length;
  return { trace, broken: [...broken, ...trace.step(now, ["request"])] };
}
