/**
 * Question: what does MidStream cost beside a TCP relay, a native pipe and Portkey, on one core?
 *   npm run bench -- gateway [--cases paced,short] [--gateways hono,midstream] [--rounds N]
 * The gateway runs alone on core 0, mock upstream and load generator on core 1; runs are interleaved; the table shows medians.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type LoadCase, loadCases } from "./cases.ts";
import { accepting, family, findRig, type LoadResult, pinned, residentMb, start } from "./rig.ts";

const root = join(import.meta.dirname, "..", "..");
const mockPort = Number(process.env.MOCK_PORT ?? 9470);
const gatewayPort = Number(process.env.GATEWAY_PORT ?? 9480);
const bun = join(root, "node_modules", "bun", "bin", "bun.exe");
const deno = join(root, "node_modules", "deno", "bin.cjs");

const base = {
  server: { host: "127.0.0.1", port: gatewayPort, maxStreams: 20_000 },
  plugins: {
    "provider/openai-compatible/up": { baseUrl: `http://127.0.0.1:${mockPort}/v1` },
    "provider/openai-compatible/flood": { baseUrl: `http://127.0.0.1:${mockPort + 1}/v1` },
  },
};
const everything = {
  "analyser/pii/all": {},
  "analyser/secrets/all": {},
  "analyser/repetition/loops": {},
  "policy/redact/mask": {},
};
const pipeline = { providers: ["provider/openai-compatible/up"] };
const analysed = {
  ...pipeline,
  analysers: ["analyser/pii/all", "analyser/secrets/all", "analyser/repetition/loops"],
  policies: ["policy/redact/mask"],
};
const readerId = "analyser/reading/ts";

/** Config of each MidStream variant. */
const configs: Record<string, object> = {
  "midstream-none": { ...base, pipelines: { default: pipeline } },
  midstream: { ...base, plugins: { ...base.plugins, ...everything }, pipelines: { default: analysed } },
  "midstream-flow": {
    ...base,
    plugins: { ...base.plugins, ...everything },
    pipelines: {
      default: { ...analysed, frames: "flow" },
      flood: { ...analysed, providers: ["provider/openai-compatible/flood"], match: { headers: { "x-flood": "1" } } },
    },
  },
  "midstream-parts": {
    ...base,
    modules: [join(root, "core", "testing", "reading-analyser.ts")],
    plugins: { ...base.plugins, ...everything, [readerId]: {} },
    pipelines: { default: { ...analysed, analysers: [...analysed.analysers, readerId] } },
  },
};

function configFile(id: string): string {
  const folder = join(tmpdir(), "midstream-bench-config");
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${id}.json`);
  writeFileSync(file, JSON.stringify(configs[id]));
  return file;
}

interface Gateway {
  readonly command: readonly string[];
  readonly env?: Record<string, string>;
  readonly load?: readonly string[];
}

function portkey(): Gateway | undefined {
  const folder = join(import.meta.dirname, "peers", "portkey");
  const installed = join(tmpdir(), "midstream-peer-portkey");
  const server = join(installed, "node_modules/@portkey-ai/gateway/build/start-server.js");
  if (!existsSync(server)) {
    mkdirSync(installed, { recursive: true });
    spawnSync("cp", [join(folder, "package.json"), installed]);
    if (spawnSync("npm", ["install", "--no-audit", "--no-fund"], { cwd: installed }).status !== 0) return undefined;
  }
  return {
    command: ["node", server, `--port=${gatewayPort}`, "--headless"],
    load: ["-H", "x-portkey-provider: openai", "-H", `x-portkey-custom-host: http://127.0.0.1:${mockPort}/v1`],
  };
}

const rig = findRig();

function gateway(id: string): Gateway | undefined {
  if (id === "relay") {
    const command = rig.relay(gatewayPort, mockPort);
    return command && { command };
  }
  if (id === "hono") {
    return {
      command: [bun, join(import.meta.dirname, "peers", "hono-passthrough.ts")],
      env: { PORT: String(gatewayPort), UPSTREAM: `http://127.0.0.1:${mockPort}/v1` },
    };
  }
  if (id === "portkey") return portkey();
  const main = join(root, "adapters", "cli", "main.ts");
  if (id === "midstream-deno") {
    return { command: ["node", deno, "run", "-A", "--no-check", "--unstable-no-legacy-abort", main, "start", configFile("midstream")] };
  }
  return { command: [bun, main, "start", configFile(id)] };
}

async function measure(id: string, load: LoadCase): Promise<LoadResult | undefined> {
  const chosen = gateway(id);
  if (chosen === undefined) return undefined;
  const mock = start(pinned(1, rig.mock(mockPort, load.mock)));
  const others = load.beside ? [start(pinned(1, rig.mock(mockPort + 1, load.beside.mock)))] : [];
  const process = start(pinned(0, chosen.command), { BUN_CONFIG_MAX_HTTP_REQUESTS: "65535", MIDSTREAM_LOG: "off", ...chosen.env });
  try {
    await accepting(mockPort);
    await accepting(gatewayPort);
    await new Promise((resolve) => setTimeout(resolve, 500));
    const pids = family(process.pid ?? 0);
    if (load.beside) {
      others.push(start(pinned(1, rig.load(gatewayPort, pids, load.beside.load))));
      await new Promise((resolve) => setTimeout(resolve, 1000));
    }
    const [program = "", ...args] = pinned(1, rig.load(gatewayPort, pids, [...(chosen.load ?? []), ...load.load]));
    const result = spawnSync(program, args, { encoding: "utf8" });
    const line = result.stdout.trim().split("\n").pop() ?? "";
    const parsed = JSON.parse(line) as LoadResult;
    // What stays after the load has gone tells a leak from a working set.
    await new Promise((resolve) => setTimeout(resolve, 1500));
    return { ...parsed, rss_mb: residentMb(pids) ?? parsed.rss_mb };
  } finally {
    for (const pid of [process, mock, ...others].flatMap((each) => family(each.pid ?? 0)).reverse()) {
      try {
        globalThis.process.kill(pid, "SIGKILL");
      } catch {
        // It has ended already.
      }
    }
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
}

const median = (values: readonly number[]) => [...values].sort((left, right) => left - right)[Math.floor(values.length / 2)] ?? Number.NaN;

function row(id: string, results: readonly LoadResult[]): Record<string, string | number> {
  const of = (key: keyof LoadResult, digits = 1) => Number(median(results.map((result) => result[key])).toFixed(digits));
  return {
    gateway: id,
    "cpu us/token": of("cpu_us_tok", 2),
    "tokens/s": of("tok_s", 0),
    "requests/s": of("req_s", 0),
    "p50 ms": Number((of("lat_p50_us") / 1000).toFixed(2)),
    "p99 ms": Number((of("lat_p99_us") / 1000).toFixed(2)),
    "cpu %": of("cpu_pct"),
    "MB before": of("rss0_mb"),
    "MB peak": of("peak_mb"),
    "MB after": of("rss_mb"),
    errors: of("errs", 0) + of("non200", 0),
    requests: of("reqs", 0),
  };
}

const { values } = parseArgs({
  options: { cases: { type: "string" }, gateways: { type: "string" }, rounds: { type: "string" } },
  allowPositionals: true,
});
const wantedCases = values.cases?.split(",");
const wantedGateways = values.gateways?.split(",");
const commit = spawnSync("git", ["rev-parse", "--short", "HEAD"], { cwd: root, encoding: "utf8" }).stdout.trim();
console.log(`bench/gateway: rig in ${rig.kind}, ${cpus()[0]?.model ?? "unknown CPU"}, one core for the gateway, commit ${commit}`);
for (const load of loadCases) {
  if (wantedCases && !wantedCases.includes(load.id)) continue;
  const ids = load.gateways.filter((id) => !wantedGateways || wantedGateways.includes(id));
  const results = new Map<string, LoadResult[]>(ids.map((id) => [id, []]));
  for (let round = 0; round < Number(values.rounds ?? load.rounds); round += 1) {
    for (const id of ids) {
      const result = await measure(id, load);
      if (result !== undefined) results.get(id)?.push(result);
    }
  }
  console.log(`\n${load.question}`);
  console.table(ids.filter((id) => results.get(id)?.length).map((id) => row(id, results.get(id) ?? [])));
}
