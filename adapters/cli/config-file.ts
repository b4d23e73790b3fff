/** Finds and reads the config file that a command works with. */
import { existsSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { type Config, loadConfig } from "../../core/index.ts";
import { loadHost } from "../host.ts";
import { versionOf } from "./watch-file.ts";

/** Names that are looked for in the working folder, in this order. */
export const configNames = [
  "midstream.config.ts",
  "midstream.config.js",
  "midstream.config.json",
  "midstream.config.yaml",
  "midstream.config.yml",
];

/** A config as read, not yet checked. */
export interface ConfigFile {
  readonly path: string;
  /** Relative paths in it start here. */
  readonly folder: string;
  readonly raw: Config;
  /** Which version of the file was read, as `versionOf` tells them apart. */
  readonly version: string;
}

/** The named file, else one of the usual names, else undefined. @throws MidStreamError CONFIG_NOT_FOUND, CONFIG_INVALID */
export async function readConfigFile(named: string | undefined): Promise<ConfigFile | undefined> {
  const path = named ?? configNames.find((name) => existsSync(name));
  if (path === undefined) return undefined;
  const full = resolve(path);
  // Before the reading: a change that comes meanwhile then shows.
  const version = versionOf(full);
  return { path: full, folder: dirname(full), raw: (await loadConfig(full, loadHost)) as Config, version };
}
