/** `midstream doctor`: whether this machine can run MidStream, one line a check. */
import { createServer } from "node:net";
import { defineCommand } from "citty";
import { loadNative } from "../../../native/bindings/load.ts";
import { descriptorLimit, streamLimit } from "../../limits.ts";
import { readConfigFile } from "../config-file.ts";
import { runtimeName } from "../runtime.ts";

/** Oldest runtimes (package.json, engines; design). */
const minimum = { Bun: [1, 4, 5], Deno: [2, 9, 0] } as const;

interface Check {
  readonly name: string;
  readonly ok: boolean;
  readonly text: string;
}

function runtimeCheck(): Check {
  const [name = "", version = ""] = runtimeName().split(" ");
  const wanted = minimum[name as keyof typeof minimum];
  const found = version.split(".").map(Number);
  const difference = wanted?.map((part, index) => (found[index] ?? 0) - part).find((part) => part !== 0) ?? 0;
  const ok = wanted !== undefined && difference >= 0;
  return { name: "runtime", ok, text: ok ? `${name} ${version}` : `${name} ${version}; run on Bun 1.4.5 or Deno 2.9.0 or newer` };
}

async function nativeCheck(): Promise<Check> {
  try {
    const native = await loadNative();
    const rules = [{ id: "self-test", tag: "T", pattern: "[0-9]{4}", score: 1, maxBytes: 8 }];
    const plan = native.compile({ analysers: [{ id: "analyser/self/test", rules }], actions: [] });
    const found = plan.scan("pin 1234 end").length;
    plan[Symbol.dispose]();
    return {
      name: "native core",
      ok: found === 1,
      text: `version ${native.version}, ABI ${native.abi}, self-test ${found === 1 ? "passed" : "failed"}`,
    };
  } catch (error) {
    return { name: "native core", ok: false, text: error instanceof Error ? error.message : String(error) };
  }
}

function portCheck(host: string, port: number): Promise<Check> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", (error) => resolve({ name: "port", ok: false, text: `${host}:${port} cannot be bound: ${error.message}` }));
    server.listen(port, host, () => server.close(() => resolve({ name: "port", ok: true, text: `${host}:${port} is free` })));
  });
}

export default defineCommand({
  meta: { name: "doctor", description: "Check runtime, native core, limits and port; exit code 3 if something is missing" },
  args: { config: { type: "positional", required: false, description: "Config file, for host and port" } },
  async run({ args }) {
    const file = await readConfigFile(args.config);
    const { host = "127.0.0.1", port = 8787 } = file?.raw.server ?? {};
    const streams = streamLimit(0);
    const requests = Number(process.env.BUN_CONFIG_MAX_HTTP_REQUESTS ?? 256);
    const fetchLimit: Check = {
      name: "fetch limit",
      ok: true,
      text: `BUN_CONFIG_MAX_HTTP_REQUESTS=${requests} (matters only for transports with connector: fetch)`,
    };
    const checks: Check[] = [
      runtimeCheck(),
      await nativeCheck(),
      {
        name: "descriptors",
        ok: streams >= 256,
        text: `${descriptorLimit()}: up to ${streams} answers at once${streams < 256 ? "; raise it with `ulimit -n 20000`" : ""}`,
      },
      ...("Bun" in globalThis ? [fetchLimit] : []),
      await portCheck(host, port),
    ];
    for (const check of checks) console.log(`${check.ok ? "ok  " : "FAIL"}  ${check.name}: ${check.text}`);
    return checks.every((check) => check.ok) ? 0 : 3;
  },
});
