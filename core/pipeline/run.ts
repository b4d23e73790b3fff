/**
 * The one loop of a request: request policies, then the provider chain, then the wire or the parts.
 *
 * Must not know vendors or what a status means to a client.
 */
import { isMidStreamError, MidStreamError } from "../errors/midstream-error.ts";
import type { Deadlines } from "../kernel/deadlines.ts";
import { type Guard, isAbort } from "../kernel/guard.ts";
import type { LiveSession } from "../kernel/session.ts";
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
}

/** Request header by which a client asks for the side band. */
export const annotateHeader = "x-midstream-annotate";

/** Runs one request up to the head of its answer. The session is closed by the answer, or by the caller when this throws. */
export async function run(request: ModelRequest, settings: RunSettings): Promise<Answer> {
  const { providers, asksPolicies, looksAtRequests } = settings.plan;
  if (looksAtRequests) await lookAtRequest(settings);
  const decided = asksPolicies ? await applyRequestPolicies(request, settings) : request;
  if (decided !== request) settings.session.asks(decided);
  let failure: unknown;
  for (const [index, provider] of providers.entries()) {
    const isLast = index === providers.length - 1;
    try {
      const delivery = await attempt(decided, provider, settings);
      // Often known by now: a short answer comes in the read that had its head.
      const reason = delivery.isOpen ? delivery.openFailure : await delivery.opened();
      leaveIfAborted(settings.session);
      if (reason === undefined) {
        if (settings.session.path === "wire") settings.session.forgetBody();
        return delivery;
      }
      // The upstream's own words are better than ours, and a stream that failed before its text can be shown as it came.
      if ((isLast || !mayRetry(reason)) && delivery.isPresentable) return delivery;
      delivery.discard();
      throw reason;
    } catch (error) {
      failure = error;
      if (settings.session.isAborted || !mayRetry(error)) break;
    }
  }
  leaveIfAborted(settings.session);
  throw failure;
}

/** Another provider may do better: the failure passes, or is about the model's name, which is this provider's own. */
function mayRetry(error: unknown): boolean {
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

/** Settles as the plugin's promise does, or as soon as the session is over: a plugin that ignores the signal must not keep a client waiting. */
function orAbort<T>(work: T | Promise<T>, session: LiveSession, late: (value: T) => void = ignore): Promise<T> {
  const promise = Promise.resolve(work);
  const { cancellation } = session;
  return new Promise((resolve, reject) => {
    const cancelled = (reason: unknown) => {
      reject(reason);
      // The plugin's own outcome is still to come, and nobody waits for it any more.
      promise.then(late, ignore);
    };
    if (cancellation.aborted) {
      cancelled(cancellation.reason);
      return;
    }
    const listener = { cancelled };
    cancellation.add(listener);
    promise.then(
      (value) => {
        cancellation.delete(listener);
        resolve(value);
      },
      (error) => {
        cancellation.delete(listener);
        reject(error);
      },
    );
  });
}

async function lookAtRequest({ plan, session, guard }: RunSettings): Promise<void> {
  try {
    await analyseRequest({
      plan,
      session,
      call: (plugin, work) => guard.callAsync(plugin, () => orAbort(work(), session), session.id),
      record: (records) => session.record(records),
    });
  } catch (error) {
    leaveIfAborted(session);
    throw error;
  }
}

async function applyRequestPolicies(request: ModelRequest, settings: RunSettings): Promise<ModelRequest> {
  const { plan, session, guard } = settings;
  let current = request;
  for (const { id, instance, onFailure } of plan.policies) {
    if (instance.request === undefined) continue;
    const asked = current;
    try {
      const verdict = await guard.callAsync(id, () => orAbort(instance.request?.(asked, session), session), session.id);
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

async function attempt(request: ModelRequest, provider: Member<"provider">, settings: RunSettings): Promise<Delivery> {
  const { plan, session, dialect, guard } = settings;
  leaveIfAborted(session);
  const annotate = plan.annotates && isAsked(request.headers[annotateHeader]);
  const isWire = plan.path === "wire" && !annotate && provider.instance.dialect === dialect.id;
  session.provider = provider.id;
  const called = session.now;
  if (session.gatewayMs === 0) session.gatewayMs = called - session.startedAt;
  const opening = () => orAbort(provider.instance.open(request, session, { rawBody: isWire }), session, (late) => late.cancel());
  const response = await guard.callAsync(provider.id, opening, session.id);
  if (session.isAborted) {
    response.cancel();
    leaveIfAborted(session);
  }
  if (response.status < 200 || response.status > 299) throw await statusError(provider.id, response, plan);
  if (!isWire && response.framing !== "identity") {
    response.cancel();
    throw guard.breach(provider.id, "PLUGIN_UNDECLARED", `${provider.id} gave a raw body where none was asked for`, session.id);
  }
  const mode = modeOf(request, response);
  const encoder = dialect.encoder(mode, request);
  const engine = openEngine({ request, response, provider, isWire, annotate, mode, encoder, settings });
  session.path = isWire ? "wire" : "parts";
  session.stream = mode === "stream";
  const delivery = new Delivery({
    session,
    engine,
    response,
    encoder,
    mode,
    contentType: response.headers.get("content-type") ?? (mode === "stream" ? "text/event-stream; charset=utf-8" : "application/json"),
    provider: provider.id,
    times: settings.times,
    deliveries: settings.deliveries,
    deadlines: settings.deadlines,
    order: settings.order,
  });
  settings.deliveries.add(delivery);
  delivery.start();
  return delivery;
}

const isAsked = (value: string | undefined): boolean => value === "1" || value === "true";

/** The upstream decides: some vendors stream without being asked, some never do. */
function modeOf(request: ModelRequest, response: UpstreamResponse): "stream" | "unary" {
  const type = response.headers.get("content-type");
  if (type === undefined) return request.stream ? "stream" : "unary";
  if (type.includes("event-stream")) return "stream";
  return type.includes("json") || !request.stream ? "unary" : "stream";
}

interface EngineParts {
  readonly request: ModelRequest;
  readonly response: UpstreamResponse;
  readonly provider: Member<"provider">;
  readonly isWire: boolean;
  readonly annotate: boolean;
  readonly mode: "stream" | "unary";
  readonly encoder: Encoder;
  readonly settings: RunSettings;
}

function openEngine({ request, response, provider, isWire, annotate, mode, encoder, settings }: EngineParts): Engine {
  const { plan, session, guard } = settings;
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
export function asAnswerError(error: unknown): unknown {
  if (isMidStreamError(error) || isAbort(error)) return error;
  return new MidStreamError("KERNEL_INTERNAL", "The request failed in the kernel", { cause: error });
}
