/**
 * Makes `midstream` and its parts importable from config files and plugins wherever they lie.
 *
 * Without it a file outside of the package gets what the registry has under that name, which is another's package: Bun fetches it unasked.
 */

const at = (path: string): string => new URL(path, import.meta.url).href;

/** What the package exports (package.json, `exports`). */
const own: Readonly<Record<string, () => Promise<unknown>>> = {
  midstream: () => import(at("../core/index.ts")),
  "midstream/plugin": () => import(at("../core/plugin/index.ts")),
  "midstream/temporal": () => import(at("../native/bindings/temporal/index.ts")),
  "midstream/testing": () => import(at("../test/conformance/index.ts")),
};

interface Builder {
  module(specifier: string, load: () => Promise<{ readonly exports: unknown; readonly loader: "object" }>): void;
}

/** The part of Bun's API that is used here. */
interface BunModules {
  plugin(plugin: { readonly name: string; setup(builder: Builder): void }): void;
  resolveSync(specifier: string, from: string): string;
}

/** Names that are provided in this process: a second registration is an error in Bun. */
const provided = new Set<string>();

function provide(bun: BunModules, specifier: string, load: () => Promise<unknown>): void {
  if (provided.has(specifier)) return;
  provided.add(specifier);
  bun.plugin({
    name: `midstream: ${specifier}`,
    setup: (builder) => builder.module(specifier, async () => ({ exports: await load(), loader: "object" })),
  });
}

/** To be called before a file of the user is imported; `folder` is where it lies. On Deno the import map (deno.json) does the same. */
export function provideOwnModules(folder: string): void {
  const bun = (globalThis as { Bun?: BunModules }).Bun;
  if (bun === undefined) return;
  for (const [specifier, load] of Object.entries(own)) provide(bun, specifier, load);
  try {
    bun.resolveSync("valibot", folder);
  } catch {
    // The user's files have no valibot of their own, so they get the one that plugins here are written with. By its path: its name is taken now.
    const path = bun.resolveSync("valibot", import.meta.dirname);
    provide(bun, "valibot", () => import(path));
  }
}
