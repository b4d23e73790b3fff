/**
 * One answer before the judge: text goes out in units, verdicts come back, and the stream waits as its mode says.
 *
 * Must not know formats or HTTP.
 */
import type { AnalyserFinding, AnalyserSession, Channel, Part, Session, TextAnswer, TextDetector } from "../../../core/plugin/index.ts";
import type { Adapter, JudgeInput } from "./adapters/adapter.ts";
import type { JudgeQueue, Outcome, QueueClock } from "./queue.ts";
import { type BlockSettings, type PendingUnit, type Tally, WatchedBlock } from "./watched-block.ts";

/** What all answers of one instance share. */
export interface WatchSettings {
  readonly block: BlockSettings;
  /** Of `compileUnits`. */
  readonly units: TextDetector;
  readonly channels: readonly Channel[];
  readonly onTimeout: "open" | "closed" | "hold";
  readonly holdLimitMs: number;
  readonly endWaitMs: number;
  readonly maxHeldBytes: number;
  readonly question: boolean;
  readonly context: readonly string[];
  readonly maxContextChars: number;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly adapter: Adapter;
  readonly queue: JudgeQueue;
  readonly clock: QueueClock;
  readonly log: (event: string, fields: Readonly<Record<string, string | number | boolean>>) => void;
}

/** Pause before a unit without a verdict is sent again, in milliseconds. */
const retryMs = 500;

const channelsOf: Readonly<Partial<Record<Part["type"], Channel>>> = {
  "text-delta": "content",
  "reasoning-delta": "reasoning",
  "refusal-delta": "refusal",
  "tool-input-delta": "tool-input",
};

const none: readonly AnalyserFinding[] = Object.freeze([]);

/** One answer. */
export class Watch implements AnalyserSession {
  private readonly settings: WatchSettings;
  private readonly session: Session;
  private readonly blocks = new Map<string, WatchedBlock>();
  private readonly tally: Tally = { units: 0, judged: 0, gaps: new Map() };
  private readonly cuts: TextAnswer;
  private readonly timers = new Set<() => void>();
  private known: Pick<JudgeInput, "question" | "context"> | undefined;
  private isOver = false;

  constructor(settings: WatchSettings, session: Session) {
    this.settings = settings;
    this.session = session;
    this.cuts = settings.units.begin({ messages: [], wantsJson: false });
  }

  push(part: Part): readonly AnalyserFinding[] {
    if ("delta" in part && part.delta !== "") {
      const channel = channelsOf[part.type];
      if (channel !== undefined && this.settings.channels.includes(channel)) this.take(part, channel);
    } else if (part.type === "text-end" || part.type === "reasoning-end" || part.type === "tool-input-end") {
      this.complete(this.blocks.get(`${part.choice}/${part.block}`));
    }
    return this.settle();
  }

  tick(): readonly AnalyserFinding[] {
    return this.settle();
  }

  holdFrom(choice: number, block: number): number | undefined {
    return this.blocks.get(`${choice}/${block}`)?.holdFrom;
  }

  mayEnd(choice: number, number: number): boolean {
    const block = this.blocks.get(`${choice}/${number}`);
    if (block === undefined) return true;
    this.complete(block);
    block.skipPassed();
    if (block.waiting.length === 0) return true;
    if (block.holdFrom !== undefined) return false;
    const { clock, endWaitMs } = this.settings;
    if (endWaitMs === 0) return true;
    if (block.endAskedMs === undefined) {
      block.endAskedMs = clock.now();
      this.later(endWaitMs, () => this.session.wake());
    }
    return clock.now() - block.endAskedMs >= endWaitMs;
  }

  end(): readonly AnalyserFinding[] {
    this.isOver = true;
    for (const block of this.blocks.values()) {
      block.complete();
      block.giveUp();
    }
    return this.settle();
  }

  [Symbol.dispose](): void {
    this.isOver = true;
    this.cuts[Symbol.dispose]();
    for (const stop of this.timers) stop();
    for (const block of this.blocks.values()) for (const pending of block.waiting) pending.cancel();
    const { units, judged, gaps } = this.tally;
    if (gaps.size > 0) this.settings.log("judge-gaps", { session: this.session.id, units, judged, ...Object.fromEntries(gaps) });
  }

  private take({ choice, block: number, delta }: { choice: number; block: number; delta: string }, channel: Channel): void {
    const key = `${choice}/${number}`;
    let block = this.blocks.get(key);
    if (block === undefined) {
      block = new WatchedBlock({ channel, choice, block: number }, { settings: this.settings.block, tally: this.tally, cuts: this.cuts });
      this.blocks.set(key, block);
    }
    this.send(block.take(delta));
  }

  private complete(block: WatchedBlock | undefined): void {
    if (block !== undefined) this.send(block.complete());
  }

  private settle(): readonly AnalyserFinding[] {
    let found: readonly AnalyserFinding[] = none;
    const add = (more: readonly AnalyserFinding[]) => {
      if (more.length > 0) found = found.length === 0 ? more : [...found, ...more];
    };
    for (const block of this.blocks.values()) {
      add(block.settle());
      while (block.heldBytes > this.settings.maxHeldBytes && block.overrun()) add(block.settle());
      if (this.isOver) {
        block.giveUp();
        add(block.settle());
      }
    }
    return found;
  }

  private send(units: readonly PendingUnit[]): void {
    for (const pending of units) this.ask(pending, this.settings.clock.now());
  }

  /** Has a unit judged. @param sinceMs when it was complete */
  private ask(pending: PendingUnit, sinceMs: number): void {
    if (this.isOver || pending.outcome !== undefined) return;
    const { adapter, parameters, queue } = this.settings;
    const input = { ...this.asked(), text: pending.unit.overlap + pending.unit.text };
    const body = adapter.request(input);
    if (body === undefined) {
      // Not what a policy should act on: nothing could be said of any unit of this answer.
      pending.outcome = { kind: "passed" };
      this.tally.gaps.set("no-context", (this.tally.gaps.get("no-context") ?? 0) + 1);
      return;
    }
    const job = {
      body: { ...body, ...parameters },
      read: (answer: unknown) => adapter.read(answer, input),
      done: (outcome: Outcome) => {
        if (pending.outcome !== undefined) return;
        if (outcome.kind === "none" && this.mayAskAgain(sinceMs)) {
          pending.cancel = this.later(retryMs, () => this.ask(pending, sinceMs));
          return;
        }
        pending.outcome = outcome;
        this.session.wake();
      },
    };
    pending.cancel = queue.submit(
      job,
      this.settings.onTimeout === "hold" ? sinceMs + this.settings.holdLimitMs - this.settings.clock.now() : undefined,
    );
  }

  private mayAskAgain(sinceMs: number): boolean {
    const { onTimeout, holdLimitMs, clock, block } = this.settings;
    return onTimeout === "hold" && block.ahead < Number.POSITIVE_INFINITY && clock.now() + retryMs - sinceMs < holdLimitMs && !this.isOver;
  }

  private later(ms: number, callback: () => void): () => void {
    const stop = this.settings.clock.after(ms, () => {
      this.timers.delete(stop);
      callback();
    });
    this.timers.add(stop);
    return () => {
      this.timers.delete(stop);
      stop();
    };
  }

  /** What goes along with each text, read once. */
  private asked(): Pick<JudgeInput, "question" | "context"> {
    this.known ??= alongside(this.session, this.settings);
    return this.known;
  }
}

/** Documents that a request gives with its conversation, in the member `context` of its body: a text or several. */
function documentsOf({ body }: Session["request"]): readonly string[] {
  const given = typeof body.context === "string" ? [body.context] : body.context;
  return Array.isArray(given) ? given.filter((document) => typeof document === "string") : [];
}

function alongside(
  { conversation: { messages }, request }: Session,
  { question, context, maxContextChars }: Pick<WatchSettings, "question" | "context" | "maxContextChars">,
): Pick<JudgeInput, "question" | "context"> {
  const last = question ? (messages.findLast(({ role }) => role === "user")?.text ?? "") : "";
  const documents = context.includes("documents") ? documentsOf(request) : [];
  const said = messages.flatMap(({ role, text }) => (context.includes(role) ? [text] : []));
  const texts: string[] = [];
  let room = maxContextChars;
  // Who gives documents says what the answer should rest on.
  for (const text of (documents.length > 0 ? documents : said).toReversed()) {
    if (text.trim() === "" || room === 0) continue;
    const kept = text.slice(-room);
    texts.unshift(kept);
    room -= kept.length;
  }
  return { question: maxContextChars === 0 ? "" : last.slice(-maxContextChars), context: texts };
}
