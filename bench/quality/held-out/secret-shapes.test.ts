import assert from "node:assert/strict";
import { test } from "node:test";
import { loadNative } from "../../../native/bindings/load.ts";
import { analyserPlan } from "../plan.ts";
import { run, textOf } from "./secret-shapes.ts";
import { files } from "./secret-shapes-files.ts";
import { settings } from "./secret-shapes-settings.ts";
import { Numbers } from "./secret-values.ts";

test("random values are found in settings, headers, commands and files, and forms without a value are left alone, as far as the gates say", async () => {
  const native = await loadNative();
  const plan = native.compile({ analysers: [await analyserPlan("secrets")], actions: [] });
  const { failures, gates } = await run((_, text) => plan.scan(text));
  assert.deepEqual(failures, []);
  assert.ok(gates > 20);
});

test("every text holds its value once", () => {
  const numbers = new Numbers(5);
  for (const shape of [...settings, ...files].filter(({ text }) => text.includes("«»"))) {
    const { text, value } = textOf(shape, numbers);
    assert.equal(text.split(value).length, 2, shape.text);
    assert.ok(!text.includes("«"), shape.text);
  }
});
