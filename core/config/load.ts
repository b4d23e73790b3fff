/** Reads a config file. The only room that knows file formats; files and modules come from the host. */
import { LineCounter, parseDocument } from "yaml";
import { isMidStreamError, MidStreamError } from "../errors/midstream-error.ts";
import { brokenJsonAt } from "../stream/broken-json.ts";

/** Copies that a file's aliases may make; a few nested lists of aliases would fill the memory. */
const maxAliasCount = 100;

/** What reading a config needs of the outside world. */
export interface LoadHost {
  /** Text of a file. @throws where it cannot be read. */
  readFile(path: string): Promise<string>;
  /** Imports a TypeScript or JavaScript file anew, never a copy of an earlier import. */
  importModule(path: string): Promise<unknown>;
}

const invalid = (path: string, what: string, cause?: unknown) => new MidStreamError("CONFIG_INVALID", `${path}: ${what}`, { cause });

/** The raw config of a .ts, .js, .mjs, .json, .yaml or .yml file. @throws MidStreamError CONFIG_NOT_FOUND, CONFIG_INVALID */
export async function loadConfig(path: string, host: LoadHost): Promise<unknown> {
  const extension = /\.([^./\\]+)$/.exec(path)?.[1]?.toLowerCase() ?? "";
  switch (extension) {
    case "ts":
    case "mts":
    case "js":
    case "mjs":
      return loadModule(path, host);
    case "json":
      return parseJson(path, await read(path, host));
    case "yaml":
    case "yml":
      return parseYaml(path, await read(path, host));
    default:
      throw invalid(path, "A config file must end in .ts, .js, .mjs, .json, .yaml or .yml");
  }
}

async function read(path: string, host: LoadHost): Promise<string> {
  try {
    const text = await host.readFile(path);
    return text.startsWith("\ufeff") ? text.slice(1) : text;
  } catch (cause) {
    throw new MidStreamError("CONFIG_NOT_FOUND", `${path}: The file cannot be read`, { cause });
  }
}

async function loadModule(path: string, host: LoadHost): Promise<unknown> {
  let module: unknown;
  try {
    module = await host.importModule(path);
  } catch (cause) {
    if (isMidStreamError(cause)) throw cause;
    const missing = typeof cause === "object" && cause !== null && "code" in cause && String(cause.code).includes("NOT_FOUND");
    if (missing) {
      const what = missingImport(path, cause);
      const text =
        what === undefined ? "The file, or something that it imports, cannot be found" : `It imports ${what}, which cannot be found`;
      throw new MidStreamError("CONFIG_NOT_FOUND", `${path}: ${text}`, { cause });
    }
    // The message of a syntax error or a throw is the author's own.
    throw invalid(path, `The file failed on import: ${cause instanceof Error ? cause.message : "unknown cause"}`, cause);
  }
  if (typeof module === "object" && module !== null && "default" in module) return module.default;
  throw invalid(path, "The file has no default export; write: export default defineConfig({ ... })");
}

/** What an import failed to find, as both runtimes quote it; undefined where it is the file itself. */
function missingImport(path: string, cause: unknown): string | undefined {
  const named =
    cause instanceof Error ? /(?:module|package|import|path)(?: not found)? ["']([^"'\n]{1,256})["']/i.exec(cause.message)?.[1] : undefined;
  return named?.endsWith(path) ? undefined : named;
}

/** The parsers' own messages quote the file, which may hold what should not be printed: only places are kept. */
function parseJson(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw invalid(path, `The file is not valid JSON (line ${text.slice(0, brokenJsonAt(text)).split("\n").length})`);
  }
}

function parseYaml(path: string, text: string): unknown {
  const lines = new LineCounter();
  const document = parseDocument(text, { prettyErrors: false, lineCounter: lines, uniqueKeys: true });
  if (document.errors.length > 0) {
    const places = document.errors.map((error) => `line ${lines.linePos(error.pos[0]).line}: ${error.code}`);
    throw invalid(path, `The file is not valid YAML (${places.join(", ")})`);
  }
  try {
    return document.toJS({ maxAliasCount });
  } catch (cause) {
    throw invalid(path, `The file's aliases (*name) stand for more than ${maxAliasCount} copies, or for nothing`, cause);
  }
}
