/** Where a text stops being JSON, and whether some readers would take it all the same. */

/** One token with the blanks before it; what matches nothing is no JSON. */
const token =
  /[ \t\r\n]*(?:([{}[\]:,])|"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)/y;
const blanks = /[ \t\r\n]*/y;

/** What may come next: a value, a value or the end of an empty list, the same of members, a colon, a comma or the end. */
type Wanted = "value" | "item" | "key" | "first-key" | "colon" | "next";

function after(wanted: Wanted, text: string, stack: string[]): Wanted | undefined {
  if (wanted === "colon") return text === ":" ? "value" : undefined;
  if (wanted === "next" && text === ",") return stack.at(-1) === "{" ? "key" : stack.at(-1) === "[" ? "value" : undefined;
  if (text === "}" || text === "]") {
    const empty = text === "}" ? "first-key" : "item";
    return (wanted === "next" || wanted === empty) && stack.pop() === (text === "}" ? "{" : "[") ? "next" : undefined;
  }
  if (wanted === "key" || wanted === "first-key") return text.startsWith('"') ? "colon" : undefined;
  if (wanted === "next" || text === ":" || text === ",") return undefined;
  if (text !== "{" && text !== "[") return "next";
  stack.push(text);
  return text === "{" ? "first-key" : "item";
}

/**
 * Offset of the first token that cannot stand there, the end of a text that is incomplete; undefined where the text is JSON. O(length),
 * without recursion. JavaScriptCore's parser does not say where it failed, and V8's not always.
 */
export function brokenJsonAt(text: string): number | undefined {
  const stack: string[] = [];
  let wanted: Wanted = "value";
  let at = 0;
  for (;;) {
    blanks.lastIndex = at;
    const start = at + (blanks.exec(text)?.[0].length ?? 0);
    if (start === text.length && wanted === "next" && stack.length === 0) return undefined;
    token.lastIndex = start;
    const found = token.exec(text);
    const next: Wanted | undefined = found === null ? undefined : after(wanted, found[0], stack);
    if (next === undefined) return start;
    wanted = next;
    at = token.lastIndex;
  }
}

const notANumber = /-?Infinity|NaN/y;
/** A string up to what breaks it. */
const soundPart = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*/y;

/**
 * Whether a text is no JSON for something that lenient readers take: Python's `json` reads NaN and Infinity, which servers do write
 * (`"logprob": -Infinity`), and with `strict=False` control characters inside strings.
 */
export function isLenientJson(text: string): boolean {
  const at = brokenJsonAt(text);
  if (at === undefined) return false;
  notANumber.lastIndex = at;
  if (notANumber.test(text)) return true;
  soundPart.lastIndex = at;
  return soundPart.test(text) && text.charCodeAt(soundPart.lastIndex) < 0x20;
}
