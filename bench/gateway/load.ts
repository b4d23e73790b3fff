/**
 * Load generator of the project's own rig: closed loop, keep-alive, one JSON line of results; options as the C program's.
 *   bun load.ts -p PORT -P PID[,PID] [-c CONNECTIONS] [-d SECONDS] [-w WARMUP] [-a TOKENS] [-r RAMP_PER_S] [-s]
 */
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";

const { values } = parseArgs({
  options: {
    port: { type: "string", short: "p", default: "8787" },
    pids: { type: "string", short: "P", default: "" },
    connections: { type: "string", short: "c", default: "64" },
    duration: { type: "string", short: "d", default: "5" },
    warmup: { type: "string", short: "w", default: "1" },
    abort: { type: "string", short: "a", default: "0" },
    ramp: { type: "string", short: "r", default: "0" },
    slow: { type: "boolean", short: "s", default: false },
    header: { type: "string", short: "H", multiple: true, default: [] },
  },
});
const abortAfter = Number(values.abort);
const headers = Object.fromEntries((values.header ?? []).map((line) => line.split(/:\s*/, 2) as [string, string]));
const pids = (values.pids ?? "").split(",").filter(Boolean);
const body = JSON.stringify({
  model: "gpt-4o-mini",
  stream: true,
  messages: [{ role: "user", content: "Write about streaming gateways." }],
});
const latencies: number[] = [];
const counts = { tokens: 0, reqs: 0, errs: 0, non200: 0 };
let measuring = false;
let stopping = false;

const status = (pid: string, key: string) =>
  Number(new RegExp(`${key}:\\s+(\\d+)`).exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) / 1024;
const memory = (key: string) => pids.reduce((sum, pid) => sum + status(pid, key), 0);
/** Seconds of user and system time; ticks are 10 ms on Linux. */
const cpu = () =>
  pids.reduce((sum, pid) => {
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
    return sum + (Number(fields[11]) + Number(fields[12])) / 100;
  }, 0);

async function once(): Promise<void> {
  const abort = new AbortController();
  const response = await fetch(`http://127.0.0.1:${values.port}/v1/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body,
    signal: abort.signal,
  });
  if (measuring && response.status !== 200) counts.non200 += 1;
  if (values.slow) await new Promise(() => {});
  const decoder = new TextDecoder();
  let rest = "";
  let seen = 0;
  for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
    const now = (performance.timeOrigin + performance.now()) * 1000;
    rest += decoder.decode(chunk, { stream: true });
    const lines = rest.split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      const at = line.indexOf("fp_");
      if (!line.startsWith("data:") || at < 0) continue;
      seen += 1;
      if (!measuring) continue;
      counts.tokens += 1;
      latencies.push(now - Number(line.slice(at + 3, line.indexOf('"', at))));
    }
    if (abortAfter > 0 && seen >= abortAfter) break;
  }
  if (measuring) counts.reqs += 1;
}

async function client(delayMs: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, delayMs));
  while (!stopping) {
    try {
      await once();
    } catch {
      // Counted; a closed loop goes on.
      if (measuring) counts.errs += 1;
    }
  }
}

const rss0 = memory("VmRSS");
const ramp = Number(values.ramp);
for (let index = 0; index < Number(values.connections); index += 1) void client(ramp > 0 ? (index / ramp) * 1000 : 0);
await new Promise((resolve) => setTimeout(resolve, Number(values.warmup) * 1000));
measuring = true;
const started = performance.now();
const cpu0 = cpu();
await new Promise((resolve) => setTimeout(resolve, Number(values.duration) * 1000));
const seconds = (performance.now() - started) / 1000;
const used = cpu() - cpu0;
stopping = true;
latencies.sort((left, right) => left - right);
const quantile = (share: number) => Math.round(latencies[Math.floor(latencies.length * share)] ?? 0);
console.log(
  JSON.stringify({
    tok_s: Math.round(counts.tokens / seconds),
    req_s: counts.reqs / seconds,
    cpu_pct: (used / seconds) * 100,
    cpu_us_tok: counts.tokens > 0 ? (used * 1e6) / counts.tokens : 0,
    lat_p50_us: quantile(0.5),
    lat_p99_us: quantile(0.99),
    rss0_mb: rss0,
    rss_mb: memory("VmRSS"),
    peak_mb: memory("VmHWM"),
    ...counts,
  }),
);
process.exit(0);
