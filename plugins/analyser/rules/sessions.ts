/** Where traces come from: one for each choice of an answer, or one for all answers of a session of several turns. */
import type { Message, RuleSet, Session } from "../../../core/plugin/index.ts";
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
  /** Messages that the trace has read, the answers among them. */
  messages: number;
  readonly tools: Map<string, string>;
  usedAt: number;
}

/** Bounds of what is kept between turns. */
export interface SessionBounds {
  readonly maxSessions: number;
  readonly ttlMs: number;
}

/** Traces that live as long as their sessions; the least recently used leave first. */
export class SessionTraces {
  private readonly settings: TraceSettings;
  private readonly bounds: SessionBounds;
  /** In the order of use. */
  private readonly kept = new Map<string, Kept>();

  constructor(settings: TraceSettings, bounds: SessionBounds) {
    this.settings = settings;
    this.bounds = bounds;
  }

  get size(): number {
    return this.kept.size;
  }

  /** The source for one turn. Only the first choice goes on in the session: the client carries one of them on. */
  source(key: string, session: Session): TraceSource {
    return {
      open: (choice, now) => (choice === 0 ? this.resume(key, session.conversation.messages, now) : begun(this.settings, session, now)),
      close: (choice, trace) => {
        if (choice !== 0) trace.dispose();
      },
      endsWithAnswer: false,
    };
  }

  dispose(): void {
    for (const { trace } of this.kept.values()) trace.dispose();
    this.kept.clear();
  }

  private resume(key: string, messages: readonly Message[], now: number) {
    const known = this.current(key, now);
    const kept = known ?? { trace: new Trace(this.settings.set, this.settings.alphabet), messages: 0, tools: new Map(), usedAt: now };
    this.kept.set(key, kept);
    // The answer that this session saw itself comes back as a message: its events have been read as they happened.
    const isOwn = (index: number) => known !== undefined && index === kept.messages && messages[index]?.role === "assistant";
    const first = isOwn(kept.messages) ? kept.messages + 1 : kept.messages;
    for (const { toolCalls } of messages.slice(0, first)) for (const { id, name } of toolCalls) kept.tools.set(id, name);
    const broken = read(kept.trace, messages.slice(first), { tools: kept.tools, now });
    kept.messages = messages.length;
    kept.usedAt = now;
    return { trace: kept.trace, broken: [...broken, ...kept.trace.step(now, ["request"])] };
  }

  /** The session, taken out so that it makes no room for itself; undefined where it is unknown or too old. */
  private current(key: string, now: number): Kept | undefined {
    const known = this.kept.get(key);
    this.kept.delete(key);
    this.forget(now);
    if (known === undefined || now - known.usedAt < this.bounds.ttlMs) return known;
    known.trace.dispose();
    return undefined;
  }

  private forget(now: number): void {
    for (const [key, { trace, usedAt }] of this.kept) {
      if (this.kept.size < this.bounds.maxSessions && now - usedAt < this.bounds.ttlMs) return;
      trace.dispose();
      this.kept.delete(key);
    }
  }
}
