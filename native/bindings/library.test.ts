import assert from "node:assert/strict";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { abiVersion } from "./flat-abi.ts";
import { libraryCandidates, libraryFile, loadLibrary } from "./library.ts";

test("the library loads, has the ABI of the bindings and says its version", () => {
  const library = loadLibrary();
  assert.equal(library.flat.ms_abi_version(), abiVersion);
});

test("a checkout's own build is looked for last", () => {
  assert.ok(
    libraryCandidates()
      .at(-1)!
      .endsWith(join("target", "release", libraryFile())),
  );
});

test("a missing library is one line that says where it was looked for and what to run", () => {
  assert.throws(
    () => loadLibrary({ path: "/nowhere/lib.so" }),
    (error: Error & { code: string }) => {
      assert.equal(error.code, "SETUP_NATIVE_MISSING");
      assert.match(
        error.message,
        /^Native library is missing at \/nowhere\/lib\.so; run `npm start`, or `cargo build --release -p midstream-ffi`$/,
      );
      return true;
    },
  );
});

test("a library of another ABI is refused with both numbers and what to run", () => {
  assert.throws(
    () => loadLibrary({ abiVersion: 999 }),
    (error: Error & { code: string }) => {
      assert.equal(error.code, "SETUP_NATIVE_MISMATCH");
      assert.match(error.message, new RegExp(`it has ABI ${abiVersion}, not 999; run \`npm start\``));
      assert.doesNotMatch(error.message, /\n/);
      return true;
    },
  );
});

test("a file that is no library is refused, not loaded", () => {
  const path = join(mkdtempSync(join(tmpdir(), "midstream-")), libraryFile());
  writeFileSync(path, "not a library");
  assert.throws(() => loadLibrary({ path }), { code: "SETUP_NATIVE_MISMATCH" });
});
