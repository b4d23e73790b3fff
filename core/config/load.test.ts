import assert from "node:assert/strict";
import { test } from "node:test";
import { isMidStreamError } from "../errors/midstream-error.ts";
import { loadConfig } from "./load.ts";

const host = (files: Record<string, string>, modules: Record<string, unknown> = {}) => ({
  async readFile(path: string) {
    const text = files[path];
    if (text === undefined) throw new TypeError("no such file");
    return text;
  },
  async importModule(path: string) {
    if (path in modules) return modules[path];
    throw Object.assign(new TypeError("cannot find it"), { code: "ERR_MODULE_NOT_FOUND" });
  },
});

const failure = async (path: string, files: Record<string, string>, modules?: Record<string, unknown>) => {
  try {
    await loadConfig(path, host(files, modules));
  } catch (error) {
    assert.ok(isMidStreamError(error));
    return `${error.code} ${error.message}`;
  }
  return "loaded";
};

test("JSON, YAML and TypeScript files give the same config", async () => {
  const files = { "a.json": '\ufeff{"server":{"port":1}}', "b.yaml": "server:\n  port: 1\n" };
  for (const path of ["a.json", "b.yaml", "c.ts"]) {
    assert.deepEqual(await loadConfig(path, host(files, { "c.ts": { default: { server: { port: 1 } } } })), { server: { port: 1 } }, path);
  }
});

test("what is wrong is said with its line and without the file's text", async () => {
  assert.equal(await failure("gone.json", {}), "CONFIG_NOT_FOUND gone.json: The file cannot be read");
  assert.match(await failure("gone.ts", {}), /^CONFIG_NOT_FOUND gone\.ts: The file, or something that it imports, cannot be found/);
  assert.match(await failure("a.toml", {}), /must end in/);
  assert.match(await failure("a.ts", {}, { "a.ts": { config: {} } }), /no default export/);
  const json = await failure("a.json", { "a.json": '{"key": hunter2}' });
  assert.match(json, /not valid JSON/);
  assert.ok(!json.includes("hunter2"));
  assert.match(
    await failure("a.json", { "a.json": '{\n"a": 1,\n"b": }' }),
    /^CONFIG_INVALID a\.json: The file is not valid JSON \(line 3\)$/,
  );
  const yaml = await failure("a.yml", { "a.yml": "a: 1\na: hunter2\n" });
  assert.equal(yaml, "CONFIG_INVALID a.yml: The file is not valid YAML (line 2: DUPLICATE_KEY)");
});

test("aliases that would fill the memory are refused", async () => {
  const levels = Array.from({ length: 8 }, (_, level) => `l${level}: &l${level} [${Array(10).fill(level === 0 ? "x" : `*l${level - 1}`)}]`);
  assert.match(await failure("a.yaml", { "a.yaml": levels.join("\n") }), /^CONFIG_INVALID a\.yaml: The file's aliases/);
  assert.match(await failure("a.yaml", { "a.yaml": "a: *nobody\n" }), /^CONFIG_INVALID a\.yaml: /);
});
