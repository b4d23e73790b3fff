/**
 * `midstream/temporal`: the temporal core for any program on Bun or Deno. Batch and streaming; series are `Float64Array`s that are read where
 * they are.
 */
import type { RuleSet, RuleSource } from "../../../core/native/rules.ts";
import type { Scheduler, SchedulerSettings } from "../../../core/native/scheduler.ts";
import { type LoadOptions, loadLibrary } from "../library.ts";
import { compileRules } from "../rules.ts";
import { Thread } from "../thread.ts";
import { type Comparison, comparison } from "./compare.ts";
import { openScheduler } from "./scheduler.ts";
import { type SeriesAnalysis, seriesAnalysis } from "./series.ts";

export type * from "../../../core/native/rules.ts";
export type * from "../../../core/native/scheduler.ts";
export type * from "./compare.ts";
export type * from "./series.ts";

/** Everything that the temporal core does, for one thread. */
export interface Temporal extends SeriesAnalysis, Comparison {
  /** Temporal logic: rules that share their atoms. @throws MidStreamError CONFIG_RULE_INVALID */
  compileRules(sources: readonly RuleSource[]): RuleSet;
  /** Many deadlines on one timer of the caller. */
  openScheduler(settings: SchedulerSettings): Scheduler;
}

/**
 * Loads the native library for this thread.
 *
 * @throws MidStreamError SETUP_NATIVE_MISSING, SETUP_NATIVE_MISMATCH
 */
export function loadTemporal(options: LoadOptions = {}): Temporal {
  const library = loadLibrary(options);
  const thread = new Thread(library.flat);
  return {
    ...seriesAnalysis(thread),
    ...comparison(thread),
    compileRules: (sources) => compileRules(library, thread, sources),
    openScheduler: (settings) => openScheduler(thread, settings),
  };
}
