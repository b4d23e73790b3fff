/** Reads a config file. The only room that knows file formats; files and environment come from the host. */
import { MidStreamError } from "../errors/midstream-error.ts";

/** What reading a config needs of the outside world. */
export interface LoadHost {
  /** Text of a file. @throws where it cannot be read. */
  readFile(path: string): Promise<string>;
  /** Imports a TypeScript or JavaScript file anew, never a copy of an earlier import. */
  importModule(path: string): Promise<unknown>;
}

/** The raw config of a .ts, .js, .mjs, .json, .yaml or .yml file. @throws MidStreamError CONFIG_NOT_FOUND, CONFIG_INVALID */
export async function loadConfig(_path: string, _host: LoadHost): Promise<unknown> {
  throw new MidStreamError("KERNEL_INTERNAL", "The config loader is not complete");
}
