/** `midstream start` as a process: how it takes new versions of its config, and readers that go away. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

const runArgs = "Bun" in globalThis ? ["--no-install"] : ["run", "-A", "--no-check"];

/** A process whose output is awaited piece by piece. */
class Started implements AsyncDisposable {
  readonly child: ChildProcess;
  readonly ended: Promise<number | null>;
  stdout = "";
  stderr = "";
  private isEnded = false;
  private onChange = () => {};

  constructor(script: string, ...args: readonly string[]) {
    this.child = spawn(process.execPath, [...runArgs, script, ...args], { cwd: tmpdir(), stdio: ["pipe", "pipe", "pipe"] });
    this.child.stdout?.on("data", (bytes) => {
      this.stdout += bytes;
      this.onChange();
    });
    this.child.stderr?.on("data", (bytes) => {
      this.stderr += bytes;
      this.onChange();
    });
    this.ended = new Promise((resolve) => {
      this.child.on("exit", (code) => {
        this.isEnded = true;
        this.onChange();
        resolve(code);
      });
    });
  }

  /** What matches in the output, once it does. @throws if the process ends before */
  async until(stream: "stdout" | "stderr", pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const found = pattern.exec(this[stream]);
      if (found !== null) return found;
      assert.equal(this.isEnded, false, `ended before ${pattern}: ${this.stdout}${this.stderr}`);
      await new Promise<void>((resolve) => {
        this.onChange = resolve;
      });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // `child.kill` makes Deno report a signal even of a child that ended by itself.
    if (!this.isEnded) process.kill(this.child.pid ?? 0, "SIGKILL");
    await this.ended;
  }
}

const midstream = (...args: readonly string[]) => new Started(join(import.meta.dirname, "main.ts"), ...args);

function inFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "midstream-start-"));
  return use(folder).finally(() => rmSync(folder, { recursive: true }));
}

/** Another number gives another config. */
const config = (firstPartMs: number) =>
  JSON.stringify({
    server: { port: 0, firstPartMs },
    plugins: { "provider/simulator/demo": { tokensPerSecond: 0 } },
    pipelines: { default: { providers: ["provider/simulator/demo"] } },
  });

async function ask(url: string): Promise<number> {
  const body = JSON.stringify({ model: "simulator", stream: true, messages: [{ role: "user", content: "hello" }] });
  const response = await fetch(`${url}/v1/chat/completions`, { method: "POST", headers: { "content-type": "application/json" }, body });
  await response.text();
  return response.status;
}

const reloaded = (revision: number) => new RegExp(`"event":"config-reloaded","revision":${revision}\\b`);

test("every version of the config is taken, renamed over the old one or written in place, and told once", async () => {
  await inFolder(async (folder) => {
    const path = join(folder, "c.json");
    writeFileSync(path, config(1_000));
    await using gateway = midstream("start", path);
    await gateway.until("stdout", /on http:/);
    for (const revision of [2, 3, 4]) {
      writeFileSync(join(folder, "c.json~"), config(revision));
      renameSync(join(folder, "c.json~"), path);
      await gateway.until("stderr", reloaded(revision));
    }
    writeFileSync(path, config(5));
    await gateway.until("stderr", reloaded(5));
    rmSync(path);
    writeFileSync(path, "{");
    await gateway.until("stderr", /"event":"config-refused"/);
    assert.equal(gateway.stderr.match(/config-reloaded/g)?.length, 4);
  });
});

test("a config behind symbolic links is reloaded when a link is swapped, as Kubernetes does, and when its target is written", async () => {
  await inFolder(async (folder) => {
    const version = (n: number) => {
      mkdirSync(join(folder, `..v${n}`));
      writeFileSync(join(folder, `..v${n}`, "c.json"), config(n));
      symlinkSync(`..v${n}`, join(folder, "..data_tmp"));
      renameSync(join(folder, "..data_tmp"), join(folder, "..data"));
    };
    version(1);
    symlinkSync(join("..data", "c.json"), join(folder, "c.json"));
    await using gateway = midstream("start", join(folder, "c.json"));
    await gateway.until("stdout", /on http:/);
    for (const revision of [2, 3]) {
      version(revision);
      rmSync(join(folder, `..v${revision - 1}`), { recursive: true });
      await gateway.until("stderr", reloaded(revision));
    }
    writeFileSync(join(folder, "..v3", "c.json"), config(4));
    await gateway.until("stderr", reloaded(4));
  });
});

test("answers go on when the reader of the log goes away, and the operator is told", async () => {
  await inFolder(async (folder) => {
    const path = join(folder, "c.json");
    writeFileSync(path, config(1_000));
    await using gateway = midstream("start", path);
    const [, url = ""] = await gateway.until("stdout", /on (http:\/\/127\.0\.0\.1:\d+)/);
    // The whole screen, or its rest would be what fails.
    await gateway.until("stdout", /Ctrl-C drains and stops\.\n/);
    gateway.child.stdout?.destroy();
    assert.equal(await ask(url), 200);
    await gateway.until("stderr", /"event":"log-lost","plugin":"[^"]*","stream":"stdout","error":"E[A-Z]+"/);
    assert.equal(await ask(url), 200);
    process.kill(gateway.child.pid ?? 0, "SIGTERM");
    assert.equal(await gateway.ended, 0);
    assert.match(gateway.stderr, /"event":"log-dropped".*"lines":2/);
  });
});

test("a process lives on when the reader of the operator's log goes away", async () => {
  await inFolder(async (folder) => {
    const script = join(folder, "logs.ts");
    writeFileSync(
      script,
      `import { createHost } from ${JSON.stringify(join(import.meta.dirname, "..", "host.ts"))};
const host = createHost({ folder: "." });
host.log("first", {});
process.stdin.on("data", () => { host.log("again", {}); process.stdout.write("told\\n"); });
process.stdin.on("end", () => process.stdout.write("alive\\n"));
`,
    );
    await using logging = new Started(script);
    await logging.until("stderr", /first/);
    logging.child.stderr?.destroy();
    for (const times of [1, 2, 3]) {
      logging.child.stdin?.write("x");
      await logging.until("stdout", new RegExp(`^(told\\n){${times}}`));
    }
    logging.child.stdin?.end();
    await logging.until("stdout", /alive/);
    assert.equal(await logging.ended, 0);
  });
});
