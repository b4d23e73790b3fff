/** Every config in the README of a plugin, checked and set up as it stands there. */
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { makeScratchKernel } from "../adapters/cli/scratch-kernel.ts";
import type { Config } from "../core/index.ts";
import { roles } from "../core/kernel/registry.ts";

const plugins = join(import.meta.dirname, "..", "plugins");

interface Example {
  /** `analyser/pii, config 1`. */
  readonly title: string;
  readonly config: Config;
}

type Json = Readonly<Record<string, unknown>>;

/** An excerpt that shows plugins only, as the smallest config around it. */
function completed(shown: Json): Config {
  if (shown.pipelines !== undefined) return shown as Config;
  const ids = Object.keys(shown.plugins as Json);
  const of = (role: string) => ids.filter((id) => id.startsWith(`${role}/`));
  const providers = of("provider").length > 0 ? of("provider") : ["provider/simulator/any"];
  const instances = { ...(of("provider").length === 0 && { "provider/simulator/any": {} }), ...(shown.plugins as Json) };
  const pipeline = { providers, analysers: of("analyser"), policies: of("policy"), ...(of("sink").length > 0 && { sinks: of("sink") }) };
  return { ...shown, plugins: instances, pipelines: { default: pipeline } };
}

function examplesOf(type: string): Example[] {
  const readme = readFileSync(join(plugins, type, "README.md"), "utf8");
  const blocks = [...readme.matchAll(/```json\n(.*?)```/gs)].map(([, block = ""]) => JSON.parse(block) as Json);
  return blocks
    .filter((block) => block.plugins !== undefined)
    .map((block, index) => ({ title: `${type}, config ${index + 1}`, config: completed(block) }));
}

const types = roles.flatMap((role) => readdirSync(join(plugins, role)).map((type) => `${role}/${type}`));

/** What the examples refer to by name; what is in it does not matter. */
function references(value: unknown, key: "env" | "file" | "files"): string[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => {
    if (name !== key) return references(inner, key);
    return typeof inner === "string" ? [inner] : Object.values(inner as Readonly<Record<string, string>>);
  });
}

async function setUp({ config }: Example): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "midstream-readme-"));
  const added = references(config, "env").filter((name) => process.env[name] === undefined);
  const before = process.cwd();
  try {
    // Recordings are looked for in the working folder.
    process.chdir(folder);
    for (const name of added) process.env[name] = "value-of-the-environment";
    for (const file of [...references(config, "file"), ...references(config, "files")]) {
      mkdirSync(dirname(join(folder, file)), { recursive: true });
      writeFileSync(join(folder, file), 'data: {"id":"a text"}\n\n');
    }
    const warnings: unknown[] = [];
    const kernel = await makeScratchKernel(config, {
      folder,
      log: (event, fields) => {
        if (fields.warning !== undefined || event === "plugin-unused") warnings.push({ event, ...fields });
      },
    });
    await kernel.stop();
    assert.deepEqual(warnings, []);
  } finally {
    process.chdir(before);
    for (const name of added) delete process.env[name];
    rmSync(folder, { recursive: true });
  }
}

test("every plugin's README shows a config of the plugin", () => {
  for (const type of types) {
    const ids = examplesOf(type).flatMap(({ config }) => Object.keys(config.plugins ?? {}));
    assert.ok(
      ids.some((id) => id.startsWith(`${type}/`)),
      type,
    );
  }
});

for (const example of types.flatMap(examplesOf)) {
  test(`${example.title}: can be copied as it stands`, () => setUp(example));
}
