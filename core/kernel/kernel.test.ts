import assert from "node:assert/strict";
import { test } from "node:test";
import * as v from "valibot";
import { problemsOf } from "../config/problem.ts";
import { isMidStreamError } from "../errors/midstream-error.ts";
import type { PluginContext } from "../plugin/contract.ts";
import { FakeClient, fakePlugin, fakeProvider, gatewayConfig, makeGateway } from "../testing/fake-gateway.ts";
import { fakeHost, settled } from "../testing/fake-host.ts";
import { fakeNative } from "../testing/fake-native.ts";
import { block, planPolicy, redact, wordAnalyser } from "../testing/fake-plan.ts";
import { FakeUpstream } from "../testing/fake-upstream.ts";
import { createKernel } from "./create-kernel.ts";
import type { Registry } from "./registry.ts";

const idle = fakeProvider(async () => new FakeUpstream());

/** A plugin that writes down its life. */
function lived(
  role: "store" | "transport" | "provider" | "analyser",
  life: string[],
  more: { requires?: readonly string[]; fail?: "setup" | "hang" | "dispose" } = {},
) {
  const { requires = [], fail } = more;
  const instance = role === "provider" ? idle : role === "analyser" ? wordAnalyser({ A: ["a"] }) : {};
  return fakePlugin(
    role,
    "l",
    {},
    {
      requires: () => requires,
      setup: async (_config: unknown, context: PluginContext) => {
        life.push(`setup ${context.id}`);
        if (fail === "hang") await new Promise(() => {});
        if (fail === "setup") throw new TypeError("no licence");
        return {
          ...instance,
          [Symbol.asyncDispose]: async () => {
            life.push(`dispose ${context.id}`);
            if (fail === "dispose") throw new TypeError("stuck");
          },
        } as never;
      },
    },
  );
}

async function errorOf(promise: Promise<unknown>) {
  const error = await promise.then(
    () => undefined,
    (caught: unknown) => caught,
  );
  assert.ok(isMidStreamError(error), String(error));
  return error;
}

const kernelOf = (registry: Registry) => {
  const host = fakeHost();
  const native = fakeNative();
  return { host, native, kernel: createKernel({ host, native, registry }) };
};

test("set-up goes callee first and disposal in reverse, once", async () => {
  const life: string[] = [];
  const registry = {
    "analyser/l": lived("analyser", life),
    "provider/l": lived("provider", life, { requires: ["transport/l/x", "store/l/x"] }),
    "transport/l": lived("transport", life),
    "store/l": lived("store", life),
  };
  const { kernel, native } = kernelOf(registry);
  await kernel.start(gatewayConfig(registry));
  assert.equal(kernel.ready(), true);
  await Promise.all([kernel.stop(), kernel.stop()]);
  assert.equal(kernel.ready(), false);
  assert.deepEqual(life, [
    "setup transport/l/x",
    "setup store/l/x",
    "setup provider/l/x",
    "setup analyser/l/x",
    "dispose analyser/l/x",
    "dispose provider/l/x",
    "dispose store/l/x",
    "dispose transport/l/x",
  ]);
  assert.equal(native.disposedPlans, 1);
});

test("a set-up that throws or hangs names the plugin and leaves nothing behind", async () => {
  for (const fail of ["setup", "hang"] as const) {
    const life: string[] = [];
    const registry = {
      "transport/l": lived("transport", life),
      "provider/l": lived("provider", life, { requires: ["transport/l/x"], fail }),
    };
    const { kernel, host } = kernelOf(registry);
    const failed = errorOf(kernel.start(gatewayConfig(registry)));
    for (let turn = 0; turn < 10; turn += 1) await settled();
    host.advance(10_000);
    const error = await failed;
    assert.equal(error.code, fail === "hang" ? "SETUP_TIMEOUT" : "SETUP_FAILED");
    assert.equal(error.pluginId, "provider/l/x");
    assert.deepEqual(life.at(-1), "dispose transport/l/x");
    assert.equal(kernel.ready(), false);
  }
});

test("a stop during the start leaves nothing behind, and the start says that it was stopped", async () => {
  for (const fails of [false, true]) {
    const life: string[] = [];
    const begin = Promise.withResolvers<void>();
    const slow = fakePlugin("provider", "p", idle, {
      setup: async () => {
        await begin.promise;
        life.push("setup provider");
        if (fails) throw new TypeError("no licence");
        return { ...idle, [Symbol.asyncDispose]: async () => void life.push("dispose provider") } as never;
      },
    });
    const registry = { "provider/p": slow };
    const { kernel, native } = kernelOf(registry);
    const started = errorOf(kernel.start(gatewayConfig(registry)));
    for (let turn = 0; turn < 10; turn += 1) await settled();
    assert.equal((await errorOf(kernel.start(gatewayConfig(registry)))).code, "KERNEL_INTERNAL");
    const stopped = kernel.stop();
    begin.resolve();
    assert.equal((await started).code, fails ? "SETUP_FAILED" : "KERNEL_STOPPING");
    await stopped;
    assert.equal(kernel.ready(), false);
    const disposed = fails ? [] : ["dispose provider"];
    assert.deepEqual(life, ["setup provider", ...disposed]);
    assert.equal(native.disposedPlans, fails ? 0 : 1);
    assert.equal((await errorOf(kernel.start(gatewayConfig(registry)))).code, "KERNEL_INTERNAL");
  }
});

test("a set-up that gives no instance names the plugin", async () => {
  for (const wrong of [null, undefined, 42, {}, { [Symbol.asyncDispose]: 1 }]) {
    const registry = { "provider/l": fakePlugin("provider", "l", {}, { setup: async () => wrong as never }) };
    const error = await errorOf(kernelOf(registry).kernel.start(gatewayConfig(registry)));
    assert.deepEqual([error.code, error.pluginId], ["SETUP_FAILED", "provider/l/x"]);
    assert.match(error.message, /setup\(\) gave no object with \[Symbol.asyncDispose\]/);
  }
});

test("every failed disposal is kept, and the others go on", async () => {
  const life: string[] = [];
  const registry = { "provider/l": lived("provider", life), "analyser/l": lived("analyser", life, { fail: "dispose" }) };
  const { kernel } = kernelOf(registry);
  await kernel.start(gatewayConfig(registry));
  await assert.rejects(kernel.stop(), (error: AggregateError) => error.errors.length === 1);
  assert.deepEqual(life.at(-1), "dispose provider/l/x");
});

test("a context gives what requires named, and secrets that are there", async () => {
  const seen: unknown[] = [];
  const registry = {
    "store/s": fakePlugin("store", "s", { marker: 1 }),
    "provider/p": fakePlugin(
      "provider",
      "p",
      {},
      {
        requires: () => ["store/s/x"],
        setup: async (_config: unknown, context: PluginContext) => {
          seen.push((context.use("store", "store/s/x") as unknown as { marker: number }).marker, context.secret({ env: "KEY" }));
          for (const attempt of [
            () => context.use("store", "store/s/y"),
            () => context.use("sink", "store/s/x"),
            () => context.secret({ env: "NONE" }),
          ]) {
            try {
              attempt();
            } catch (error) {
              seen.push(isMidStreamError(error) && error.code);
            }
          }
          return { ...idle, [Symbol.asyncDispose]: async () => {} } as never;
        },
      },
    ),
  };
  const kernel = createKernel({ host: fakeHost({ KEY: "value" }), native: fakeNative(), registry });
  await kernel.start(gatewayConfig(registry));
  assert.deepEqual(seen, [1, "value", "PLUGIN_UNDECLARED", "PLUGIN_UNDECLARED", "CONFIG_SECRET_MISSING"]);
});

test("what the pipelines cannot do is a config error with all problems", async () => {
  const registry = {
    "provider/p": fakePlugin("provider", "p", idle),
    "analyser/words": fakePlugin("analyser", "words", wordAnalyser({ EMAIL: ["a@b"] })),
    "analyser/loops": fakePlugin("analyser", "loops", { plan: { repetition: {} } }),
    "analyser/none": fakePlugin("analyser", "none", {}),
    "policy/typo": fakePlugin("policy", "typo", planPolicy([redact("emial", "words/*")])),
    "policy/late": fakePlugin("policy", "late", planPolicy([redact("loop-*")])),
    "policy/ends": fakePlugin("policy", "ends", planPolicy([block("loops/*")])),
  };
  const { kernel, native } = kernelOf(registry);
  const error = await errorOf(kernel.start(gatewayConfig(registry)));
  assert.equal(error.code, "CONFIG_INVALID");
  assert.deepEqual(error.message.split("\n"), [
    'pipelines.default.analysers[2]: "analyser/none/x" has neither a plan nor begin nor request',
    'pipelines.default.policies[0]: "policy/typo/x" names "emial", which is no rule of this pipeline\'s analysers (did you mean "email"?)',
    'pipelines.default.policies[1]: "policy/late/x" rewrites only loops, which are seen when their text has left; end them with policy/block',
  ]);
  assert.equal(problemsOf(error).length, 3);
  assert.equal(native.compiled.length, 0);
});

test("policies' globs become actions of the native plan, in the order of the policies", async () => {
  const registry = {
    "provider/p": fakePlugin("provider", "p", idle),
    "analyser/words": fakePlugin("analyser", "words", wordAnalyser({ EMAIL: ["a@b"], PHONE: ["12"] })),
    "analyser/loops": fakePlugin("analyser", "loops", { plan: { repetition: {} } }),
    "policy/redact": fakePlugin("policy", "redact", planPolicy([redact("*", "!phone")])),
    "policy/block": fakePlugin("policy", "block", planPolicy([{ ...block("words/phone"), minCount: 2 }], "monitor")),
  };
  const { kernel, native } = kernelOf(registry);
  await kernel.start(gatewayConfig(registry));
  assert.deepEqual(
    native.compiled[0]?.analysers.map((analyser) => analyser.id),
    ["analyser/words/x", "analyser/loops/x"],
  );
  assert.deepEqual(native.compiled[0]?.actions, [
    {
      policy: "policy/redact/x",
      analyser: "analyser/words/x",
      rule: "email",
      action: "rewrite",
      minScore: 0,
      minCount: 1,
      monitor: false,
      replacement: { kind: "tag", text: "[EMAIL]" },
    },
    {
      policy: "policy/block/x",
      analyser: "analyser/words/x",
      rule: "phone",
      action: "block",
      minScore: 0,
      minCount: 2,
      monitor: true,
      message: "stopped",
    },
  ]);
  const [pipeline] = kernel.describe().pipelines;
  assert.deepEqual([pipeline?.path, pipeline?.rules, pipeline?.analysers[0]?.rules], ["wire", 6, 2]);
});

test("a reload replaces everything at once, keeps what did not change, and lets sessions end with what they began", async () => {
  const life: string[] = [];
  const upstream = new FakeUpstream();
  const registry: Registry = {
    "store/l": lived("store", life),
    "provider/p": fakePlugin(
      "provider",
      "p",
      fakeProvider(async () => upstream),
      { requires: () => ["store/l/x"] },
    ),
    "analyser/l": lived("analyser", life),
  };
  const gateway = await makeGateway(registry);
  const asked = gateway.ask();
  await settled();
  upstream.send("a");
  const answer = await asked;
  const config = gatewayConfig(registry);
  const broken = await errorOf(gateway.kernel.reload({ ...config, pipelines: { default: { providers: ["provider/p/y"] } } }));
  assert.equal(broken.code, "CONFIG_INVALID");
  assert.equal(gateway.kernel.describe().revision, 1);
  await gateway.kernel.reload({ ...config, plugins: { ...config.plugins, "analyser/l/x": { note: "changed" } } });
  assert.equal(gateway.kernel.describe().revision, 2);
  assert.deepEqual(life, ["setup store/l/x", "setup analyser/l/x", "setup analyser/l/x"]);
  assert.equal(gateway.native.disposedPlans, 0);
  const client = new FakeClient();
  const delivered = answer.deliver(client);
  upstream.send("b|;");
  await delivered;
  await settled();
  assert.deepEqual(life.slice(3), ["dispose analyser/l/x"]);
  assert.equal(gateway.native.disposedPlans, 1);
  await gateway.kernel.stop();
  assert.deepEqual(life.slice(4), ["dispose analyser/l/x", "dispose store/l/x"]);
});

test("a stop waits for answers under way, then cuts them, and refuses new ones", async () => {
  for (const how of ["ends", "hangs"]) {
    const upstream = new FakeUpstream();
    const gateway = await makeGateway(
      {
        "provider/p": fakePlugin(
          "provider",
          "p",
          fakeProvider(async () => upstream),
        ),
      },
      { server: { drainMs: 5_000 } },
    );
    const asked = gateway.ask();
    await settled();
    upstream.send("a");
    const client = new FakeClient();
    const delivered = (await asked).deliver(client);
    let isStopped = false;
    const stopped = gateway.kernel.stop().then(() => {
      isStopped = true;
    });
    assert.equal((await errorOf(gateway.ask())).code, "KERNEL_STOPPING");
    await settled();
    assert.equal(isStopped, false);
    if (how === "ends") upstream.send("|;");
    else gateway.host.advance(5_000);
    await Promise.all([delivered, stopped]);
    const end = gateway.events.find((event) => event.type === "request-end");
    assert.equal(end?.type === "request-end" && end.outcome, how === "ends" ? "finished" : "cancelled");
  }
});

test("a request goes to the first pipeline that matches, else to the one that takes all", async () => {
  const upstream = new FakeUpstream({ status: 500 });
  const registry = {
    "provider/p": fakePlugin(
      "provider",
      "p",
      fakeProvider(async () => upstream),
    ),
  };
  const gateway = await makeGateway(registry);
  const providers = ["provider/p/x"];
  await gateway.kernel.reload({
    plugins: { "provider/p/x": {} },
    pipelines: {
      gpt: { providers, match: { models: ["gpt-*"], headers: { "X-Team": "red*" } } },
      other: { providers, match: { models: ["o?"] } },
    },
  });
  assert.equal((await errorOf(gateway.ask({ model: "gpt-5" }))).code, "REQUEST_UNKNOWN_MODEL");
  assert.equal((await errorOf(gateway.ask({ model: "o1" }))).code, "REQUEST_UNKNOWN_MODEL");
  const asked = errorOf(gateway.ask({ model: "gpt-5", headers: { "x-team": "redder" } }));
  await settled();
  upstream.end();
  assert.equal((await asked).code, "PROVIDER_STATUS");
});

test("models are joined over providers, and one that cannot say is left out", async () => {
  const list = (...ids: string[]) => ({ models: async () => ids.map((id) => ({ id, ownedBy: "o" })) });
  const gateway = await makeGateway({
    "provider/a": fakePlugin("provider", "a", { ...idle, ...list("one", "two") }),
    "provider/b": fakePlugin("provider", "b", {
      ...idle,
      models: async () => {
        throw new TypeError("no");
      },
    }),
    "provider/c": fakePlugin("provider", "c", { ...idle, ...list("two", "three") }),
  });
  const models = await gateway.kernel.models(new AbortController().signal);
  assert.deepEqual(
    models.map((model) => model.id),
    ["one", "two", "three"],
  );
  assert.ok(gateway.events.some((event) => event.type === "plugin-failure" && event.plugin === "provider/b/x"));
});

test("a sink that throws neither ends a stream nor keeps other sinks from hearing", async () => {
  const upstream = new FakeUpstream();
  const gateway = await makeGateway({
    "provider/p": fakePlugin(
      "provider",
      "p",
      fakeProvider(async () => upstream),
    ),
    "sink/a": fakePlugin("sink", "a", {
      write() {
        throw new TypeError("full");
      },
      exposition: () => "a 1\n",
    }),
  });
  const asked = gateway.ask();
  await settled();
  upstream.send("a|;");
  const client = new FakeClient();
  await (await asked).deliver(client);
  assert.equal(client.text, "a|;\n");
  assert.deepEqual(
    gateway.events.map((event) => event.type),
    ["plugin-failure", "request-end"],
  );
  assert.equal(gateway.kernel.exposition(), "a 1\n");
  assert.deepEqual(gateway.kernel.describe().pipelines[0]?.sinks[0]?.calls?.failures, 1);
});

test("a provider that throws is a plugin failure, and the client learns nothing of it", async () => {
  const gateway = await makeGateway({
    "provider/p": fakePlugin(
      "provider",
      "p",
      fakeProvider(async () => {
        throw new RangeError("user text");
      }),
    ),
  });
  const error = await errorOf(gateway.ask());
  assert.deepEqual([error.code, error.pluginId], ["PLUGIN_FAILED", "provider/p/x"]);
  assert.ok(!`${error.message}${error.publicMessage}`.includes("user text"));
});

test("instances configured strictly: a plugin's own schema decides", async () => {
  const strict = fakePlugin("provider", "p", idle, { config: v.strictObject({ limit: v.pipe(v.number(), v.minValue(1)) }) });
  const { kernel } = kernelOf({ "provider/p": strict });
  const error = await errorOf(
    kernel.start({ plugins: { "provider/p/x": { limit: 0 } }, pipelines: { default: { providers: ["provider/p/x"] } } }),
  );
  assert.equal(error.message, 'plugins["provider/p/x"].limit: must be at least 1');
});
