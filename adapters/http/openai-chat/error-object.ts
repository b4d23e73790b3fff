/** Errors in the shape that the SDKs of this dialect read. */
import type { MidStreamError } from "../../../core/errors/midstream-error.ts";

/** Value of `error` in a body or an event. */
export interface ErrorObject {
  readonly message: string;
  readonly type: string;
  readonly param: string | null;
  readonly code: string;
}

function typeOf({ source, code }: MidStreamError): string {
  if (code === "KERNEL_OVERLOADED") return "rate_limit_error";
  if (source === "client") return "invalid_request_error";
  return source === "provider" || source === "plugin" ? "upstream_error" : "server_error";
}

/** Statuses by which an upstream speaks of the gateway's own key or account; what it says then is not for clients. */
const aboutTheGateway = new Set([401, 402, 403, 407]);

/** Longest text of an upstream's error that is passed on. */
const maxChars = 2_000;

const textOf = (value: unknown): string | undefined => (typeof value === "string" && value !== "" ? value.slice(0, maxChars) : undefined);

/** The upstream's word about the client's own request (`context_length_exceeded`), on which clients act; members that it left out are ours. */
function passedOn({ upstreamStatus = 0, upstreamError }: MidStreamError, own: ErrorObject): ErrorObject {
  const isAboutRequest = upstreamStatus >= 400 && upstreamStatus < 500 && !aboutTheGateway.has(upstreamStatus);
  if (upstreamError === undefined || !isAboutRequest) return own;
  return {
    message: textOf(upstreamError.message) ?? own.message,
    type: textOf(upstreamError.type) ?? own.type,
    param: textOf(upstreamError.param) ?? own.param,
    code: textOf(upstreamError.code) ?? own.code,
  };
}

/** Only the text that is meant for clients. */
export const errorObject = (error: MidStreamError): ErrorObject =>
  passedOn(error, { message: error.publicMessage, type: typeOf(error), param: error.field ?? null, code: error.code });
