/**
 * Makes a fresh clone ready: npm packages and the native core. Plain Node, no dependencies, because nothing is installed yet.
 *
 * Must not know what is started afterwards.
 */
import { spawnSync } from "node:child_process";
import { existsSync, lstatSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** Folder of package.json. */
export const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..");

/** Oldest Node that `npm` and this file are tried with. */
const minNodeMajor = 20;
/** Oldest Rust that the workspace builds with (Cargo.toml, `rust-version`). */
const minRust = [1, 95];

class SetupError extends Error {}

function run(command, args, what) {
  const result = spawnSync(command, args, { cwd: root, stdio: ["ignore", 2, 2] });
  if (result.error?.code === "ENOENT") throw new SetupError(`${command} is missing: ${what}`);
  if (result.status !== 0) throw new SetupError(`\`${command} ${args.join(" ")}\` failed with exit code ${result.status}: ${what}`);
}

function ensureNode() {
  const major = Number(process.versions.node.split(".")[0]);
  if (major < minNodeMajor)
    throw new SetupError(`Node ${process.versions.node} is too old: install Node ${minNodeMajor} or newer from nodejs.org`);
}

/** npm writes `node_modules/.package-lock.json` when it has finished; an older one than the lock file means: install again. */
function ensurePackages() {
  const stamp = join(root, "node_modules", ".package-lock.json");
  const lock = join(root, "package-lock.json");
  if (existsSync(stamp) && statSync(stamp).mtimeMs >= statSync(lock).mtimeMs) return;
  // npm would empty what the link leads to, for whoever else uses it.
  if (existsSync(join(root, "node_modules")) && lstatSync(join(root, "node_modules")).isSymbolicLink()) return;
  console.error("midstream: installing npm packages");
  run("npm", ["ci", "--no-audit", "--no-fund"], "look at npm's message above");
}

function libraryName() {
  if (process.platform === "darwin") return "libmidstream_ffi.dylib";
  if (process.platform === "win32") return "midstream_ffi.dll";
  return "libmidstream_ffi.so";
}

/** A published release brings the library in a package of its own, so that its users need no Rust. */
function hasPrebuilt() {
  return existsSync(join(root, "node_modules", "@midstream", `native-${process.platform}-${process.arch}`));
}

function ensureNative() {
  if (hasPrebuilt()) return;
  const version = spawnSync("cargo", ["--version"], { cwd: root, encoding: "utf8" });
  if (version.error || version.status !== 0) {
    throw new SetupError(`cargo is missing: install Rust ${minRust.join(".")} or newer from rustup.rs, then run this again`);
  }
  const [major = 0, minor = 0] = (version.stdout.match(/\d+/g) ?? []).map(Number);
  if (major < minRust[0] || (major === minRust[0] && minor < minRust[1])) {
    throw new SetupError(`Rust ${major}.${minor} is too old: run \`rustup update\` to get ${minRust.join(".")} or newer`);
  }
  if (!existsSync(join(root, "target", "release", libraryName())))
    console.error("midstream: building the native core (about a minute, once)");
  // Where the loader looks for it, whatever CARGO_TARGET_DIR or a config of cargo's says.
  const target = ["--target-dir", join(root, "target")];
  run("cargo", ["build", "--release", "--locked", "--quiet", "-p", "midstream-ffi", ...target], "look at cargo's message above");
}

/** Brings everything up to date; costs a fraction of a second when it is. Exits with one line when a tool is missing. */
export function ensureReady() {
  try {
    ensureNode();
    ensurePackages();
    ensureNative();
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    console.error(`midstream: ${error.message}`);
    process.exit(3);
  }
}

/** Deno itself: the script that its package brings starts it as a child, which a signal to the script would not reach. */
function denoCommand() {
  const folder = join(root, "node_modules", "deno");
  const script = join(folder, "bin.cjs");
  const itself = join(folder, process.platform === "win32" ? "deno.exe" : "deno");
  // The script puts it there when it is run for the first time.
  if (!existsSync(itself)) spawnSync(process.execPath, [script, "--version"], { stdio: "ignore" });
  return existsSync(itself) ? [itself] : [process.execPath, script];
}

/** Command line that runs a TypeScript file on a runtime. */
export function runtimeCommand(runtime, file, args) {
  const path = join(root, file);
  if (runtime === "deno") {
    const [deno, ...first] = denoCommand();
    return [deno, [...first, "run", "-A", "--no-check", "--unstable-no-legacy-abort", path, ...args]];
  }
  // Bun would fetch what a config or a plugin imports and nobody installed from the registry, whoever put it there.
  return [join(root, "node_modules", "bun", "bin", "bun.exe"), ["--no-install", path, ...args]];
}
