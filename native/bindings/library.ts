/**
 * Finds, opens and checks the native library: a prebuilt platform package first, then what `cargo build` left.
 *
 * Reads no environment. Opens nothing at import.
 */
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { arch, platform } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { openLibrary } from "#native";
import { MidStreamError } from "../../core/errors/midstream-error.ts";
import { abiVersion, type FlatTable, flatTable } from "./flat-abi.ts";
import { component } from "./generated/midstream.ts";
import type { Calls, Signature, SymbolTable } from "./platform.ts";
import { type ObjectCall, TypedAbi, type TypedCall } from "./typed.ts";

const remedy = "run `npm start`, or `cargo build --release -p midstream-ffi`";
const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..");

const typedSignature: Signature = { args: ["buffer", "buffer"], result: "void" };
const cloneSignature: Signature = { args: ["handle", "buffer"], result: "handle" };
const freeSignature: Signature = { args: ["handle", "buffer"], result: "void" };

/** Where to look and what to accept; the defaults are right outside of tests. */
export interface LoadOptions {
  /** The library's file. Default: see `libraryCandidates`. */
  readonly path?: string;
  /** `MS_ABI_VERSION` that is accepted. */
  readonly abiVersion?: number;
}

/** The opened library. */
export interface NativeLibrary {
  readonly path: string;
  readonly flat: Calls<FlatTable>;
  readonly typed: TypedAbi;
}

/** The library's file name on this platform. */
export function libraryFile(): string {
  const names: Partial<Record<NodeJS.Platform, string>> = { win32: "midstream_ffi.dll", darwin: "libmidstream_ffi.dylib" };
  return names[platform()] ?? "libmidstream_ffi.so";
}

/** Files that may be the library, in the order in which they are looked at. */
export function libraryCandidates(): readonly string[] {
  const built = join(root, "target", "release", libraryFile());
  const name = `@midstream/native-${platform()}-${arch()}`;
  try {
    const manifest = createRequire(import.meta.url).resolve(`${name}/package.json`);
    return [join(dirname(manifest), libraryFile()), built];
  } catch {
    // No prebuilt package for this platform is installed: the usual case in a checkout.
    return [built];
  }
}

/**
 * Opens the library.
 *
 * @throws MidStreamError SETUP_NATIVE_MISSING, SETUP_NATIVE_MISMATCH; one line that says what to run.
 */
export function loadLibrary(options: LoadOptions = {}): NativeLibrary {
  const candidates = options.path === undefined ? libraryCandidates() : [options.path];
  const path = candidates.find((file) => existsSync(file));
  if (path === undefined) {
    throw new MidStreamError("SETUP_NATIVE_MISSING", `Native library is missing at ${candidates.join(" and ")}; ${remedy}`);
  }
  checkAbi(path, options.abiVersion ?? abiVersion);
  const flat = open(path, flatTable).calls;
  checkComponent(path);
  const objects = {
    ...tableOf(
      component.objects.map(({ clone }) => clone),
      cloneSignature,
    ),
    ...tableOf(
      component.objects.map(({ free }) => free),
      freeSignature,
    ),
  };
  // The generated file lists exactly the symbols that it calls, with these signatures; a table of unknown names has no types.
  const typedCalls = open(path, tableOf(component.calls, typedSignature)).calls as unknown as Readonly<Record<string, TypedCall>>;
  const objectCalls = open(path, objects).calls as unknown as Readonly<Record<string, ObjectCall>>;
  return { path, flat, typed: new TypedAbi(flat, typedCalls, objectCalls) };
}

function tableOf(symbols: readonly string[], signature: Signature): SymbolTable {
  return Object.fromEntries(symbols.map((symbol) => [symbol, signature]));
}

function open<T extends SymbolTable>(path: string, table: T) {
  try {
    return openLibrary(path, table);
  } catch (cause) {
    throw mismatch(path, "it cannot be opened or lacks a symbol", cause);
  }
}

/** The version first, alone: a library of another version may lack any other symbol. */
function checkAbi(path: string, wanted: number): void {
  const found = open(path, { ms_abi_version: flatTable.ms_abi_version }).calls.ms_abi_version();
  if (found !== wanted) throw mismatch(path, `it has ABI ${found}, not ${wanted}`);
}

/** Every typed function is what it was when the bindings were generated. */
function checkComponent(path: string): void {
  const table = {
    ...tableOf([component.contract.symbol], { args: [], result: "u32" }),
    ...tableOf(Object.keys(component.checksums), { args: [], result: "u16" }),
  };
  const calls = open(path, table).calls as unknown as Readonly<Record<string, () => number>>;
  const expected: Record<string, number> = { ...component.checksums, [component.contract.symbol]: component.contract.version };
  for (const [symbol, value] of Object.entries(expected)) {
    if (calls[symbol]!() !== value) throw mismatch(path, `${symbol} has changed since the bindings were generated`);
  }
}

function mismatch(path: string, reason: string, cause?: unknown): MidStreamError {
  return new MidStreamError("SETUP_NATIVE_MISMATCH", `Native library ${path} does not fit: ${reason}; ${remedy}`, { cause });
}
