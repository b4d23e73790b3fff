/** The head of an upstream's response. */
import type { HttpHead } from "../../core/native/native-core.ts";
import { failure } from "./failure.ts";
import { words } from "./flat-abi.ts";
import type { Thread } from "./thread.ts";

/** Header values are bytes; each becomes one character, as fetch has it. */
function characters(bytes: Uint8Array, offset: number, length: number): string {
  return String.fromCharCode(...bytes.subarray(offset, offset + length));
}

/** Parses the head; undefined while it is incomplete. @throws MidStreamError PROVIDER_BAD_RESPONSE */
export function parseHead(thread: Thread, bytes: Uint8Array): HttpHead | undefined {
  const { flat, memory } = thread;
  const list = memory.list.view;
  const result = flat.ms_http_head(bytes, bytes.length, memory.list.address, list.length);
  if (result < 0) throw failure(flat, "ms_http_head", result);
  if (result === 0) return undefined;
  const [status, length, count] = [list[0]!, list[1]!, list[2]!];
  const headers = new Map<string, string>();
  for (let header = 0; header < count; header++) {
    const at = words.head + header * words.header;
    const name = characters(bytes, list[at]!, list[at + 1]!).toLowerCase();
    const value = characters(bytes, list[at + 2]!, list[at + 3]!);
    const before = headers.get(name);
    headers.set(name, before === undefined ? value : `${before}, ${value}`);
  }
  return { status, headers, length };
}
