/**
 * Detection and verdicts on the blocks of one answer: native session and TypeScript analysers first, then policies.
 *
 * A finding is settled when nothing can be found before it any more. Settled findings come in one order for every cutting of the text
 * into deltas, so everything that is decided in that order (merged edits, counts, cuts) is the same too; native/session/src/analysis.rs
 * does likewise on the wire path. Must not know frames or bytes.
 */
import { MidStreamError } from "../errors/midstream-error.ts";
import type { NativeSession } from "../native/native-core.ts";
import type { Finding } from "../stream/finding.ts";
import type { Channel, DeltaPart, Part } from "../stream/part.ts";
import type { IndexedAction } from "./actions.ts";
import { Block } from "./block.ts";
import { fold, judge } from "./decide.ts";
import type { EngineRecord } from "./engine.ts";
import type { PipelinePlan } from "./plan.ts";
import { forPlugins, type PluginSessions } from "./plugin-sessions.ts";
import { Pseudonyms } from "./replacement.ts";

/** Something that waits until all text before it is settled: a finding, or the cut of a TypeScript policy. */
interface Pending {
  readonly from: number;
  readonly end: number;
  readonly rank: number;
  /** Acts from where it was seen on, not from the start of what was seen. */
  readonly atEnd: boolean;
  readonly finding?: Finding;
  readonly cut?: { readonly message: string };
}

/** Most blocks of one answer, as on the wire path (native/session/src/enforcer.rs): an upstream that invents indexes is stopped here. */
const maxBlocks = 1024;

/** One choice. */
interface Choice {
  readonly blocks: Map<number, Block>;
  readonly counts: Map<number, number>;
  readonly pseudonyms: Pseudonyms;
  isCut: boolean;
}

const inOrder = (a: Pending, b: Pending): number =>
  a.from - b.from || Number(b.atEnd) - Number(a.atEnd) || b.end - a.end || a.rank - b.rank;

/** What one answer's detection is made of. */
export interface DetectionSettings {
  readonly plan: PipelinePlan;
  readonly native: NativeSession | undefined;
  readonly plugins: PluginSessions;
}

/** One answer's blocks. */
export class Detection {
  /** Since the last `takeRecords`. */
  private records: EngineRecord[] = [];
  private readonly choices = new Map<number, Choice>();
  private blockCount = 0;
  private readonly pending = new Map<Block, Pending[]>();
  private readonly settings: DetectionSettings;
  /** Blocks whose end has been shown and judged, but that are not decided: what was found at their ends. */
  private readonly judged = new Map<Block, readonly Finding[]>();
  private isOver = false;
  /** The blocks at which choices have been cut: of a choice with several, the one whose frame comes first counts. */
  readonly cuts: Block[] = [];

  constructor(settings: DetectionSettings) {
    this.settings = settings;
  }

  get hasRecords(): boolean {
    return this.records.length > 0;
  }

  takeRecords(): EngineRecord[] {
    const taken = this.records;
    this.records = [];
    return taken;
  }

  block(choice: number, number: number, channel: Channel): Block {
    const { blocks } = this.choice(choice);
    const known = blocks.get(number);
    if (known !== undefined) return known;
    if (this.blockCount >= maxBlocks) throw new MidStreamError("PROVIDER_BAD_RESPONSE", `An answer of more than ${maxBlocks} blocks`);
    this.blockCount += 1;
    const block = new Block(choice, number, channel);
    blocks.set(number, block);
    return block;
  }

  /** Choices with text, in the order of their first. */
  choiceNumbers(): Iterable<number> {
    return this.choices.keys();
  }

  isCut(choice: number): boolean {
    return this.choices.get(choice)?.isCut === true;
  }

  /** Takes a delta's text, which is not empty. Returns whether it may leave: text of a choice that a policy has ended is not looked at and must be dropped. */
  push(part: DeltaPart, block: Block): boolean {
    if (this.isCut(block.choice)) return false;
    // An upstream that ends a block twice is analysed all the same.
    block.ended = false;
    const text = block.join(part.delta);
    if (text === "") this.show({ ...part, delta: "" });
    else this.take(text === part.delta ? part : { ...part, delta: text }, block);
    return true;
  }

  private take(part: DeltaPart, block: Block): void {
    block.append(part.delta);
    const { native, plugins } = this.settings;
    if (native === undefined) block.safe = block.total;
    else {
      block.safe = native.push(block.choice, block.number, block.channel, part.delta);
      this.collect(native.takeFindings());
    }
    const wanted = plugins.wants(part.type) || plugins.decides ? forPlugins(part) : undefined;
    if (wanted !== undefined) this.collect(plugins.push(wanted));
    this.settle(block, Math.min(block.safe, plugins.heldFrom(block)), wanted);
  }

  /** No text of the block follows before its end: the half of a character that waited for the rest is one that was lost. */
  private completeText(block: Block): void {
    const delta = block.endHalf();
    if (delta !== "" && !block.ended && block.cut === undefined) this.take({ ...emptyDelta(block), delta }, block);
  }

  /** Shows a part without text to the analysers. */
  show(part: Part): void {
    if (this.settings.plugins.wants(part.type)) this.collect(this.settings.plugins.push(forPlugins(part)));
  }

  /** Everything in the block gets decided. */
  private endBlock(block: Block): void {
    if (block.ended) return;
    this.completeText(block);
    block.ended = true;
    if (block.cut !== undefined) return;
    const judged = this.judged.get(block);
    if (judged === undefined) this.endNative(block);
    this.judged.delete(block);
    const last = this.settings.plugins.decides ? emptyDelta(block) : undefined;
    this.settle(block, Number.POSITIVE_INFINITY, last, judged);
  }

  private endNative({ choice, number }: Block): void {
    const { native } = this.settings;
    if (native === undefined) return;
    native.end(choice, number);
    this.collect(native.takeFindings());
  }

  /** Whether all that must be known of a complete block is known. */
  mayEnd(block: Block): boolean {
    this.completeText(block);
    return block.ended || block.cut !== undefined || this.isCut(block.choice) || this.settings.plugins.mayEnd(block);
  }

  /** The same for all blocks of a choice; each is asked, so that none begins to wait only when another has ended. */
  mayEndChoice(choice: number): boolean {
    let may = true;
    for (const block of this.choices.get(choice)?.blocks.values() ?? []) may = this.mayEnd(block) && may;
    return may;
  }

  mayEndAll(): boolean {
    let may = true;
    for (const choice of this.choices.keys()) may = this.mayEndChoice(choice) && may;
    return may;
  }

  /** The block is complete, and the analysers get its `-end` part; once. */
  finishBlock(block: Block): void {
    if (block.ended) return;
    this.completeText(block);
    if (!this.judged.has(block)) this.showEnd(block);
    this.endBlock(block);
  }

  private showEnd({ channel, choice, number }: Block): void {
    if (channel === "content") this.show({ type: "text-end", choice, block: number });
    else if (channel === "reasoning") this.show({ type: "reasoning-end", choice, block: number });
    else if (channel === "tool-input") this.show({ type: "tool-input-end", choice, block: number });
  }

  /**
   * The last choices end: what the ends of its blocks bring is judged before the analysers have their last word, so that a rule over findings
   * has seen all of them, and that before the text is decided, so that a verdict can act on what was held for it.
   */
  endLast(choices: Iterable<number> = this.choices.keys()): void {
    const ending = [...choices];
    for (const choice of ending) for (const block of this.choices.get(choice)?.blocks.values() ?? []) this.judgeEnd(block);
    this.endAnswer();
    for (const choice of ending) this.endChoice(choice);
  }

  private judgeEnd(block: Block): void {
    if (block.ended || block.cut !== undefined) return;
    this.completeText(block);
    if (block.cut !== undefined) return;
    this.showEnd(block);
    this.endNative(block);
    this.judged.set(block, this.judge(block, this.settings.plugins.heldFrom(block)));
    if (block.cut !== undefined) this.spreadCut(block);
  }

  /** All blocks of a choice are complete. */
  endChoice(choice: number): void {
    for (const block of this.choices.get(choice)?.blocks.values() ?? []) this.finishBlock(block);
  }

  /** Time has passed; findings that come of it are judged as far as they can be. */
  tick(nowMs: number): void {
    this.collect(this.settings.plugins.tick(nowMs));
    for (const { blocks } of this.choices.values()) {
      for (const block of blocks.values()) {
        if (block.cut !== undefined) continue;
        const limit = block.ended ? Number.POSITIVE_INFINITY : Math.min(block.safe, this.settings.plugins.heldFrom(block));
        this.settle(block, limit, undefined);
      }
    }
  }

  /** The last choice is about to end: findings that needed it. */
  endAnswer(): void {
    if (this.isOver) return;
    this.isOver = true;
    this.collect(this.settings.plugins.end());
    for (const [block, waiting] of this.pending)
      if (block.ended && waiting.length > 0) this.settle(block, Number.POSITIVE_INFINITY, undefined);
  }

  private choice(choice: number): Choice {
    const known = this.choices.get(choice);
    if (known !== undefined) return known;
    const made = { blocks: new Map(), counts: new Map(), pseudonyms: new Pseudonyms(), isCut: false };
    this.choices.set(choice, made);
    return made;
  }

  private collect(found: readonly Finding[]): void {
    for (const reported of found) {
      // Of a request: not in any text of the answer.
      if (reported.channel === "request") continue;
      const block = this.block(reported.choice, reported.block, reported.channel);
      const from = Math.max(reported.from >= 0 ? reported.from : reported.range.start, block.decided);
      const finding = reported.from === from ? reported : { ...reported, from };
      this.wait(block, {
        from,
        end: this.isSpan(finding) ? Number.POSITIVE_INFINITY : finding.range.end,
        rank: this.settings.plan.actions.rank(finding.analyser, finding.rule),
        atEnd: from > finding.range.start || from >= block.total,
        finding,
      });
    }
  }

  /** A long object counts as the longest whatever its length: on the wire path its end is not known when it is settled. */
  private isSpan(finding: Finding): boolean {
    return this.settings.plan.actions.isSpan(finding.analyser, finding.rule);
  }

  private wait(block: Block, pending: Pending): void {
    const waiting = this.pending.get(block);
    if (waiting === undefined) this.pending.set(block, [pending]);
    else waiting.push(pending);
  }

  /** Judges what is settled by `limit`, asks the TypeScript policies about the delta, and moves the block's decided end. */
  private settle(block: Block, limit: number, delta: Part | undefined, judged: readonly Finding[] = []): void {
    const found = [...judged, ...this.judge(block, limit)];
    // Findings may settle while no text comes, because of something that an analyser waited for.
    const asked = delta ?? (found.length > 0 ? emptyDelta(block) : undefined);
    if (asked !== undefined && this.settings.plugins.decides && block.cut === undefined) {
      block.policyHold = this.ask(block, asked as DeltaPart, found);
      for (const pending of this.takeSettled(block, limit)) if (block.cut === undefined) this.act(block, pending);
    }
    if (block.ended) block.decided = block.total;
    else block.decided = Math.max(block.decided, Math.min(limit, block.policyHold, this.settings.plugins.pacedFrom(block)));
    if (block.cut !== undefined) this.spreadCut(block);
  }

  /** Judges what is settled by `limit`, and shows it to the analysers that want to know. */
  private judge(block: Block, limit: number): Finding[] {
    const found: Finding[] = [];
    const settled = this.takeSettled(block, limit);
    const observes = this.settings.plugins.observes;
    // Behind a cut there is no text, hence no finding.
    for (let pending = settled.shift(); pending !== undefined && block.cut === undefined; pending = settled.shift()) {
      if (pending.finding !== undefined) found.push(pending.finding);
      const verdicts = this.act(block, pending);
      if (!observes || pending.finding === undefined) continue;
      this.collect(this.settings.plugins.settled(pending.finding, verdicts));
      // What observers make of a finding takes its place among those that are settled already.
      const more = this.takeSettled(block, limit);
      if (more.length === 0) continue;
      settled.push(...more);
      settled.sort(inOrder);
    }
    return found;
  }

  private takeSettled(block: Block, limit: number): Pending[] {
    const waiting = this.pending.get(block);
    if (waiting === undefined || waiting.length === 0) return [];
    waiting.sort(inOrder);
    // Text at the limit itself may still become part of a finding; what acts from its own end on is before all of it.
    const count = waiting.findIndex((pending) => !(pending.from < limit || (pending.atEnd && pending.from === limit)));
    return waiting.splice(0, count === -1 ? waiting.length : count);
  }

  private act(block: Block, pending: Pending): EngineRecord["verdicts"] {
    const { finding, cut } = pending;
    if (cut !== undefined) this.cutBlock(block, pending, cut.message);
    if (finding === undefined) return [];
    const choice = this.choice(block.choice);
    const actions = this.settings.plan.actions.of(finding.analyser, finding.rule, finding.tag);
    const { winner, verdicts } = judge(finding, actions, (action: IndexedAction) => {
      const count = (choice.counts.get(action.index) ?? 0) + 1;
      choice.counts.set(action.index, count);
      return count;
    });
    this.records.push({ finding, verdicts });
    if (winner?.action === "block") this.cutBlock(block, pending, winner.message ?? "");
    else if (winner?.replacement !== undefined) block.replace(finding.range, winner.replacement, choice.pseudonyms);
    return verdicts;
  }

  private cutBlock(block: Block, pending: Pending, message: string): void {
    this.cuts.push(block);
    block.cut = { at: pending.from, anchor: pending.atEnd ? pending.from - 1 : pending.from, message };
  }

  /** What the TypeScript policies say of a delta; returns where they hold from. */
  private ask(block: Block, delta: DeltaPart, found: readonly Finding[]): number {
    const verdicts = this.settings.plugins.decide(delta, Object.freeze(found), block);
    const decision = fold(verdicts, block.decided);
    for (const edit of decision.edits) {
      block.replaceBy(edit.start, edit.end, edit.replacement);
    }
    for (const [edits, outcome] of [[decision.edits, "applied"] as const, [decision.late, "too-late"] as const]) {
      for (const { policy, start, end } of edits) {
        const about = found.find(({ range }) => range.start < end && range.end > start);
        const names = about && { analyser: about.analyser, rule: about.rule };
        this.records.push({ verdicts: [{ policy, action: "rewrite", outcome, ...names }] });
      }
    }
    if (decision.block !== undefined) {
      const { from, message, policy, rule } = decision.block;
      this.wait(block, { from, end: from, rank: -1, atEnd: from >= block.total, cut: { message } });
      this.records.push({ verdicts: [{ policy, action: "block", outcome: "applied", rule }] });
    }
    return decision.holdFrom;
  }

  /** After a cut, all other blocks of the choice are decided as at the choice's end. */
  private spreadCut(block: Block): void {
    const choice = this.choice(block.choice);
    if (choice.isCut) return;
    choice.isCut = true;
    block.ended = true;
    block.decided = block.total;
    for (const other of choice.blocks.values()) this.endBlock(other);
  }
}

/** The delta that stands for a block's end, or for findings without new text, for policies. */
function emptyDelta(block: Block): DeltaPart {
  const type = (
    { content: "text-delta", reasoning: "reasoning-delta", refusal: "refusal-delta", "tool-input": "tool-input-delta" } as const
  )[block.channel];
  return Object.freeze({ type, choice: block.choice, block: block.number, delta: "" });
}
