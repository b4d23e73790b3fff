/**
 * The native core of core/native/native-core.ts on the library: plans by the typed ABI, sessions and answers by the
 * flat one.
 *
 * Must not know pointers (`platform.*.ts` does) and decides nothing.
 */
import { MidStreamError } from "../../core/errors/midstream-error.ts";
import type {
  NativeCore,
  NativePlan,
  NativePlanSpec,
  NativeSession,
  NativeWire,
  RuleInfo,
  WireSettings,
} from "../../core/native/native-core.ts";
import type { Finding } from "../../core/stream/finding.ts";
import { type Names, typedFinding } from "./findings.ts";
import { Plan, PlanError, type PlanErrorDetail, version } from "./generated/midstream.ts";
import { compileGuard } from "./json-guard.ts";
import type { NativeLibrary } from "./library.ts";
import { compileRules } from "./rules.ts";
import { openSession } from "./session.ts";
import { comparison } from "./temporal/compare.ts";
import { seriesAnalysis } from "./temporal/series.ts";
import { compileDetector } from "./text-detector.ts";
import { Thread } from "./thread.ts";
import { openWire } from "./wire.ts";

/** Makes the core of an opened library, for one thread. */
export function createNativeCore(library: NativeLibrary): NativeCore {
  const thread = new Thread(library.flat);
  const { similarity } = comparison(thread);
  const { classify } = seriesAnalysis(thread);
  return {
    version: version(library.typed),
    abi: library.flat.ms_abi_version(),
    compile: (spec) => compile(library, thread, spec),
    compileDetector: (kind, settings) => compileDetector(thread, kind, settings),
    compileGuard: (settings) => compileGuard(thread, settings),
    compileRules: (sources) => compileRules(library, thread, sources),
    temporal: { similarity: (a, b) => similarity(a, b), classify },
  };
}

function compile(library: NativeLibrary, thread: Thread, spec: NativePlanSpec): NativePlan {
  try {
    return new CompiledPlan(thread, Plan.compile(library.typed, JSON.stringify(spec)));
  } catch (error) {
    throw error instanceof PlanError ? planFailure(error.detail) : error;
  }
}

/** `analyser/pii/all, rule "email", field "pattern": what is wrong and what to do`. */
function planFailure(detail: PlanErrorDetail): MidStreamError {
  if (detail.kind === "full") return new MidStreamError("KERNEL_OVERLOADED", "All native handles are open");
  const { analyser, rule, field, remedy } = detail;
  const place = [analyser, rule && `rule "${rule}"`, field && `field "${field}"`].filter((part) => part !== "").join(", ");
  return new MidStreamError("CONFIG_RULE_INVALID", place === "" ? remedy : `${place}: ${remedy}`, {
    ...(analyser === "" ? {} : { pluginId: analyser }),
    ...(field === "" ? {} : { field }),
  });
}

class CompiledPlan implements NativePlan {
  readonly rules: readonly RuleInfo[];
  readonly memoryBytes: number;
  readonly #thread: Thread;
  readonly #plan: Plan;
  readonly #handle: number;
  readonly #names: Names;

  constructor(thread: Thread, plan: Plan) {
    this.#thread = thread;
    this.#plan = plan;
    this.#handle = plan.handle();
    this.#names = { rules: plan.rules(), actions: plan.actions() };
    this.rules = this.#names.rules;
    this.memoryBytes = plan.memoryBytes();
  }

  openSession(): NativeSession {
    return openSession(this.#thread, this.#handle, this.#names);
  }

  openWire(settings: WireSettings): NativeWire {
    return openWire(this.#thread, this.#handle, this.#names, settings);
  }

  scan(text: string): readonly Finding[] {
    return this.#plan.scan(text).map((found) => typedFinding(found, this.#names));
  }

  [Symbol.dispose](): void {
    this.#plan[Symbol.dispose]();
  }
}
