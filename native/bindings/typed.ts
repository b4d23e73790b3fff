/**
 * Run time of the generated bindings: how values of uniffi's types become bytes and back, and how a typed function is
 * called. One source for every runtime.
 *
 * A function `uniffi_ffibuffer_*` takes two arrays of 8-byte elements in the machine's byte order: arguments, and
 * result with call status. Text, bytes and everything composed travel in buffers of the library's memory, three
 * elements each; inside a buffer values follow one another in big-endian order.
 *
 * Must not know pointers: buffers are filled and emptied by `ms_buffer_*`.
 */
import { MidStreamError } from "../../core/errors/midstream-error.ts";
import { failure, lastError } from "./failure.ts";
import { type FlatTable, words } from "./flat-abi.ts";
import type { Calls, Lent } from "./platform.ts";
import { Reader, Writer } from "./values.ts";

/** What a generated file says of its component. */
export interface Component {
  readonly contract: { readonly symbol: string; readonly version: number };
  readonly calls: readonly string[];
  readonly objects: readonly ObjectKind[];
  readonly checksums: Readonly<Record<string, number>>;
}

/** The component's functions by symbol. */
export type TypedCall = (args: Lent, results: Lent) => void;
export type ObjectCall = (handle: number, status: Lent) => number;

/** Elements of the argument array; the generator refuses functions that need more. */
const argumentElements = 64;
/** Elements of the largest result (a buffer) and of the call status (a code and a buffer). */
const resultElements = words.buffer + 1 + words.buffer;
const elementBytes = 8;
/** Codes of a call status. */
const callOk = 0;
const callError = 1;

/** How values of a type cross. */
export interface Converter<T> {
  /** Appends the value to the call's arguments. @throws MidStreamError NATIVE_BAD_ARGUMENT if it is out of range. */
  lower(call: Call, value: T): void;
  /** Takes the result of a call. */
  lift(results: Results): T;
  /** Elements of the result. */
  readonly elements: number;
  write(writer: Writer, value: T): void;
  read(reader: Reader): T;
}

/** Makes the error of a failed call. */
export interface ErrorConverter {
  read(reader: Reader): Error;
}

/** An error that the library declares; `detail` says which variant, with its fields. */
export class TypedError<D extends { readonly kind: string }> extends Error {
  readonly detail: D;

  constructor(detail: D) {
    super(detail.kind);
    this.detail = detail;
  }
}

/** Where a call's result lies. */
export class Results {
  readonly abi: TypedAbi;
  readonly view: DataView;

  constructor(abi: TypedAbi, view: DataView) {
    this.abi = abi;
    this.view = view;
  }

  /** Takes the buffer at an element: copies it and frees it. */
  buffer(element: number): Uint8Array {
    return this.abi.takeBuffer(this.view, element * elementBytes);
  }
}

/** Arguments of one call. There is one for each `TypedAbi`, used anew for every call. */
export class Call {
  readonly abi: TypedAbi;
  readonly #view = new DataView(new ArrayBuffer(argumentElements * elementBytes));
  readonly #bytes = new Uint8Array(this.#view.buffer);
  readonly #results: Results;
  readonly #resultBytes: Uint8Array;
  #element = 0;
  /** Buffers are made, and objects cloned, only when all arguments are known to be good. */
  readonly #pending: (() => void)[] = [];

  constructor(abi: TypedAbi) {
    this.abi = abi;
    const view = new DataView(new ArrayBuffer(resultElements * elementBytes));
    this.#results = new Results(abi, view);
    this.#resultBytes = new Uint8Array(view.buffer);
  }

  reset(): void {
    this.#element = 0;
    this.#pending.length = 0;
  }

  /** Adds an argument of one element. */
  scalar(put: (view: DataView, offset: number) => void): void {
    put(this.#view, this.#element++ * elementBytes);
  }

  /** Adds a buffer. */
  buffer(bytes: Uint8Array, kind: "bytes" | "text"): void {
    const offset = this.#element * elementBytes;
    this.#element += words.buffer;
    this.#pending.push(() => this.abi.makeBuffer(bytes, kind, this.#bytes.subarray(offset, offset + words.buffer * elementBytes)));
  }

  /** Adds an object; the call gets a reference of its own. */
  object(object: NativeObject): void {
    const offset = this.#element++ * elementBytes;
    this.#pending.push(() => putHandle(this.#view, offset, object.cloneHandle()));
  }

  /** Calls the function. @throws the declared error, or MidStreamError NATIVE_PANIC. */
  run<T>(symbol: string, result: Converter<T>, errors: ErrorConverter | undefined): T {
    for (const commit of this.#pending) commit();
    this.reset();
    this.abi.typedCall(symbol)(this.#bytes, this.#resultBytes);
    const code = this.#results.view.getInt8(result.elements * elementBytes);
    if (code === callOk) return result.lift(this.#results);
    const detail = this.#results.buffer(result.elements + 1);
    if (code === callError && errors !== undefined) throw errors.read(new Reader(this.abi, detail));
    // `detail` is the panic's own message, which may quote the text that was analysed; the library's last error does not.
    throw new MidStreamError("NATIVE_PANIC", `${symbol}: ${lastError(this.abi.flat) || "Arguments could not be read"}`);
  }
}

/** The typed ABI of an opened library, for one thread. */
export class TypedAbi {
  readonly flat: Calls<FlatTable>;
  readonly #typed: Readonly<Record<string, TypedCall>>;
  readonly #objects: Readonly<Record<string, ObjectCall>>;
  readonly #call: Call;
  readonly #status = new Uint8Array((1 + words.buffer) * elementBytes);
  /** Objects that nobody disposed of; a safety net, not a plan. */
  readonly lost = new FinalizationRegistry<() => void>((release) => release());

  constructor(flat: Calls<FlatTable>, typed: Readonly<Record<string, TypedCall>>, objects: Readonly<Record<string, ObjectCall>>) {
    this.flat = flat;
    this.#typed = typed;
    this.#objects = objects;
    this.#call = new Call(this);
  }

  /** Begins a call; forgets one that was begun and not run. */
  begin(): Call {
    this.#call.reset();
    return this.#call;
  }

  typedCall(symbol: string): TypedCall {
    return this.#typed[symbol]!;
  }

  /** Clones or frees an object. */
  objectCall(symbol: string, handle: number): number {
    this.#status.fill(0);
    const result = this.#objects[symbol]!(handle, this.#status);
    if (this.#status[0] !== callOk) throw new MidStreamError("NATIVE_PANIC", `${symbol}: ${lastError(this.flat)}`);
    return result;
  }

  makeBuffer(bytes: Uint8Array, kind: "bytes" | "text", place: Uint8Array): void {
    const made = kind === "text" ? this.flat.ms_buffer_from_text : this.flat.ms_buffer_from_bytes;
    const result = made(bytes, bytes.length, place);
    if (result < 0) throw failure(this.flat, "ms_buffer_from_bytes", result);
  }

  takeBuffer(view: DataView, offset: number): Uint8Array {
    // Lengths are below 2^31, so the low half of the second element says it all.
    const bytes = new Uint8Array(view.getUint32(offset + elementBytes, true));
    const place = new Uint8Array(view.buffer, offset, words.buffer * elementBytes);
    const result = this.flat.ms_buffer_take(place, bytes, bytes.length);
    if (result < 0) throw failure(this.flat, "ms_buffer_take", result);
    return bytes;
  }
}

/** An object of the library. Dispose of it; after that it can only be disposed of again. */
export class NativeObject implements Disposable {
  protected readonly abi: TypedAbi;
  readonly #kind: ObjectKind;
  #handle: number | undefined;

  constructor(abi: TypedAbi, handle: number, kind: ObjectKind) {
    this.abi = abi;
    this.#kind = kind;
    this.#handle = handle;
    abi.lost.register(this, () => abi.objectCall(kind.free, handle), this);
  }

  /** A reference of its own for a call. @throws MidStreamError NATIVE_BAD_HANDLE after disposal. */
  cloneHandle(): number {
    if (this.#handle === undefined) throw new MidStreamError("NATIVE_BAD_HANDLE", `${this.constructor.name} is disposed of`);
    return this.abi.objectCall(this.#kind.clone, this.#handle);
  }

  [Symbol.dispose](): void {
    const handle = this.#handle;
    if (handle === undefined) return;
    this.#handle = undefined;
    this.abi.lost.unregister(this);
    this.abi.objectCall(this.#kind.free, handle);
  }
}

/** Symbols of an object's reference count. */
export interface ObjectKind {
  readonly clone: string;
  readonly free: string;
}

/** 2^32: handles cross as two halves, since a BigInt costs ten calls. */
const high = 0x1_0000_0000;

function putHandle(view: DataView, offset: number, handle: number): void {
  view.setUint32(offset, handle % high, true);
  view.setUint32(offset + 4, Math.floor(handle / high), true);
}

function getHandle(view: DataView, offset: number): number {
  return view.getUint32(offset, true) + view.getUint32(offset + 4, true) * high;
}

function badArgument(expected: string): MidStreamError {
  // The value stays out of the message: it may be user text.
  return new MidStreamError("NATIVE_BAD_ARGUMENT", `Argument is not ${expected}`);
}

/** A type of one element. `Name` is that of DataView's accessors. */
function scalar<T>(
  name: "Uint8" | "Int8" | "Uint16" | "Int16" | "Uint32" | "Int32" | "Float32" | "Float64" | "BigUint64" | "BigInt64",
  check: (value: T) => T,
): Converter<T> {
  // DataView pairs each accessor with one value type, which the type parameter repeats.
  const get = DataView.prototype[`get${name}`] as (this: DataView, offset: number, little?: boolean) => unknown;
  const set = DataView.prototype[`set${name}`] as (this: DataView, offset: number, value: unknown, little?: boolean) => void;
  return {
    elements: 1,
    lower: (call, value) => {
      const checked = check(value);
      call.scalar((view, offset) => set.call(view, offset, checked, true));
    },
    lift: (results) => get.call(results.view, 0, true) as T,
    write: (writer, value) => writer.scalar(sizes[name], (view, offset) => set.call(view, offset, check(value))),
    read: (reader) => get.call(reader.view, reader.advance(sizes[name])) as T,
  };
}

const sizes = { Uint8: 1, Int8: 1, Uint16: 2, Int16: 2, Uint32: 4, Int32: 4, Float32: 4, Float64: 8, BigUint64: 8, BigInt64: 8 } as const;

const integer = (least: number, most: number) => (value: number) => {
  if (!Number.isInteger(value) || value < least || value > most) throw badArgument(`an integer from ${least} to ${most}`);
  return value;
};
const bigInteger = (least: bigint, most: bigint) => (value: bigint) => {
  if (typeof value !== "bigint" || value < least || value > most) throw badArgument(`a bigint from ${least} to ${most}`);
  return value;
};
const float = (value: number) => {
  if (typeof value !== "number") throw badArgument("a number");
  return value;
};

export const u8: Converter<number> = scalar("Uint8", integer(0, 0xff));
export const i8: Converter<number> = scalar("Int8", integer(-0x80, 0x7f));
export const u16: Converter<number> = scalar("Uint16", integer(0, 0xffff));
export const i16: Converter<number> = scalar("Int16", integer(-0x8000, 0x7fff));
export const u32: Converter<number> = scalar("Uint32", integer(0, 0xffff_ffff));
export const i32: Converter<number> = scalar("Int32", integer(-0x8000_0000, 0x7fff_ffff));
export const u64: Converter<bigint> = scalar("BigUint64", bigInteger(0n, 2n ** 64n - 1n));
export const i64: Converter<bigint> = scalar("BigInt64", bigInteger(-(2n ** 63n), 2n ** 63n - 1n));
export const f32: Converter<number> = scalar("Float32", float);
export const f64: Converter<number> = scalar("Float64", float);

const flag = scalar<number>("Int8", integer(0, 1));

export const boolean: Converter<boolean> = {
  elements: 1,
  lower: (call, value) => flag.lower(call, Number(value)),
  lift: (results) => flag.lift(results) === 1,
  write: (writer, value) => flag.write(writer, Number(value)),
  read: (reader) => flag.read(reader) === 1,
};

export const nothing: Converter<void> = {
  elements: 0,
  lower: () => {},
  lift: () => {},
  write: () => {},
  read: () => {},
};

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Text is UTF-8; lone surrogates become U+FFFD, as `TextEncoder` has it. */
export const text: Converter<string> = {
  elements: words.buffer,
  lower: (call, value) => {
    if (typeof value !== "string") throw badArgument("a string");
    call.buffer(encoder.encode(value), "text");
  },
  lift: (results) => decoder.decode(results.buffer(0)),
  write: (writer, value) => writer.bytes(encoder.encode(value)),
  read: (reader) => decoder.decode(reader.bytes()),
};

/** A type that always travels in a buffer. */
function composed<T>(write: (writer: Writer, value: T) => void, read: (reader: Reader) => T): Converter<T> {
  return {
    elements: words.buffer,
    lower: (call, value) => {
      const writer = new Writer();
      write(writer, value);
      call.buffer(writer.written(), "bytes");
    },
    lift: (results) => {
      const reader = new Reader(results.abi, results.buffer(0));
      const value = read(reader);
      reader.end();
      return value;
    },
    write,
    read,
  };
}

export const bytes: Converter<Uint8Array> = composed(
  (writer, value) => {
    if (!(value instanceof Uint8Array)) throw badArgument("a Uint8Array");
    writer.bytes(value);
  },
  (reader) => reader.bytes(),
);

export function optional<T>(inner: Converter<T>): Converter<T | undefined> {
  return composed(
    (writer, value) => {
      flag.write(writer, value === undefined ? 0 : 1);
      if (value !== undefined) inner.write(writer, value);
    },
    (reader) => (flag.read(reader) === 0 ? undefined : inner.read(reader)),
  );
}

export function sequence<T>(inner: Converter<T>): Converter<readonly T[]> {
  return composed(
    (writer, values) => {
      i32.write(writer, values.length);
      for (const value of values) inner.write(writer, value);
    },
    (reader) => Array.from({ length: i32.read(reader) }, () => inner.read(reader)),
  );
}

export function set<T>(inner: Converter<T>): Converter<ReadonlySet<T>> {
  const list = sequence(inner);
  return composed(
    (writer, values) => list.write(writer, [...values]),
    (reader) => new Set(list.read(reader)),
  );
}

export function map<K, V>(key: Converter<K>, value: Converter<V>): Converter<ReadonlyMap<K, V>> {
  const entry: Pick<Converter<readonly [K, V]>, "read"> = { read: (reader) => [key.read(reader), value.read(reader)] };
  return composed(
    (writer, entries) => {
      i32.write(writer, entries.size);
      for (const [one, other] of entries) {
        key.write(writer, one);
        value.write(writer, other);
      }
    },
    (reader) => new Map(Array.from({ length: i32.read(reader) }, () => entry.read(reader))),
  );
}

/** Field name -> converter, in the order of the Rust source. */
type Fields = Readonly<Record<string, unknown>>;

function writeFields(writer: Writer, fields: Fields, value: Readonly<Record<string, unknown>>): void {
  for (const [name, converter] of Object.entries(fields)) (converter as Converter<unknown>).write(writer, value[name]);
}

function readFields(reader: Reader, fields: Fields): Record<string, unknown> {
  const value: Record<string, unknown> = {};
  for (const [name, converter] of Object.entries(fields)) value[name] = (converter as Converter<unknown>).read(reader);
  return value;
}

/** `fields` is called late, so that types may refer to one another. */
export function record<T extends object>(fields: () => { readonly [K in keyof T]-?: Converter<T[K]> }): Converter<T> {
  return composed(
    (writer, value) => writeFields(writer, fields(), value as Readonly<Record<string, unknown>>),
    (reader) => readFields(reader, fields()) as T,
  );
}

/** An enum without data: variants are numbered from 1. */
export function literal<T extends string>(variants: readonly T[]): Converter<T> {
  return composed(
    (writer, value) => {
      const index = variants.indexOf(value);
      if (index < 0) throw badArgument(`one of ${variants.join(", ")}`);
      i32.write(writer, index + 1);
    },
    (reader) => variants[i32.read(reader) - 1]!,
  );
}

/** An enum with data. */
export function choice<T extends { readonly kind: string }>(
  variants: () => readonly (readonly [kind: T["kind"], fields: Fields])[],
): Converter<T> {
  return composed(
    (writer, value) => {
      const index = variants().findIndex(([kind]) => kind === value.kind);
      if (index < 0) throw badArgument("a known variant");
      i32.write(writer, index + 1);
      writeFields(writer, variants()[index]![1], value as Readonly<Record<string, unknown>>);
    },
    (reader) => {
      const [kind, fields] = variants()[i32.read(reader) - 1]!;
      return { kind, ...readFields(reader, fields) } as unknown as T;
    },
  );
}

export function error<D extends { readonly kind: string }>(detail: Converter<D>, make: new (detail: D) => TypedError<D>): ErrorConverter {
  return { read: (reader) => new make(detail.read(reader)) };
}

export function object<T extends NativeObject>(
  kind: ObjectKind & { readonly make: (abi: TypedAbi, handle: number, kind: ObjectKind) => T },
): Converter<T> {
  return {
    elements: 1,
    lower: (call, value) => {
      if (!(value instanceof NativeObject)) throw badArgument("an object of the library");
      call.object(value);
    },
    lift: (results) => kind.make(results.abi, getHandle(results.view, 0), kind),
    // Inside a buffer a handle is 64 bits, big-endian.
    write: (writer, value) => {
      const handle = value.cloneHandle();
      writer.scalar(8, (view, offset) => view.setBigUint64(offset, BigInt(handle)));
    },
    read: (reader) => kind.make(reader.abi, Number(reader.view.getBigUint64(reader.advance(8))), kind),
  };
}
