/** Where a text stops being JSON: JavaScriptCore's parser does not say, and V8's not always. */

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

/** Line, counted from 1, of the first token that cannot stand there; undefined where the text is JSON. O(length), without recursion. */
export function brokenJsonLine(text: string): number | undefined {
  const lineAt = (position: number) => text.slice(0, position).split("\n").length;
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
    if (next === undefined) return lineAt(start);
    wanted = next;
    at = token.lastIndex;
  }
}
