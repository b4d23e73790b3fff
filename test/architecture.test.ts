/** The import rules of the design: core <- plugins <- adapters, plugins never each other, native/bindings only core. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));

interface Import {
  /** From the root, with forward slashes. */
  readonly file: string;
  readonly specifier: string;
  /** File from the root where the specifier is relative or an alias of package.json, else the specifier. */
  readonly target: string;
  readonly line: number;
}

const aliases = (
  JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { imports: Record<string, string | Record<string, string>> }
).imports;

function sources(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return entry.name === "node_modules" || entry.name === "target" ? [] : sources(path);
    return entry.name.endsWith(".ts") ? [path] : [];
  });
}

const isTest = (file: string) => file.endsWith(".test.ts");

/** Code without comments, so that an example in one is no import. */
const code = (file: string) =>
  readFileSync(join(root, file), "utf8").replace(/\/\*[\s\S]*?\*\//g, (comment) => comment.replace(/[^\n]/g, " "));

function targetsOf(file: string, specifier: string): string[] {
  if (specifier.startsWith(".")) return [relative(root, join(root, dirname(file), specifier)).replaceAll("\\", "/")];
  const alias = aliases[specifier];
  if (alias === undefined) return [specifier];
  return (typeof alias === "string" ? [alias] : Object.values(alias)).map((path) => path.replace(/^\.\//, ""));
}

function importsOf(file: string): Import[] {
  const pattern = /(?:\bfrom\s*|\bimport\s*\(\s*|^import\s*)["']([^"'\n]+)["']/gm;
  const text = code(file);
  return [...text.matchAll(pattern)].flatMap((match) => {
    const specifier = match[1] ?? "";
    const line = text.slice(0, match.index).split("\n").length;
    return targetsOf(file, specifier).map((target) => ({ file, specifier, target, line }));
  });
}

const isInside = (folder: string, target: string) => target.startsWith(`${folder}/`);
const isOurs = (target: string) => /^(core|plugins|adapters|native|bench|test)\//.test(target);

function violations(folder: string, allowed: (found: Import) => boolean): string[] {
  return sources(folder)
    .flatMap(importsOf)
    .filter((found) => isOurs(found.target) && !allowed(found))
    .map(({ file, line, specifier }) => `${file}:${line} imports ${specifier}`);
}

test("core imports nothing outward", () => {
  assert.deepEqual(
    violations("core", ({ target }) => isInside("core", target)),
    [],
  );
});

test("core needs few packages, and of the runtime only what is no input or output", () => {
  const packages = ["@valibot/to-json-schema", "valibot", "yaml", "node:buffer", "node:crypto"];
  const outside = sources("core")
    .filter((file) => !isTest(file))
    .flatMap(importsOf)
    .filter(({ target }) => !isOurs(target) && !packages.includes(target))
    .map(({ file, line, specifier }) => `${file}:${line} imports ${specifier}`);
  assert.deepEqual(outside, []);
});

test("kernel and pipeline know no dialect", () => {
  for (const folder of ["core/kernel", "core/pipeline", "core/config", "core/plugin", "core/errors", "core/native"]) {
    assert.deepEqual(
      violations(folder, ({ target }) => !isInside("core/dialects", target)),
      [],
    );
  }
});

test("a plugin imports core and its own folder, never another plugin", () => {
  const plugin = (file: string) => file.split("/").slice(0, 3).join("/");
  const allowed = ({ file, target }: Import) => {
    // The registry is the one list of all plugins; tests run the conformance suites, and rules against the real native core.
    if (/^plugins\/[^/]+$/.test(file)) return isInside("core", target) || isInside("plugins", target);
    return isInside("core", target) || isInside(plugin(file), target) || (isTest(file) && /^(test|native\/bindings)\//.test(target));
  };
  assert.deepEqual(violations("plugins", allowed), []);
});

test("the native bindings implement what core declares, and import nothing else", () => {
  const allowed = ({ file, target }: Import) =>
    isInside("core", target) || isInside("native/bindings", target) || (isTest(file) && isInside("test", target));
  assert.deepEqual(violations("native/bindings", allowed), []);
});

test("core throws no bare Error: who is at fault must be said", () => {
  const bare = sources("core").filter((file) => !isTest(file) && /\bnew Error\(/.test(code(file)));
  assert.deepEqual(bare, []);
});

/** Log lines carry the time of day, which no other room needs. */
const wallClock = "plugins/sink/log/index.ts";

test("core and plugins take clock, environment and console from their hosts", () => {
  const forbidden: readonly (readonly [RegExp, string])[] = [
    [/\bprocess\.env\b/, "process.env"],
    [/\bDate\.now\s*\(/, "Date.now"],
    [/\bperformance\.now\s*\(/, "performance.now"],
    [/\bconsole\.\w+\s*\(/, "console"],
  ];
  const found = [...sources("core"), ...sources("plugins")]
    .filter((file) => !isTest(file) && !isInside("core/testing", file) && !file.endsWith("/testing.ts") && file !== wallClock)
    .flatMap((file) =>
      code(file)
        .split("\n")
        .flatMap((line, index) =>
          forbidden.filter(([pattern]) => pattern.test(line.replace(/\/\/.*$/, ""))).map(([, what]) => `${file}:${index + 1} uses ${what}`),
        ),
    );
  assert.deepEqual(found, []);
});

test("no file of the code is longer than 500 lines, unless it is a table or generated", () => {
  const isTable = (file: string) => /\.gen\.ts$|\/generated\/|\/fixtures\/|\/rules\/|metadata|rules(-[a-z]+)?\.ts$/.test(file);
  const long = ["core", "plugins", "adapters", "native/bindings", "bench"]
    .flatMap(sources)
    .filter((file) => !isTable(file) && code(file).split("\n").length > 501)
    .map((file) => `${file} has ${code(file).split("\n").length} lines`);
  assert.deepEqual(long, []);
});
