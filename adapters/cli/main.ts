/**
 * The command line.
 *
 * Exit codes: 0 fine; 1 the config or the input is invalid, or a check found problems; 2 wrong usage; 3 the machine lacks something
 * (native library, port, runtime) or a plugin cannot be set up; 130 interrupted twice.
 */
import { stripVTControlCharacters } from "node:util";
import { type ArgsDef, type CommandDef, defineCommand, renderUsage, runCommand } from "citty";
import { suggest } from "../../core/config/suggest.ts";
import { isMidStreamError } from "../../core/index.ts";
import { version } from "../version.ts";
import { usageProblem } from "./usage.ts";

const commands = {
  start: () => import("./commands/start.ts"),
  check: () => import("./commands/check.ts"),
  scan: () => import("./commands/scan.ts"),
  eval: () => import("./commands/eval.ts"),
  schema: () => import("./commands/schema.ts"),
  plugins: () => import("./commands/plugins.ts"),
  doctor: () => import("./commands/doctor.ts"),
} as const;

type CommandName = keyof typeof commands;

const main = defineCommand({
  meta: { name: "midstream", version, description: "A gateway that analyses a language model's answer while it streams" },
  subCommands: Object.fromEntries(
    Object.entries(commands).map(([name, load]) => [name, async () => (await load()).default as CommandDef<ArgsDef>]),
  ),
});

const isCommand = (name: string): name is CommandName => Object.hasOwn(commands, name);

function wrongUsage(what: string, command = ""): number {
  console.error(`midstream: ${what}; see \`midstream ${command}${command && " "}--help\``);
  return 2;
}

/** Colours are for terminals. */
const forOutput = (text: string) => (process.stdout.isTTY && !process.env.NO_COLOR ? text : stripVTControlCharacters(text));

/** As Bun and Deno say that an address is not this machine's or none at all, or a port not this user's. */
const cannotListen =
  /EADDRNOTAVAIL|EACCES|ENOTFOUND|EAI_|address not available|cannot assign requested address|permission denied|lookup address|getaddrinfo|invalid host/i;

/** Exit code of an error, with its text on stderr. */
function report(error: unknown): number {
  if (isMidStreamError(error)) {
    console.error(`midstream: ${error.message}`);
    return error.code.startsWith("SETUP_") ? 3 : 1;
  }
  const code = (error as { code?: unknown }).code;
  const message = error instanceof Error ? error.message : String(error);
  // citty's own: an argument is missing, or not one of its values.
  if (error instanceof Error && error.name === "CLIError") return wrongUsage(stripVTControlCharacters(message));
  if (cannotListen.test(`${code} ${message}`)) {
    console.error(`midstream: cannot listen there: ${message}; choose another address with --host or --port`);
    return 3;
  }
  if (code === "EADDRINUSE" || /address already in use|in use/i.test(message)) {
    console.error("midstream: the port is taken; choose another with --port");
    return 3;
  }
  console.error(`midstream: ${error instanceof Error ? (error.stack ?? message) : message}`);
  return 1;
}

/** Runs the command line; resolves with the exit code. */
export async function run(args: readonly string[]): Promise<number> {
  const [name = "--help", ...rest] = args;
  if (name === "--version") {
    console.log(version);
    return 0;
  }
  if (name === "--help" || name === "-h") {
    console.log(forOutput(await renderUsage(main)));
    return 0;
  }
  if (!isCommand(name)) {
    const near = suggest(name, Object.keys(commands));
    const hint = near === undefined ? "" : ` (did you mean ${near}?)`;
    console.error(`midstream: unknown command ${name}${hint}; known: ${Object.keys(commands).join(", ")}`);
    return 2;
  }
  const command = (await commands[name]()).default as CommandDef<ArgsDef>;
  if (rest.includes("--help") || rest.includes("-h")) {
    console.log(forOutput(await renderUsage(command, main)));
    return 0;
  }
  const problem = usageProblem((command.args ?? {}) as ArgsDef, rest);
  if (problem !== undefined) return wrongUsage(problem, name);
  try {
    const { result } = await runCommand(command, { rawArgs: [...rest] });
    return typeof result === "number" ? result : 0;
  } catch (error) {
    return report(error);
  }
}

if (import.meta.main) process.exit(await run(process.argv.slice(2)));
