/**
 * The measuring rig: a mock upstream, a load generator and a TCP relay, each on the core that the gateway does not have.
 *
 * Prefers the C programs of MIDSTREAM_RIG (default ../shared/bench), which disturb least; without them, or without a C
 * compiler, the project's own `mock.ts` and `load.ts` with the same options, so that anyone can repeat a measurement.
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const root = join(import.meta.dirname, "..", "..");
const sources = process.env.MIDSTREAM_RIG ?? join(root, "..", "shared", "bench");
const binaries = join(tmpdir(), "midstream-rig");

/** What the load generator prints; latencies in microseconds, memory in MB, CPU of the gateway only. */
export interface LoadResult {
  readonly tok_s: number;
  readonly req_s: number;
  readonly cpu_pct: number;
  readonly cpu_us_tok: number;
  readonly lat_p50_us: number;
  readonly lat_p99_us: number;
  readonly rss0_mb: number;
  readonly rss_mb: number;
  readonly peak_mb: number;
  readonly errs: number;
  readonly non200: number;
  readonly reqs: number;
  readonly tokens: number;
}

/** Programs of the rig. */
export interface Rig {
  readonly kind: "C" | "TypeScript";
  mock(port: number, options: readonly string[]): readonly string[];
  load(port: number, pids: readonly number[], options: readonly string[]): readonly string[];
  /** undefined where the rig has none. */
  relay(port: number, upstream: number): readonly string[] | undefined;
}

const bun = process.execPath;

function compiled(name: string): string | undefined {
  const source = join(sources, `${name}.c`);
  if (!existsSync(source)) return undefined;
  mkdirSync(binaries, { recursive: true });
  const binary = join(binaries, name);
  if (existsSync(binary) && statSync(binary).mtimeMs > statSync(source).mtimeMs) return binary;
  return spawnSync("cc", ["-O2", "-w", "-o", binary, source]).status === 0 ? binary : undefined;
}

/** Finds the best rig of this machine. */
export function findRig(): Rig {
  const mock = compiled("mock");
  const load = compiled("load");
  const relay = compiled("relay");
  const pidList = (pids: readonly number[]) => ["-P", pids.join(",")];
  if (mock !== undefined && load !== undefined && relay !== undefined) {
    return {
      kind: "C",
      mock: (port, options) => [mock, "-p", String(port), ...options],
      load: (port, pids, options) => [load, "-p", String(port), ...pidList(pids), ...options],
      relay: (port, upstream) => [relay, String(port), String(upstream)],
    };
  }
  const script = (name: string) => [bun, join(import.meta.dirname, name)];
  return {
    kind: "TypeScript",
    mock: (port, options) => [...script("mock.ts"), "-p", String(port), ...options],
    load: (port, pids, options) => [...script("load.ts"), "-p", String(port), ...pidList(pids), ...options],
    relay: () => undefined,
  };
}

/** Pins a command to one core where the machine can. */
export function pinned(core: 0 | 1, command: readonly string[]): string[] {
  const canPin = process.platform === "linux" && spawnSync("taskset", ["-c", "1", "true"]).status === 0;
  return canPin ? ["taskset", "-c", String(core), ...command] : [...command];
}

/** Starts a process that belongs to the bench. */
export function start(command: readonly string[], env: Record<string, string> = {}): ChildProcess {
  const [program = "", ...args] = command;
  return spawn(program, args, { env: { ...process.env, ...env }, stdio: "ignore" });
}

/** A process and all its children, from /proc. */
export function family(pid: number): number[] {
  const result = spawnSync("ps", ["-o", "pid=,ppid=", "-e"], { encoding: "utf8" });
  const pairs = result.stdout
    .trim()
    .split("\n")
    .map((line) => line.trim().split(/\s+/).map(Number) as [number, number]);
  const found = [pid];
  for (const parent of found) for (const [child, ofParent] of pairs) if (ofParent === parent && !found.includes(child)) found.push(child);
  return found;
}

/** Resident memory of processes in MB; undefined off Linux. */
export function residentMb(pids: readonly number[]): number | undefined {
  let total = 0;
  for (const pid of pids) {
    const path = `/proc/${pid}/status`;
    if (!existsSync(path)) return undefined;
    total += Number(/VmRSS:\s+(\d+)/.exec(readFileSync(path, "utf8"))?.[1] ?? 0) / 1024;
  }
  return total;
}

/** Waits until a port accepts. */
export async function accepting(port: number, timeoutMs = 60_000): Promise<void> {
  const { connect } = await import("node:net");
  const deadline = performance.now() + timeoutMs;
  while (performance.now() < deadline) {
    const open = await new Promise<boolean>((resolve) => {
      const socket = connect(port, "127.0.0.1", () => {
        socket.destroy();
        resolve(true);
      });
      socket.on("error", () => resolve(false));
    });
    if (open) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`nothing accepts on port ${port} after ${timeoutMs} ms`);
}
