/** What is wrong with a command's arguments, before it runs: citty drops options and arguments that it does not know. */
import { parseArgs } from "node:util";
import type { ArgsDef } from "citty";
import { suggest } from "../../core/config/suggest.ts";

/** `unknown option --prot (did you mean --port?)`, or undefined where the arguments fit. */
export function usageProblem(args: ArgsDef, given: readonly string[]): string | undefined {
  const named = Object.entries(args).filter(([, arg]) => arg.type !== "positional");
  const flags = named.filter(([, arg]) => arg.type === "boolean").map(([name]) => name);
  const known = named.map(([name]) => name);
  const options = Object.fromEntries(known.map((name) => [name, { type: flags.includes(name) ? "boolean" : "string" } as const]));
  const { tokens } = parseArgs({ args: [...given], options, strict: false, tokens: true });
  let free = Object.keys(args).length - known.length;
  for (const token of tokens) {
    if (token.kind === "positional") {
      free -= 1;
      if (free < 0) return `unexpected argument ${token.value}`;
    } else if (token.kind === "option") {
      const isFlag = flags.includes(token.name) || (token.name.startsWith("no-") && flags.includes(token.name.slice("no-".length)));
      if (!isFlag && !known.includes(token.name)) {
        const near = suggest(token.name, known);
        return `unknown option ${token.rawName}${near === undefined ? "" : ` (did you mean --${near}?)`}`;
      }
      if (!isFlag && (token.value ?? "") === "") return `${token.rawName} needs a value`;
    }
  }
  return undefined;
}
