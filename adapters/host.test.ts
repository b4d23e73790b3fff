import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { createHost } from "./host.ts";

test("every file that a config names is looked for beside the config, not where the process was started", async () => {
  const folder = await mkdtemp(join(tmpdir(), "midstream-host-"));
  try {
    await writeFile(join(folder, "key.txt"), "value of the key\n");
    await writeFile(join(folder, "module.mjs"), "export default 42;\n");
    const host = createHost({ folder });
    assert.notEqual(process.cwd(), folder);
    assert.equal(host.path("key.txt"), join(folder, "key.txt"));
    assert.equal(host.path("/somewhere/else"), "/somewhere/else");
    for (const file of ["key.txt", join(folder, "key.txt")]) assert.equal(host.secret({ file }), "value of the key");
    assert.equal(host.secret({ file: "absent.txt" }), undefined);
    assert.deepEqual(((await host.importModule("./module.mjs")) as { default: number }).default, 42);
  } finally {
    await rm(folder, { recursive: true });
  }
});
