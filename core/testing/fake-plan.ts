/** Pipelines for tests, from plain analysers and policies. */

import { parseStrict } from "../config/issues.ts";
import { formatProblem } from "../config/problem.ts";
import { pipelineSchema } from "../config/schema.ts";
import { Guard } from "../kernel/guard.ts";
import { PartsEngine } from "../pipeline/parts-engine.ts";
import { type Member, type PipelinePlan, planPipeline } from "../pipeline/plan.ts";
import type { Analyser, Capabilities, Policy, PolicyPlan, Role, Roles, Session } from "../plugin/contract.ts";
import { fakeNative } from "./fake-native.ts";
import { lineDecoder, lineEncoder } from "./lines-dialect.ts";
import { testSession } from "./session.ts";

/** Capabilities of a plugin that reads everything and may hold a little. */
export const anyCapabilities: Capabilities = {
  reads: ["text-delta", "reasoning-delta", "tool-input-delta", "text-end"],
  holdBytes: 16,
  streams: true,
  cost: "light",
  onFailure: "closed",
};

/** What a test's pipeline is made of: id -> instance. */
export interface FakeMembers {
  readonly analysers?: Readonly<Record<string, Analyser>>;
  readonly policies?: Readonly<Record<string, Policy>>;
  readonly onFailure?: "open" | "closed";
  readonly capabilities?: Partial<Capabilities>;
  readonly config?: Readonly<Record<string, unknown>>;
}

const list = <R extends Role>(instances: Readonly<Record<string, Roles[R]>>, settings: FakeMembers): Member<R>[] =>
  Object.entries(instances).map(([id, instance]) => ({
    id,
    instance,
    capabilities: { ...anyCapabilities, ...settings.capabilities },
    onFailure: settings.onFailure ?? "closed",
  }));

/** Plans a pipeline; problems are thrown as one text. */
export function fakePlan(members: FakeMembers): PipelinePlan {
  const { value } = parseStrict(pipelineSchema, { providers: ["provider/p/p"], ...members.config });
  if (value === undefined) throw new TypeError("bad test config");
  const { plan, problems } = planPipeline(
    "default",
    { ...value, sinks: [] },
    {
      members: {
        providers: [],
        analysers: list<"analyser">(members.analysers ?? {}, members),
        policies: list<"policy">(members.policies ?? {}, members),
        sinks: [],
      },
      native: fakeNative(),
    },
  );
  if (plan === undefined) throw new TypeError(problems.map(formatProblem).join("\n"));
  return plan;
}

/** An analyser that finds words natively: tag -> words. */
export const wordAnalyser = (words: Readonly<Record<string, readonly string[]>>): Analyser => ({
  plan: { literals: Object.entries(words).map(([tag, list]) => ({ id: tag.toLowerCase(), tag, words: list })) },
});

/** A policy by plan. */
export const planPolicy = (rules: PolicyPlan["rules"], monitor: "enforce" | "monitor" = "enforce"): Policy => ({
  plan: { rules, monitor: monitor === "monitor" },
});

/** Replaces by `[TAG]`. */
export const redact = (...match: string[]): PolicyPlan["rules"][number] => ({
  match: match.length === 0 ? ["*"] : match,
  action: "rewrite",
  replacement: (tag) => ({ kind: "tag", text: `[${tag}]` }),
});

/** Ends the choice. */
export const block = (match: string, message = "stopped"): PolicyPlan["rules"][number] => ({ match: [match], action: "block", message });

/** Settings of one run. */
export interface FakeRun {
  readonly mode?: "stream" | "unary";
  readonly choiceCount?: number;
  readonly stripUsage?: boolean;
  readonly annotate?: boolean;
  /** Bytes of a chunk; default: everything at once. */
  readonly chunk?: number;
  readonly end?: "eof" | "failed" | "timed-out";
  readonly session?: Partial<Session>;
  /** Bytes of input after which a second passes. */
  readonly tickAt?: number;
}

/** Sends lines through a parts engine; returns what left, one string a line. */
export function runParts(plan: PipelinePlan, lines: readonly string[], run: FakeRun = {}) {
  const session = testSession(run.session);
  const failures: { plugin: string; code: string }[] = [];
  const mode = run.mode ?? "stream";
  const engine = new PartsEngine({
    plan,
    session,
    guard: new Guard(
      () => 0,
      (failure) => failures.push(failure),
    ),
    provider: "provider/p/p",
    decoder: lineDecoder(mode),
    encoder: lineEncoder(mode),
    mode,
    stripUsage: run.stripUsage ?? false,
    choiceCount: run.choiceCount ?? 1,
    annotate: run.annotate ?? false,
  });
  const input = new TextEncoder().encode(lines.map((line) => `${line}\n`).join(""));
  const decoder = new TextDecoder();
  const writes: string[] = [];
  const keep = (bytes: Uint8Array) => {
    if (bytes.byteLength > 0) writes.push(decoder.decode(bytes, { stream: true }));
  };
  const step = run.chunk ?? input.length;
  let maxHeldBytes = 0;
  for (let at = 0; at < input.length; at += step) {
    if (at === run.tickAt) keep(engine.tick(1000));
    keep(engine.feed(input.subarray(at, at + step)));
    maxHeldBytes = Math.max(maxHeldBytes, engine.state.heldBytes);
  }
  if (!engine.state.done) keep(engine.end(run.end ?? "eof"));
  const records = engine.takeRecords();
  engine[Symbol.dispose]();
  return {
    out: writes.join("").split("\n").slice(0, -1),
    writes,
    records,
    failures,
    maxHeldBytes,
    state: engine.state,
    failure: engine.failure,
  };
}
