/**
 * Deno's FFI. One of the two files that know pointers.
 *
 * An address is a pointer object, made once: making one costs 169 ns, passing it 5 ns (facts/runtime.md section 4).
 */
import type { Address, Calls, Lent, OpenLibrary, ResultSlot, Slot, SymbolTable } from "./platform.ts";

const slots: Record<Slot, Deno.NativeType> = { u32: "u32", f64: "f64", buffer: "buffer", address: "pointer", handle: "u64" };
const results: Record<ResultSlot, Deno.NativeResultType> = { u16: "u16", u32: "u32", i32: "i32", handle: "u64", void: "void" };

type AnyCall = (...args: unknown[]) => unknown;

/** Opens the library. @throws whatever the runtime throws for a missing file or symbol. */
export function openLibrary<T extends SymbolTable>(path: string, table: T): OpenLibrary<T> {
  const described = Object.entries(table).map(([name, { args, result }]) => [
    name,
    { parameters: args.map((slot) => slots[slot]), result: results[result] },
  ]);
  const library = Deno.dlopen(path, Object.fromEntries(described) as Record<string, Deno.ForeignFunction>);
  const symbols = library.symbols as Record<string, AnyCall>;
  const calls = Object.entries(table).map(([name, { result }]) => {
    const call = symbols[name] as AnyCall;
    // 64-bit results are BigInts here; handles are addresses below 2^47, so a number holds them.
    return [name, result === "handle" ? (...args: unknown[]) => Number(call(...args)) : call];
  });
  // The table's types say what the descriptions above do.
  return { calls: Object.fromEntries(calls) as Calls<T>, close: () => library.close() };
}

/** The memory's address. */
export function addressOf(view: Lent): Address {
  // The cast narrows the view's buffer, which is never a shared one here.
  return Deno.UnsafePointer.of(view as Uint8Array<ArrayBuffer>) as unknown as Address;
}
