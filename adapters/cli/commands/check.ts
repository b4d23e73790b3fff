/** `midstream check`: validates a config offline and prints all problems at once. */
import { defineCommand } from "citty";
import { checkConfig, formatProblem } from "../../../core/index.ts";
import { registry } from "../../../plugins/registry.gen.ts";
import { createHost } from "../../host.ts";
import { readTls } from "../../server-settings.ts";
import { configNames, readConfigFile } from "../config-file.ts";
import { makeScratchKernel } from "../scratch-kernel.ts";

/** What a plugin finds odd while it is set up, such as rules that contradict each other. */
function warn(event: string, fields: Readonly<Record<string, string | number | boolean>>): void {
  if (fields.warning !== undefined) console.error(`warning: ${fields.plugin}: ${fields.warning}`);
  else if (event === "plugin-unused") console.error(`warning: ${fields.plugin} is in no pipeline`);
}

export default defineCommand({
  meta: { name: "check", description: "Validate a config file without starting; exit code 1 if it has problems" },
  args: {
    config: { type: "positional", required: false, description: "Config file; default: midstream.config.* here" },
  },
  async run({ args }) {
    const file = await readConfigFile(args.config);
    if (file === undefined) {
      console.error(`midstream: no config file: name one, or create one of ${configNames.join(", ")}`);
      return 1;
    }
    const host = createHost({ folder: file.folder });
    const { problems } = await checkConfig(file.raw, { registry, importModule: (specifier) => host.importModule(specifier) });
    for (const problem of problems) console.error(formatProblem(problem));
    if (problems.length > 0) {
      console.error(`${file.path}: ${problems.length} problem${problems.length === 1 ? "" : "s"}`);
      return 1;
    }
    // Rules compile and plugins set up only in a kernel; it opens no port and calls no upstream.
    const kernel = await makeScratchKernel(file.raw, { folder: file.folder, log: warn });
    const { server } = kernel.describe();
    try {
      readTls(server, (reference) => host.secret(reference));
    } catch (error) {
      await kernel.stop();
      throw error;
    }
    const pipelines = kernel.describe().pipelines.map((pipeline) => `${pipeline.name} (${pipeline.rules} rules, ${pipeline.path} path)`);
    await kernel.stop();
    console.log(`${file.path}: fine; pipelines: ${pipelines.join(", ")}`);
    return 0;
  },
});
