import assert from "node:assert/strict";
import { test } from "node:test";
import * as v from "valibot";
import { definePlugin } from "../plugin/contract.ts";
import { checkConfig } from "./check.ts";
import { configJsonSchema } from "./json-schema.ts";
import { formatProblem } from "./problem.ts";

const capabilities = { reads: [], holdBytes: 0, streams: true, cost: "light", onFailure: "closed" } as const;
const dispose = { [Symbol.asyncDispose]: async () => {} };
const never = async () => {
  throw new TypeError("nothing is set up here");
};

const http = definePlugin({
  api: 1,
  role: "transport",
  type: "http",
  description: "t",
  config: v.strictObject({}),
  capabilities,
  setup: never,
});
const provider = definePlugin({
  api: 1,
  role: "provider",
  type: "up",
  description: "p",
  config: v.strictObject({ baseUrl: v.string(), transport: v.optional(v.string(), "transport/http/default") }),
  capabilities,
  requires: (config) => [config.transport],
  setup: never,
});
const analyser = definePlugin({
  api: 1,
  role: "analyser",
  type: "pii",
  description: "a",
  config: v.strictObject({ rules: v.optional(v.array(v.string()), []) }),
  capabilities,
  setup: never,
});
const whole = definePlugin({
  api: 1,
  role: "policy",
  type: "whole",
  description: "w",
  config: v.strictObject({ after: v.optional(v.string()) }),
  capabilities: { ...capabilities, streams: false },
  requires: (config) => (config.after ? [config.after] : []),
  setup: never,
});
const log = definePlugin({
  api: 1,
  role: "sink",
  type: "log",
  description: "l",
  config: v.strictObject({}),
  capabilities,
  setup: async () => ({ write() {}, ...dispose }),
});

const settings = {
  registry: {
    "transport/http": async () => ({ default: http }),
    "provider/up": async () => ({ default: provider }),
    "analyser/pii": async () => ({ default: analyser }),
    "policy/whole": async () => ({ default: whole }),
    "sink/log": async () => ({ default: log }),
  },
  importModule: async (specifier: string): Promise<unknown> => {
    if (specifier === "./mine.ts") return { default: { ...analyser, type: "mine" }, helper: 1 };
    if (specifier === "./twice.ts") return { again: analyser };
    throw new TypeError("not there");
  },
};

const up = { "provider/up/a": { baseUrl: "http://a" } };
const problems = async (raw: unknown) => (await checkConfig(raw, settings)).problems.map(formatProblem);

test("the smallest config gets its transport and its sinks", async () => {
  const { checked } = await checkConfig({ plugins: up, pipelines: { default: { providers: ["provider/up/a"] } } }, settings);
  assert.deepEqual(
    checked?.instances.map((instance) => instance.id),
    ["sink/log/default", "transport/http/default", "provider/up/a"],
  );
  assert.equal(checked?.config.server.port, 8787);
  assert.equal(checked?.pipelines.default?.frames, "whole");
  assert.deepEqual(checked?.unused, []);
});

test("problems of every part come at once", async () => {
  const found = await problems({
    servr: {},
    server: { port: 70_000 },
    plugins: {
      ...up,
      "analyser/pii/all": { rulez: [] },
      "analyzer/pii/x": {},
      "analyser/pi/x": {},
      "analyser/pii": {},
      "analyser/pii/alé": {},
    },
    pipelines: { default: { providers: [] } },
  });
  assert.deepEqual(found.sort(), [
    "pipelines.default.providers: must name at least one provider",
    'plugins["analyser/pi/x"]: no plugin analyser/pi (did you mean "analyser/pii/x"?)',
    'plugins["analyser/pii"]: the id must be role/type/name',
    'plugins["analyser/pii/all"].rulez: unknown key (did you mean "rules"?)',
    'plugins["analyser/pii/alé"]: the name must be of visible ASCII characters: it stands in response headers and metrics',
    'plugins["analyzer/pii/x"]: unknown role "analyzer" (did you mean "analyser"?)',
    "server.port: must be at most 65535",
    'servr: unknown key (did you mean "server"?)',
  ]);
});

test("references are checked, with suggestions", async () => {
  const found = await problems({
    plugins: { ...up, "analyser/pii/all": {}, "policy/whole/w": { after: "policy/whole/z" } },
    pipelines: {
      default: {
        providers: ["provider/up/a", "provider/up/a"],
        analysers: ["analyser/pii/al"],
        policies: ["policy/whole/w"],
        onFailure: { "analyser/pii/all": "open", "analyser/pii/al": "closed" },
      },
      other: { providers: ["provider/up/a"] },
    },
  });
  assert.deepEqual(found.sort(), [
    'pipelines.default.analysers[0]: "analyser/pii/al" is not configured under plugins (did you mean "analyser/pii/all"?)',
    'pipelines.default.onFailure["analyser/pii/all"]: is not a plugin of this pipeline (did you mean "analyser/pii/al"?)',
    'pipelines.default.policies[0]: "policy/whole/w" cannot work while an answer streams, and pipelines serve streams',
    'pipelines.default.providers[1]: "provider/up/a" is in the list twice',
    'pipelines.other: gets no request: without match, "default" takes those that no other pipeline matches',
    'plugins["policy/whole/w"]: requires "policy/whole/z", which is not configured (did you mean "policy/whole/w"?)',
  ]);
});

test("onFailure is for analysers and policies: a provider's or a sink's would change nothing", async () => {
  const plugins = { ...up, "analyser/pii/all": {}, "sink/log/l": {} };
  const lists = { providers: ["provider/up/a"], analysers: ["analyser/pii/all"], sinks: ["sink/log/l"] };
  const found = (onFailure: object) => problems({ plugins, pipelines: { default: { ...lists, onFailure } } });
  assert.deepEqual(await found({ "analyser/pii/all": "closed" }), []);
  const why = "onFailure is for analysers and policies of this pipeline only";
  assert.deepEqual(await found({ "provider/up/a": "open", "sink/log/l": "closed" }), [
    `pipelines.default.onFailure["provider/up/a"]: ${why}`,
    `pipelines.default.onFailure["sink/log/l"]: ${why}`,
  ]);
});

test("keys that every object has are unknown keys like others", async () => {
  const found = await problems({ plugins: up, pipelines: { default: { providers: ["provider/up/b"], toString: 1 } }, constructor: {} });
  assert.deepEqual(found.sort(), [
    "constructor: unknown key",
    'pipelines.default.providers[0]: "provider/up/b" is not configured under plugins (did you mean "provider/up/a"?)',
    "pipelines.default.toString: unknown key",
  ]);
  const cors = await problems({ server: { cors: { toString: 1 } }, plugins: up, pipelines: { default: { providers: ["provider/up/a"] } } });
  assert.deepEqual(cors.sort(), ["server.cors.origins: is required", "server.cors.toString: unknown key"]);
});

test("a cycle of requirements is a problem, not a hang", async () => {
  const plugins = { ...up, "policy/whole/a": { after: "policy/whole/b" }, "policy/whole/b": { after: "policy/whole/a" } };
  const found = await problems({ plugins, pipelines: { default: { providers: ["provider/up/a"], policies: ["policy/whole/a"] } } });
  assert.ok(
    found.includes('plugins["policy/whole/a"]: requires itself: policy/whole/a -> policy/whole/b -> policy/whole/a'),
    found.join("\n"),
  );
});

test("modules add plugins, and what is wrong with them is said", async () => {
  const pipelines = { default: { providers: ["provider/up/a"], analysers: ["analyser/mine/x"] } };
  const plugins = { ...up, "analyser/mine/x": {} };
  assert.deepEqual(await problems({ modules: ["./mine.ts"], plugins, pipelines }), []);
  assert.deepEqual(await problems({ modules: ["./mine.ts", "./twice.ts", "./gone.ts"], plugins, pipelines }), [
    "modules[1]: exports analyser/pii, which exists already",
    "modules[2]: cannot be imported: not there",
  ]);
});

test("the JSON Schema describes every plugin's config under its ids", async () => {
  const schema = await configJsonSchema(settings);
  const { properties } = schema as {
    properties: Record<string, { patternProperties?: Record<string, { additionalProperties?: unknown }> }>;
  };
  assert.deepEqual(Object.keys(properties.plugins?.patternProperties ?? {}), [
    "^analyser/pii/[^/]+$",
    "^policy/whole/[^/]+$",
    "^provider/up/[^/]+$",
    "^sink/log/[^/]+$",
    "^transport/http/[^/]+$",
  ]);
  assert.equal(properties.plugins?.patternProperties?.["^analyser/pii/[^/]+$"]?.additionalProperties, false);
  assert.deepEqual((schema as { required?: unknown }).required, ["pipelines"]);
});
