/** Which error a failed answer's bytes tell of. Must not know any dialect. */
import { MidStreamError } from "../errors/midstream-error.ts";
import type { Encoder } from "./dialect.ts";
import { errorObject } from "./upstream-error.ts";

/** The bytes of an answer that failed, and whose they are. */
export interface FailedAnswer {
  /** Instance id. */
  readonly provider: string;
  readonly encoder: Encoder;
  readonly stream: boolean;
  readonly bytes: Uint8Array;
}

/** The error that the engine itself ended a stream with, told by its last bytes: the native wire has no other word for it. */
export function ownError({ provider, encoder, bytes }: FailedAnswer): MidStreamError | undefined {
  const text = new TextDecoder().decode(bytes);
  for (const code of ["PROVIDER_CUT", "PROVIDER_BAD_RESPONSE"] as const) {
    const error = new MidStreamError(code, `${provider}: the upstream's answer was no complete stream`);
    if (text.endsWith(new TextDecoder().decode(encoder.error(error)))) return error;
  }
  return undefined;
}

/** The engine's own error, or the upstream's in its own words. */
export function failureIn(answer: FailedAnswer): MidStreamError {
  const own = answer.stream ? ownError(answer) : undefined;
  if (own !== undefined) return own;
  const upstreamError = answer.stream ? undefined : errorObject(answer.bytes);
  return new MidStreamError("PROVIDER_BAD_RESPONSE", `${answer.provider}: the upstream answered with an error`, {
    ...(upstreamError !== undefined && { upstreamError }),
  });
}
