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

/** Only the text that is meant for clients. */
export const errorObject = (error: MidStreamError): ErrorObject => ({
  message: error.publicMessage,
  type: typeOf(error),
  param: error.field ?? null,
  code: error.code,
});
