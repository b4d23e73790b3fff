/**
 * What analysers see in a request, and what the policies' plans make of it, before it goes upstream.
 *
 * Must not know dialects.
 */
import { MidStreamError } from "../errors/midstream-error.ts";
import type { Analyser, RequestFinding, Session } from "../plugin/contract.ts";
import type { Finding } from "../stream/finding.ts";
import type { IndexedAction } from "./actions.ts";
import { judge } from "./decide.ts";
import type { EngineRecord } from "./engine.ts";
import type { Member, PipelinePlan } from "./plan.ts";

/** What one request's analysis needs. */
export interface RequestAnalysisSettings {
  readonly plan: PipelinePlan;
  readonly session: Session;
  /** Calls an analyser under the guard; rejects when the client leaves. */
  readonly call: <T>(plugin: string, work: () => T | Promise<T>) => Promise<T>;
  readonly record: (records: readonly EngineRecord[]) => void;
}

/** @throws MidStreamError REQUEST_BLOCKED where a policy refuses the request, and what an analyser throws that must not fail */
export async function analyseRequest({ plan, session, call, record }: RequestAnalysisSettings): Promise<void> {
  const counts = new Map<number, number>();
  const count = (action: IndexedAction) => {
    const counted = (counts.get(action.index) ?? 0) + 1;
    counts.set(action.index, counted);
    return counted;
  };
  for (const { member, look } of lookers(plan)) {
    const records = (await found(member, () => call(member.id, () => look(session)))).map((seen) => {
      const finding = asFinding(member.id, seen);
      return { finding, ...judge(finding, plan.actions.of(finding.analyser, finding.rule, finding.tag), count) };
    });
    record(records.map(({ finding, verdicts }) => ({ finding, verdicts })));
    const winner = records.map((each) => each.winner).find((action) => action?.action === "block");
    if (winner === undefined) continue;
    throw new MidStreamError("REQUEST_BLOCKED", `${winner.policy} blocked the request: ${winner.rule}`, {
      ...(winner.message !== undefined && winner.message !== "" && { publicMessage: winner.message }),
    });
  }
}

function lookers(plan: PipelinePlan) {
  return plan.analysers.flatMap((member) => {
    const look: Analyser["request"] = member.instance.request?.bind(member.instance);
    return look === undefined ? [] : [{ member, look }];
  });
}

/** A failed analyser sees nothing, or fails the request, as configured. */
async function found(member: Member<"analyser">, look: () => Promise<readonly RequestFinding[]>): Promise<readonly RequestFinding[]> {
  try {
    return await look();
  } catch (error) {
    if (member.onFailure === "closed" || (error instanceof DOMException && error.name === "AbortError")) throw error;
    return [];
  }
}

function asFinding(analyser: string, { rule, tag, score, data, message, range }: RequestFinding): Finding {
  const place = { channel: "request", choice: 0, block: message, range, from: range.end } as const;
  return { analyser, rule, tag, score, ...place, ...(data !== undefined && { data }) };
}
