/** The outside world for the kernel: files, environment, clock, operator's log. The only room that touches them. */
import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, isAbsolute, resolve } from "node:path";
import { setImmediate } from "node:timers";
import { pathToFileURL } from "node:url";
import type { LoadHost } from "../core/config/load.ts";
import type { KernelHost } from "../core/kernel/kernel.ts";
import { provideOwnModules } from "./own-modules.ts";

/** What the CLI may vary. */
export interface HostSettings {
  /** Folder that every relative path in the config starts from: the config file's. */
  readonly folder: string;
  /** Receives the operator's log; default: JSON lines on stderr. */
  readonly log?: KernelHost["log"];
}

/** Later imports of a changed file must not get the earlier copy; a query does that for paths in Bun and for URLs in Deno. */
let imports = 0;

function freshSpecifier(path: string): string {
  imports += 1;
  return "Bun" in globalThis ? `${path}?v=${imports}` : `${pathToFileURL(path).href}?v=${imports}`;
}

async function importFile(path: string): Promise<unknown> {
  provideOwnModules(dirname(path));
  try {
    return await import(freshSpecifier(path));
  } catch (error) {
    // The user wrote no query, and which file of ours imported theirs says nothing.
    if (error instanceof Error) error.message = error.message.replaceAll(/\?v=\d+/g, "").replace(/ imported from \S*$/, "");
    throw error;
  }
}

/** Reads config files. */
export const loadHost: LoadHost = {
  readFile: (path) => readFile(path, "utf8"),
  importModule: (path) => importFile(resolve(path)),
};

const ignoreError = () => {};

/** The operator's log: JSON lines on stderr. Whoever read them may have gone away, which must not end the process. */
export const logLine: KernelHost["log"] = (event, fields) => {
  const { stderr } = process;
  // Not at import, and one for good: the failure of a write comes after the write.
  if (!stderr.listeners("error").includes(ignoreError)) stderr.on("error", ignoreError);
  try {
    stderr.write(`${JSON.stringify({ time: new Date().toISOString(), event, ...fields })}\n`);
  } catch {
    // There is nobody left to tell.
  }
};

/** Makes the host of one process. */
export function createHost(settings: HostSettings): KernelHost {
  return {
    now: () => performance.now(),
    every(ms, callback) {
      const timer = setInterval(callback, ms);
      timer.unref?.();
      return () => clearInterval(timer);
    },
    soon: (callback) => void setImmediate(callback),
    secret(reference) {
      if ("env" in reference) return process.env[reference.env];
      try {
        return readFileSync(resolve(settings.folder, reference.file), "utf8").trim();
      } catch {
        // The kernel reports the missing secret with the place in the config.
        return undefined;
      }
    },
    path: (file) => resolve(settings.folder, file),
    importModule(specifier) {
      const isPath = specifier.startsWith(".") || isAbsolute(specifier);
      return isPath ? importFile(resolve(settings.folder, specifier)) : import(specifier);
    },
    log: settings.log ?? logLine,
  };
}
