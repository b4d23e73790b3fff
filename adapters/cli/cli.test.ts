/** The command line as a user runs it: real processes, exit codes, output. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { pieces } from "./echo-provider.ts";

const main = join(import.meta.dirname, "main.ts");
const runArgs = "Bun" in globalThis ? ["--no-install", main] : ["run", "-A", "--no-check", main];

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function midstream(args: readonly string[], input: string | Uint8Array = "", cwd = tmpdir()): Promise<Ended> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [...runArgs, ...args], { cwd, stdio: ["pipe", "pipe", "pipe"] });
    let stdout = "";
    let stderr = "";
    child.stdout.on("data", (bytes) => {
      stdout += bytes;
    });
    child.stderr.on("data", (bytes) => {
      stderr += bytes;
    });
    child.on("close", (code) => resolve({ code, stdout, stderr }));
    child.stdin.end(input);
  });
}

function withFile<T>(name: string, text: string, use: (path: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "midstream-cli-"));
  const path = join(folder, name);
  writeFileSync(path, text);
  return use(path).finally(() => rmSync(folder, { recursive: true }));
}

test("an unknown command exits 2 and names the known ones", async () => {
  const { code, stderr } = await midstream(["sacn"]);
  assert.equal(code, 2);
  assert.match(stderr, /unknown command sacn \(did you mean scan\?\); known: start, check, scan/);
  // A name that every object has.
  const inherited = await midstream(["toString"]);
  assert.equal(inherited.code, 2);
  assert.match(inherited.stderr, /unknown command toString; known: start/);
});

test("an option or argument that the command does not know is wrong usage, not ignored", async () => {
  for (const [args, reason] of [
    [["start", "--prot", "1"], /unknown option --prot \(did you mean --port\?\); see `midstream start --help`/],
    [["start", "--port", "99999"], /--port takes a number from 0 to 65535/],
    [["start", "--host"], /--host needs a value/],
    [["check", "a.json", "b.json"], /unexpected argument b\.json/],
    [["scan", "--as", "wizard"], /^midstream: Invalid value for argument: --as \(wizard\)[^\n]*\n$/],
    [["eval", "--analyser", "pii"], /^midstream: Missing required argument: --data[^\n]*\n$/],
  ] as const) {
    const { code, stderr } = await midstream(args);
    assert.equal(code, 2, args.join(" "));
    assert.match(stderr, reason);
  }
});

test("an address that is not this machine's and a module that is not there are told in one line", async () => {
  // TEST-NET-1 (RFC 5737): nobody's address.
  for (const host of ["192.0.2.1", "no host at all"]) {
    const listen = await midstream(["start", "--host", host, "--port", "0"]);
    assert.equal(listen.code, 3, host);
    assert.match(listen.stderr, /^midstream: cannot listen there: [^\n]*\n$/, host);
  }
  const config = '{"modules":["./absent.ts"],"pipelines":{}}';
  const { code, stderr } = await withFile("c.json", config, (path) => midstream(["plugins", "--config", path]));
  assert.equal(code, 1);
  assert.match(stderr, /^midstream: Module \.\/absent\.ts cannot be imported: [^\n]*absent\.ts[^\n]*\n$/);
});

test("help that goes to a file has no colours", async () => {
  const { stdout } = await midstream(["start", "--help"]);
  assert.match(stdout, /--port=<port>/);
  assert.equal(stdout.includes("\u001b"), false);
});

test("scan says that its input is not UTF-8, since offsets then are not the input's", async () => {
  assert.match((await midstream(["scan"], Buffer.from([0xff, 0x61]))).stderr, /not UTF-8/);
  assert.equal((await midstream(["scan"], "\ufeffa\u0000é")).stderr, "");
});

test("scan prints findings with byte offsets as JSON lines, the same for every chunk size", async () => {
  const text = "Grüße an a.b@example.com!";
  const outputs = await Promise.all([["--chunk", "1"], ["--chunk", "7"], []].map((args) => midstream(["scan", ...args], text)));
  for (const { code, stdout } of outputs) {
    assert.equal(code, 0);
    const { id, findings } = JSON.parse(stdout) as {
      id: string;
      findings: { analyser: string; rule: string; start: number; end: number }[];
    };
    assert.equal(id, "stdin");
    assert.deepEqual(
      findings.filter(({ analyser }) => analyser.startsWith("analyser/pii/")).map(({ rule, start, end }) => ({ rule, start, end })),
      [{ rule: "email", start: 11, end: 26 }],
    );
  }
  assert.equal(outputs[0]?.stdout, outputs[1]?.stdout);
  assert.equal(outputs[0]?.stdout, outputs[2]?.stdout);
});

test("scan --redact prints the text as the policies leave it", async () => {
  const { stdout } = await midstream(["scan", "--redact"], "mail a.b@example.com\n");
  assert.equal(stdout, "mail [EMAIL]\n");
});

test("scan --jsonl keeps ids, and names the line that is not JSON", async () => {
  const good = await midstream(["scan", "--jsonl", "--redact"], '\ufeff{"id":"x","text":"a@example.com"}\n{"id":7,"text":"none"}\n');
  assert.equal(good.stdout, '{"id":"x","text":"[EMAIL]"}\n{"id":"7","text":"none"}\n');
  const bad = await midstream(["scan", "--jsonl"], '{"id":"x","text":"ok"}\nnot json\n');
  assert.equal(bad.code, 1);
  assert.match(bad.stderr, /Line 2 is not JSON/);
});

test("scan takes a text as a message of the request, and its context from the line", async () => {
  const config = {
    plugins: { "analyser/pii/all": {} },
    pipelines: { default: { providers: ["provider/echo/input"], analysers: ["analyser/pii/all"] } },
  };
  const line = '{"id":1,"text":"a@example.com","context":["b@example.com"],"question":"c@example.com"}\n';
  const run = (...args: string[]) =>
    withFile("c.json", JSON.stringify(config), (path) => midstream(["scan", "--config", path, "--jsonl", ...args], line));
  const asAnswer = JSON.parse((await run()).stdout) as { findings: unknown[] };
  assert.equal(asAnswer.findings.length, 1);
  // PII rules read answers, and here the answer is empty.
  assert.deepEqual(JSON.parse((await run("--as", "user")).stdout), { id: "1", findings: [] });
  for (const [wrong, reason] of [
    ['{"text":1}', /Line 1 has no string "text"/],
    ['{"text":"a","context":[1]}', /Line 1 has a "context" that is neither/],
    ["[]", /Line 1 is no object/],
  ] as const) {
    const { code, stderr } = await midstream(["scan", "--jsonl"], wrong);
    assert.equal(code, 1);
    assert.match(stderr, reason);
  }
});

test("scan takes whatever check takes, and says what is wrong with the rest", async () => {
  const module = `import { definePlugin } from "midstream/plugin";
import * as v from "valibot";
const capabilities = { reads: [], holdBytes: 0, streams: true, cost: "light", onFailure: "open" };
const made = (role, type, instance, requires = []) => definePlugin({
  api: 1, role, type, description: type, config: v.strictObject({}), capabilities, requires: () => requires,
  setup: async () => ({ ...instance, async [Symbol.asyncDispose]() {} }),
});
export const echo = made("provider", "echo", { dialect: "openai-chat", models: async () => [], addsUsage: () => false });
export const collector = made("sink", "collector", { write() {} });
export const asking = made("analyser", "asking", { plan: { rules: [] } }, ["provider/echo/mine", "analyser/pii/all"]);
`;
  const config = {
    modules: ["./m.ts"],
    server: { setupTimeoutMs: 60_000 },
    plugins: {
      "provider/echo/mine": {},
      "sink/collector/mine": {},
      "analyser/asking/a": {},
      "analyser/pii/all": {},
      "policy/redact/mask": {},
    },
    pipelines: {
      first: {
        match: { models: ["gpt-*"] },
        providers: ["provider/echo/mine"],
        analysers: ["analyser/asking/a", "analyser/pii/all"],
        policies: ["policy/redact/mask"],
        sinks: ["sink/collector/mine"],
        onFailure: { "analyser/pii/all": "closed", "policy/redact/mask": "open" },
        onUnknown: "block",
        frames: "flow",
      },
    },
  };
  await withFile("m.ts", module, async (path) => {
    const file = join(path, "..", "c.json");
    writeFileSync(file, JSON.stringify(config));
    const checked = await midstream(["check", file]);
    assert.equal(checked.code, 0, checked.stderr);
    const scanned = await midstream(["scan", "--config", file, "--redact"], "mail a@example.com");
    assert.deepEqual([scanned.code, scanned.stdout, scanned.stderr], [0, "mail [EMAIL]", ""]);
  });
  const { code, stderr } = await withFile("c.json", "{}", (path) => midstream(["scan", "--config", path]));
  assert.equal(code, 1);
  assert.match(stderr, /^midstream: pipelines: is required\n$/);
});

test("eval scores an analyser on labelled rows, with the wrong and the missed ones counted", async () => {
  const rows = [
    { text: "mail a@example.com", label: true },
    { text: "mail b@example.com", label: false },
    { text: "mail me", label: true },
    { text: "nothing", label: false },
  ];
  const evaluate = (text: string, ...args: string[]) =>
    withFile("rows.jsonl", text, (path) => midstream(["eval", "--data", path, "--analyser", "pii", "--rule", "email", ...args]));
  const lines = rows.map((row) => JSON.stringify(row)).join("\n");
  const { code, stdout } = await evaluate(lines, "--json");
  assert.equal(code, 0);
  const report = JSON.parse(stdout) as {
    auc: number;
    thresholds: { truePositives: number; falsePositives: number; falseNegatives: number }[];
  };
  assert.equal(report.auc, 0.5);
  const { truePositives, falsePositives, falseNegatives } = report.thresholds[2]!;
  assert.deepEqual([truePositives, falsePositives, falseNegatives], [1, 1, 1]);
  assert.match((await evaluate(lines)).stdout, /4 rows, 2 positive, 2 with a finding/);
  const silent = await evaluate(lines, "--json", "--set", "rules=[phone]".replace("[phone]", '["phone"]'));
  assert.equal((JSON.parse(silent.stdout) as { best: unknown }).best, null);
  const unlabelled = await evaluate('{"id":"x","text":"a","label":"bad"}');
  assert.equal(unlabelled.code, 1);
  assert.match(unlabelled.stderr, /Row x: "label" must be true, false, 0 or 1/);
});

test("check reports every problem of a config at once, with paths and suggestions", async () => {
  const config = {
    plugins: { "provider/simulator/demo": {}, "analyser/pii/all": { rulez: ["email"] } },
    pipelines: { default: { providers: ["provider/simulator/dem"], analyzers: [] } },
  };
  const { code, stderr } = await withFile("c.json", JSON.stringify(config), (path) => midstream(["check", path]));
  assert.equal(code, 1);
  assert.match(stderr, /plugins\["analyser\/pii\/all"\]\.rulez: unknown key \(did you mean "rules"\?\)/);
  assert.match(stderr, /pipelines\.default\.analyzers: unknown key \(did you mean "analysers"\?\)/);
  assert.match(stderr, /provider\/simulator\/dem/);
});

test("check accepts the config of the README's kind in JSON and in YAML", async () => {
  const json =
    '{"plugins":{"provider/simulator/demo":{},"analyser/pii/all":{},"policy/redact/mask":{}},"pipelines":{"default":{"providers":["provider/simulator/demo"],"analysers":["analyser/pii/all"],"policies":["policy/redact/mask"]}}}';
  const yaml = "plugins:\n  provider/simulator/demo:\npipelines:\n  default:\n    providers: [provider/simulator/demo]\n";
  for (const [name, text] of [
    ["c.json", json],
    ["c.yaml", yaml],
  ] as const) {
    const { code, stdout, stderr } = await withFile(name, text, (path) => midstream(["check", path]));
    assert.equal(code, 0, stderr);
    assert.match(stdout, /fine; pipelines: default/);
  }
});

test("a config and a plugin outside of the package import midstream and valibot from it", async () => {
  const config = `import { defineConfig } from "midstream";
import { definePlugin } from "midstream/plugin";
import * as v from "valibot";
export const made = definePlugin({
  api: 1, role: "analyser", type: "nothing", description: "Finds nothing", config: v.strictObject({}),
  capabilities: { reads: [], holdBytes: 0, streams: true, cost: "native", onFailure: "open" },
  setup: async () => ({ plan: { rules: [] }, async [Symbol.asyncDispose]() {} }),
});
export default defineConfig({
  modules: ["./c.ts"],
  plugins: { "provider/simulator/demo": {}, "analyser/nothing/a": {} },
  pipelines: { default: { providers: ["provider/simulator/demo"], analysers: ["analyser/nothing/a"] } },
});
`;
  const { code, stdout, stderr } = await withFile("c.ts", config, (path) => midstream(["check", path]));
  assert.equal(code, 0, stderr);
  assert.match(stdout, /fine; pipelines: default/);
});

test("an import that nobody installed is named, and not fetched from a registry", async () => {
  // The name of a package that exists there.
  const check = (text: string) => withFile("c.ts", text, (path) => midstream(["check", path]));
  const { code, stderr } = await check('import leftPad from "left-pad";\nexport default leftPad;\n');
  assert.equal(code, 1);
  assert.match(stderr, /It imports left-pad, which cannot be found/);
});

test("schema prints a JSON Schema that knows the plugins' keys", async () => {
  const { code, stdout } = await midstream(["schema"]);
  assert.equal(code, 0);
  assert.equal(stdout.includes("analyser/pii/"), true);
  assert.equal((JSON.parse(stdout) as { type: string }).type, "object");
});

test("plugins lists every shipped plugin with its config keys", async () => {
  const { stdout } = await midstream(["plugins", "--json"]);
  const names = (JSON.parse(stdout) as { plugin: string }[]).map((row) => row.plugin);
  for (const name of [
    "provider/openai-compatible",
    "provider/simulator",
    "provider/replay",
    "transport/http",
    "analyser/pii",
    "analyser/secrets",
    "analyser/literals",
    "analyser/repetition",
    "policy/redact",
    "policy/block",
    "policy/annotate",
    "sink/log",
    "sink/prometheus",
    "store/memory",
  ]) {
    assert.equal(names.includes(name), true, name);
  }
});

test("start serves on the port asked for, answers, and drains on SIGTERM with exit code 0", async () => {
  const child = spawn(process.execPath, [...runArgs, "start", "--port", "0"], {
    cwd: tmpdir(),
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, OPENAI_API_KEY: "" },
  });
  const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
  let screen = "";
  const url = await new Promise<string>((resolve, reject) => {
    child.on("close", () => reject(new Error(`ended early: ${screen}`)));
    child.stderr.on("data", (bytes) => {
      screen += bytes;
    });
    child.stdout.on("data", (bytes) => {
      screen += bytes;
      const found = /on (http:\/\/127\.0\.0\.1:\d+)/.exec(screen)?.[1];
      if (found !== undefined) resolve(found);
    });
  });
  const response = await fetch(`${url}/v1/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ model: "simulator", stream: true, messages: [{ role: "user", content: "Who can help me with my order?" }] }),
  });
  const text = await response.text();
  assert.equal(response.status, 200);
  assert.match(text, /\[EMAIL\]/);
  assert.match(text, /data: \[DONE\]\n\n$/);
  // `child.kill` makes Deno report a signal even of a child that ended by itself.
  process.kill(child.pid ?? 0, "SIGTERM");
  assert.equal(await ended, 0);
});

test("pieces split no character and lose none", () => {
  const text = "aé你🙂z";
  assert.deepEqual([...pieces(text, 3)], ["aé", "你", "🙂", "z"]);
  assert.equal([...pieces(text, 1)].join(""), text);
});
