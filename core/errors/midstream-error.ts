/** The one error class. Says who is at fault and whether to retry; never carries prompts, outputs, keys or matched text. */
import { type ErrorCode, type ErrorSource, errorCodes } from "./codes.ts";

const brand = Symbol.for("midstream.error");

/** Further facts of an error. */
export interface ErrorDetails {
  /** Instance id of the plugin at fault. */
  readonly pluginId?: string;
  readonly cause?: unknown;
  /** Overrides the table's neutral text for the client; must hold no user text. */
  readonly publicMessage?: string;
  /** HTTP status of an upstream, for PROVIDER_STATUS. */
  readonly upstreamStatus?: number;
  /**
   * The upstream's own `error` object, for PROVIDER_STATUS: small JSON, and the provider's word about the client's own request
   * (`context_length_exceeded`), which clients act on. The one exception to the neutral text.
   */
  readonly upstreamError?: Readonly<Record<string, unknown>>;
  /** Field of the client's request at fault, for REQUEST_*. */
  readonly field?: string;
  /** Overrides the table, for PROVIDER_STATUS by status. */
  readonly retryable?: boolean;
  /** Seconds after which a retry may help. */
  readonly retryAfterS?: number;
}

/** `message` is for the operator: capital, no period, what failed and with which value. */
export class MidStreamError extends Error {
  readonly [brand] = true;
  readonly code: ErrorCode;
  readonly source: ErrorSource;
  readonly retryable: boolean;
  readonly publicMessage: string;
  readonly pluginId: string | undefined;
  readonly upstreamStatus: number | undefined;
  readonly upstreamError: Readonly<Record<string, unknown>> | undefined;
  readonly field: string | undefined;
  readonly retryAfterS: number | undefined;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = "MidStreamError";
    const known = errorCodes[code];
    this.code = code;
    this.source = known.source;
    this.retryable = details.retryable ?? known.retryable;
    this.publicMessage = details.publicMessage ?? known.publicMessage;
    this.pluginId = details.pluginId;
    this.upstreamStatus = details.upstreamStatus;
    this.upstreamError = details.upstreamError;
    this.field = details.field;
    this.retryAfterS = details.retryAfterS;
  }
}

/** Tells MidStream's errors apart, across copies of the module too. */
export function isMidStreamError(error: unknown): error is MidStreamError {
  return typeof error === "object" && error !== null && brand in error;
}
