import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { registryPath, registryText } from "./generate-registry.ts";
import { registry } from "./registry.gen.ts";

test("the registry lists the plugin folders as they are; run plugins/generate-registry.ts if not", () => {
  assert.equal(readFileSync(registryPath, "utf8"), registryText());
});

test("every built-in plugin is what its folder says", async () => {
  for (const [id, load] of Object.entries(registry)) {
    const { default: plugin } = (await load()) as { default: { role: string; type: string; api: number } };
    assert.equal(`${plugin.role}/${plugin.type}`, id);
    assert.equal(plugin.api, 1);
  }
});
