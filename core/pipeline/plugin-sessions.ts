/**
 * TypeScript analysers and policies of one session: what reaches them, what they may do, what happens when they fail.
 *
 * Knows blocks. Must not know frames or bytes.
 */
import type { ErrorCode } from "../errors/codes.ts";
import { MidStreamError } from "../errors/midstream-error.ts";
import type { Guard } from "../kernel/guard.ts";
import type { AnalyserFinding, AnalyserSession, PolicySession, Role, Session, SettledVerdict } from "../plugin/contract.ts";
import type { Finding } from "../stream/finding.ts";
import type { DeltaPart, Part } from "../stream/part.ts";
import type { Block } from "./block.ts";
import type { PolicyVerdict } from "./decide.ts";
import type { Member, PipelinePlan } from "./plan.ts";
import { verdictProblem } from "./verdict-check.ts";

interface Running<R extends Role, S> {
  readonly member: Member<R>;
  readonly session: S;
  readonly reads: ReadonlySet<string>;
  /** Failed, and the config says to go on without it. */
  off: boolean;
}

/** A part as plugins see it: without its frame, whose bytes nobody could protect, and frozen. */
export function forPlugins<P extends Part>(part: P): P {
  if ("delta" in part && !("logprobs" in part)) {
    // Nearly all parts: without a copy of whatever properties there are.
    const { type, choice, block, delta } = part;
    return Object.freeze({ type, choice, block, delta }) as unknown as P;
  }
  const { frame: _, ...rest } = part;
  if ("logprobs" in rest && rest.logprobs !== undefined) Object.freeze(rest.logprobs);
  // The frame is optional in every part, so the rest is one.
  return Object.freeze(rest) as unknown as P;
}

/** The plugins of one session. */
export class PluginSessions {
  private readonly analysers: Running<"analyser", AnalyserSession>[] = [];
  private readonly policies: Running<"policy", PolicySession>[] = [];
  private readonly guard: Guard;
  private readonly session: Session;
  /** Whether the end of a block may have to wait. */
  readonly delaysEnds: boolean;
  /** Places in the pipeline's list. */
  private readonly places: ReadonlyMap<string, number>;

  /** @throws MidStreamError where a plugin that must not fail does */
  constructor(plan: PipelinePlan, session: Session, guard: Guard) {
    this.guard = guard;
    this.session = session;
    this.places = new Map(plan.analysers.map(({ id }, place) => [id, place]));
    try {
      for (const member of plan.analysers) this.begin(this.analysers, member, member.instance.begin?.bind(member.instance));
      for (const member of plan.policies) this.begin(this.policies, member, member.instance.begin?.bind(member.instance));
    } catch (error) {
      this.dispose();
      throw error;
    }
    this.delaysEnds = [...this.analysers, ...this.policies].some(({ session }) => session.mayEnd !== undefined);
  }

  /** Whether any analyser wants to see this type of part. */
  wants(type: Part["type"]): boolean {
    return this.analysers.some((running) => !running.off && running.reads.has(type));
  }

  get decides(): boolean {
    return this.policies.some((running) => !running.off);
  }

  /** Shows a part (of `forPlugins`) to the analysers that declared its type. */
  push(part: Part): Finding[] {
    const found: Finding[] = [];
    for (const running of this.analysers) {
      if (running.off || !running.reads.has(part.type)) continue;
      this.contained(running, () => {
        for (const finding of this.call(running.member.id, () => running.session.push(part))) {
          found.push(this.completed(running.member.id, finding));
        }
      });
    }
    return found;
  }

  /** The last choice has ended. */
  end(): Finding[] {
    return this.gather((session) => session.end?.());
  }

  /** Whether any analyser wants to know of settled findings. */
  get observes(): boolean {
    return this.analysers.some((running) => !running.off && running.session.settled !== undefined);
  }

  /** Whether anybody's mind may change without a part: because time passes, or because it waits for something else. */
  get ticks(): boolean {
    const waits = ({ off, session }: Running<Role, AnalyserSession | PolicySession>) =>
      !off && (session.holdFrom !== undefined || session.mayEnd !== undefined || ("tick" in session && session.tick !== undefined));
    return this.analysers.some(waits) || this.policies.some(waits);
  }

  /** Whether a complete block may end. All are asked, so that none begins to wait only when another has ended. */
  mayEnd(block: Block): boolean {
    let may = true;
    for (const running of [...this.analysers, ...this.policies]) {
      if (running.off || running.session.mayEnd === undefined) continue;
      const { member, session } = running;
      this.contained(running, () => {
        may = this.call(member.id, () => session.mayEnd?.(block.choice, block.number) !== false) && may;
      });
    }
    return may;
  }

  /** Shows a settled finding to the analysers behind the one that reported it: in one direction, so that it ends. */
  settled(finding: Finding, verdicts: readonly SettledVerdict[]): Finding[] {
    const reporter = this.places.get(finding.analyser) ?? -1;
    return this.gather((session, place) => (place > reporter ? session.settled?.(finding, verdicts) : undefined));
  }

  tick(nowMs: number): Finding[] {
    return this.gather((session) => session.tick?.(nowMs));
  }

  /** Asks all analysers that still work, in order. */
  private gather(ask: (session: AnalyserSession, place: number) => readonly AnalyserFinding[] | undefined): Finding[] {
    const found: Finding[] = [];
    for (const running of this.analysers) {
      if (running.off) continue;
      const { id } = running.member;
      this.contained(running, () => {
        for (const finding of this.call(id, () => ask(running.session, this.places.get(id) ?? 0) ?? [])) {
          found.push(this.completed(id, finding));
        }
      });
    }
    return found;
  }

  /** First byte of the block that an analyser still needs. */
  heldFrom(block: Block): number {
    return this.firstHeld(this.analysers, block);
  }

  /** First byte of the block that a policy does not let go yet. */
  pacedFrom(block: Block): number {
    return this.firstHeld(this.policies, block);
  }

  private firstHeld(list: readonly Running<Role, AnalyserSession | PolicySession>[], block: Block): number {
    let from = block.total;
    for (const running of list) {
      if (running.off || running.session.holdFrom === undefined) continue;
      const { member, session } = running;
      this.contained(running, () => {
        const held = this.call(member.id, () => session.holdFrom?.(block.choice, block.number));
        if (held === undefined) return;
        if (block.total - held > member.capabilities.holdBytes) {
          throw this.breach("PLUGIN_OVERHELD", member, `held ${block.total - held} bytes, declared ${member.capabilities.holdBytes}`);
        }
        from = Math.min(from, held);
      });
    }
    return from;
  }

  /** What the policies say of a delta. */
  decide(part: DeltaPart, found: readonly Finding[], block: Block): PolicyVerdict[] {
    const verdicts: PolicyVerdict[] = [];
    const held = Object.freeze({ heldFrom: block.decided, text: block.text(block.decided, block.total), last: block.ended });
    for (const running of this.policies) {
      if (running.off) continue;
      const { member, session } = running;
      this.contained(running, () => {
        const verdict = this.call(member.id, () => session.decide(part, found, held));
        const wrong = verdictProblem(verdict, block.total);
        if (wrong !== undefined) throw this.breach("PLUGIN_FAILED", member, wrong);
        if (verdict.action === "correct" || verdict.action === "adjust" || verdict.action === "switch") {
          throw this.breach("PLUGIN_UNDECLARED", member, `answered "${verdict.action}", which this version cannot do`);
        }
        if (verdict.action === "hold" && block.total - Math.max(verdict.from, block.decided) > member.capabilities.holdBytes) {
          throw this.breach(
            "PLUGIN_OVERHELD",
            member,
            `wants to hold more than the ${member.capabilities.holdBytes} bytes that it declared`,
          );
        }
        verdicts.push({ policy: member.id, verdict });
      });
    }
    return verdicts;
  }

  dispose(): void {
    for (const { member, session } of [...this.policies, ...this.analysers].reverse()) {
      try {
        this.call(member.id, () => session[Symbol.dispose]?.());
      } catch {
        // Counted and reported by the guard; the answer is over, so there is nothing to close.
      }
    }
  }

  private begin<R extends "analyser" | "policy", S>(
    list: Running<R, S>[],
    member: Member<R>,
    begin: ((session: Session) => S) | undefined,
  ): void {
    if (begin === undefined) return;
    try {
      const session = this.call(member.id, () => begin(this.session));
      list.push({ member, session, reads: new Set(member.capabilities.reads), off: false });
    } catch (error) {
      if (member.onFailure === "closed") throw error;
    }
  }

  private call<T>(plugin: string, run: () => T): T {
    return this.guard.call(plugin, run, this.session.id);
  }

  private breach(code: ErrorCode, member: Member<Role>, what: string): MidStreamError {
    return this.guard.breach(member.id, code, `${member.id} ${what}`, this.session.id);
  }

  /** A failed plugin is left out from here on, or ends the answer, as configured. */
  private contained(running: { readonly member: Member<Role>; off: boolean }, run: () => void): void {
    try {
      run();
    } catch (error) {
      if (running.member.onFailure === "closed") throw error;
      running.off = true;
    }
  }

  private completed(analyser: string, finding: AnalyserFinding): Finding {
    const { start, end } = finding.range;
    if (!(Number.isInteger(start) && Number.isInteger(end) && start >= 0 && end >= start)) {
      throw this.guard.breach(analyser, "PLUGIN_FAILED", `${analyser} reported a range that is none`, this.session.id);
    }
    return { ...finding, analyser, from: finding.from ?? -1 };
  }
}

/** An error that any failure of the engine becomes. */
export const asMidStreamError = (error: unknown): MidStreamError =>
  error instanceof MidStreamError ? error : new MidStreamError("KERNEL_INTERNAL", "The parts path failed", { cause: error });
