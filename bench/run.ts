/**
 * Runs the benches and prints their tables, each with its baseline in the same run.
 *   npm run bench [-- scan | wire | repetition | token | ffi | temporal | detectors | gateway ...]    all of them without an argument
 */
import { spawnSync } from "node:child_process";
import { join } from "node:path";

const root = join(import.meta.dirname, "..");

/** One bench a question; the order is from the inside to the outside. */
const benches: Record<string, { question: string; command: readonly string[] }> = {
  scan: {
    question: "What does a byte of text cost, and how much is held back?",
    command: ["cargo", "bench", "--locked", "-p", "midstream-scan"],
  },
  repetition: { question: "What does loop detection cost?", command: ["cargo", "bench", "--locked", "-p", "midstream-repetition"] },
  wire: {
    question: "What does an event cost from network bytes to network bytes?",
    command: ["cargo", "bench", "--locked", "-p", "midstream-wire"],
  },
  token: {
    question: "What does a token cost with everything on: scanner, loops, dynamics, temporal rules?",
    command: [process.execPath, join(import.meta.dirname, "token.ts")],
  },
  ffi: { question: "What does crossing the native boundary cost?", command: [process.execPath, join(import.meta.dirname, "ffi.ts")] },
  temporal: {
    question: "What does the temporal core cost through the FFI, beside plain TypeScript?",
    command: [process.execPath, join(import.meta.dirname, "temporal.ts")],
  },
  detectors: {
    question: "What do the detectors that judge text add to a token and a stream?",
    command: [process.execPath, join(import.meta.dirname, "detectors.ts")],
  },
  gateway: {
    question: "What does the whole gateway cost beside its peers?",
    command: [process.execPath, join(import.meta.dirname, "gateway", "run.ts")],
  },
};

const [name, ...rest] = process.argv.slice(2);
if (name !== undefined && !(name in benches)) {
  console.error(`bench: unknown bench ${name}; known: ${Object.keys(benches).join(", ")}`);
  process.exit(2);
}
let failed = false;
for (const [id, bench] of Object.entries(benches)) {
  if (name !== undefined && name !== id) continue;
  console.log(`\n== ${id}: ${bench.question}`);
  const [program = "", ...args] = bench.command;
  const result = spawnSync(program, [...args, ...(name === undefined ? [] : rest)], { cwd: root, stdio: "inherit" });
  failed ||= result.status !== 0;
}
process.exit(failed ? 1 : 0);
