import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { abiVersion, flatTable, guardCodes, modeFlags, numbers, stateFlags, status, tickMore, words } from "./flat-abi.ts";
import type { Signature, Slot } from "./platform.ts";

const header = readFileSync(new URL("../ffi/midstream.h", import.meta.url), "utf8").replaceAll(/\/\*[\s\S]*?\*\//g, "");

/** `stripUsage` -> `STRIP_USAGE`. */
const shout = (name: string) => name.replaceAll(/([A-Z])/g, "_$1").toUpperCase();

/** C types that a slot may stand for. */
const typesOf: Record<Slot, RegExp> = {
  u32: /^uint32_t$/,
  f64: /^double$/,
  buffer: /^(const )?(uint(8|32|64)_t|double) \*$/,
  address: /^(const )?(uint(8|32|64)_t|double) \*$/,
  handle: /^uint64_t$/,
};

test("every constant of the header has the same value here, and none is missing", () => {
  const found = Object.fromEntries(
    [...header.matchAll(/^#define (MS_\w+) \(?(-?\d+)\)?/gm)].map(([, name, value]) => [name, Number(value)]),
  );
  const prefixed = (prefix: string, suffix: string, entries: Readonly<Record<string, number>>) =>
    Object.entries(entries).map(([name, value]) => [`MS_${prefix}${shout(name)}${suffix}`, value]);
  const expected = Object.fromEntries([
    ["MS_ABI_VERSION", abiVersion],
    ...prefixed("", "", status),
    ...prefixed("", "_WORDS", words),
    ["MS_TICK_MORE", tickMore],
    ...prefixed("", "_NUMBERS", numbers),
    ...prefixed("GUARD_", "", guardCodes),
    ...prefixed("MODE_", "", modeFlags),
    ...prefixed("STATE_", "", stateFlags),
  ]);
  assert.deepEqual(found, expected);
});

test("every prototype of the header is in the table, argument by argument", () => {
  const prototypes = [...header.matchAll(/^(\w+) (ms_\w+)\(([^)]*)\);/gm)];
  assert.deepEqual(prototypes.map(([, , name]) => name).sort(), Object.keys(flatTable).sort());
  for (const [, result, name = "", list = ""] of prototypes) {
    const signature: Signature = flatTable[name as keyof typeof flatTable];
    assert.equal(result, { i32: "int32_t", u32: "uint32_t", u16: "uint16_t", handle: "uint64_t", void: "void" }[signature.result], name);
    const types = list === "void" ? [] : list.split(",").map((one) => one.trim().replace(/\w+$/, "").trim());
    assert.equal(types.length, signature.args.length, name);
    for (const [index, slot] of signature.args.entries()) assert.match(types[index]!, typesOf[slot], `${name}, argument ${index}`);
  }
});
