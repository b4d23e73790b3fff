/** The one way into a plugin: every call is caught, timed, counted and tagged with the plugin's id. */
import type { ErrorCode } from "../errors/codes.ts";
import { isMidStreamError, MidStreamError } from "../errors/midstream-error.ts";
import type { Roles, SinkEvent } from "../plugin/contract.ts";

/** What is known of one instance's calls. */
export interface CallStats {
  calls: number;
  failures: number;
  /** Milliseconds, all calls. */
  totalMs: number;
  /** Milliseconds, the longest. */
  maxMs: number;
}

/** A call that failed. */
export interface PluginFailure {
  readonly plugin: string;
  readonly code: ErrorCode;
  readonly session?: string;
}

/** Aborts and time-outs are the web's own: no fault of the plugin where its signal was aborted, which the caller knows. */
export const isAbort = (error: unknown): boolean =>
  error instanceof Error && (error.name === "AbortError" || error.name === "TimeoutError");

/** Calls plugins. */
export class Guard {
  private readonly stats = new Map<string, CallStats>();
  readonly now: () => number;
  private readonly report: (failure: PluginFailure) => void;

  constructor(now: () => number, report: (failure: PluginFailure) => void) {
    this.now = now;
    this.report = report;
  }

  /** Calls since the start; undefined where there were none. */
  statsOf(plugin: string): Readonly<CallStats> | undefined {
    return this.stats.get(plugin);
  }

  /** A synchronous call. It cannot be timed out: long work belongs to the native core. @throws MidStreamError tagged with the plugin */
  call<T>(plugin: string, run: () => T, session?: string): T {
    const started = this.now();
    try {
      return run();
    } catch (error) {
      throw this.failed(plugin, error, session);
    } finally {
      this.count(plugin, started);
    }
  }

  /** Tells a sink. Its failure is counted and reported and goes no further: a sink never slows or ends a stream. */
  tell({ id, instance }: { readonly id: string; readonly instance: Roles["sink"] }, event: SinkEvent, session: string): void {
    const started = this.now();
    try {
      instance.write(event);
    } catch (error) {
      this.failed(id, error, session);
    }
    this.count(id, started);
  }

  /** An asynchronous call. @throws MidStreamError tagged with the plugin */
  async callAsync<T>(plugin: string, run: () => T | Promise<T>, session?: string): Promise<T> {
    const started = this.now();
    try {
      return await run();
    } catch (error) {
      throw this.failed(plugin, error, session);
    } finally {
      this.count(plugin, started);
    }
  }

  /** Counts a breach of what the plugin declared. */
  breach(plugin: string, code: ErrorCode, message: string, session?: string): MidStreamError {
    return this.failed(plugin, new MidStreamError(code, message, { pluginId: plugin }), session) as MidStreamError;
  }

  /** What a failed call throws: tagged, counted and reported. For callers that await by themselves. */
  failed(plugin: string, error: unknown, session: string | undefined): unknown {
    // A provider's own verdict on its upstream is no failure of the plugin.
    if (isMidStreamError(error) && (error.source === "provider" || error.source === "client")) return error;
    const tagged = isMidStreamError(error)
      ? error
      : new MidStreamError("PLUGIN_FAILED", `${plugin} threw ${error instanceof Error ? error.name : typeof error}`, {
          pluginId: plugin,
          cause: error,
        });
    this.of(plugin).failures += 1;
    this.report({ plugin, code: tagged.code, ...(session !== undefined && { session }) });
    return tagged;
  }

  /** Counts a call that has ended. */
  count(plugin: string, started: number): void {
    const stats = this.of(plugin);
    const ms = this.now() - started;
    stats.calls += 1;
    stats.totalMs += ms;
    if (ms > stats.maxMs) stats.maxMs = ms;
  }

  private of(plugin: string): CallStats {
    const known = this.stats.get(plugin);
    if (known !== undefined) return known;
    const stats = { calls: 0, failures: 0, totalMs: 0, maxMs: 0 };
    this.stats.set(plugin, stats);
    return stats;
  }
}
