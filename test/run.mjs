/**
 * Runs every suite and adds them up: checks (types, lint, format, generated files), Rust tests, TypeScript tests on Bun and on Deno, quality gates.
 *   node test/run.mjs [ok | rust | bun | deno | quality ...]   all of them without an argument
 * Ends with `N passed, N failed`; exit code 1 if anything failed or a suite ran no test.
 */
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { join, relative } from "node:path";
import { ensureReady, root, runtimeCommand } from "../adapters/cli/setup.mjs";

const env = { ...process.env, NO_COLOR: "1", FORCE_COLOR: "0", BUN_CONFIG_MAX_HTTP_REQUESTS: "65535", CARGO_TERM_COLOR: "never" };

/** Runs a command, shows what it prints, returns its exit code and output. */
function run(command, args) {
  const result = spawnSync(command, args, { cwd: root, env, encoding: "utf8", maxBuffer: 1 << 28, stdio: ["ignore", "pipe", "pipe"] });
  const output = `${result.stdout ?? ""}${result.stderr ?? ""}`;
  return { code: result.error ? 127 : (result.status ?? 1), output: result.error ? `${output}${result.error.message}` : output };
}

function testFiles(folder) {
  const found = [];
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory() && entry.name !== "node_modules" && entry.name !== "target" && !entry.name.startsWith("."))
      found.push(...testFiles(path));
    else if (entry.name.endsWith(".test.ts")) found.push(relative(root, path));
  }
  return found.sort();
}

const bin = (name) => join(root, "node_modules", ".bin", name);

/** Kernels that a browser will need. */
const withoutStd = ["attractor-studio", "compare", "neural-solver"]
  .map((name) => `midstream-temporal-${name}`)
  .concat("midstream-nanosecond-scheduler");

/** One check is one test: it passes or fails as a whole. */
const checks = [
  ["lint and format (Biome)", bin("biome"), ["ci", "."]],
  ["types (tsc)", bin("tsc"), ["-p", "."]],
  ["types of the core on Deno", bin("deno"), ["check", "core/index.ts", "native/bindings/platform.deno.ts"]],
  ["Rust format", "cargo", ["fmt", "--all", "--check"]],
  ["Rust lint (clippy)", "cargo", ["clippy", "--quiet", "--locked", "--workspace", "--all-targets", "--", "-D", "warnings"]],
  ["Rust without std", "cargo", ["check", "--quiet", "--locked", "--no-default-features", ...withoutStd.flatMap((name) => ["-p", name])]],
  ["generated bindings are current", "cargo", ["run", "--quiet", "--release", "--locked", "-p", "midstream-bindgen", "--", "--check"]],
];

function runChecks() {
  const totals = { passed: 0, failed: 0 };
  for (const [title, command, args] of checks) {
    const { code, output } = run(command, args);
    totals[code === 0 ? "passed" : "failed"] += 1;
    console.log(`${code === 0 ? "ok" : "FAILED"}  ${title}`);
    if (code !== 0) console.log(output);
  }
  return totals;
}

function sum(output, pattern) {
  let total = 0;
  for (const match of output.matchAll(pattern)) total += Number(match[1]);
  return total;
}

/** A suite that fails without a failed test (it did not compile, it crashed) counts as one failure; one without tests too. */
function totalsOf({ code, output }, passed, failed) {
  const totals = { passed: sum(output, passed), failed: sum(output, failed) };
  if (totals.failed === 0 && (code !== 0 || totals.passed === 0)) totals.failed = 1;
  if (totals.failed > 0) console.log(output);
  else for (const line of output.match(/^.*\bskipped: .*$/gm) ?? []) console.log(line);
  return totals;
}

const suites = {
  ok: runChecks,
  rust: () => totalsOf(run("cargo", ["test", "--quiet", "--locked", "--workspace"]), /test result: .*? (\d+) passed/g, /(\d+) failed;/g),
  bun: () => {
    const [command] = runtimeCommand("bun", "", []);
    return totalsOf(
      run(command, ["test", "--no-install", "--timeout", "60000", ...testFiles(root).map((file) => `./${file}`)]),
      /^ *(\d+) pass$/gm,
      /^ *(\d+) fail$/gm,
    );
  },
  deno: () =>
    totalsOf(
      run(bin("deno"), ["test", "-A", "--no-check", "--quiet", "--unstable-no-legacy-abort", ...testFiles(root)]),
      /\| (\d+) passed/g,
      /\| \d+ passed .*?\| (\d+) failed/g,
    ),
  quality: () => {
    const data = process.env.MIDSTREAM_DATA ?? join(root, "..", "shared", "data");
    if (!existsSync(data)) {
      console.log(`skipped: quality gates (no data at MIDSTREAM_DATA)`);
      return { passed: 0, failed: 0 };
    }
    const [command, args] = runtimeCommand("bun", "bench/quality/run.ts", ["--gates"]);
    const result = run(command, args);
    console.log(result.output);
    return totalsOf({ ...result, output: result.output }, /(\d+) gates passed/g, /(\d+) gates failed/g);
  },
};

ensureReady();
const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !(name in suites));
if (unknown.length > 0) {
  console.error(`test/run.mjs: unknown suite ${unknown.join(", ")}; known: ${Object.keys(suites).join(", ")}`);
  process.exit(2);
}
const total = { passed: 0, failed: 0 };
for (const name of wanted.length > 0 ? wanted : Object.keys(suites)) {
  console.log(`== ${name}`);
  const { passed, failed } = suites[name]();
  console.log(`   ${name}: ${passed} passed, ${failed} failed`);
  total.passed += passed;
  total.failed += failed;
}
console.log(`${total.passed} passed, ${total.failed} failed`);
process.exit(total.failed > 0 ? 1 : 0);
