/** Makes a kernel: generations of the config, sessions, and the door's questions. */
import type { ServerConfig } from "../config/schema.ts";
import { isMidStreamError, MidStreamError } from "../errors/midstream-error.ts";
import type { Answer } from "../pipeline/answer.ts";
import type { Delivery } from "../pipeline/delivery.ts";
import { ReadOrder } from "../pipeline/read-order.ts";
import { asAnswerError, run } from "../pipeline/run.ts";
import { cancellationOf } from "../plugin/cancellation.ts";
import type { ModelInfo } from "../plugin/contract.ts";
import type { ModelRequest } from "../stream/model-request.ts";
import { Deadlines } from "./deadlines.ts";
import { describePipeline } from "./describe.ts";
import { choosePipeline, closeGeneration, type Generation, openGeneration } from "./generation.ts";
import { Guard } from "./guard.ts";
import type { AnswerSettings, Kernel, KernelDescription, KernelSettings } from "./kernel.ts";
import { LiveSession, type SessionEnd, type SessionOwner } from "./session.ts";

/** How exact keep-alives and deadlines are, in milliseconds. */
const tickMs = 100;

/** Makes a kernel that runs nothing yet. */
export const createKernel = (settings: KernelSettings): Kernel => new RunningKernel(settings);

class RunningKernel implements Kernel, SessionOwner {
  private readonly settings: KernelSettings;
  private readonly guard: Guard;
  private readonly now: () => number;
  private readonly deadlines: Deadlines;
  private readonly order: ReadOrder;
  private readonly sessions = new Set<LiveSession>();
  private readonly deliveries = new Set<Delivery>();
  private current: Generation | undefined;
  private state: "new" | "starting" | "running" | "stopping" | "stopped" = "new";
  /** Settles when the start has succeeded or left nothing behind. */
  private starting: Promise<unknown> | undefined;
  private onIdle: (() => void) | undefined;
  private stopped: Promise<void> | undefined;
  /** Disposals of generations that were replaced. */
  private readonly retiring = new Set<Promise<unknown>>();
  /** Reloads come one after the other. */
  private reloading: Promise<void> = Promise.resolve();

  constructor(settings: KernelSettings) {
    this.settings = settings;
    this.now = settings.host.now.bind(settings.host);
    this.deadlines = new Deadlines(settings.host, tickMs);
    this.order = new ReadOrder(settings.host.soon.bind(settings.host));
    this.guard = new Guard(this.now, (failure) => this.reportFailure(failure));
  }

  async start(raw: unknown): Promise<void> {
    if (this.state !== "new") throw new MidStreamError("KERNEL_INTERNAL", `The kernel cannot start: it is ${this.state}`);
    this.state = "starting";
    const started = this.open(raw);
    this.starting = started.catch(() => {});
    await started;
  }

  private async open(raw: unknown): Promise<void> {
    try {
      this.current = await openGeneration(raw, this.settings, undefined);
    } catch (error) {
      if (this.isStarting()) this.state = "new";
      throw error;
    }
    // The stop, which waits for it, disposes what was set up.
    if (!this.isStarting()) throw new MidStreamError("KERNEL_STOPPING", "The kernel was stopped while it started");
    this.state = "running";
  }

  /** A method, since the compiler takes the state for what it was before a wait. */
  private isStarting(): boolean {
    return this.state === "starting";
  }

  reload(raw: unknown): Promise<void> {
    const reloaded = this.reloading.then(() => this.replace(raw));
    // The next reload must not fail because this one did; the caller gets the rejection.
    this.reloading = reloaded.catch(() => {});
    return reloaded;
  }

  private async replace(raw: unknown): Promise<void> {
    const previous = this.current;
    if (this.state !== "running" || previous === undefined) throw new MidStreamError("KERNEL_STOPPING", "The kernel is not running");
    const next = await openGeneration(raw, this.settings, previous);
    this.current = next;
    previous.isRetired = true;
    this.settings.host.log("config-reloaded", { revision: next.revision });
    if (previous.sessions === 0) this.retire(previous);
  }

  private retire(generation: Generation): void {
    const closing = closeGeneration(generation, this.settings).then((failures) => {
      for (const failure of failures) this.settings.host.log("dispose-failed", { error: describeError(failure) });
      this.retiring.delete(closing);
    });
    this.retiring.add(closing);
  }

  stop(): Promise<void> {
    this.stopped ??= this.shutDown();
    return this.stopped;
  }

  private async shutDown(): Promise<void> {
    this.state = "stopping";
    await this.starting;
    const { current } = this;
    if (current === undefined) {
      this.state = "stopped";
      return;
    }
    await this.reloading;
    const last = this.current ?? current;
    await this.drain(last.checked.config.server.drainMs);
    // Upstreams that were only awaited for the sake of their connections.
    for (const delivery of [...this.deliveries]) delivery.letGo();
    this.deadlines.close();
    await Promise.all(this.retiring);
    const failures = await closeGeneration(last, this.settings);
    this.state = "stopped";
    if (failures.length > 0) throw new AggregateError(failures, "Plugins could not be disposed");
  }

  /** Waits for sessions to end, then cuts the rest. */
  private async drain(drainMs: number): Promise<void> {
    if (this.sessions.size > 0 && drainMs > 0) {
      await new Promise<void>((resolve) => {
        const stop = this.settings.host.every(drainMs, () => this.onIdle?.());
        this.onIdle = () => {
          stop();
          resolve();
        };
      });
    }
    this.onIdle = undefined;
    for (const session of [...this.sessions]) session.abort();
  }

  answer(request: ModelRequest, settings: AnswerSettings): Promise<Answer> {
    // Not an async function: the run's own promise is the only one.
    try {
      return this.begin(request, settings);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  private begin(request: ModelRequest, settings: AnswerSettings): Promise<Answer> {
    const generation = this.current;
    if (this.state !== "running" || generation === undefined)
      throw new MidStreamError("KERNEL_STOPPING", "The kernel does not accept requests");
    const plan = choosePipeline(generation.pipelines, request);
    if (plan === undefined) throw new MidStreamError("REQUEST_UNKNOWN_MODEL", "No pipeline matches the request", { field: "model" });
    const { dialect } = settings;
    const { guard, deadlines, deliveries, order } = this;
    const times = generation.checked.config.server;
    const session = new LiveSession(request, {
      id: settings.id,
      plan,
      dialect,
      client: cancellationOf(settings.signal),
      now: this.now,
      guard,
      deadlines,
      timeoutMs: times.requestTimeoutMs,
      owner: this,
      generation,
      door: settings,
    });
    this.sessions.add(session);
    generation.sessions += 1;
    const failed = (cause: unknown) => failedAnswer(cause, session, settings);
    return run(request, { plan, session, dialect, guard, times, deliveries, deadlines, order, failed });
  }

  sessionClosed(session: LiveSession, generation: Generation): void {
    this.sessions.delete(session);
    generation.sessions -= 1;
    if (generation.isRetired && generation.sessions === 0) this.retire(generation);
    if (this.sessions.size === 0) this.onIdle?.();
  }

  async models(signal: AbortSignal): Promise<readonly ModelInfo[]> {
    const providers = new Map((this.current?.pipelines ?? []).flatMap((plan) => plan.providers.map((provider) => [provider.id, provider])));
    const lists = await Promise.all(
      [...providers.values()].map(async ({ id, instance }) => {
        try {
          return await this.guard.callAsync(id, () => instance.models({ signal }));
        } catch (error) {
          if (signal.aborted) throw error;
          this.settings.host.log("models-failed", { plugin: id, error: describeError(error) });
          return [];
        }
      }),
    );
    return [...new Map(lists.flat().map((model) => [model.id, model])).values()];
  }

  ready(): boolean {
    return this.state === "running";
  }

  exposition(): string {
    const sinks = new Map((this.current?.pipelines ?? []).flatMap((plan) => plan.sinks.map((sink) => [sink.id, sink.instance])));
    let text = "";
    for (const [id, sink] of sinks) {
      try {
        text += this.guard.call(id, () => sink.exposition?.() ?? "");
      } catch {
        // Counted and reported by the guard; the other sinks' text is still worth having.
      }
    }
    return text;
  }

  describe(): KernelDescription {
    const generation = this.current;
    if (generation === undefined) throw new MidStreamError("KERNEL_INTERNAL", "The kernel has not been started");
    const server: ServerConfig = generation.checked.config.server;
    const pipelines = generation.pipelines.map((plan) => describePipeline(plan, generation.instances, this.guard));
    return { server, revision: generation.revision, pipelines, sessions: this.sessions.size };
  }

  /** Failures go to the operator's log and to every sink of the running config. */
  private reportFailure(failure: { readonly plugin: string; readonly code: string; readonly session?: string }): void {
    this.settings.host.log("plugin-failure", { ...failure });
    const sinks = new Map((this.current?.pipelines ?? []).flatMap((plan) => plan.sinks.map((sink) => [sink.id, sink.instance])));
    for (const [id, sink] of sinks) {
      // A sink that fails must not hear of it through the same call.
      if (id === failure.plugin) continue;
      try {
        sink.write({ type: "plugin-failure", ...failure });
      } catch (error) {
        this.settings.host.log("plugin-failure", { plugin: id, code: "PLUGIN_FAILED", error: describeError(error) });
      }
    }
  }
}

const describeError = (error: unknown): string =>
  isMidStreamError(error) ? `${error.code}: ${error.message}` : error instanceof Error ? error.name : typeof error;

/** Closes the session of a request that got no answer. */
function failedAnswer(cause: unknown, session: LiveSession, settings: AnswerSettings): unknown {
  const error = asAnswerError(cause, session);
  session.close(endOf(error, session, settings));
  session.abort();
  return error;
}

function endOf(error: unknown, session: LiveSession, settings: AnswerSettings): SessionEnd {
  if (!isMidStreamError(error) || (session.isAborted && !session.isTimedOut)) return { outcome: "cancelled", status: 0 };
  const status = settings.statusOf?.(error) ?? error.upstreamStatus ?? 0;
  return { outcome: error.source === "client" ? "rejected" : "failed", status, error };
}
