/** What a gate can do about a finding. A further action (another provider, a correction) is one more entry here and in the config. */
import type { Finding, Verdict } from "../../../core/plugin/index.ts";

/** What is known of the text when the action is asked. */
export interface Situation {
  readonly finding: Finding;
  /** Nothing of the text has left, and nothing would have: the whole of it can still be taken back. */
  readonly isWhole: boolean;
  readonly message: string;
}

/** Undefined: nothing is done to the text. */
type Act = (situation: Situation) => Verdict | undefined;

/** In the order in which they are asked; the first that answers decides. */
export const actions = {
  block: ({ finding, isWhole, message }) => ({
    action: "block",
    from: isWhole ? 0 : finding.from,
    rule: finding.rule,
    ...(message !== "" && { message }),
  }),
  // The finding is in the records and in the side band already; that is all there is to it.
  annotate: () => undefined,
} as const satisfies Record<string, Act>;

export type ActionName = keyof typeof actions;
export const actionNames = Object.keys(actions) as readonly ActionName[];
