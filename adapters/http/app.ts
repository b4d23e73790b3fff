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
import { Admission, type Ticket } from "./admission.ts";
import { errorBody, errorStatus } from "./errors.ts";
import { openApiDocument } from "./openapi.ts";
import { readBody } from "./read-body.ts";

/** What the door needs besides the kernel. */
export interface HttpSettings {
  readonly maxBodyBytes: number;
  /** Answers under way at once; further ones get 503 with Retry-After. */
  readonly maxStreams: number;
  /** Origins that browsers may call from; empty = CORS off. */
  readonly corsOrigins: readonly string[];
  readonly version: string;
}

/** Unique; also what sinks call the session. */
const requestId = (): string => `req_${crypto.randomUUID().replaceAll("-", "")}`;

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

function errorResponse(error: unknown, requestId: string): Response {
  const known = isMidStreamError(error)
    ? error
    : new MidStreamError("KERNEL_INTERNAL", "Unexpected error in the HTTP door", { cause: error });
  const headers: Record<string, string> = { "content-type": "application/json", "x-request-id": requestId };
  if (known.retryAfterS !== undefined) headers["retry-after"] = String(known.retryAfterS);
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
  readonly maxBodyBytes: number;
}

async function postChat(door: ChatDoor, request: Request): Promise<Response> {
  const id = requestId();
  let ticket: Ticket | undefined;
  try {
    ticket = door.admission.enter();
    const bytes = await readBody(request, door.maxBodyBytes);
    const client = clientOf(request);
    const answer = await door.kernel.answer(
      door.dialect.toRequest(bytes, originOf(request)),
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
    return errorResponse(error, id);
  } finally {
    ticket?.leave();
  }
}

const originOf = (request: Request): RequestOrigin => ({ headers: () => routingHeaders(request), clientKey: clientKey(request) });

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

/** Makes the door's handler. */
export function createApp(kernel: Kernel, dialect: Dialect, settings: HttpSettings): Hono {
  const app = new Hono();
  const admission = new Admission(settings.maxStreams);
  const openApi = JSON.stringify(openApiDocument(settings.version));

  if (settings.corsOrigins.length > 0) app.use("*", cors({ origin: [...settings.corsOrigins] }));

  const door: ChatDoor = { kernel, dialect, admission, maxBodyBytes: settings.maxBodyBytes };
  // The handler is a function of its own: what a request leaves behind (closures for its headers, its body) would keep Hono's context alive.
  app.post("/v1/chat/completions", (context) => postChat(door, context.req.raw));

  app.get("/v1/models", async (context) => {
    try {
      const models = await kernel.models(context.req.raw.signal);
      return context.json({
        object: "list",
        data: models.map((model) => ({ id: model.id, object: "model", created: 0, owned_by: model.ownedBy })),
      });
    } catch (error) {
      return errorResponse(error, requestId());
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
    return errorResponse(error, requestId());
  });
  app.onError((error) => errorResponse(error, requestId()));
  return app;
}
