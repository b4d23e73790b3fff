#!/usr/bin/env node
/**
 * `midstream`: sets a fresh clone up, then runs the command line on Bun (or on Deno with MIDSTREAM_RUNTIME=deno).
 * `--script FILE ARGS` runs another TypeScript file of the project in the same way.
 */
import { spawn } from "node:child_process";
import { ensureReady, runtimeCommand } from "./setup.mjs";

const runtime = process.env.MIDSTREAM_RUNTIME === "deno" ? "deno" : "bun";
const args = process.argv.slice(2);
const [file, rest] = args[0] === "--script" ? [args[1], args.slice(2)] : ["adapters/cli/main.ts", args];

ensureReady();
const [command, commandArgs] = runtimeCommand(runtime, file, rest);
const child = spawn(command, commandArgs, {
  stdio: "inherit",
  // Bun's fetch allows 256 requests at once; it reads this at its start only (facts: oven-sh/bun docs, BUN_CONFIG_MAX_HTTP_REQUESTS).
  env: { BUN_CONFIG_MAX_HTTP_REQUESTS: "65535", ...process.env },
});
// A terminal's Ctrl-C reaches the child by itself; a supervisor's signal reaches only this process.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
child.on("error", (error) => {
  console.error(`midstream: ${runtime} could not be started: ${error.message}; run \`npm ci\``);
  process.exit(3);
});
child.on("exit", (code, signal) => process.exit(signal ? 1 : (code ?? 1)));
