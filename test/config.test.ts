/** Configs as users write them, with the real plugins. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { checkConfig, configJsonSchema, formatProblem } from "../core/index.ts";
import { registry } from "../plugins/registry.gen.ts";

const settings = {
  registry,
  importModule: async () => {
    throw new TypeError("no modules here");
  },
};

const check = async (raw: unknown) => {
  const { problems, checked } = await checkConfig(raw, settings);
  return { problems: problems.map(formatProblem), ids: checked?.instances.map((instance) => instance.id) };
};

test("the smallest useful config works as it stands", async () => {
  const raw = JSON.parse(
    '{"server":{"host":"127.0.0.1","port":8787},"plugins":{"provider/openai-compatible/up":{"baseUrl":"http://127.0.0.1:9470/v1"},"analyser/pii/all":{},"analyser/secrets/all":{},"policy/redact/mask":{}},"pipelines":{"default":{"providers":["provider/openai-compatible/up"],"analysers":["analyser/pii/all","analyser/secrets/all"],"policies":["policy/redact/mask"]}}}',
  ) as unknown;
  assert.deepEqual(await check(raw), {
    problems: [],
    ids: [
      "sink/log/default",
      "sink/prometheus/default",
      "transport/http/default",
      "provider/openai-compatible/up",
      "analyser/pii/all",
      "analyser/secrets/all",
      "policy/redact/mask",
    ],
  });
});

test("a config with several mistakes names all of them", async () => {
  const { problems } = await check({
    plugins: {
      "provider/openai-compatible/up": { baseURL: "http://127.0.0.1:9470/v1" },
      "analyser/pii/all": { rulez: ["email"] },
      "policy/redakt/mask": {},
    },
    pipelines: { default: { providers: ["provider/openai-compatible/upp"], analysers: ["analyser/pii/all"] } },
  });
  assert.deepEqual(problems, [
    'plugins["provider/openai-compatible/up"].baseURL: unknown key (did you mean "baseUrl"?)',
    'plugins["provider/openai-compatible/up"].baseUrl: is required',
    'plugins["analyser/pii/all"].rulez: unknown key (did you mean "rules"?)',
    'plugins["policy/redakt/mask"]: no plugin policy/redakt (did you mean "policy/redact/mask"?)',
    'pipelines.default.providers[0]: "provider/openai-compatible/upp" is not configured under plugins (did you mean "provider/openai-compatible/up"?)',
  ]);
});

test("a setting that names a header which nobody is shown is refused, with its place", async () => {
  const withHeader = (name: string) => ({
    plugins: {
      "provider/simulator/a": {},
      "analyser/rules/r": { rules: { any: "G !blocked" }, sessionHeader: name },
      "analyser/dynamics/d": { sessionHeader: name },
      "policy/escalate/e": { ladder: [{ at: 1, action: "block" }], tenant: { header: name } },
    },
    pipelines: { default: { providers: ["provider/simulator/a"], match: { headers: { [name]: "*" } } } },
  });
  const refused = "names a header that may hold a key, and so is never shown to pipelines and plugins";
  assert.deepEqual((await check(withHeader("x-user-token"))).problems, [
    `pipelines.default.match.headers["x-user-token"]: key ${refused}`,
    `plugins["analyser/rules/r"].sessionHeader: ${refused}`,
    `plugins["analyser/dynamics/d"].sessionHeader: ${refused}`,
    `plugins["policy/escalate/e"].tenant.header: ${refused}`,
  ]);
  assert.deepEqual((await check(withHeader("x-keycloak-user"))).problems, []);
});

test("the JSON Schema has every plugin, and is JSON", async () => {
  const schema = await configJsonSchema(settings);
  const { properties } = JSON.parse(JSON.stringify(schema)) as {
    properties: { plugins: { patternProperties: Record<string, { description?: string }> } };
  };
  const patterns = properties.plugins.patternProperties;
  assert.deepEqual(
    Object.keys(patterns),
    Object.keys(registry)
      .sort()
      .map((type) => `^${type}/[^/]+$`),
  );
  for (const [pattern, plugin] of Object.entries(patterns)) assert.ok(plugin.description, pattern);
});
