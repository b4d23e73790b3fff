/**
 * Runs the fuzz targets: `npm run fuzz -- [--seconds N] [target ...]`; default 30 seconds each, all of them.
 *
 * libFuzzer with coverage counters, on the stable toolchain. What crashes a target is written beside the corpus and named; the exit code
 * is 1 then. Corpora grow in target/fuzz and stay on the machine; the seeds are in the repository.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";

const folder = import.meta.dirname;
const target = join(folder, "..", "..", "target", "fuzz");
const host = /^host: (.+)$/m.exec(spawnSync("rustc", ["-vV"], { encoding: "utf8" }).stdout)?.[1];
const { values, positionals } = parseArgs({ options: { seconds: { type: "string", default: "30" } }, allowPositionals: true });

const coverage = ["level=4", "inline-8bit-counters", "pc-table", "trace-compares"].map((flag) => `-Cllvm-args=-sanitizer-coverage-${flag}`);
const env = { ...process.env, CARGO_TARGET_DIR: target, RUSTFLAGS: ["-Cpasses=sancov-module", ...coverage, "--cfg fuzzing"].join(" ") };
// With --target the flags are for the targets only, not for build scripts.
const built = spawnSync("cargo", ["build", "--release", "--locked", "--target", host ?? ""], { cwd: folder, env, stdio: "inherit" });
if (built.status !== 0) process.exit(1);

const all = readdirSync(join(folder, "src", "bin")).map((file) => file.replace(/\.rs$/, ""));
const unknown = positionals.filter((name) => !all.includes(name));
if (unknown.length > 0) {
  console.error(`fuzz: no target ${unknown.join(", ")}; there are ${all.join(", ")}`);
  process.exit(2);
}
let failed = 0;
for (const name of positionals.length > 0 ? positionals : all) {
  const corpus = join(target, "corpus", name);
  mkdirSync(corpus, { recursive: true });
  const args = [
    `-max_total_time=${values.seconds}`,
    "-max_len=4096",
    "-timeout=10",
    `-artifact_prefix=${corpus}-`,
    corpus,
    join(folder, "seeds", name),
  ];
  const { status, stderr } = spawnSync(join(target, host ?? "", "release", name), args, { encoding: "utf8", maxBuffer: 1 << 28 });
  const runs = /Done (\d+) runs/.exec(stderr)?.[1];
  if (status === 0) console.log(`${name}: ${runs} runs, nothing found`);
  else {
    failed += 1;
    console.error(`${name}: FAILED\n${stderr.split("\n").slice(-40).join("\n")}`);
  }
}
process.exit(failed > 0 ? 1 : 0);
