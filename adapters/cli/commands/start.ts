/** `midstream start`: serves until it is told to stop. */
import { defineCommand } from "citty";
import { type Config, isMidStreamError } from "../../../core/index.ts";
import { type Gateway, startGateway } from "../../gateway.ts";
import { logLine } from "../../host.ts";
import { version } from "../../version.ts";
import { type ConfigFile, readConfigFile } from "../config-file.ts";
import { discover } from "../discover.ts";
import { runtimeName } from "../runtime.ts";
import { startScreen } from "../start-screen.ts";
import { watchFile } from "../watch-file.ts";

const maxPort = 65_535;

/** Command-line options win over the file. */
function withOverrides(raw: Config, port: string | undefined, host: string | undefined): Config {
  const server = { ...raw.server, ...(port !== undefined && { port: Number(port) }), ...(host !== undefined && { host }) };
  return { ...raw, server };
}

/** Reloads the config file whenever it changes; a version with problems is refused, and the last good one serves. */
function watchConfig({ path, version }: ConfigFile, gateway: Gateway, override: (raw: Config) => Config): () => void {
  return watchFile(path, version, async () => {
    try {
      const file = await readConfigFile(path);
      if (file !== undefined) await gateway.reload(override(file.raw));
    } catch (error) {
      logLine("config-refused", { message: isMidStreamError(error) ? error.message : String(error) });
    }
  });
}

/** Resolves at the first Ctrl-C or SIGTERM; a second one ends the process at once. */
function stopRequested(): Promise<void> {
  return new Promise((resolve) => {
    let asked = false;
    const onSignal = () => {
      if (asked) process.exit(130);
      asked = true;
      resolve();
    };
    process.on("SIGINT", onSignal);
    process.on("SIGTERM", onSignal);
  });
}

export default defineCommand({
  meta: { name: "start", description: "Serve: a config file, or what is found on this machine" },
  args: {
    config: {
      type: "positional",
      required: false,
      description: "Config file (.ts, .js, .json, .yaml); default: midstream.config.* here, else discovery",
    },
    port: { type: "string", description: "TCP port, over the config's" },
    host: { type: "string", description: "Address to listen on, over the config's" },
  },
  async run({ args }) {
    if (args.port !== undefined && !(/^\d{1,5}$/.test(args.port) && Number(args.port) <= maxPort)) {
      console.error(`midstream: --port takes a number from 0 to 65535, not ${args.port}`);
      return 2;
    }
    const file = await readConfigFile(args.config);
    const discovered = file === undefined ? await discover(process.env) : undefined;
    const override = (raw: Config) => withOverrides(raw, args.port, args.host);
    const gateway = await startGateway(override(file?.raw ?? (discovered as { config: Config }).config), {
      ...(file && { folder: file.folder }),
    });
    console.log(
      startScreen({
        url: gateway.url,
        version,
        runtime: runtimeName(),
        source: file?.path ?? discovered?.found ?? "",
        model: discovered?.model ?? "your-model",
        description: gateway.kernel.describe(),
      }),
    );
    const unwatch = file && watchConfig(file, gateway, override);
    await stopRequested();
    unwatch?.();
    console.error("midstream: draining; Ctrl-C again stops at once");
    await gateway.stop();
    return 0;
  },
});
