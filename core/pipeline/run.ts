/**
 * The one loop of a request: request policies, then the provider chain, then the wire or the parts.
 *
 * Must not know vendors or what a status means to a client.
 */
import type { ErrorCode } from "../errors/codes.ts";
import { isMidStreamError, MidStreamError } from "../errors/midstream-error.ts";
import type { Deadlines } from "../kernel/deadlines.ts";
import { type Guard, isAbort } from "../kernel/guard.ts";
import type { LiveSession } from "../kernel/session.ts";
import type { CancelListener } from "../plugin/cancellation.ts";
import type { UpstreamResponse } from "../plugin/contract.ts";
import type { ModelRequest } from "../stream/model-request.ts";
import type { Answer } from "./answer.ts";
import { Delivery, type DeliverySettings } from "./delivery.ts";
import type { Dialect, Encoder } from "./dialect.ts";
import type { Engine } from "./engine.ts";
import { PartsEngine } from "./parts-engine.ts";
import type { Member, PipelinePlan } from "./plan.ts";
import { readBody } from "./read-body.ts";
import type { ReadOrder } from "./read-order.ts";
import { analyseRequest } from "./request-analysis.ts";
import { errorObject } from "./upstream-error.ts";

/** What a run needs. */
export interface RunSettings {
  readonly plan: PipelinePlan;
  readonly session: LiveSession;
  readonly dialect: Dialect;
  readonly guard: Guard;
  readonly times: DeliverySettings["times"];
  /** Deliveries of which something is left. */
  readonly deliveries: Set<Delivery>;
  readonly deadlines: Deadlines;
  readonly order: ReadOrder;
  /** Closes the session of a request that failed; gives the error for the door. */
  failed(cause: unknown): unknown;
}

/** Request header by which a client asks for the side band. */
export const annotateHeader = "x-midstream-annotate";

/** Runs one request up to the head of its answer. The session is closed by the answer, or by `failed` when this throws. */
export async function run(request: ModelRequest, settings: RunSettings): Promise<Answer> {
  const { plan, session } = settings;
  const { providers } = plan;
  let failure: unknown;
  try {
    if (plan.looksAtRequests) await lookAtRequest(settings);
    const decided = plan.asksPolicies ? await applyRequestPolicies(request, settings) : request;
    if (decided !== request) session.asks(decided);
    for (let index = 0; index < providers.length; index += 1) {
      const provider = providers[index] as Member<"provider">;
      try {
        const attempt = attemptOf(decided, provider, settings);
        const response = await openUpstream(attempt, settings);
        if (session.isAborted) response.cancel();
        leaveIfAborted(session);
        if (response.status < 200 || response.status > 299) throw await statusError(provider.id, response, plan);
        const delivery = deliver(response, attempt, settings);
        // Often known by now: a short answer comes in the read that had its head.
        const reason = delivery.isOpen ? delivery.openFailure : await delivery.opened();
        leaveIfAborted(session);
        if (reason === undefined) {
          if (attempt.isWire) session.forgetBody();
          return delivery;
        }
        // The upstream's own words are better than ours, and a stream that failed before its text can be shown as it came.
        const isLast = index === providers.length - 1 || session.isTimedOut || !mayRetry(reason);
        if (isLast && delivery.isPresentable) return delivery;
        delivery.discard();
        throw reason;
      } catch (error) {
        failure = error;
        if (session.isAborted || session.isTimedOut || !mayRetry(error)) break;
        if (index < providers.length - 1) session.passesOver(provider.id, error);
      }
    }
    leaveIfAborted(session);
    throw failure;
  } catch (cause) {
    throw settings.failed(cause);
  }
}

/** Another provider may do better: the failure passes, or is about the model's name, which is this provider's own. */
function mayRetry(error: unknown): error is MidStreamError {
  if (!isMidStreamError(error)) return false;
  return error.retryable || error.upstreamStatus === 404 || error.code === "REQUEST_UNKNOWN_MODEL";
}

function leaveIfAborted(session: LiveSession): void {
  if (!session.isAborted) return;
  if (!session.isTimedOut) throw new DOMException("The client left", "AbortError");
  const where = session.provider === "" ? "A request policy" : session.provider;
  throw new MidStreamError("PROVIDER_TIMEOUT", `${where}: the request took longer than requestTimeoutMs`);
}

const ignore = (): void => {};

/**
 * A call into a plugin that settles as the plugin's promise does, or as soon as the session is over: a plugin that ignores the signal must
 * not keep a client waiting. Timed, counted and tagged as `Guard.callAsync` does, in one object: every request makes one at least.
 */
class PluginCall<T> implements CancelListener {
  readonly settled: Promise<T>;
  private readonly plugin: string;
  private readonly settings: RunSettings;
  private readonly late: (value: T) => void;
  private readonly abortCode: ErrorCode | undefined;
  private readonly started: number;
  private resolve: (value: T) => void = ignore;
  private reject: (reason: unknown) => void = ignore;
  private isOver = false;

  /** `abortCode`: what an abort or a time-out of the plugin's own is, in the place of its failure. */
  constructor(plugin: string, settings: RunSettings, late: (value: T) => void = ignore, abortCode?: ErrorCode) {
    this.plugin = plugin;
    this.settings = settings;
    this.late = late;
    this.abortCode = abortCode;
    this.started = settings.guard.now();
    this.settled = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
  }

  awaits(work: T | Promise<T>): void {
    const { cancellation } = this.settings.session;
    if (cancellation.aborted) this.cancelled(cancellation.reason);
    else cancellation.add(this);
    Promise.resolve(work).then(
      (value) => this.done(value),
      (error) => this.failed(error),
    );
  }

  /** The plugin's own outcome is still to come, and nobody waits for it any more. */
  cancelled(reason: unknown): void {
    this.over();
    this.reject(reason);
  }

  private done(value: T): void {
    if (this.isOver) this.late(value);
    else {
      this.over();
      this.resolve(value);
    }
  }

  failed(error: unknown): void {
    if (this.isOver) return;
    this.over();
    const { guard, session } = this.settings;
    if (!isAbort(error)) this.reject(guard.failed(this.plugin, error, session.id));
    else if (session.isAborted) this.reject(error);
    else this.reject(guard.failed(this.plugin, this.ownAbort(error), session.id));
  }

  /** The client is there, and waits. */
  private ownAbort(error: unknown): unknown {
    if (this.abortCode === undefined) return error;
    const { name } = error as Error;
    return new MidStreamError(this.abortCode, `${this.plugin} gave up on its upstream (${name})`, { pluginId: this.plugin, cause: error });
  }

  private over(): void {
    this.isOver = true;
    this.settings.session.cancellation.delete(this);
    this.settings.guard.count(this.plugin, this.started);
  }
}

function callPlugin<T>(plugin: string, work: () => T | Promise<T>, settings: RunSettings): Promise<T> {
  const call = new PluginCall<T>(plugin, settings);
  try {
    call.awaits(work());
  } catch (error) {
    call.failed(error);
  }
  return call.settled;
}

async function lookAtRequest(settings: RunSettings): Promise<void> {
  const { plan, session } = settings;
  try {
    await analyseRequest({
      plan,
      session,
      call: (plugin, work) => callPlugin(plugin, work, settings),
      record: (records) => session.record(records),
    });
  } catch (error) {
    leaveIfAborted(session);
    throw error;
  }
}

async function applyRequestPolicies(request: ModelRequest, settings: RunSettings): Promise<ModelRequest> {
  const { plan, session } = settings;
  let current = request;
  for (const { id, instance, onFailure } of plan.policies) {
    if (instance.request === undefined) continue;
    const asked = current;
    try {
      const verdict = await callPlugin(id, () => instance.request?.(asked, session), settings);
      if (verdict?.action === "rewrite") current = verdict.request;
      if (verdict?.action === "block") {
        session.record([{ verdicts: [{ policy: id, action: "block", outcome: "applied" }] }]);
        const message = `${id} blocked the request`;
        throw new MidStreamError("REQUEST_BLOCKED", message, { ...(verdict.message !== "" && { publicMessage: verdict.message }) });
      }
    } catch (error) {
      leaveIfAborted(session);
      const isVerdict = isMidStreamError(error) && error.source === "client";
      if (isVerdict || onFailure === "closed") throw error;
    }
  }
  return current;
}

/** One provider's try at a request. */
interface Attempt {
  readonly request: ModelRequest;
  readonly provider: Member<"provider">;
  readonly annotate: boolean;
  readonly isWire: boolean;
}

function attemptOf(request: ModelRequest, provider: Member<"provider">, { plan, session, dialect }: RunSettings): Attempt {
  leaveIfAborted(session);
  const annotate = plan.annotates && isAsked(request.headers[annotateHeader]);
  const isWire = plan.path === "wire" && !annotate && provider.instance.dialect === dialect.id;
  session.provider = provider.id;
  if (session.gatewayMs === 0) session.gatewayMs = session.now - session.startedAt;
  return { request, provider, annotate, isWire };
}

const cancelLate = (late: UpstreamResponse): void => late.cancel();

function openUpstream({ request, provider, isWire }: Attempt, settings: RunSettings): Promise<UpstreamResponse> {
  const call = new PluginCall(provider.id, settings, cancelLate, "PROVIDER_TIMEOUT");
  try {
    call.awaits(provider.instance.open(request, settings.session, isWire ? rawBody : plainBody));
  } catch (error) {
    call.failed(error);
  }
  return call.settled;
}

const rawBody = { rawBody: true };
const plainBody = { rawBody: false };

/** Begins to deliver a response. */
function deliver(response: UpstreamResponse, attempt: Attempt, settings: RunSettings): Delivery {
  const { session, dialect, guard } = settings;
  const { request, provider, isWire } = attempt;
  if (!isWire && response.framing !== "identity") {
    response.cancel();
    throw guard.breach(provider.id, "PLUGIN_UNDECLARED", `${provider.id} gave a raw body where none was asked for`, session.id);
  }
  const type = response.headers.get("content-type");
  const mode = modeOf(request, type);
  const encoder = dialect.encoder(mode, request);
  const engine = openEngine({ response, attempt, mode, encoder, settings });
  session.path = isWire ? "wire" : "parts";
  session.stream = mode === "stream";
  const delivery = new Delivery({
    session,
    engine,
    response,
    encoder,
    mode,
    contentType: type ?? (mode === "stream" ? "text/event-stream; charset=utf-8" : "application/json"),
    provider: provider.id,
    times: settings.times,
    deliveries: settings.deliveries,
    deadlines: settings.deadlines,
    order: settings.order,
    guard,
  });
  settings.deliveries.add(delivery);
  delivery.start();
  return delivery;
}

const isAsked = (value: string | undefined): boolean => value === "1" || value === "true";

/** The upstream decides: some vendors stream without being asked, some never do. */
function modeOf(request: ModelRequest, type: string | undefined): "stream" | "unary" {
  if (type === undefined) return request.stream ? "stream" : "unary";
  if (type.includes("event-stream")) return "stream";
  return type.includes("json") || !request.stream ? "unary" : "stream";
}

interface EngineParts {
  readonly response: UpstreamResponse;
  readonly attempt: Attempt;
  readonly mode: "stream" | "unary";
  readonly encoder: Encoder;
  readonly settings: RunSettings;
}

function openEngine({ response, attempt, mode, encoder, settings }: EngineParts): Engine {
  const { plan, session, guard } = settings;
  const { request, provider, isWire, annotate } = attempt;
  try {
    const stripUsage = guard.call(provider.id, () => provider.instance.addsUsage(request), session.id);
    if (isWire) {
      return plan.native.openWire({
        mode,
        framing: response.framing,
        contentLength: response.contentLength,
        stripUsage,
        choiceCount: request.choiceCount,
        passUnknown: plan.config.onUnknown === "pass",
        flow: plan.config.frames === "flow",
      });
    }
    const decoder = guard.call(provider.id, () => provider.instance.decoder(mode), session.id);
    const { choiceCount } = request;
    return new PartsEngine({ plan, session, guard, provider: provider.id, decoder, encoder, mode, stripUsage, choiceCount, annotate });
  } catch (error) {
    response.cancel();
    throw error;
  }
}

/** Statuses after which another provider, or a later attempt, may do better. */
const isPassing = (status: number): boolean => status === 408 || status === 409 || status === 425 || status === 429 || status >= 500;

/** The error of an upstream's refusal, with the upstream's own error object where it is small JSON. */
async function statusError(provider: string, response: UpstreamResponse, plan: PipelinePlan): Promise<MidStreamError> {
  const { status } = response;
  const retryAfterS = Number(response.headers.get("retry-after") ?? Number.NaN);
  const body = await readBody(response, plan);
  const upstreamError = errorObject(body);
  return new MidStreamError("PROVIDER_STATUS", `${provider}: the upstream answered with status ${status}`, {
    upstreamStatus: status,
    retryable: isPassing(status),
    ...(upstreamError !== undefined && { upstreamError }),
    ...(Number.isFinite(retryAfterS) && retryAfterS >= 0 && { retryAfterS }),
  });
}

/** What any failure becomes for a door; aborts stay the web's own. */
export function asAnswerError(error: unknown, session: LiveSession): unknown {
  if (isMidStreamError(error) || (isAbort(error) && session.isAborted)) return error;
  return new MidStreamError("KERNEL_INTERNAL", "The request failed in the kernel", { cause: error });
}
