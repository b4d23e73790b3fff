/** Runs an analyser and a policy in the kernel's own pipeline, with one block of text. */

import { parseStrict } from "../../core/config/issues.ts";
import { configError } from "../../core/config/problem.ts";
import { pipelineSchema } from "../../core/config/schema.ts";
import { MidStreamError } from "../../core/errors/midstream-error.ts";
import { Guard } from "../../core/kernel/guard.ts";
import type { NativeCore } from "../../core/native/native-core.ts";
import type { EngineRecord } from "../../core/pipeline/engine.ts";
import { PartsEngine } from "../../core/pipeline/parts-engine.ts";
import { type Member, type PipelinePlan, planPipeline } from "../../core/pipeline/plan.ts";
import type { Channel } from "../../core/stream/part.ts";
import { escapeLine, lineDecoder, lineEncoder } from "../../core/testing/lines-dialect.ts";
import { testSession } from "../../core/testing/session.ts";

/** Stands in where the suite was given no native core: analysers without a plan need none. */
const noNative: NativeCore = {
  version: "none",
  abi: 0,
  compileDetector: missing,
  compileGuard: missing,
  compileRules: missing,
  temporal: { similarity: missing, classify: missing },
  compile: () => ({
    rules: [],
    memoryBytes: 0,
    openSession: missing,
    openWire: missing,
    scan: missing,
    [Symbol.dispose]() {},
  }),
};

function missing(): never {
  throw new MidStreamError("SETUP_NATIVE_MISSING", "Give the suite a native core: this plugin has a plan");
}

/** Plans a pipeline of these members. @throws MidStreamError CONFIG_INVALID */
export function planOf(members: {
  readonly analysers?: readonly Member<"analyser">[];
  readonly policies?: readonly Member<"policy">[];
  readonly native?: NativeCore | undefined;
}): PipelinePlan {
  const { value } = parseStrict(pipelineSchema, { providers: ["provider/conformance/x"] });
  const config = { ...(value as NonNullable<typeof value>), sinks: [] };
  const { analysers = [], policies = [], native = noNative } = members;
  const { plan, problems } = planPipeline("conformance", config, { members: { providers: [], analysers, policies, sinks: [] }, native });
  if (plan === undefined) throw configError(problems);
  return plan;
}

/** What became of one text. */
export interface Outcome {
  /** The text that left, without the policy's own message. */
  readonly text: string;
  readonly records: readonly EngineRecord[];
  /** `plugin: code` of every contained failure. */
  readonly failures: readonly string[];
  readonly maxHeldBytes: number;
  /** Message of a block; undefined where there was none. */
  readonly blocked: string | undefined;
}

const marks: Readonly<Record<Exclude<Channel, "refusal">, string>> = { content: "t0", reasoning: "r0", "tool-input": "k0" };

/** Sends the pieces of one block through a pipeline. */
export function runText(plan: PipelinePlan, pieces: readonly string[], channel: Exclude<Channel, "refusal"> = "content"): Outcome {
  const session = testSession({ id: "conformance", pipeline: plan.name });
  const failures: string[] = [];
  const guard = new Guard(
    () => 0,
    ({ plugin, code }) => failures.push(`${plugin}: ${code}`),
  );
  const engine = new PartsEngine({
    plan,
    session,
    guard,
    provider: "provider/conformance/x",
    decoder: lineDecoder("stream"),
    encoder: lineEncoder("stream"),
    mode: "stream",
    stripUsage: false,
    choiceCount: 1,
    annotate: false,
  });
  const encoder = new TextEncoder();
  const decoder = new TextDecoder();
  let out = "";
  let maxHeldBytes = 0;
  const feed = (line: string) => {
    out += decoder.decode(engine.feed(encoder.encode(`${line}\n`)));
    maxHeldBytes = Math.max(maxHeldBytes, engine.state.heldBytes);
  };
  for (const piece of pieces) feed(`${marks[channel]} ${escapeLine(piece)}`);
  feed("e0");
  feed(".");
  const records = engine.takeRecords();
  engine[Symbol.dispose]();
  const lines = out.split("\n");
  const texts = lines.filter((line) => line.startsWith(marks[channel])).map((line) => line.slice(3));
  const text = texts.map((line) => line.replace(/\\([n\\])/g, (_, letter) => (letter === "n" ? "\n" : "\\"))).join("");
  return { text, records, failures, maxHeldBytes, blocked: lines.find((line) => line.startsWith("b0"))?.slice(3) };
}

/** Findings of an outcome in the order of their ranges, short. */
export const findingsOf = (outcome: Outcome): string[] =>
  outcome.records
    .flatMap(({ finding }) => (finding === undefined ? [] : [finding]))
    .sort((a, b) => a.range.start - b.range.start || a.range.end - b.range.end || (a.rule < b.rule ? -1 : 1))
    .map(({ rule, range, score }) => `${rule} ${range.start}-${range.end} ${score.toFixed(3)}`);
