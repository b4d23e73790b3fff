/**
 * Bun's FFI. One of the two files that know pointers.
 *
 * An address is the number that `ptr` gives: passing it costs 4 ns, passing the view 9 ns (facts/runtime.md section 4).
 */
import { dlopen, type FFITypeOrString, ptr } from "bun:ffi";
import type { Address, Calls, Lent, OpenLibrary, ResultSlot, Slot, SymbolTable } from "./platform.ts";

const slots: Record<Slot, FFITypeOrString> = { u32: "u32", f64: "f64", buffer: "buffer", address: "ptr", handle: "ptr" };
// A handle is an address below 2^47: as `ptr` it is a number, as `u64` it would be a BigInt.
const results: Record<ResultSlot, FFITypeOrString> = { u16: "u16", u32: "u32", i32: "i32", handle: "ptr", void: "void" };

/** Opens the library. @throws whatever the runtime throws for a missing file or symbol. */
export function openLibrary<T extends SymbolTable>(path: string, table: T): OpenLibrary<T> {
  const described = Object.entries(table).map(([name, { args, result }]) => [
    name,
    { args: args.map((slot) => slots[slot]), returns: results[result] },
  ]);
  const library = dlopen(path, Object.fromEntries(described));
  // The table's types say what the descriptions above do.
  return { calls: library.symbols as unknown as Calls<T>, close: () => library.close() };
}

/** The memory's address. The view must come from `new ArrayBuffer`: memory of small typed arrays may move. */
export function addressOf(view: Lent): Address {
  return ptr(view) as unknown as Address;
}
