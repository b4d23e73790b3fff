/** What a policy answered, looked at before it counts: a verdict of the wrong shape must not pass for "release". */
import { type Edit, type Verdict, verdictOrder } from "../stream/verdict.ts";

const isPlace = (value: unknown): value is number => typeof value === "number" && value >= 0;

/** What is wrong with a policy's answer about a block of `total` bytes so far; undefined where nothing is. Names fields, never text. */
export function verdictProblem(answer: Verdict, total: number): string | undefined {
  // Plugins are JavaScript too: the type is what they promise.
  const given: unknown = answer;
  if (typeof given !== "object" || given === null) return `answered ${given === null ? "null" : typeof given} in the place of a verdict`;
  if ("then" in given) return "answered a promise; decide() answers at once, and begin() or mayEnd() may wait";
  const { action } = given as Record<string, unknown>;
  if (!verdictOrder.includes(action as Verdict["action"])) {
    return `answered the action ${typeof action === "string" ? JSON.stringify(action.slice(0, 32)) : typeof action}, which there is not`;
  }
  if ((answer.action === "hold" || answer.action === "block") && !isPlace(answer.from)) {
    return `answered "${answer.action}" without a place: from is a byte of the block`;
  }
  if (answer.action !== "rewrite") return undefined;
  if (!Array.isArray(answer.edits)) return 'answered "rewrite" without edits';
  const edits: readonly Edit[] = answer.edits;
  const isRange = ({ start, end }: Edit) => Number.isInteger(start) && Number.isInteger(end) && start >= 0 && end > start && end <= total;
  const bad = edits.find((edit) => !isRange(edit) || typeof edit.replacement !== "string");
  if (bad === undefined) return undefined;
  return `answered an edit of the bytes ${bad.start} to ${bad.end} of a block of ${total}, which it is not, or without a replacement`;
}
