/** Statuses of the flat ABI as errors. */
import type { ErrorCode } from "../../core/errors/codes.ts";
import { MidStreamError } from "../../core/errors/midstream-error.ts";
import { type FlatTable, status } from "./flat-abi.ts";
import type { Calls } from "./platform.ts";

/** Bytes of the longest text of `ms_last_error`. */
const maxErrorBytes = 256;

const codes: Readonly<Record<number, ErrorCode>> = {
  [status.badHandle]: "NATIVE_BAD_HANDLE",
  [status.panic]: "NATIVE_PANIC",
  [status.full]: "KERNEL_OVERLOADED",
};

/** What the library says of the last error of this thread; it never quotes text that was analysed. */
export function lastError(calls: Calls<FlatTable>): string {
  const text = new Uint8Array(maxErrorBytes);
  const length = calls.ms_last_error(text, text.length);
  return new TextDecoder().decode(text.subarray(0, Math.max(length, 0)));
}

/** The error of a negative status. */
export function failure(calls: Calls<FlatTable>, call: string, result: number): MidStreamError {
  const reason = lastError(calls) || `Status ${result}`;
  return new MidStreamError(codes[result] ?? "NATIVE_BAD_ARGUMENT", `${call}: ${reason}`);
}
