/** A session for plugins that are driven without a kernel. */
import type { Session } from "../plugin/contract.ts";
import { emptyConversation } from "../stream/conversation.ts";
import { lineRequest } from "./lines-dialect.ts";

/** @param given what the test cares about */
export const testSession = (given: Partial<Session> = {}): Session => ({
  id: "s",
  pipeline: "default",
  signal: new AbortController().signal,
  request: lineRequest(),
  conversation: emptyConversation,
  wake: () => {},
  ...given,
});
