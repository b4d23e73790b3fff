/** Errors as HTTP answers: the only place that maps codes to statuses. */
import type { ErrorCode } from "../../core/errors/codes.ts";
import type { MidStreamError } from "../../core/errors/midstream-error.ts";
import { errorObject } from "./openai-chat/index.ts";

const statuses: Partial<Record<ErrorCode, number>> = {
  REQUEST_INVALID: 400,
  REQUEST_BLOCKED: 400,
  REQUEST_FORBIDDEN: 403,
  REQUEST_NOT_FOUND: 404,
  REQUEST_UNKNOWN_MODEL: 404,
  REQUEST_TIMEOUT: 408,
  REQUEST_TOO_LARGE: 413,
  PROVIDER_UNREACHABLE: 502,
  PROVIDER_BAD_RESPONSE: 502,
  PROVIDER_CUT: 502,
  PROVIDER_STATUS: 502,
  PROVIDER_TIMEOUT: 504,
  KERNEL_OVERLOADED: 503,
  KERNEL_STOPPING: 503,
};

/** Statuses of an upstream that tell the client something it can act on. 401 and 403 concern the gateway's own key. */
const passedOn = new Set([400, 404, 409, 413, 422, 429, 503]);

/** HTTP status for the client; 500 where the gateway itself is at fault. */
export function errorStatus({ code, upstreamStatus }: MidStreamError): number {
  if (code === "PROVIDER_STATUS" && upstreamStatus !== undefined && passedOn.has(upstreamStatus)) return upstreamStatus;
  return statuses[code] ?? 500;
}

/** JSON body in OpenAI's shape. The request's id goes into errors that only the operator can look into. */
export function errorBody(error: MidStreamError, requestId: string): string {
  const shape = errorObject(error);
  const ownFault = errorStatus(error) === 500;
  return JSON.stringify({ error: ownFault ? { ...shape, message: `${shape.message} (request ${requestId})` } : shape });
}
