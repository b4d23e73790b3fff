/**
 * The HTTP door: routes of the OpenAI dialect and of operation, on Hono.
 *
 * Knows status codes, headers and routes. Must not know plugins, providers or what a policy does.
 */
import { Hono } from "hono";
import { cors } from "hono/cors";
import { clientOf, streamBody } from "#body";
import { isMidStreamError, MidStreamError } from "../../core/errors/midstream-error.ts";
import type { AnswerSettings, Kernel } from "../../core/index.ts";
import type { Answer } from "../../core/pipeline/answer.ts";
import type { Dialect, RequestOrigin } from "../../core/pipeline/dialect.ts";
import type { Cancellation } from "../../core/plugin/cancellation.ts";
import type { ModelInfo } from "../../core/plugin/contract.ts";
import { Admission, type Ticket } from "./admission.ts";
import { errorBody, errorStatus } from "./errors.ts";
import { openApiDocument } from "./openapi.ts";
import { checkOrigin } from "./origins.ts";
import { type BodyLimits, BodyReader } from "./read-body.ts";
import { RequestIds } from "./request-id.ts";

/** What the door needs besides the kernel. */
export interface HttpSettings {
  readonly body: BodyLimits;
  /** Answers under way at once; further ones get 503 with Retry-After. */
  readonly maxStreams: number;
  /** Origins that browsers may call from; empty = CORS off. */
  readonly corsOrigins: readonly string[];
  readonly version: string;
  /** Operator's log. */
  readonly log: Log;
}

/** Head of an answer; a stream of events needs two more fields to pass proxies unbuffered. */
function headersOf(answer: Answer, id: string): Record<string, string> {
  const headers: Record<string, string> = {
    "content-type": answer.contentType,
    "x-request-id": id,
    "x-midstream-provider": answer.provider,
    "x-midstream-gateway-ms": answer.gatewayMs.toFixed(3),
  };
  if (answer.stream) {
    headers["cache-control"] = "no-cache";
    headers["x-accel-buffering"] = "no";
  }
  return headers;
}

/** Lower-case request headers that may concern routing; credentials never leave the door. */
function routingHeaders(request: Request): Record<string, string> {
  const headers: Record<string, string> = {};
  request.headers.forEach((value, name) => {
    if (name !== "authorization" && name !== "cookie" && name !== "proxy-authorization" && name !== "api-key") headers[name] = value;
  });
  return headers;
}

type Log = (event: string, fields: Readonly<Record<string, string>>) => void;

/** The kind and place of an error that nobody expected; its message could hold a user's text. */
function logUnexpected(error: unknown, requestId: string, log: Log): void {
  const [name, stack] = error instanceof Error ? [error.name, error.stack ?? ""] : [typeof error, ""];
  log("door-failed", { request: requestId, error: name, at: /^\s*at (.*)$/m.exec(stack)?.[1] ?? "unknown" });
}

function errorResponse(error: unknown, requestId: string, log: Log): Response {
  let known = error;
  if (!isMidStreamError(known)) {
    logUnexpected(error, requestId, log);
    known = new MidStreamError("KERNEL_INTERNAL", "Unexpected error in the HTTP door", { cause: error });
  }
  return knownError(known as MidStreamError, requestId);
}

function knownError(known: MidStreamError, requestId: string): Response {
  const headers: Record<string, string> = { "content-type": "application/json", "x-request-id": requestId };
  if (known.retryAfterS !== undefined) headers["retry-after"] = String(known.retryAfterS);
  // What the client still sends of its body is not worth reading.
  if (known.code === "REQUEST_TOO_LARGE" || known.code === "REQUEST_TIMEOUT") headers.connection = "close";
  return new Response(errorBody(known, requestId), { status: errorStatus(known), headers });
}

const bearer = /^Bearer .+$/i;
const bearerLength = "Bearer ".length;

/** Reads a secret from `authorization: Bearer ...`; it travels beside the request, never in its headers. */
function clientKey(request: Request): string | undefined {
  const given = request.headers.get("authorization");
  return given !== null && bearer.test(given) ? given.slice(bearerLength) : undefined;
}

/** What answering a chat needs. */
interface ChatDoor {
  readonly kernel: Kernel;
  readonly dialect: Dialect;
  readonly admission: Admission;
  readonly ids: RequestIds;
  readonly body: BodyReader;
  readonly origins: readonly string[];
  readonly log: Log;
}

/** For nobody: the client has left, which is no failure of anything. nginx's number for it. */
const clientLeft = 499;

async function postChat(door: ChatDoor, request: Request): Promise<Response> {
  const id = door.ids.next();
  let ticket: Ticket | undefined;
  let client: ReturnType<typeof clientOf> | undefined;
  let answer: Answer | undefined;
  try {
    checkOrigin(request.headers, door.origins);
    ticket = door.admission.enter();
    const bytes = await door.body.read(request);
    client = clientOf(request);
    answer = await door.kernel.answer(
      door.dialect.toRequest(bytes, new Origin(request)),
      new Call(id, { dialect: door.dialect, signal: client, ticket }),
    );
    ticket = undefined;
    const whole = answer.whole();
    if (whole === undefined) client.handOver();
    return new Response((whole as Uint8Array<ArrayBuffer> | undefined) ?? streamBody(answer), {
      status: answer.status,
      headers: headersOf(answer, id),
    });
  } catch (error) {
    // An answer that cannot be sent would keep its place and its upstream.
    answer?.cancel();
    if (client?.aborted) return new Response(null, { status: clientLeft });
    return errorResponse(error, id, door.log);
  } finally {
    ticket?.leave();
  }
}

/** Where a request came from; its headers are copied when somebody asks. */
class Origin implements RequestOrigin {
  readonly clientKey: string | undefined;
  private readonly request: Request;

  constructor(request: Request) {
    this.request = request;
    this.clientKey = clientKey(request);
  }

  headers(): Record<string, string> {
    return routingHeaders(this.request);
  }
}

/** One request as the kernel hears of it; one object, so that a session holds no closures. */
class Call implements AnswerSettings {
  readonly id: string;
  readonly dialect: Dialect;
  readonly signal: Cancellation;
  private readonly ticket: Ticket;

  constructor(id: string, { dialect, signal, ticket }: Pick<Call, "dialect" | "signal"> & { readonly ticket: Ticket }) {
    this.id = id;
    this.dialect = dialect;
    this.signal = signal;
    this.ticket = ticket;
  }

  statusOf(error: MidStreamError): number {
    return errorStatus(error);
  }

  onClose(): void {
    this.ticket.leave();
  }
}

const modelObject = ({ id, ownedBy }: ModelInfo) => ({ id, object: "model", created: 0, owned_by: ownedBy });

/** Answers requests. */
export interface Door {
  fetch(request: Request): Response | Promise<Response>;
}

const chatPath = "/v1/chat/completions";

/** Whether an absolute URL has no path but that of chats, and no query. */
function isChat(url: string): boolean {
  return url.endsWith(chatPath) && url.indexOf("/", url.indexOf("://") + 3) === url.length - chatPath.length;
}

/**
 * Makes the door. Its one hot route goes past Hono, whose context and router make half as many objects as all the rest of a short
 * answer; any other spelling of its address, and every other route, is Hono's.
 */
export function createDoor(kernel: Kernel, dialect: Dialect, settings: HttpSettings): Door {
  const { maxStreams, body, corsOrigins: origins, log } = settings;
  const admission = new Admission(maxStreams);
  const door: ChatDoor = { kernel, dialect, admission, ids: new RequestIds(), body: new BodyReader(body), origins, log };
  const app = createApp(door, settings);
  // What stands before the routes (CORS) is Hono's too.
  if (settings.corsOrigins.length > 0) return { fetch: (request) => app.fetch(request) };
  return { fetch: (request) => (request.method === "POST" && isChat(request.url) ? postChat(door, request) : app.fetch(request)) };
}

function createApp(door: ChatDoor, settings: HttpSettings): Hono {
  const { kernel, admission, ids, log } = door;
  const app = new Hono();
  const openApi = JSON.stringify(openApiDocument(settings.version));

  if (settings.corsOrigins.length > 0) app.use("*", cors({ origin: [...settings.corsOrigins] }));

  // The handler is a function of its own: what a request leaves behind (closures for its headers, its body) would keep Hono's context alive.
  app.post(chatPath, (context) => postChat(door, context.req.raw));

  app.get("/v1/models", async (context) => {
    try {
      const models = await kernel.models(context.req.raw.signal);
      return context.json({
        object: "list",
        data: models.map(modelObject),
      });
    } catch (error) {
      return errorResponse(error, ids.next(), log);
    }
  });

  // Names of models have slashes (meta-llama/Llama-3), and SDKs send them escaped or not.
  app.get("/v1/models/:id{.+}", async (context) => {
    try {
      const id = context.req.param("id");
      const model = (await kernel.models(context.req.raw.signal)).find((known) => known.id === id);
      if (model !== undefined) return context.json(modelObject(model));
      throw new MidStreamError("REQUEST_UNKNOWN_MODEL", "No provider lists the model asked for", {
        publicMessage: "No such model; GET /v1/models lists those that there are",
      });
    } catch (error) {
      return errorResponse(error, ids.next(), log);
    }
  });

  app.get("/healthz", (context) => context.json({ status: "ok", version: settings.version }));
  app.get("/readyz", (context) => {
    const ready = kernel.ready();
    return context.json({ status: ready ? "ready" : "stopping", openStreams: admission.open }, ready ? 200 : 503);
  });
  app.get("/metrics", (context) => context.text(kernel.exposition(), 200, { "content-type": "text/plain; version=0.0.4; charset=utf-8" }));
  app.get("/openapi.json", (context) => context.body(openApi, 200, { "content-type": "application/json" }));

  app.notFound((context) => {
    const error = new MidStreamError("REQUEST_NOT_FOUND", `No route ${context.req.method} ${context.req.path}`, {
      publicMessage: `No such route: ${context.req.method} ${context.req.path}; this gateway serves POST /v1/chat/completions and GET /v1/models`,
    });
    return errorResponse(error, ids.next(), log);
  });
  app.onError((error) => errorResponse(error, ids.next(), log));
  return app;
}
