/**
 * What a runtime's FFI must give us. `#native` is the implementation for the runtime that loads the program.
 *
 * Types only; nothing but `platform.bun.ts` and `platform.deno.ts` may know a pointer.
 */

/**
 * An argument: numbers, a view whose memory is lent for the call, the address of memory that lives on
 * (see `addressOf`), or a 64-bit object handle, which is a number here.
 */
export type Slot = "u32" | "f64" | "buffer" | "address" | "handle";

/** A result. */
export type ResultSlot = "u16" | "u32" | "i32" | "handle" | "void";

export interface Signature {
  readonly args: readonly Slot[];
  readonly result: ResultSlot;
}

/** Symbol name -> signature. */
export type SymbolTable = Readonly<Record<string, Signature>>;

declare const addressBrand: unique symbol;

/** Where a long-lived buffer lies; opaque. Valid as long as its owner keeps the buffer. */
export interface Address {
  readonly [addressBrand]: true;
}

type ArgumentOf<S extends Slot> = S extends "buffer" ? Lent : S extends "address" ? Address : number;

/** A view whose memory is lent for one call. */
export type Lent = Uint8Array | Uint32Array | BigUint64Array | Float64Array;

type ArgumentsOf<A extends readonly Slot[]> = { -readonly [I in keyof A]: ArgumentOf<A[I]> };

/** Symbol name -> function. */
export type Calls<T extends SymbolTable> = {
  readonly [K in keyof T]: (...args: ArgumentsOf<T[K]["args"]>) => T[K]["result"] extends "void" ? void : number;
};

/** An opened library. Closing it makes its functions unusable. */
export interface OpenLibrary<T extends SymbolTable> {
  readonly calls: Calls<T>;
  close(): void;
}
