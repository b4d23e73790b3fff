/**
 * The parts path: frames become parts in TypeScript, and everything is possible. Does with one answer what the native wire does, byte
 * for byte: frames leave in order, each when all of its text is decided, untouched ones as they came.
 *
 * Must not know any dialect's field names.
 */
import { MidStreamError } from "../errors/midstream-error.ts";
import type { Guard } from "../kernel/guard.ts";
import { newState, type UpstreamEnd } from "../native/native-core.ts";
import type { Decoder, Session } from "../plugin/contract.ts";
import type { DeltaPart, Frame, Part } from "../stream/part.ts";
import { Backlog, type OpenFrame } from "./backlog.ts";
import type { Block } from "./block.ts";
import { joined, nothing } from "./byte-pieces.ts";
import { Detection } from "./detection.ts";
import type { Annotation, Encoder } from "./dialect.ts";
import { type Engine, type EngineRecord, verdictRecords } from "./engine.ts";
import { FrameQueue, type QueuedDelta, type QueuedFrame } from "./frame-queue.ts";
import { channelOf, endsChoice } from "./part-place.ts";
import type { PipelinePlan } from "./plan.ts";
import { asMidStreamError, PluginSessions } from "./plugin-sessions.ts";

/** What one answer on the parts path is made of. */
export interface PartsSettings {
  readonly plan: PipelinePlan;
  readonly session: Session;
  readonly guard: Guard;
  /** Instance id of the provider that `decoder` belongs to. */
  readonly provider: string;
  readonly decoder: Decoder;
  readonly encoder: Encoder;
  readonly mode: "stream" | "unary";
  readonly stripUsage: boolean;
  readonly choiceCount: number;
  /** The client asked for the side band. */
  readonly annotate: boolean;
}

/** Findings and verdicts that the side band has at most. */
const maxAnnotations = 1000;

/** One answer on the parts path. @throws MidStreamError where a plugin that must not fail does */
export class PartsEngine implements Engine {
  readonly state = newState();
  failure: MidStreamError | undefined;
  private readonly settings: PartsSettings;
  private readonly plugins: PluginSessions;
  private readonly native;
  private readonly detection: Detection;
  private readonly backlog = new Backlog();
  private readonly queue = new FrameQueue();
  private readonly appeared = new Set<number>();
  private readonly ended = new Set<number>();
  /** Choices whose end has left. */
  private readonly told = new Set<number>();
  /** Choices that a policy ended. */
  private readonly cutChoices = new Set<number>();
  /** Of these, those whose end the client has been told. */
  private readonly blocked = new Set<number>();
  private readonly annotation: { findings: Annotation["findings"][number][]; verdicts: Annotation["verdicts"][number][] };
  private latestBlock: Block | undefined;
  /** How the upstream ended; what that means for the answer may have to wait. */
  private upstreamEnd: UpstreamEnd | undefined;
  /** The request's time is over: no end waits any more. */
  private isForced = false;
  /** Latest frame of a choice: frames that are made here repeat what it says about the answer. */
  private latest: Frame | undefined;
  /** Whether any policy may change what the client gets. */
  private readonly enforces: boolean;
  private records: EngineRecord[] = [];
  private out: Uint8Array[] = [];

  constructor(settings: PartsSettings) {
    this.settings = settings;
    this.plugins = new PluginSessions(settings.plan, settings.session, settings.guard);
    this.native = settings.plan.detects ? settings.plan.native.openSession() : undefined;
    this.detection = new Detection({ plan: settings.plan, native: this.native, plugins: this.plugins });
    this.annotation = { findings: [], verdicts: [] };
    this.enforces = settings.plan.policies.some(({ instance }) => instance.begin !== undefined || instance.plan?.monitor === false);
  }

  feed(chunk: Uint8Array): Uint8Array {
    if (this.state.done) return nothing;
    return this.guarded(() => {
      this.take(this.decode((decoder) => decoder.push(chunk)));
      if (this.queue.isOverfull || this.backlog.isOverfull)
        throw new MidStreamError("PLUGIN_OVERHELD", "More than 8 MiB of frames wait behind held text");
    });
  }

  drain(): Uint8Array {
    return nothing;
  }

  end(reason: UpstreamEnd): Uint8Array {
    if (this.state.done) return nothing;
    if (reason === "cancelled") {
      this.state.done = true;
      return nothing;
    }
    return this.guarded(() => {
      const parts = this.decode((decoder) => decoder.end());
      this.upstreamEnd = reason;
      if (reason === "timed-out" && this.plugins.delaysEnds) {
        this.isForced = true;
        this.detection.endAnswer();
      }
      this.take(reason === "eof" ? parts : parts.filter((part) => part.type !== "response-end" && part.type !== "error"));
    });
  }

  tick(nowMs: number): Uint8Array {
    if (this.state.done || !this.plugins.ticks) return nothing;
    return this.guarded(() => {
      this.detection.tick(nowMs);
      this.release();
      this.work();
    });
  }

  takeRecords(): readonly EngineRecord[] {
    const taken = this.records;
    this.records = [];
    this.state.records = false;
    return taken;
  }

  [Symbol.dispose](): void {
    this.state.done = true;
    this.plugins.dispose();
    this.native?.[Symbol.dispose]();
  }

  // ---- in ---------------------------------------------------------------------------------------------------

  private decode(run: (decoder: Decoder) => readonly Part[]): readonly Part[] {
    return this.settings.guard.call(this.settings.provider, () => run(this.settings.decoder), this.settings.session.id);
  }

  /** Anything thrown ends the answer; text that was not decided does not leave. */
  private guarded(run: () => void): Uint8Array {
    this.out = [];
    try {
      run();
    } catch (error) {
      this.failure = asMidStreamError(error);
      this.endWith(this.failure);
    }
    this.keepRecords();
    return joined(this.out);
  }

  private take(parts: readonly Part[]): void {
    this.backlog.add(parts);
    this.work();
  }

  /** Works on what has come, up to an end that must wait. */
  private work(): void {
    for (let open = this.backlog.open(); open !== undefined && !this.state.done; open = this.backlog.open()) {
      const isWhole = this.takeFrame(open);
      if (isWhole) this.backlog.close();
      // After each frame, not after each chunk: what has come by the time of a cut must not depend on how bytes were cut.
      if (!this.state.done) this.release();
      if (!isWhole) return;
    }
    if (this.state.done || this.upstreamEnd === undefined || this.endWaits(() => this.detection.mayEndAll())) return;
    if (this.upstreamEnd === "eof") this.finish(undefined);
    else {
      const code = this.upstreamEnd === "timed-out" ? "PROVIDER_TIMEOUT" : "PROVIDER_CUT";
      this.fail(new MidStreamError(code, "The upstream ended its answer before it was complete"));
    }
  }

  /** Returns whether all of the frame could be taken; false: an end in it must wait. */
  private takeFrame(open: OpenFrame): boolean {
    const { frame, parts, deltas, choices, ends } = open;
    for (; open.next < parts.length; open.next += 1) {
      const part = parts[open.next];
      if (part === undefined) continue;
      if (this.mustWait(part, parts)) return false;
      if (part.type === "error") {
        this.upstreamError(part, frame);
        return true;
      }
      if (part.type === "response-end") continue;
      open.rest += 1;
      if (part.type === "usage") open.usages += 1;
      else if (part.type === "response-start") open.starts += 1;
      if ("choice" in part && !choices.includes(part.choice)) choices.push(part.choice);
      if (!("delta" in part)) this.takeOther(part, { ends, parts });
      else if (part.delta === "") {
        open.empty += 1;
        this.detection.show(part);
      } else deltas.push(this.takeDelta(part));
    }
    this.queueFrame(open);
    return true;
  }

  private queueFrame(open: OpenFrame): void {
    const { frame, parts, deltas, choices, ends } = open;
    for (const choice of choices) this.appeared.add(choice);
    if (choices.length > 0 && frame !== undefined) this.latest = frame;
    const isUsageOnly = open.usages > 0 && open.usages + open.starts === parts.length;
    if (frame !== undefined && open.rest > 0 && !(isUsageOnly && this.settings.stripUsage)) {
      const flows = parts.length - open.empty === 1 && deltas.length === 1;
      this.queue.add({ frame, deltas, choices, ends, flows, hasLeft: false, moved: false });
    }
    this.state.frames += 1;
    if (deltas.length > 0) this.state.deltas += 1;
    if (open.rest < parts.length) this.finish(open.rest === 0 ? frame : undefined);
  }

  private endWaits(mayEnd: () => boolean): boolean {
    return this.plugins.delaysEnds && !this.isForced && !mayEnd();
  }

  /** Whether a part ends text that may not end yet. */
  private mustWait(part: Part, parts: readonly Part[]): boolean {
    if (!this.plugins.delaysEnds || this.isForced) return false;
    const { detection } = this;
    switch (part.type) {
      case "text-end":
      case "reasoning-end":
      case "tool-input-end":
        if (endsChoice(part.choice, parts)) return !detection.mayEndChoice(part.choice);
        return !detection.mayEnd(detection.block(part.choice, part.block, channelOf(part)));
      case "choice-end":
        return !detection.mayEndChoice(part.choice);
      case "response-end":
      case "error":
        return !detection.mayEndAll();
      default: {
        // In a whole answer a block ends when the next one begins.
        const { latestBlock: latest } = this;
        if (this.settings.mode !== "unary" || latest === undefined || !("delta" in part) || part.delta === "") return false;
        return (latest.choice !== part.choice || latest.number !== part.block) && !detection.mayEnd(latest);
      }
    }
  }

  private takeDelta(part: DeltaPart): QueuedDelta {
    const block = this.detection.block(part.choice, part.block, channelOf(part));
    if (this.settings.mode === "unary") this.endOther(block);
    const start = block.arrived;
    const accepted = this.detection.push(part, block);
    this.state.heldBytes += block.arrived - start;
    this.state.started = true;
    return { block, start, end: block.arrived, accepted };
  }

  /** In a whole answer one block is complete when the next one begins, so that a cut in it is known before. */
  private endOther(block: Block): void {
    if (this.latestBlock !== undefined && this.latestBlock !== block) this.detection.finishBlock(this.latestBlock);
    this.latestBlock = block;
  }

  private takeOther(part: Part, { ends, parts }: { readonly ends: number[]; readonly parts: readonly Part[] }): void {
    const { state } = this;
    if (part.type === "text-end" || part.type === "reasoning-end" || part.type === "tool-input-end") {
      // A choice that ends decides its blocks in the order in which they began, whatever the order of their end parts.
      if (endsChoice(part.choice, parts)) this.endChoice(part.choice);
      else this.detection.finishBlock(this.detection.block(part.choice, part.block, channelOf(part)));
      return;
    }
    this.detection.show(part);
    switch (part.type) {
      case "usage":
        state.inputTokens = part.usage.inputTokens;
        state.outputTokens = part.usage.outputTokens;
        state.totalTokens = part.usage.totalTokens;
        break;
      case "choice-end":
        state.started = true;
        ends.push(part.choice);
        this.endChoice(part.choice);
        break;
      case "raw":
        if (this.settings.plan.config.onUnknown === "block" && part.frame !== undefined && part.frame.payload !== "") {
          throw new MidStreamError(
            "PROVIDER_BAD_RESPONSE",
            "The upstream sent a frame of a kind that is not known, and onUnknown is block",
          );
        }
        break;
    }
  }

  private endChoice(choice: number): void {
    this.ended.add(choice);
    if (this.ended.size >= this.settings.choiceCount) this.detection.endLast([choice]);
    else this.detection.endChoice(choice);
  }

  // ---- out --------------------------------------------------------------------------------------------------

  private release(): void {
    const flows = this.settings.plan.config.frames === "flow";
    this.tellCuts();
    if (flows) this.queue.carry();
    while (!this.state.done && this.queue.firstIsDecided) {
      const first = this.queue.first;
      if (first === undefined) break;
      this.emit(first);
      this.queue.removeFirst();
      this.tellCuts();
    }
    this.endIfOver();
    if (this.state.done || !flows) return;
    do this.leaveFirst();
    while (this.queue.carry());
  }

  private emit(entry: QueuedFrame): void {
    const { frame, deltas, choices } = entry;
    if (choices.length === 0 || choices.some((choice) => !this.blocked.has(choice))) {
      const isTouched =
        entry.moved ||
        (frame.repeats === true && this.enforces) ||
        deltas.some((delta) => this.isDropped(entry, delta) || delta.block.touches(delta.start, delta.end));
      const ended = this.settings.mode === "unary" ? this.wholeBlocked() : this.blockedIn(entry);
      if (!isTouched && ended.size === 0) this.out.push(frame.bytes);
      else
        this.out.push(
          this.settings.encoder.rewrite(
            frame,
            deltas.map((delta) => this.textOf(entry, delta)),
            ended,
          ),
        );
    }
    for (const { block, start, end, accepted } of deltas) {
      if (!accepted) continue;
      this.state.heldBytes -= end - start;
      block.release(end);
    }
    for (const choice of entry.ends) this.told.add(choice);
  }

  /** Its choice was over before it came, before it could leave, or earlier in its frame. */
  private isDropped({ deltas }: QueuedFrame, delta: QueuedDelta): boolean {
    if (!delta.accepted || this.blocked.has(delta.block.choice)) return true;
    if (this.detection.cuts.length === 0) return false;
    const isCut = ({ block, end }: QueuedDelta) => block.choice === delta.block.choice && block.cut !== undefined && block.cut.anchor < end;
    return deltas.slice(0, deltas.indexOf(delta)).some(isCut);
  }

  /** A delta's text as the client gets it; undefined: as it came. */
  private textOf(entry: QueuedFrame, delta: QueuedDelta): string | undefined {
    if (this.isDropped(entry, delta)) return "";
    const { block, start, end } = delta;
    return entry.moved || block.touches(start, end) ? block.render(start, end) : undefined;
  }

  /** The first frame leaves with the text that may. What it keeps back moves into the next one, or leaves in a copy where there is none. */
  private leaveFirst(): void {
    const first = this.queue.first;
    const delta = first?.deltas[0];
    if (first === undefined || delta === undefined || !first.flows || !delta.accepted) return;
    const { block, start } = delta;
    const upto = Math.max(start, Math.min(block.decided, delta.end));
    const text = block.render(start, upto);
    if (first.hasLeft && text === "") return;
    this.out.push(this.settings.encoder.rewrite(first.frame, [text]));
    this.state.heldBytes -= upto - start;
    block.release(upto);
    delta.start = upto;
    first.hasLeft = true;
    first.moved ||= upto > start;
  }

  /** Whole answers say in their one frame which choices were blocked. */
  private wholeBlocked(): Map<number, string> {
    return new Map(this.detection.cuts.map((block) => [block.choice, block.cut?.message ?? ""] as const).reverse());
  }

  /** Choices of a stream's frame that were cut in it or before. */
  private blockedIn({ choices, deltas }: QueuedFrame): ReadonlyMap<number, string> {
    if (this.detection.cuts.length === 0) return noChoices;
    const ended = new Map<number, string>();
    for (const choice of choices) if (this.blocked.has(choice)) ended.set(choice, "");
    for (const { block, end } of deltas) if (block.cut !== undefined && block.cut.anchor < end) ended.set(block.choice, "");
    return ended;
  }

  /** Tells the client of choices that were cut, as soon as the frame that holds the cut has left. */
  private tellCuts(): void {
    const { cuts } = this.detection;
    // A whole answer says so in its one frame, which has not left.
    if (cuts.length === 0 || this.settings.mode === "unary") return;
    // In the order of the cuts; of several that one frame brought about, the choice that began first comes first.
    for (const choice of this.detection.choiceNumbers()) if (cuts.some((block) => block.choice === choice)) this.cutChoices.add(choice);
    for (const choice of this.cutChoices) {
      if (this.blocked.has(choice)) continue;
      const told = cuts.find((block) => block.choice === choice && block.cut !== undefined && block.cut.anchor < block.emitted);
      if (told?.cut === undefined) continue;
      this.blocked.add(choice);
      if (this.settings.mode === "stream") this.out.push(this.settings.encoder.blocked(choice, told.cut.message, this.latest));
    }
  }

  /** Ends the answer when all choices have ended and a policy ended one of them: no upstream is needed for the rest. */
  private endIfOver(): void {
    if (this.blocked.size === 0 || this.state.done || this.settings.mode === "unary") return;
    // Some upstreams go on with a choice after its end.
    if (!this.queue.isEmpty) return;
    const over = new Set([...this.blocked, ...this.told]);
    if (over.size < this.settings.choiceCount || [...this.appeared].some((choice) => !over.has(choice))) return;
    this.state.blocked = true;
    this.complete(undefined);
  }

  /** The upstream says that its answer is complete; `frame` is its terminator. */
  private finish(frame: Frame | undefined): void {
    this.detection.endLast();
    this.release();
    if (this.state.done) return;
    // A whole answer is complete when its body is: not every vendor gives a reason. A stream of nothing is none.
    const isEmpty = this.appeared.size === 0 && frame === undefined;
    const open = [...this.appeared].some((choice) => !this.ended.has(choice) && !this.blocked.has(choice));
    const isOpen = this.settings.mode === "stream" && (isEmpty || open);
    if (isOpen) this.endWith(new MidStreamError("PROVIDER_CUT", "The upstream ended its answer before it was complete"));
    else this.complete(frame);
  }

  /** Ends a complete answer. */
  private complete(frame: Frame | undefined): void {
    const { encoder, mode, annotate } = this.settings;
    this.keepRecords();
    this.state.done = true;
    const isWhole = mode === "unary";
    if (annotate && encoder.annotate !== undefined) {
      const body = isWhole ? joined(this.out) : undefined;
      const annotated = encoder.annotate(this.annotation, { body, like: this.latest });
      if (isWhole) this.out = [annotated];
      else this.out.push(annotated);
    }
    if (!isWhole) this.out.push(frame?.bytes ?? encoder.done());
  }

  /** The upstream's own error passes as it came, after the text before it. */
  private upstreamError(part: Extract<Part, { type: "error" }>, frame: Frame | undefined): void {
    this.detection.show(part);
    if (frame === undefined) {
      // The decoder misses the end of a choice that a policy has ended: nothing of it was to come any more.
      this.flush();
      const unfinished = [...this.appeared].filter((choice) => !this.ended.has(choice));
      if (part.code === "PROVIDER_CUT" && unfinished.length > 0 && unfinished.every((choice) => this.blocked.has(choice))) {
        if (!this.state.done) this.complete(undefined);
        return;
      }
      const code = part.code === "PROVIDER_BAD_RESPONSE" ? part.code : "PROVIDER_CUT";
      this.fail(new MidStreamError(code, part.message));
      return;
    }
    this.flush();
    if (this.state.done) return;
    this.out.push(frame.bytes);
    this.state.failed = true;
    this.state.done = true;
  }

  /** The upstream failed: what was held is decided and released, then the client is told. */
  private fail(error: MidStreamError): void {
    this.flush();
    if (!this.state.done) this.endWith(error);
  }

  private flush(): void {
    this.detection.endLast();
    this.release();
  }

  private endWith(error: MidStreamError): void {
    this.failure = error;
    this.state.failed = true;
    this.state.done = true;
    if (this.settings.mode === "stream") this.out.push(this.settings.encoder.error(error));
  }

  private keepRecords(): void {
    if (!this.detection.hasRecords) return;
    const taken = this.detection.takeRecords();
    this.records.push(...taken);
    this.state.records = true;
    if (!this.settings.annotate) return;
    for (const record of taken) {
      if (this.annotation.findings.length + this.annotation.verdicts.length >= maxAnnotations) return;
      if (record.finding !== undefined) this.annotation.findings.push(record.finding);
      this.annotation.verdicts.push(...verdictRecords(record));
    }
  }
}

const noChoices: ReadonlyMap<number, string> = new Map();
