/** Writes the native plans of the shipped analysers, as they are by default, for native/session/benches/token.rs, and runs it. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { analyserPlan } from "./quality/plan.ts";

const folder = mkdtempSync(join(tmpdir(), "midstream-bench-"));
const file = join(folder, "plan.json");
try {
  const analysers = await Promise.all(["pii", "secrets", "repetition", "dynamics"].map(analyserPlan));
  writeFileSync(file, JSON.stringify({ analysers }));
  const { status } = spawnSync("cargo", ["bench", "--locked", "-p", "midstream-session", "--bench", "token"], {
    env: { ...process.env, MIDSTREAM_PLAN: file },
    stdio: "inherit",
  });
  process.exitCode = status ?? 1;
} finally {
  rmSync(folder, { recursive: true });
}
