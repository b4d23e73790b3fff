/** The README's plugins, run as they stand there. */
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { readConfigFile } from "../adapters/cli/config-file.ts";
import { discover } from "../adapters/cli/discover.ts";
import echo from "../adapters/cli/echo-provider.ts";
import { makeScratchKernel } from "../adapters/cli/scratch-kernel.ts";
import { startScreen } from "../adapters/cli/start-screen.ts";
import { openaiChat } from "../adapters/http/openai-chat/index.ts";

const root = join(import.meta.dirname, "..");

/** TypeScript blocks of the README that begin with their file's name. */
function listings(): Map<string, string> {
  const readme = readFileSync(join(root, "README.md"), "utf8");
  const blocks = readme.matchAll(/```ts\n\/\/ (\S+\.ts)\n(.*?)```/gs);
  return new Map([...blocks].map(([, name = "", code = ""]) => [name, code]));
}

test("the analyser and the policy of the README find, pass and block as they say", async () => {
  const files = listings();
  assert.deepEqual([...files.keys()], ["ticket.ts", "flood.ts"]);
  // Inside the package, so that `midstream/plugin` and `valibot` resolve as they do for a user who installed it.
  const folder = join(root, "test", `.readme-${process.pid}`);
  mkdirSync(folder);
  try {
    for (const [name, code] of files) writeFileSync(join(folder, name), code);
    const config = {
      modules: ["./ticket.ts", "./flood.ts"],
      plugins: {
        "provider/midstream-echo/input": { chunkBytes: 3 },
        "analyser/ticket/all": {},
        "policy/flood/stop": { limit: 2 },
        "policy/redact/mask": {},
      },
      pipelines: {
        default: {
          providers: ["provider/midstream-echo/input"],
          analysers: ["analyser/ticket/all"],
          policies: ["policy/flood/stop", "policy/redact/mask"],
          sinks: [],
        },
      },
    };
    const kernel = await makeScratchKernel(config, { folder, plugins: { "provider/midstream-echo": async () => ({ default: echo }) } });
    const body = JSON.stringify({
      model: "m",
      stream: true,
      messages: [{ role: "user", content: "Which tickets?" }],
      answer: "a TICK-1111 b TICK-2222 c TICK-3333 d",
    });
    const request = openaiChat.toRequest(new TextEncoder().encode(body), {});
    const answer = await kernel.answer(request, { dialect: openaiChat, signal: new AbortController().signal, id: "req_readme" });
    let events = "";
    await answer.deliver({
      write(bytes) {
        events += new TextDecoder().decode(bytes);
      },
    });
    await kernel.stop();
    const text = [...events.matchAll(/"content":"([^"]*)"/g)].map(([, piece]) => piece).join("");
    assert.equal(text, "a [TICKET] b [TICKET] c [too many tickets]");
    assert.match(events, /"finish_reason":"content_filter"/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("the first screen of the README is what a start without a config prints", async () => {
  const readme = readFileSync(join(root, "README.md"), "utf8");
  const before = process.env.OPENAI_API_KEY;
  try {
    // With a key the simulator has a pipeline of its own, and nobody looks for a local Ollama.
    process.env.OPENAI_API_KEY = "not-a-key";
    const { config } = await discover(process.env);
    const kernel = await makeScratchKernel(config, { folder: root });
    const all = kernel.describe();
    const pipelines = all.pipelines.filter(({ name }) => name === "simulator").map((pipeline) => ({ ...pipeline, name: "default" }));
    await kernel.stop();
    const screen = startScreen({ url: "", version: "", runtime: "", source: "", model: "", description: { ...all, pipelines } });
    const [, block = "no pipeline"] = /\n\n(.*?)\n\nTry it/s.exec(screen) ?? [];
    assert.ok(readme.includes(`\n${block}\n`), block);
  } finally {
    if (before === undefined) delete process.env.OPENAI_API_KEY;
    else process.env.OPENAI_API_KEY = before;
  }
});

test("the config of the README starts as it stands, given the key that it names", async () => {
  const readme = readFileSync(join(root, "README.md"), "utf8");
  const [, code = ""] = /```ts\n(import \{ defineConfig \} .*?)```/s.exec(readme) ?? [];
  // Far from the package: `midstream` must be found from anywhere.
  const folder = mkdtempSync(join(tmpdir(), "midstream-readme-"));
  const before = process.env.OPENAI_API_KEY;
  try {
    process.env.OPENAI_API_KEY = "not-a-key";
    writeFileSync(join(folder, "midstream.config.ts"), code);
    const file = await readConfigFile(join(folder, "midstream.config.ts"));
    assert.ok(file !== undefined);
    const kernel = await makeScratchKernel(file.raw, { folder });
    assert.deepEqual(
      kernel.describe().pipelines.map(({ name, path }) => [name, path]),
      [["default", "wire"]],
    );
    await kernel.stop();
  } finally {
    if (before === undefined) delete process.env.OPENAI_API_KEY;
    else process.env.OPENAI_API_KEY = before;
    rmSync(folder, { recursive: true });
  }
});
