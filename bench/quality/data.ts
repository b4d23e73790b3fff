/** Where the public sets are, and how their lines are read. */
import { readFileSync } from "node:fs";
import { join } from "node:path";

/** The folder of the sets; `MIDSTREAM_DATA` names another one. */
export const dataFolder = process.env.MIDSTREAM_DATA ?? join(import.meta.dirname, "..", "..", "..", "shared", "data");

/** Rows of a file of JSON lines; `path` starts from `dataFolder`. Throws where the file is not there. */
export const rows = <T>(path: string): T[] =>
  readFileSync(join(dataFolder, path), "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as T);
